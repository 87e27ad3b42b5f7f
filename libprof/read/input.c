#include "libprof/read/input.h"

#include <string.h>

#include "libprof/read/ahead.h"
#include "libprof/read/gunzip.h"

enum {
	HEAD_BYTES = 512,
	WINDOW_BYTES = 512 << 10,
	AHEAD_FROM = 2 << 20, /* inflated bytes before a thread is worth it */
};

/* Reads the first bytes, which tell whether the rest is to be inflated. */
static int begin(struct prof_input *in, const struct prof_limits *limits, struct prof_err *e)
{
	size_t n = 0, got = 1;
	int rc;

	if (limits)
		in->limits = *limits;
	else
		prof_limits_init(&in->limits);
	in->mem.limit = (size_t)in->limits.memory_bytes;
	if (!in->window) {
		in->cap = WINDOW_BYTES;
		in->window = prof_mem_resize(&in->mem, NULL, 0, in->cap, e);
	}
	if (!in->window)
		return e ? e->code : PROF_ENOMEM;
	in->p = in->end = in->window;
	while (n < 2 && got) {
		rc = prof_source_read(&in->src, in->window + n, HEAD_BYTES - n, &got, e);
		if (rc)
			return rc;
		n += got;
	}
	if (n >= 2 && in->window[0] == 0x1f && in->window[1] == 0x8b) {
		in->gzipped = true;
		in->gz = in->spare;
		in->spare = NULL;
		if (in->gz) {
			prof_gunzip_again(in->gz, &in->src, &in->limits, in->window, n);
			return 0;
		}
		return prof_gunzip_new(&in->gz, &in->src, &in->limits, in->window, n, e);
	}
	in->end += n;
	in->total = n;
	return 0;
}

int prof_input_open(struct prof_input *in, const char *path, const struct prof_limits *limits,
	struct prof_err *e)
{
	int rc;

	*in = (struct prof_input){0};
	rc = prof_source_open(&in->src, path, e);
	if (!rc)
		rc = begin(in, limits, e);
	if (rc)
		prof_input_close(in);
	return rc;
}

int prof_input_memory(struct prof_input *in, const void *p, size_t len,
	const struct prof_limits *limits, struct prof_err *e)
{
	int rc;

	*in = (struct prof_input){0};
	prof_source_memory(&in->src, p, len);
	rc = begin(in, limits, e);
	if (rc)
		prof_input_close(in);
	return rc;
}

int prof_input_again(struct prof_input *in, const void *p, size_t len,
	const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_input old = *in;
	int rc;

	prof_ahead_free(old.ahead);
	prof_source_close(&old.src);
	*in = (struct prof_input){.window = old.window,
		.cap = old.cap,
		.mem.used = old.window ? old.cap : 0,
		.spare = old.gz ? old.gz : old.spare};
	if (in->cap > WINDOW_BYTES) {
		prof_mem_free(&in->mem, in->window, in->cap);
		in->window = NULL;
	}
	prof_source_memory(&in->src, p, len);
	rc = begin(in, limits, e);
	if (rc)
		prof_input_close(in);
	return rc;
}

void prof_input_close(struct prof_input *in)
{
	prof_ahead_free(in->ahead);
	in->ahead = NULL;
	prof_gunzip_free(in->gz);
	prof_gunzip_free(in->spare);
	in->gz = in->spare = NULL;
	if (in->window)
		prof_mem_free(&in->mem, in->window, in->cap);
	in->window = NULL;
	in->p = in->end = NULL;
	prof_source_close(&in->src);
}

/* Moves what is unread to the front; doubles the window when it is full all the same, so that a
 * length that a file only claims never costs more than what the file really holds.
 */
static int make_room(struct prof_input *in, struct prof_err *e)
{
	size_t left = (size_t)(in->end - in->p);
	uint8_t *w;

	if (in->p != in->window)
		memmove(in->window, in->p, left);
	if (left > in->cap / 2) {
		w = prof_mem_resize(&in->mem, in->window, in->cap, in->cap * 2, e);
		if (!w)
			return e ? e->code : PROF_ENOMEM;
		in->window = w;
		in->cap *= 2;
	}
	in->p = in->window;
	in->end = in->window + left;
	return 0;
}

static int read_more(struct prof_input *in, void *buf, size_t cap, size_t *got, struct prof_err *e)
{
	if (in->ahead)
		return prof_ahead_read(in->ahead, buf, cap, got, e);
	if (!in->gz)
		return prof_source_read(&in->src, buf, cap, got, e);
	if (in->wants_ahead && in->total >= AHEAD_FROM) {
		in->wants_ahead = false;
		in->ahead = prof_ahead_new(in->gz, &in->mem);
		if (in->ahead)
			return prof_ahead_read(in->ahead, buf, cap, got, e);
	}
	return prof_gunzip_read(in->gz, buf, cap, got, e);
}

int prof_input_fill(struct prof_input *in, size_t want, struct prof_err *e)
{
	while ((size_t)(in->end - in->p) < want && !in->eof) {
		size_t got;
		uint8_t *at;
		int rc = make_room(in, e);

		if (rc)
			return rc;
		at = in->window + (in->end - in->window);
		rc = read_more(in, at, in->cap - (size_t)(at - in->window), &got, e);
		if (rc)
			return rc;
		in->end += got;
		in->total += got;
		in->eof = !got;
	}
	return 0;
}

int prof_input_skip(struct prof_input *in, uint64_t n, struct prof_err *e)
{
	uint64_t have = (uint64_t)(in->end - in->p);

	while (n > have) {
		int rc;

		in->p = in->end;
		n -= have;
		rc = prof_input_fill(in, 1, e);
		if (rc)
			return rc;
		have = (uint64_t)(in->end - in->p);
		if (!have)
			return prof_fail(e, PROF_EFORMAT, (int64_t)in->total,
				"a length leads %llu bytes past the end", (unsigned long long)n);
	}
	in->p += n;
	return 0;
}

int prof_input_blame(struct prof_input *in, int rc, struct prof_err *e)
{
	struct prof_err gzip = {0};
	size_t got = 1;
	int damaged = 0;

	if (rc != PROF_EFORMAT || !in->gz)
		return rc;
	while (!damaged && got)
		damaged = read_more(in, in->window, in->cap, &got, &gzip);
	in->p = in->end = in->window;
	in->eof = true;
	if (damaged != PROF_EFORMAT)
		return rc;
	if (e)
		*e = gzip;
	return damaged;
}
