/* How every blob of the archive is kept: compressed where that helps, and with a checksum.
 *
 *	byte 0		0: stored, 1: raw deflate, 2: raw LZMA
 *	bytes 1 .. 4	CRC-32 of the context and the contents, low byte first
 *	varint		length of the contents
 *	the rest	the contents
 *
 * The context is what the blob is for (its table, its owner, its place): contents that are whole
 * but in the wrong place are refused like flipped bits.
 *
 * LZMA is what the format of .lzma files has behind its head, without an end marker; lc 1, lp 0,
 * pb 0, a dictionary of PROF_SEAL_LZMA_MOST bytes; longer contents are not kept so. It takes an
 * eighth less than deflate, but ten times as long to be written and to be read. An archive has such
 * blobs since version 8.
 */
#ifndef PROF_STORE_SEAL_H
#define PROF_STORE_SEAL_H

#include "libprof/base/buf.h"
#include "libprof/base/cursor.h"

enum { PROF_SEAL_LZMA_MOST = 64 << 10 };

enum prof_seal_effort {
	PROF_SEAL_FAST,
	PROF_SEAL_HARD, /* deflates as well as it can, at a third of the speed */
	PROF_SEAL_TIGHT, /* LZMA, at a thirtieth */
};

struct prof_seal_context {
	uint64_t what[4];
};

/* Work space for one thread; all zero is a new one. */
struct prof_sealer {
	enum prof_seal_effort effort;
	struct libdeflate_compressor *compressor;
	struct libdeflate_decompressor *decompressor;
	struct prof_lzma *lzma;
};

void prof_sealer_fini(struct prof_sealer *s);

/* Appends the sealed bytes to `out`, a growing buffer. 0 or PROF_ENOMEM. */
int prof_seal(struct prof_sealer *s, const struct prof_seal_context *context, const void *p,
	size_t n, struct prof_buf *out, struct prof_err *e) PROF_CHECKED;

/* About how many bytes these would take when they are sealed, by how often each comes. */
size_t prof_seal_estimate(const void *p, size_t n);

/* The contents of a sealed blob, which replace what `out` holds; `mem` only limits their length.
 * PROF_EFORMAT says only what is wrong: the caller knows with which blob, and tells.
 */
int prof_unseal(struct prof_sealer *s, const struct prof_seal_context *context, const void *p,
	size_t n, const struct prof_mem *mem, struct prof_buf *out,
	struct prof_err *e) PROF_CHECKED;

/* What prof_unseal said, told with the blob's name where it is damaged; returns its code. */
int prof_unseal_fail(struct prof_err *e, const struct prof_err *why, const char *fmt, ...)
	PROF_PRINTF(3, 4) __attribute__((cold));

/* The checksum that a sealed blob carries; 0 of what is none. */
uint32_t prof_sealed_crc(const void *p, size_t n);

/* Varints as base/cursor.h reads them; signed numbers with the sign in the lowest bit. */
void prof_put_long_uvarint(struct prof_buf *b, uint64_t v);

static inline void prof_put_uvarint(struct prof_buf *b, uint64_t v)
{
	if (v < 0x80 && b->n + 1 < b->cap)
		b->p[b->n++] = (char)v;
	else
		prof_put_long_uvarint(b, v);
}

static inline uint64_t prof_zigzag(int64_t v)
{
	return (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
}

static inline int64_t prof_unzigzag(uint64_t v)
{
	return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

static inline void prof_put_varint(struct prof_buf *b, int64_t v)
{
	prof_put_uvarint(b, prof_zigzag(v));
}

static inline int64_t prof_rd_varint(struct prof_rd *r)
{
	return prof_unzigzag(prof_rd_uvarint(r));
}

/* A varint that counts things, each of at least `least` bytes of what follows: what cannot be there
 * fails the cursor.
 */
uint64_t prof_rd_count(struct prof_rd *r, size_t least);

/* A varint that is under `limit`. */
uint32_t prof_rd_id(struct prof_rd *r, uint64_t limit);

#endif
