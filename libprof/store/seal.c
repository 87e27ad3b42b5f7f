#include "libprof/store/seal.h"

enum {
	STORED,
	DEFLATED,
	HEAD_BYTES = 5, /* and a varint */
	MAX_VARINT = 10,
	RAW_WINDOW = -15,
	MEMORY_LEVEL = 9,
	LEVEL = 9,
	MOST_RATIO = 1032, /* of deflate */
};

void prof_sealer_fini(struct prof_sealer *s)
{
	if (s->deflates)
		deflateEnd(&s->deflate);
	if (s->inflates)
		inflateEnd(&s->inflate);
	*s = (struct prof_sealer){0};
}

void prof_put_uvarint(struct prof_buf *b, uint64_t v)
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
	uLong crc = crc32(0, NULL, 0);

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(context->what[i / 8] >> i % 8 * 8);
	crc = crc32(crc, bytes, sizeof(bytes));
	return n ? (uint32_t)crc32_z(crc, p, n) : (uint32_t)crc;
}

static int begin_deflate(struct prof_sealer *s)
{
	if (s->deflates)
		return deflateReset(&s->deflate) == Z_OK ? 0 : -1;
	if (deflateInit2(&s->deflate, LEVEL, Z_DEFLATED, RAW_WINDOW, MEMORY_LEVEL,
		    Z_DEFAULT_STRATEGY) != Z_OK)
		return -1;
	s->deflates = true;
	return 0;
}

/* Behind what `out` holds; false: no gain. */
static bool compress_to(struct prof_sealer *s, const void *p, size_t n, struct prof_buf *out)
{
	s->deflate.next_in = (Bytef *)(uintptr_t)p;
	s->deflate.avail_in = (uInt)n;
	s->deflate.next_out = (Bytef *)out->p + out->n;
	s->deflate.avail_out = (uInt)n;
	if (deflate(&s->deflate, Z_FINISH) != Z_STREAM_END)
		return false;
	out->n += n - s->deflate.avail_out;
	return true;
}

int prof_seal(struct prof_sealer *s, const struct prof_seal_context *context, const void *p,
	size_t n, struct prof_buf *out, struct prof_err *e)
{
	uint32_t crc = checksum(context, p, n);
	size_t at = out->n;

	if (n > (size_t)1 << 30)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "more than fits a page");
	if (begin_deflate(s))
		return prof_nomem(e);
	prof_buf_char(out, DEFLATED);
	for (unsigned i = 0; i < 4; i++)
		prof_buf_char(out, (char)(crc >> 8 * i));
	prof_put_uvarint(out, n);
	if (prof_buf_room(out, n) && !compress_to(s, p, n, out)) {
		out->p[at] = STORED;
		prof_buf_put(out, p, n);
	}
	return out->code ? prof_nomem(e) : 0;
}

static int inflate_from(struct prof_sealer *s, const struct prof_rd *r, size_t n, char *to)
{
	if (s->inflates ? inflateReset(&s->inflate) != Z_OK
			: inflateInit2(&s->inflate, RAW_WINDOW) != Z_OK)
		return PROF_ENOMEM;
	s->inflates = true;
	s->inflate.next_in = (Bytef *)(uintptr_t)r->p;
	s->inflate.avail_in = (uInt)prof_rd_left(r);
	s->inflate.next_out = (Bytef *)to;
	s->inflate.avail_out = (uInt)n;
	return inflate(&s->inflate, Z_FINISH) == Z_STREAM_END && !s->inflate.avail_out &&
			       !s->inflate.avail_in
		       ? 0
		       : PROF_EFORMAT;
}

static int contents(struct prof_sealer *s, uint8_t method, const struct prof_rd *r, size_t n,
	struct prof_buf *out)
{
	if (method == STORED && n == prof_rd_left(r)) {
		prof_buf_put(out, (const char *)r->p, n);
		return 0;
	}
	if (method != DEFLATED)
		return PROF_EFORMAT;
	out->n = n;
	return inflate_from(s, r, n, out->p);
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

	if (r.why || len > prof_rd_left(&r) * MOST_RATIO || prof_rd_left(&r) > UINT32_MAX)
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: not a sealed blob");
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
		return prof_fail(
			e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: its checksum is wrong");
	return 0;
}
