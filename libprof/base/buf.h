/* A text buffer, and the only way text leaves the library. Without a write callback it grows (up to
 * 1 GiB); with one it hands over 64 KiB at a time. Failures stick: append straight through and ask
 * prof_buf_done once.
 */
#ifndef PROF_BASE_BUF_H
#define PROF_BASE_BUF_H

#include <string.h>

#include "libprof/base/strtab.h"

struct prof_buf {
	char *p;
	size_t n, cap;
	int code; /* 0, or the PROF_E… of the first failure */
	prof_write_fn *write;
	void *ctx;
};

/* `write` may be NULL: the text is then kept at p[0..n), a NUL behind it. */
void prof_buf_init(struct prof_buf *b, prof_write_fn *write, void *ctx);
void prof_buf_fini(struct prof_buf *b);

/* Flushes; 0, or what went wrong since prof_buf_init. */
int prof_buf_done(struct prof_buf *b, struct prof_err *e) PROF_CHECKED;

/* Room for n more bytes at p + n, or false when the buffer has failed. */
bool prof_buf_room(struct prof_buf *b, size_t n);

static inline void prof_buf_put(struct prof_buf *b, const char *p, size_t n)
{
	if (b->cap - b->n <= n && !prof_buf_room(b, n))
		return;
	if (n) /* p may be NULL */
		memcpy(b->p + b->n, p, n);
	b->n += n;
}

static inline void prof_buf_str(struct prof_buf *b, const char *s)
{
	prof_buf_put(b, s, strlen(s));
}

static inline void prof_buf_char(struct prof_buf *b, char c)
{
	prof_buf_put(b, &c, 1);
}

void prof_buf_fill(struct prof_buf *b, char c, size_t n);

/* Numbers never pass through here with %f or %g: base/fmt.h has them without a locale. */
void prof_buf_printf(struct prof_buf *b, const char *fmt, ...) PROF_PRINTF(2, 3);
void prof_buf_u64(struct prof_buf *b, uint64_t v);
void prof_buf_i64(struct prof_buf *b, int64_t v);

/* Lower-case, at least `width` digits. */
void prof_buf_hex(struct prof_buf *b, uint64_t v, unsigned width);

#endif
