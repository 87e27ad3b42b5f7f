/* A writer of protobuf's wire format, to build inputs in code: good ones from a readable
 * description, and ones that are broken at an exact place. Tests only: out of memory ends the
 * program.
 *
 *	struct wire w = {0};
 *	size_t m = wire_begin(&w, 2);		a message in field 2
 *	wire_packed(&w, 1, ids, 3);
 *	wire_field_varint(&w, 2, 10);
 *	wire_end(&w, m);
 *	wire_free(&w);
 */
#ifndef PROF_TESTS_WIRE_H
#define PROF_TESTS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Descriptions name the fields that they need; gcc minds as little. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Wmissing-field-initializers"
#endif

struct prof_profile;
struct prof_err;

struct wire {
	uint8_t *p;
	size_t n, cap;
};

void wire_free(struct wire *w);

void wire_raw(struct wire *w, const void *p, size_t n);
void wire_byte(struct wire *w, unsigned b);
void wire_varint(struct wire *w, uint64_t v);

/* The same in `bytes` bytes (more than it needs, at most ten). */
void wire_varint_padded(struct wire *w, uint64_t v, unsigned bytes);

void wire_tag(struct wire *w, uint64_t field, unsigned type);
void wire_field_varint(struct wire *w, uint64_t field, uint64_t v);
void wire_field_bytes(struct wire *w, uint64_t field, const void *p, size_t n);
void wire_field_str(struct wire *w, uint64_t field, const char *s);
void wire_field_fixed32(struct wire *w, uint64_t field, uint32_t v);
void wire_field_fixed64(struct wire *w, uint64_t field, uint64_t v);
void wire_packed(struct wire *w, uint64_t field, const uint64_t *v, size_t n);

/* What is written between the two calls is the content of a length-delimited field. */
size_t wire_begin(struct wire *w, uint64_t field);
void wire_end(struct wire *w, size_t begin);

/* Appends a gzip member with the n bytes at p. */
void wire_gz(struct wire *w, const void *p, size_t n);

/* Interned strings of a profile: the index of s ("" and NULL: 0). */
struct wire_strings {
	const char *v[256];
	size_t n;
};

uint64_t wire_string(struct wire_strings *t, const char *s);

/* A small profile. Arrays end with the first element that is all zero. */
struct wire_label {
	const char *key, *str;
	int64_t num;
	const char *unit;
};

struct wire_sample {
	uint64_t stack[12]; /* location ids, leaf first */
	int64_t values[4]; /* as many as there are types */
	struct wire_label labels[4];
};

struct wire_mapping {
	uint64_t id;
	const char *file, *build_id;
	uint64_t start, limit, offset;
	unsigned has; /* bits as enum prof_mapping_has */
};

struct wire_line {
	uint64_t function;
	int64_t line, column;
};

struct wire_location {
	uint64_t id;
	struct wire_line lines[4];
	uint64_t mapping, address;
	bool folded;
};

struct wire_function {
	uint64_t id;
	const char *name, *file;
	int64_t start_line;
	const char *system_name;
};

struct wire_profile {
	const char *types[5][2];
	struct wire_sample samples[12];
	struct wire_mapping mappings[4];
	struct wire_location locations[12];
	struct wire_function functions[12];
	const char *comments[4];
	const char *period_type[2];
	const char *drop_frames, *keep_frames, *default_type, *doc_url;
	int64_t time_ns, duration_ns, period;
	bool unpacked; /* a field for each location and value, as old writers did */
};

/* The parts of a profile, each a run of top-level fields, in the order in which Go writes them. */
enum wire_part {
	WIRE_TYPES,
	WIRE_SAMPLES,
	WIRE_MAPPINGS,
	WIRE_LOCATIONS,
	WIRE_FUNCTIONS,
	WIRE_STRINGS,
	WIRE_HEADER,
	WIRE_PARTS
};

void wire_profile_parts(struct wire parts[WIRE_PARTS], const struct wire_profile *p);
void wire_parts_free(struct wire parts[WIRE_PARTS]);

/* All parts in Go's order. */
void wire_profile(struct wire *w, const struct wire_profile *p);

/* Decodes a description; NULL when it is refused. */
struct prof_profile *wire_open(const struct wire_profile *p, struct prof_err *e);

/* A profile with a bit of everything: two types, labels, inlined lines, two mappings, a header. */
extern const struct wire_profile wire_example;

#endif
