#include "libprof/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FLUSH_BYTES = 64 << 10 };

void prof_buf_init(struct prof_buf *b, prof_write_fn *write, void *ctx)
{
	*b = (struct prof_buf){.write = write, .ctx = ctx};
}

void prof_buf_fini(struct prof_buf *b)
{
	free(b->p);
	b->p = NULL;
	b->n = b->cap = 0;
}

static void flush(struct prof_buf *b)
{
	if (b->n && !b->code && b->write(b->ctx, b->p, b->n) != 0)
		b->code = PROF_EIO;
	b->n = 0;
}

int prof_buf_done(struct prof_buf *b, struct prof_err *e)
{
	if (b->write)
		flush(b);
	else if (prof_buf_room(b, 1))
		b->p[b->n] = '\0';
	if (b->code == PROF_ENOMEM)
		return prof_nomem(e);
	if (b->code)
		return prof_fail(e, b->code, PROF_NO_OFFSET, "cannot write the output");
	return 0;
}

bool prof_buf_room(struct prof_buf *b, size_t n)
{
	size_t want;
	char *p;

	if (b->write && b->n >= FLUSH_BYTES)
		flush(b);
	if (b->code)
		return false;
	if (b->cap - b->n > n)
		return true;
	want = b->cap ? b->cap * 2 : 2 * FLUSH_BYTES;
	if (!b->write && !b->cap)
		want = 256;
	while (want - b->n <= n && want < (size_t)1 << 30)
		want *= 2;
	p = want <= (size_t)1 << 30 && want - b->n > n ? realloc(b->p, want) : NULL;
	if (!p) {
		b->code = PROF_ENOMEM;
		return false;
	}
	b->p = p;
	b->cap = want;
	return true;
}

void prof_buf_fill(struct prof_buf *b, char c, size_t n)
{
	if (!prof_buf_room(b, n))
		return;
	memset(b->p + b->n, c, n);
	b->n += n;
}

void prof_buf_printf(struct prof_buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !prof_buf_room(b, (size_t)n + 1))
		return;
	va_start(ap, fmt);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

void prof_buf_u64(struct prof_buf *b, uint64_t v)
{
	char digits[20];
	size_t i = sizeof(digits);

	do
		digits[--i] = (char)('0' + v % 10);
	while (v /= 10);
	prof_buf_put(b, digits + i, sizeof(digits) - i);
}

void prof_buf_i64(struct prof_buf *b, int64_t v)
{
	if (v < 0)
		prof_buf_char(b, '-');
	prof_buf_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void prof_buf_hex(struct prof_buf *b, uint64_t v, unsigned width)
{
	char digits[16];
	size_t i = sizeof(digits);

	do
		digits[--i] = "0123456789abcdef"[v & 15];
	while ((v >>= 4) || sizeof(digits) - i < width);
	prof_buf_put(b, digits + i, sizeof(digits) - i);
}
