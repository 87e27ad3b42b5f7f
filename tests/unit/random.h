/* Random profiles that are valid but as odd as the format allows: fields in any order and written
 * twice, packed or not, unknown fields in between, ids of any size, numbers longer than need be.
 * The same seed makes the same bytes.
 */
#ifndef PROF_TESTS_RANDOM_H
#define PROF_TESTS_RANDOM_H

#include "tests/unit/wire.h"

struct random_wire {
	uint64_t seed;
	uint64_t functions[16], mappings[4], locations[24];
	unsigned n_strings, n_types, n_functions, n_mappings, n_locations;
};

static inline uint64_t random_next(struct random_wire *r)
{
	uint64_t z = r->seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* 0 … n - 1 */
static inline unsigned random_below(struct random_wire *r, unsigned n)
{
	return (unsigned)(random_next(r) >> 33) % n;
}

/* Of any magnitude: small as often as huge. */
static inline uint64_t random_number(struct random_wire *r)
{
	uint64_t v = random_next(r) >> random_below(r, 64);

	return random_below(r, 4) ? v : 0 - v;
}

/* Fields that are then written in a random order. */
struct random_bag {
	struct wire v[64];
	unsigned n;
};

static inline struct wire *random_field(struct random_bag *b)
{
	return &b->v[b->n++];
}

static inline void random_write(struct random_wire *r, struct random_bag *b, struct wire *w)
{
	while (b->n) {
		unsigned i = random_below(r, b->n);

		wire_raw(w, b->v[i].p, b->v[i].n);
		wire_free(&b->v[i]);
		b->v[i] = b->v[--b->n];
		b->v[b->n] = (struct wire){0};
	}
}

static inline void random_unknown(struct random_wire *r, struct random_bag *b, unsigned field)
{
	struct wire *w;

	if (random_below(r, 8))
		return;
	w = random_field(b);
	field += random_below(r, 1000);
	switch (random_below(r, 4)) {
	case 0:
		wire_field_varint(w, field, random_number(r));
		break;
	case 1:
		wire_field_fixed32(w, field, (uint32_t)random_next(r));
		break;
	case 2:
		wire_field_fixed64(w, field, random_next(r));
		break;
	default:
		wire_field_str(w, field, "\x0a\x01unknown");
	}
}

/* A number, perhaps left out when it is 0, perhaps with a wrong one in front. */
static inline void random_varint(
	struct random_wire *r, struct random_bag *b, unsigned field, uint64_t v)
{
	struct wire *w;

	if (!v && random_below(r, 2))
		return;
	w = random_field(b);
	if (!random_below(r, 8))
		wire_field_varint(w, field, 1);
	if (random_below(r, 8)) {
		wire_field_varint(w, field, v);
	} else {
		wire_tag(w, field, 0);
		wire_varint_padded(w, v, 10);
	}
}

static inline uint64_t random_string(struct random_wire *r)
{
	return random_below(r, r->n_strings);
}

static inline void random_message(
	struct random_wire *r, struct random_bag *b, struct wire *w, unsigned field)
{
	size_t m = wire_begin(w, field);

	random_write(r, b, w);
	wire_end(w, m);
}

/* Numbers of a repeated field, in runs that are packed or not. */
static inline void random_numbers(
	struct random_wire *r, struct wire *w, unsigned field, const uint64_t *v, unsigned n)
{
	while (n) {
		unsigned run = 1 + random_below(r, n);

		if (random_below(r, 2)) {
			wire_packed(w, field, v, run);
		} else {
			for (unsigned i = 0; i < run; i++)
				wire_field_varint(w, field, v[i]);
		}
		v += run;
		n -= run;
	}
}

static inline void random_sample(struct random_wire *r, struct wire *w)
{
	struct random_bag b = {0}, label = {0};
	uint64_t v[40];
	unsigned n = r->n_locations ? random_below(r, 40) : 0;

	for (unsigned i = 0; i < n; i++)
		v[i] = r->locations[random_below(r, r->n_locations)];
	random_numbers(r, random_field(&b), 1, v, n);
	for (unsigned i = 0; i < r->n_types; i++)
		v[i] = random_number(r);
	random_numbers(r, random_field(&b), 2, v, r->n_types);
	for (unsigned i = random_below(r, 4); i > 0; i--) {
		random_varint(r, &label, 1, random_string(r));
		random_varint(r, &label, 2, random_string(r));
		random_varint(r, &label, 3, random_number(r));
		random_varint(r, &label, 4, random_string(r));
		random_unknown(r, &label, 5);
		random_message(r, &label, random_field(&b), 3);
	}
	random_unknown(r, &b, 4);
	random_message(r, &b, w, 2);
}

static inline void random_mapping(struct random_wire *r, struct wire *w, uint64_t id)
{
	struct random_bag b = {0};

	random_varint(r, &b, 1, id);
	for (unsigned i = 2; i <= 4; i++)
		random_varint(r, &b, i, random_number(r));
	random_varint(r, &b, 5, random_string(r));
	random_varint(r, &b, 6, random_string(r));
	for (unsigned i = 7; i <= 10; i++)
		random_varint(r, &b, i, random_below(r, 2));
	random_unknown(r, &b, 11);
	random_message(r, &b, w, 3);
}

static inline void random_location(struct random_wire *r, struct wire *w, uint64_t id)
{
	struct random_bag b = {0}, line = {0};

	random_varint(r, &b, 1, id);
	if (r->n_mappings && random_below(r, 4))
		random_varint(r, &b, 2, r->mappings[random_below(r, r->n_mappings)]);
	random_varint(r, &b, 3, random_number(r));
	random_varint(r, &b, 5, random_below(r, 2));
	for (unsigned i = r->n_functions ? random_below(r, 5) : 0; i > 0; i--) {
		random_varint(r, &line, 1, r->functions[random_below(r, r->n_functions)]);
		random_varint(r, &line, 2, random_number(r));
		random_varint(r, &line, 3, random_number(r));
		random_unknown(r, &line, 4);
		random_message(r, &line, random_field(&b), 4);
	}
	random_unknown(r, &b, 6);
	random_message(r, &b, w, 4);
}

static inline void random_function(struct random_wire *r, struct wire *w, uint64_t id)
{
	struct random_bag b = {0};

	random_varint(r, &b, 1, id);
	for (unsigned i = 2; i <= 4; i++)
		random_varint(r, &b, i, random_string(r));
	random_varint(r, &b, 5, random_number(r));
	random_unknown(r, &b, 6);
	random_message(r, &b, w, 5);
}

static inline void random_type(struct random_wire *r, struct wire *w, unsigned field)
{
	struct random_bag b = {0};

	random_varint(r, &b, 1, random_string(r));
	random_varint(r, &b, 2, random_string(r));
	random_unknown(r, &b, 3);
	random_message(r, &b, w, field);
}

/* Different ids, none 0, of one of four kinds. */
static inline unsigned random_ids(struct random_wire *r, uint64_t *ids, unsigned most)
{
	unsigned n = random_below(r, most + 1), kind = random_below(r, 4);

	for (unsigned i = 0; i < n; i++) {
		uint64_t high = random_next(r) >> random_below(r, 60);

		ids[i] = kind == 0 ? i + 1 : kind == 1 ? n - i : i * 37 + 5;
		if (kind == 3)
			ids[i] = high << 8 | (i + 1);
	}
	return n;
}

static inline void random_header(struct random_wire *r, struct random_bag *b)
{
	for (unsigned field = 7; field <= 15; field++) {
		bool number = field == 9 || field == 10 || field == 12;

		if (field == 11) {
			if (random_below(r, 2))
				random_type(r, random_field(b), field);
		} else if (field == 9) {
			wire_field_varint(random_field(b), field, random_number(r));
		} else if (field == 13) {
			uint64_t v[4] = {random_string(r), random_string(r), random_string(r)};

			random_numbers(r, random_field(b), field, v, random_below(r, 4));
		} else {
			random_varint(r, b, field, number ? random_number(r) : random_string(r));
		}
	}
	random_unknown(r, b, 16);
}

/* Strings stay together, for their order is their meaning. */
static inline void random_profile(struct wire *w, uint64_t seed)
{
	struct random_wire r = {.seed = seed};
	struct random_bag b = {0};

	r.n_strings = 1 + random_below(&r, 20);
	r.n_types = 1 + random_below(&r, 4);
	r.n_functions = random_ids(&r, r.functions, 16);
	r.n_mappings = random_ids(&r, r.mappings, 4);
	r.n_locations = random_ids(&r, r.locations, 24);
	random_type(&r, w, 1); /* what is sniffed first is a known field */
	for (unsigned i = 1; i < r.n_types; i++)
		random_type(&r, random_field(&b), 1);
	for (unsigned i = random_below(&r, 8); i > 0; i--)
		random_sample(&r, random_field(&b));
	for (unsigned i = 0; i < r.n_mappings; i++)
		random_mapping(&r, i % 2 ? &b.v[b.n - 1] : random_field(&b), r.mappings[i]);
	for (unsigned i = 0; i < r.n_locations; i++)
		random_location(&r, i % 4 ? &b.v[b.n - 1] : random_field(&b), r.locations[i]);
	for (unsigned i = 0; i < r.n_functions; i++)
		random_function(&r, i % 4 ? &b.v[b.n - 1] : random_field(&b), r.functions[i]);
	random_header(&r, &b);
	for (unsigned i = 0; i < r.n_strings; i++) {
		char text[24];
		unsigned n = i ? random_below(&r, 24) : 0;

		for (unsigned k = 0; k < n; k++)
			text[k] = (char)(1 + random_below(&r, 255));
		wire_field_bytes(i ? &b.v[b.n - 1] : random_field(&b), 6, text, n);
	}
	random_write(&r, &b, w);
}

#endif
