#include "libprof/read/gunzip.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
	IN_BYTES = 64 << 10,
	GZIP_ONLY = 15 + 16, /* inflateInit2: 32 KiB window, gzip header and trailer */
	RATIO_FROM = 256 << 20,
};

struct prof_gunzip {
	z_stream z;
	struct prof_source *src;
	struct prof_limits limits;
	bool between; /* before the first byte of a further member */
	uint64_t out; /* inflated so far */
	uint8_t in[IN_BYTES];
};

int prof_gunzip_new(struct prof_gunzip **out, struct prof_source *src,
	const struct prof_limits *limits, const uint8_t *head, size_t n, struct prof_err *e)
{
	struct prof_gunzip *g = calloc(1, sizeof(*g));

	if (!g)
		return prof_nomem(e);
	if (inflateInit2(&g->z, GZIP_ONLY) != Z_OK) {
		free(g);
		return prof_nomem(e);
	}
	g->src = src;
	g->limits = *limits;
	memcpy(g->in, head, n);
	g->z.next_in = g->in;
	g->z.avail_in = (uInt)n;
	*out = g;
	return 0;
}

void prof_gunzip_free(struct prof_gunzip *g)
{
	if (!g)
		return;
	inflateEnd(&g->z);
	free(g);
}

static int check_limits(struct prof_gunzip *g, struct prof_err *e)
{
	uint64_t in = g->src->offset - g->z.avail_in;

	if (g->out > g->limits.inflated_bytes)
		return prof_fail(e, PROF_ELIMIT, (int64_t)in,
			"gzip: inflates to more than %llu bytes (--limit inflated=…)",
			(unsigned long long)g->limits.inflated_bytes);
	if (g->out > RATIO_FROM && g->out / (in ? in : 1) > g->limits.inflate_ratio)
		return prof_fail(e, PROF_ELIMIT, (int64_t)in,
			"gzip: inflates to more than %llu times its size (--limit ratio=…)",
			(unsigned long long)g->limits.inflate_ratio);
	return 0;
}

/* More compressed bytes. 1 at the clean end behind a member, 0, or an error. */
static int refill(struct prof_gunzip *g, struct prof_err *e)
{
	size_t n;
	int rc = prof_source_read(g->src, g->in, sizeof(g->in), &n, e);

	if (rc)
		return rc;
	if (!n && g->between)
		return 1;
	if (!n)
		return prof_fail(
			e, PROF_EFORMAT, (int64_t)g->src->offset, "gzip: the file ends too early");
	g->z.next_in = g->in;
	g->z.avail_in = (uInt)n;
	return 0;
}

int prof_gunzip_read(struct prof_gunzip *g, void *buf, size_t cap, size_t *got, struct prof_err *e)
{
	int rc = 0, z;

	if (cap > UINT_MAX)
		cap = UINT_MAX;
	g->z.next_out = buf;
	g->z.avail_out = (uInt)cap;
	while (g->z.avail_out == cap) {
		if (!g->z.avail_in && (rc = refill(g, e)))
			break;
		if (g->between) {
			inflateReset(&g->z);
			g->between = false;
		}
		z = inflate(&g->z, Z_NO_FLUSH);
		if (z == Z_STREAM_END)
			g->between = true;
		else if (z == Z_MEM_ERROR)
			return prof_nomem(e);
		else if (z != Z_OK && z != Z_BUF_ERROR)
			return prof_fail(e, PROF_EFORMAT, (int64_t)(g->src->offset - g->z.avail_in),
				"gzip: %s", g->z.msg ? g->z.msg : "damaged");
	}
	if (rc < 0)
		return rc;
	*got = cap - g->z.avail_out;
	g->out += *got;
	return check_limits(g, e);
}
