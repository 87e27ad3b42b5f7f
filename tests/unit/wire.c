#include "tests/unit/wire.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "libprof/prof.h"

static void room(struct wire *w, size_t n)
{
	if (w->cap - w->n >= n)
		return;
	w->cap = (w->cap + n) * 2;
	w->p = realloc(w->p, w->cap);
	if (!w->p)
		abort();
}

void wire_free(struct wire *w)
{
	free(w->p);
	*w = (struct wire){0};
}

void wire_raw(struct wire *w, const void *p, size_t n)
{
	room(w, n);
	if (n)
		memcpy(w->p + w->n, p, n);
	w->n += n;
}

void wire_byte(struct wire *w, unsigned b)
{
	uint8_t byte = (uint8_t)b;

	wire_raw(w, &byte, 1);
}

static size_t encode(uint8_t *out, uint64_t v)
{
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		out[n++] = (uint8_t)(v | 0x80);
	out[n++] = (uint8_t)v;
	return n;
}

void wire_varint(struct wire *w, uint64_t v)
{
	uint8_t bytes[10];

	wire_raw(w, bytes, encode(bytes, v));
}

void wire_varint_padded(struct wire *w, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i + 1 < bytes; i++, v >>= 7)
		wire_byte(w, (unsigned)(v & 0x7f) | 0x80);
	wire_byte(w, (unsigned)(v & 0x7f));
}

void wire_tag(struct wire *w, uint64_t field, unsigned type)
{
	wire_varint(w, field << 3 | type);
}

void wire_field_varint(struct wire *w, uint64_t field, uint64_t v)
{
	wire_tag(w, field, 0);
	wire_varint(w, v);
}

void wire_field_bytes(struct wire *w, uint64_t field, const void *p, size_t n)
{
	wire_tag(w, field, 2);
	wire_varint(w, n);
	wire_raw(w, p, n);
}

void wire_field_str(struct wire *w, uint64_t field, const char *s)
{
	wire_field_bytes(w, field, s, strlen(s));
}

static void little_endian(struct wire *w, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		wire_byte(w, (unsigned)(v >> 8 * i & 0xff));
}

void wire_field_fixed32(struct wire *w, uint64_t field, uint32_t v)
{
	wire_tag(w, field, 5);
	little_endian(w, v, 4);
}

void wire_field_fixed64(struct wire *w, uint64_t field, uint64_t v)
{
	wire_tag(w, field, 1);
	little_endian(w, v, 8);
}

size_t wire_begin(struct wire *w, uint64_t field)
{
	wire_tag(w, field, 2);
	return w->n;
}

void wire_end(struct wire *w, size_t begin)
{
	uint8_t head[10];
	size_t n = encode(head, w->n - begin);

	room(w, n);
	memmove(w->p + begin + n, w->p + begin, w->n - begin);
	memcpy(w->p + begin, head, n);
	w->n += n;
}

void wire_packed(struct wire *w, uint64_t field, const uint64_t *v, size_t n)
{
	size_t m = wire_begin(w, field);

	for (size_t i = 0; i < n; i++)
		wire_varint(w, v[i]);
	wire_end(w, m);
}

void wire_gz(struct wire *w, const void *p, size_t n)
{
	union {
		const void *in;
		Bytef *out;
	} bytes = {.in = p};
	z_stream z = {.next_in = bytes.out, .avail_in = (uInt)n};

	if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	room(w, deflateBound(&z, (uLong)n) + 64);
	z.next_out = w->p + w->n;
	z.avail_out = (uInt)(w->cap - w->n);
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	w->n += z.total_out;
	deflateEnd(&z);
}

uint64_t wire_string(struct wire_strings *t, const char *s)
{
	if (!t->n)
		t->v[t->n++] = "";
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->v[i], s ? s : "") == 0)
			return i;
	if (t->n == sizeof(t->v) / sizeof(t->v[0]))
		abort();
	t->v[t->n] = s;
	return t->n++;
}

/* Zero is not written, as protobuf does. */
static void number(struct wire *w, uint64_t field, uint64_t v)
{
	if (v)
		wire_field_varint(w, field, v);
}

static void value_type(
	struct wire *w, uint64_t field, const char *const type[2], struct wire_strings *t)
{
	size_t m = wire_begin(w, field);

	number(w, 1, wire_string(t, type[0]));
	number(w, 2, wire_string(t, type[1]));
	wire_end(w, m);
}

static void numbers(struct wire *w, uint64_t field, const uint64_t *v, size_t n, bool unpacked)
{
	if (n && !unpacked)
		wire_packed(w, field, v, n);
	for (size_t i = 0; unpacked && i < n; i++)
		wire_field_varint(w, field, v[i]);
}

static bool is_zero(const void *p, size_t n)
{
	const char *c = p;

	while (n && !*c)
		c++, n--;
	return !n;
}

/* Elements of an array in front of the first that is all zero. */
#define COUNT_OF(array) count_of((array), sizeof(array) / sizeof((array)[0]), sizeof((array)[0]))

static size_t count_of(const void *array, size_t n, size_t size)
{
	size_t i = 0;

	while (i < n && !is_zero((const char *)array + i * size, size))
		i++;
	return i;
}

static void sample(struct wire *w, const struct wire_profile *p, const struct wire_sample *s,
	struct wire_strings *t)
{
	size_t m = wire_begin(w, 2);
	uint64_t values[4];

	memcpy(values, s->values, sizeof(values));
	numbers(w, 1, s->stack, COUNT_OF(s->stack), p->unpacked);
	numbers(w, 2, values, COUNT_OF(p->types), p->unpacked);
	for (size_t i = 0; i < COUNT_OF(s->labels); i++) {
		size_t l = wire_begin(w, 3);

		number(w, 1, wire_string(t, s->labels[i].key));
		number(w, 2, wire_string(t, s->labels[i].str));
		number(w, 3, (uint64_t)s->labels[i].num);
		number(w, 4, wire_string(t, s->labels[i].unit));
		wire_end(w, l);
	}
	wire_end(w, m);
}

static void mapping(struct wire *w, const struct wire_mapping *x, struct wire_strings *t)
{
	size_t m = wire_begin(w, 3);

	number(w, 1, x->id);
	number(w, 2, x->start);
	number(w, 3, x->limit);
	number(w, 4, x->offset);
	number(w, 5, wire_string(t, x->file));
	number(w, 6, wire_string(t, x->build_id));
	for (unsigned i = 0; i < 4; i++)
		number(w, 7 + i, x->has >> i & 1);
	wire_end(w, m);
}

static void location(struct wire *w, const struct wire_location *x)
{
	size_t m = wire_begin(w, 4);

	number(w, 1, x->id);
	number(w, 2, x->mapping);
	number(w, 3, x->address);
	for (size_t i = 0; i < COUNT_OF(x->lines); i++) {
		size_t l = wire_begin(w, 4);

		number(w, 1, x->lines[i].function);
		number(w, 2, (uint64_t)x->lines[i].line);
		number(w, 3, (uint64_t)x->lines[i].column);
		wire_end(w, l);
	}
	number(w, 5, x->folded);
	wire_end(w, m);
}

static void function(struct wire *w, const struct wire_function *x, struct wire_strings *t)
{
	size_t m = wire_begin(w, 5);

	number(w, 1, x->id);
	number(w, 2, wire_string(t, x->name));
	number(w, 3, wire_string(t, x->system_name));
	number(w, 4, wire_string(t, x->file));
	number(w, 5, (uint64_t)x->start_line);
	wire_end(w, m);
}

static void header(struct wire *w, const struct wire_profile *p, struct wire_strings *t)
{
	number(w, 7, wire_string(t, p->drop_frames));
	number(w, 8, wire_string(t, p->keep_frames));
	number(w, 9, (uint64_t)p->time_ns);
	number(w, 10, (uint64_t)p->duration_ns);
	if (p->period_type[0])
		value_type(w, 11, p->period_type, t);
	number(w, 12, (uint64_t)p->period);
	for (size_t i = 0; i < COUNT_OF(p->comments); i++)
		wire_field_varint(w, 13, wire_string(t, p->comments[i]));
	number(w, 14, wire_string(t, p->default_type));
	number(w, 15, wire_string(t, p->doc_url));
}

void wire_profile_parts(struct wire parts[WIRE_PARTS], const struct wire_profile *p)
{
	struct wire_strings t = {0};

	memset(parts, 0, WIRE_PARTS * sizeof(*parts));
	wire_string(&t, "");
	for (size_t i = 0; i < COUNT_OF(p->types); i++)
		value_type(&parts[WIRE_TYPES], 1, p->types[i], &t);
	for (size_t i = 0; i < COUNT_OF(p->samples); i++)
		sample(&parts[WIRE_SAMPLES], p, &p->samples[i], &t);
	for (size_t i = 0; i < COUNT_OF(p->mappings); i++)
		mapping(&parts[WIRE_MAPPINGS], &p->mappings[i], &t);
	for (size_t i = 0; i < COUNT_OF(p->locations); i++)
		location(&parts[WIRE_LOCATIONS], &p->locations[i]);
	for (size_t i = 0; i < COUNT_OF(p->functions); i++)
		function(&parts[WIRE_FUNCTIONS], &p->functions[i], &t);
	header(&parts[WIRE_HEADER], p, &t);
	for (size_t i = 0; i < t.n; i++)
		wire_field_str(&parts[WIRE_STRINGS], 6, t.v[i]);
}

void wire_parts_free(struct wire parts[WIRE_PARTS])
{
	for (int i = 0; i < WIRE_PARTS; i++)
		wire_free(&parts[i]);
}

void wire_profile(struct wire *w, const struct wire_profile *p)
{
	struct wire parts[WIRE_PARTS];

	wire_profile_parts(parts, p);
	for (int i = 0; i < WIRE_PARTS; i++)
		wire_raw(w, parts[i].p, parts[i].n);
	wire_parts_free(parts);
}

struct prof_profile *wire_open(const struct wire_profile *p, struct prof_err *e)
{
	struct prof_profile *out = NULL;
	struct wire w = {0};

	wire_profile(&w, p);
	if (prof_profile_read(w.p, w.n, NULL, &out, e))
		out = NULL;
	wire_free(&w);
	return out;
}

const struct wire_profile wire_example = {
	.types = {{"samples", "count"}, {"cpu", "nanoseconds"}},
	.samples = {{{2, 1}, {3, 30000000}, {{"endpoint", "/cart"}, {"bytes", NULL, 64, "bytes"}}},
		{{3, 2, 1}, {5, 50000000}, {{"endpoint", "/cart"}, {"bytes", NULL, 64, "bytes"}}},
		{{3}, {1, 10000000}, {{"endpoint", "/list"}}}, {{4, 1}, {1, 10000000}}},
	.mappings = {{1, "/srv/shop", "b01d", 0x400000, 0x500000, 0x1000, 1},
		{7, "[vdso]", NULL, 0x7fff0000, 0x7fff1000, 0, 0}},
	.locations = {{1, {{1, 10, 2}}, 1, 0x400010},
		{2, {{3, 33, 4}, {2, 22, 8}}, 1, 0x400020}, /* scan inlined into work */
		{3, {{4, 44, 0}}, 1, 0x400030, true}, {4, {{0}}, 7, 0x7fff0040}},
	.functions = {{1, "main.main", "/src/shop/main.go", 8, "main.main"},
		{2, "shop/cart.(*Cart).work", "/src/shop/cart/cart.go", 20},
		{3, "shop/cart.scan", "/src/shop/cart/scan.go", 30},
		{4, "runtime.mallocgc", "/go/src/runtime/malloc.go", 900}},
	.comments = {"made by hand", "#hidden"},
	.period_type = {"cpu", "nanoseconds"},
	.drop_frames = "runtime\\..*",
	.keep_frames = "runtime\\.panic",
	.default_type = "samples",
	.doc_url = "https://example.org/doc",
	.time_ns = 1700000000000000001,
	.duration_ns = 2000000000,
	.period = 10000000,
};
