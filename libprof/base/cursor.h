/* A bounds-checked read cursor whose first failure sticks: after it every read gives 0 and moves
 * nothing, so a record is read straight through and `why` is tested once.
 *
 *	uint64_t id = prof_rd_uvarint(r), addr = prof_rd_uvarint(r);
 *	if (r->why)
 *		return prof_fail(e, PROF_EFORMAT, off + (r->p - r->base), "location: %s", r->why);
 *
 * A sub-cursor covers exactly the bytes it was given and cannot leave them.
 */
#ifndef PROF_BASE_CURSOR_H
#define PROF_BASE_CURSOR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct prof_rd {
	const uint8_t *p, *end, *base;
	const char *why; /* NULL, or a constant text: why the first failed read failed */
};

static inline struct prof_rd prof_rd_of(const void *p, size_t len)
{
	const uint8_t *b = p;

	return (struct prof_rd){.p = b, .end = b ? b + len : b, .base = b};
}

static inline size_t prof_rd_left(const struct prof_rd *r)
{
	return (size_t)(r->end - r->p);
}

/* The first reason stays; the cursor is emptied so that loops over it end. */
static inline void prof_rd_fail(struct prof_rd *r, const char *why)
{
	if (!r->why)
		r->why = why;
	r->end = r->p;
}

/* Fails for `why` when bytes are left. */
static inline void prof_rd_end(struct prof_rd *r, const char *why)
{
	if (r->p != r->end)
		prof_rd_fail(r, why);
}

static inline uint64_t prof_rd_uvarint_slow(struct prof_rd *r)
{
	const uint8_t *p = r->p;
	uint64_t v = 0;

	for (unsigned shift = 0; p < r->end; shift += 7) {
		uint8_t b = *p++;

		if (shift == 63 && b > 1) {
			prof_rd_fail(r, "varint is longer than 64 bits");
			return 0;
		}
		v |= (uint64_t)(b & 0x7f) << shift;
		if (b < 0x80) {
			r->p = p;
			return v;
		}
	}
	prof_rd_fail(r, "ends inside a varint");
	return 0;
}

/* Base-128, least significant group first, at most ten bytes: protobuf's and Go's varint. */
static inline uint64_t prof_rd_uvarint(struct prof_rd *r)
{
	if (r->p < r->end && *r->p < 0x80)
		return *r->p++;
	return prof_rd_uvarint_slow(r);
}

/* The next len bytes, or NULL. */
static inline const uint8_t *prof_rd_bytes(struct prof_rd *r, uint64_t len)
{
	const uint8_t *p = r->p;

	if (len > prof_rd_left(r)) {
		prof_rd_fail(r, "a length leads past the end");
		return NULL;
	}
	r->p += len;
	return p;
}

/* A cursor over the next len bytes, which `r` skips. */
static inline struct prof_rd prof_rd_sub(struct prof_rd *r, uint64_t len)
{
	const uint8_t *p = prof_rd_bytes(r, len);

	return prof_rd_of(p ? p : r->p, p ? (size_t)len : 0);
}

#endif
