/* Compressed by libdeflate and liblzma: blobs are whole, and the same contents give the same bytes.
 */
#include "libprof/store/seal.h"

#include <libdeflate.h>
#include <lzma.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	STORED,
	DEFLATED,
	LZMA,
	HEAD_BYTES = 5, /* and a varint */
	MAX_VARINT = 10,
	LEVEL = 1, /* of profiles more gains less than a hundredth, and takes twice as long */
	HARD = 6, /* of columns of rows it gains a tenth, and yet more nothing */
	SHORT = 512, /* gains less than a hundredth: not worth what a compressor takes to begin */
	SOME = 1024, /* gains by what its bytes are, not by what is there twice */
	MOST_RATIO = 1032, /* of deflate */
};

/* Streams are kept for their memory. */
struct prof_lzma {
	lzma_stream in, out;
};

void prof_sealer_fini(struct prof_sealer *s)
{
	libdeflate_free_compressor(s->compressor);
	libdeflate_free_decompressor(s->decompressor);
	if (s->lzma) {
		lzma_end(&s->lzma->in);
		lzma_end(&s->lzma->out);
	}
	free(s->lzma);
	*s = (struct prof_sealer){0};
}

void prof_put_long_uvarint(struct prof_buf *b, uint64_t v)
{
	char *p;

	if (b->cap - b->n <= MAX_VARINT && !prof_buf_room(b, MAX_VARINT))
		return;
	for (p = b->p + b->n; v >= 0x80; v >>= 7)
		*p++ = (char)(v | 0x80);
	*p++ = (char)v;
	b->n = (size_t)(p - b->p);
}

uint64_t prof_rd_count(struct prof_rd *r, size_t least)
{
	uint64_t n = prof_rd_uvarint(r);

	if (n <= prof_rd_left(r) / least)
		return n;
	prof_rd_fail(r, "a count is more than what follows");
	return 0;
}

uint32_t prof_rd_id(struct prof_rd *r, uint64_t limit)
{
	uint64_t id = prof_rd_uvarint(r);

	if (id < limit && id < PROF_NONE)
		return (uint32_t)id;
	prof_rd_fail(r, "an id is out of range");
	return 0;
}

static uint32_t checksum(const struct prof_seal_context *context, const void *p, size_t n)
{
	uint8_t bytes[sizeof(context->what)];
	uint32_t crc;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(context->what[i / 8] >> i % 8 * 8);
	crc = libdeflate_crc32(0, bytes, sizeof(bytes));
	return n ? libdeflate_crc32(crc, p, n) : crc;
}

size_t prof_seal_estimate(const void *p, size_t n)
{
	const uint8_t *bytes = p;
	size_t counts[256] = {0};
	double bits = 0;

	for (size_t i = 0; i < n; i++)
		counts[bytes[i]]++;
	for (unsigned c = 0; c < 256; c++)
		if (counts[c])
			bits -= (double)counts[c] * log2((double)counts[c] / (double)n);
	return (size_t)(bits / 8);
}

static bool is_worth_it(const void *p, size_t n)
{
	if (n <= SHORT)
		return false;
	return n > SOME || prof_seal_estimate(p, n) < n - n / 8;
}

static int lzma_new(struct prof_sealer *s)
{
	static const lzma_stream none = LZMA_STREAM_INIT;

	if (!s->lzma && (s->lzma = malloc(sizeof(*s->lzma))))
		*s->lzma = (struct prof_lzma){none, none};
	return s->lzma ? 0 : PROF_ENOMEM;
}

/* All of `in` to `out`; LZMA_STREAM_END when it is all that there should be. */
static lzma_ret lzma_all(lzma_stream *x, const void *in, size_t in_len, void *out, size_t out_len)
{
	lzma_ret rc;

	x->next_in = in;
	x->avail_in = in_len;
	x->next_out = out;
	x->avail_out = out_len;
	rc = lzma_code(x, LZMA_FINISH);
	return rc == LZMA_STREAM_END && x->avail_in ? LZMA_DATA_ERROR : rc;
}

/* The format of contents of n bytes, and how matches are looked for: more care gains less than a
 * hundredth, and takes half as long again.
 */
static lzma_options_lzma lzma_format(size_t n)
{
	return (lzma_options_lzma){.dict_size = PROF_SEAL_LZMA_MOST,
		.lc = 1,
		.mode = LZMA_MODE_NORMAL,
		.nice_len = 32,
		.mf = LZMA_MF_BT3,
		.ext_size_low = (uint32_t)n};
}

/* *packed: 0 where it would take `room` or more. */
static int squeeze(
	struct prof_sealer *s, const void *p, size_t n, char *to, size_t room, size_t *packed)
{
	lzma_options_lzma o = lzma_format(n);
	const lzma_filter filters[] = {{LZMA_FILTER_LZMA1EXT, &o}, {LZMA_VLI_UNKNOWN, NULL}};

	*packed = 0;
	if (lzma_new(s) || lzma_raw_encoder(&s->lzma->in, filters))
		return PROF_ENOMEM;
	if (lzma_all(&s->lzma->in, p, n, to, room) == LZMA_STREAM_END)
		*packed = room - s->lzma->in.avail_out;
	return 0;
}

static int deflate_to(
	struct prof_sealer *s, const void *p, size_t n, char *to, size_t room, size_t *packed)
{
	if (!s->compressor)
		s->compressor = libdeflate_alloc_compressor(
			s->effort == PROF_SEAL_FAST ? LEVEL : HARD);
	if (!s->compressor)
		return PROF_ENOMEM;
	*packed = s->effort != PROF_SEAL_FAST || is_worth_it(p, n)
			  ? libdeflate_deflate_compress(s->compressor, p, n, to, room)
			  : 0;
	return 0;
}

int prof_seal(struct prof_sealer *s, const struct prof_seal_context *context, const void *p,
	size_t n, struct prof_buf *out, struct prof_err *e)
{
	uint32_t crc = checksum(context, p, n);
	uint8_t method = s->effort == PROF_SEAL_TIGHT && n <= PROF_SEAL_LZMA_MOST ? LZMA : DEFLATED;
	size_t at = out->n;

	if (n > (size_t)1 << 30)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "more than fits a page");
	prof_buf_char(out, (char)method);
	for (unsigned i = 0; i < 4; i++)
		prof_buf_char(out, (char)(crc >> 8 * i));
	prof_put_uvarint(out, n);
	if (prof_buf_room(out, n)) {
		size_t packed = 0;

		if (method == LZMA ? squeeze(s, p, n, out->p + out->n, n, &packed)
				   : deflate_to(s, p, n, out->p + out->n, n, &packed))
			return prof_nomem(e);
		out->n += packed;
		if (!packed) { /* it would take more than n, or nearly as much */
			out->p[at] = STORED;
			prof_buf_put(out, p, n);
		}
	}
	return out->code ? prof_nomem(e) : 0;
}

static int inflate_from(struct prof_sealer *s, const struct prof_rd *r, size_t n, char *to)
{
	size_t in, out;

	if (!s->decompressor && !(s->decompressor = libdeflate_alloc_decompressor()))
		return PROF_ENOMEM;
	if (libdeflate_deflate_decompress_ex(
		    s->decompressor, r->p, prof_rd_left(r), to, n, &in, &out))
		return PROF_EFORMAT;
	return out == n && in == prof_rd_left(r) ? 0 : PROF_EFORMAT;
}

static int expand(struct prof_sealer *s, const struct prof_rd *r, size_t n, char *to)
{
	lzma_options_lzma o = lzma_format(n);
	const lzma_filter filters[] = {{LZMA_FILTER_LZMA1EXT, &o}, {LZMA_VLI_UNKNOWN, NULL}};
	lzma_ret rc;

	if (lzma_new(s) || lzma_raw_decoder(&s->lzma->out, filters))
		return PROF_ENOMEM;
	rc = lzma_all(&s->lzma->out, r->p, prof_rd_left(r), to, n);
	if (rc == LZMA_MEM_ERROR)
		return PROF_ENOMEM;
	return rc == LZMA_STREAM_END && !s->lzma->out.avail_out ? 0 : PROF_EFORMAT;
}

static int contents(struct prof_sealer *s, uint8_t method, const struct prof_rd *r, size_t n,
	struct prof_buf *out)
{
	if (method == STORED && n == prof_rd_left(r)) {
		prof_buf_put(out, (const char *)r->p, n);
		return 0;
	}
	out->n = n;
	if (method == DEFLATED)
		return inflate_from(s, r, n, out->p);
	return method == LZMA ? expand(s, r, n, out->p) : PROF_EFORMAT;
}

/* As many bytes as those that are left can be the contents of. */
static uint64_t most(uint8_t method, const struct prof_rd *r)
{
	return method == LZMA ? PROF_SEAL_LZMA_MOST : (uint64_t)prof_rd_left(r) * MOST_RATIO;
}

uint32_t prof_sealed_crc(const void *p, size_t n)
{
	const uint8_t *head = p;
	uint32_t crc = 0;

	for (unsigned i = 0; n >= HEAD_BYTES && i < 4; i++)
		crc |= (uint32_t)head[1 + i] << 8 * i;
	return crc;
}

int prof_unseal(struct prof_sealer *s, const struct prof_seal_context *context, const void *p,
	size_t n, const struct prof_mem *mem, struct prof_buf *out, struct prof_err *e)
{
	struct prof_rd r = prof_rd_of(p, n);
	const uint8_t *head = prof_rd_bytes(&r, HEAD_BYTES);
	uint64_t len = prof_rd_uvarint(&r);
	int rc;

	if (r.why || len > most(head[0], &r) || prof_rd_left(&r) > UINT32_MAX)
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "not a sealed blob");
	if (len > mem->limit - mem->used || len > (size_t)1 << 30)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET,
			"needs more than the %zu bytes of memory allowed (--limit memory=…)",
			mem->limit);
	out->n = 0;
	if (!prof_buf_room(out, (size_t)len + 1))
		return prof_nomem(e);
	rc = contents(s, head[0], &r, (size_t)len, out);
	if (rc == PROF_ENOMEM)
		return prof_nomem(e);
	if (rc || checksum(context, out->p, out->n) != prof_sealed_crc(p, n))
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "its checksum is wrong");
	return 0;
}

int prof_unseal_fail(struct prof_err *e, const struct prof_err *why, const char *fmt, ...)
{
	char blob[160];
	va_list ap;

	if (why->code != PROF_EFORMAT)
		return prof_fail(e, why->code, why->offset, "%s", why->msg);
	va_start(ap, fmt);
	vsnprintf(blob, sizeof(blob), fmt, ap);
	va_end(ap);
	return prof_fail(e, why->code, why->offset, "is damaged: %s: %s", blob, why->msg);
}
