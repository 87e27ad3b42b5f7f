/* The header is read here: ISA-L 2.30 loses count of a header's checksum when the header comes in
 * pieces. What follows it, trailer included, is ISA-L's: twice as fast as zlib.
 */
#include "libprof/read/gunzip.h"

#include <isa-l/igzip_lib.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	IN_BYTES = 64 << 10,
	RATIO_FROM = 256 << 20,
};

/* Of a gzip header (RFC 1952 section 2.3). */
enum {
	DEFLATE = 8,
	FHCRC = 1 << 1,
	FEXTRA = 1 << 2,
	FNAME = 1 << 3,
	FCOMMENT = 1 << 4,
	RESERVED = 0xe0,
};

struct prof_gunzip {
	struct inflate_state z;
	struct prof_source *src;
	size_t filled; /* bytes of `in` */
	struct prof_limits limits;
	bool between; /* before the first byte of a member */
	int failed; /* isal_inflate's error, told once what came before it has been handed out */
	uint64_t out; /* inflated so far */
	uint8_t in[IN_BYTES];
};

int prof_gunzip_new(struct prof_gunzip **out, struct prof_source *src,
	const struct prof_limits *limits, const uint8_t *head, size_t n, struct prof_err *e)
{
	struct prof_gunzip *g = calloc(1, sizeof(*g));

	if (!g)
		return prof_nomem(e);
	prof_gunzip_again(g, src, limits, head, n);
	*out = g;
	return 0;
}

void prof_gunzip_again(struct prof_gunzip *g, struct prof_source *src,
	const struct prof_limits *limits, const uint8_t *head, size_t n)
{
	isal_inflate_init(&g->z);
	g->src = src;
	g->limits = *limits;
	memcpy(g->in, head, n);
	g->filled = n;
	g->z.next_in = g->in;
	g->z.avail_in = (uint32_t)n;
	g->between = true;
	g->failed = 0;
	g->out = 0;
}

void prof_gunzip_free(struct prof_gunzip *g)
{
	free(g);
}

/* Of the next compressed byte; ISA-L's avail_in may be anything behind an error. */
static int64_t offset(const struct prof_gunzip *g)
{
	size_t used = (size_t)(g->z.next_in - g->in);

	return (int64_t)(g->src->offset - (used < g->filled ? g->filled - used : 0));
}

static int check_limits(struct prof_gunzip *g, struct prof_err *e)
{
	uint64_t in = (uint64_t)offset(g);

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
	g->z.avail_in = (uint32_t)n;
	g->filled = n;
	return 0;
}

/* n bytes (at most 4) as a little-endian number; 0, or what refill() says. */
static int header_bytes(struct prof_gunzip *g, unsigned n, uint32_t *v, struct prof_err *e)
{
	int rc;

	*v = 0;
	for (unsigned i = 0; i < n; i++) {
		if (!g->z.avail_in && (rc = refill(g, e)))
			return rc;
		*v |= (uint32_t)*g->z.next_in++ << (8 * i);
		g->z.avail_in--;
		g->between = false;
	}
	return 0;
}

static int skip_string(struct prof_gunzip *g, struct prof_err *e)
{
	uint32_t c;
	int rc;

	do
		rc = header_bytes(g, 1, &c, e);
	while (!rc && c);
	return rc;
}

/* A member's header. 1 at the clean end of the file, 0, or an error. */
static int header(struct prof_gunzip *g, struct prof_err *e)
{
	uint32_t magic, method, flags, extra = 0, skip;
	int rc = header_bytes(g, 2, &magic, e);

	if (!rc && magic != 0x8b1f)
		return prof_fail(e, PROF_EFORMAT, offset(g), "gzip: incorrect header check");
	if (rc || (rc = header_bytes(g, 1, &method, e)))
		return rc;
	if (method != DEFLATE)
		return prof_fail(e, PROF_EFORMAT, offset(g), "gzip: unknown compression method");
	if ((rc = header_bytes(g, 1, &flags, e)))
		return rc;
	if (flags & RESERVED)
		return prof_fail(e, PROF_EFORMAT, offset(g), "gzip: unknown header flags set");
	/* time, extra flags, system */
	if ((rc = header_bytes(g, 4, &skip, e)) || (rc = header_bytes(g, 2, &skip, e)))
		return rc;
	if (flags & FEXTRA)
		rc = header_bytes(g, 2, &extra, e);
	while (!rc && extra--)
		rc = header_bytes(g, 1, &skip, e);
	if (!rc && flags & FNAME)
		rc = skip_string(g, e);
	if (!rc && flags & FCOMMENT)
		rc = skip_string(g, e);
	if (!rc && flags & FHCRC)
		rc = header_bytes(g, 2, &skip, e);
	isal_inflate_reset(&g->z);
	g->z.crc_flag = ISAL_GZIP_NO_HDR_VER;
	return rc;
}

static const char *reason(int rc)
{
	switch (rc) {
	case ISAL_INVALID_BLOCK:
		return "invalid block";
	case ISAL_INVALID_SYMBOL:
		return "invalid code";
	case ISAL_INVALID_LOOKBACK:
		return "invalid distance too far back";
	case ISAL_INCORRECT_CHECKSUM:
		return "checksum or length do not match";
	default:
		return "damaged";
	}
}

int prof_gunzip_read(struct prof_gunzip *g, void *buf, size_t cap, size_t *got, struct prof_err *e)
{
	int rc = 0;

	if (cap > UINT_MAX)
		cap = UINT_MAX;
	g->z.next_out = buf;
	g->z.avail_out = (uint32_t)cap;
	while (g->z.avail_out == cap) {
		if (g->failed)
			return prof_fail(e, PROF_EFORMAT, offset(g), "gzip: %s", reason(g->failed));
		if (g->between && (rc = header(g, e)))
			break;
		rc = isal_inflate(&g->z);
		g->failed = rc < 0 ? rc : 0;
		rc = 0;
		if (g->failed)
			continue;
		if (g->z.block_state == ISAL_BLOCK_FINISH)
			g->between = true;
		else if (g->z.avail_out == cap && !g->z.avail_in && (rc = refill(g, e)))
			break;
	}
	if (rc < 0)
		return rc;
	*got = cap - g->z.avail_out;
	g->out += *got;
	return check_limits(g, e);
}
