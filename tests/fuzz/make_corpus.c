/* Writes the made-up part of testdata/fuzz/pprof (the files that begin with "made-"); the others
 * are small captures, whole or cut.
 *
 *	cc -I. -o /tmp/make_corpus tests/fuzz/make_corpus.c build/tests/unit/wire.o \
 *		build/libprof.a -lz -lpcre2-8 -lm && /tmp/make_corpus testdata/fuzz/pprof
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/wire.h"

static const char *directory;

/* Writes w as a file and, where `gz`, once more with two gzip members. Empties w. */
static void save(const char *name, struct wire *w, bool gz)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/made-%s", directory, name);
	f = fopen(path, "wb");
	if (!f || fwrite(w->p, 1, w->n, f) != w->n || fclose(f)) {
		perror(path);
		exit(1);
	}
	if (gz) {
		struct wire z = {0};

		wire_gz(&z, w->p, w->n / 2);
		wire_gz(&z, w->p + w->n / 2, w->n - w->n / 2);
		snprintf(path, sizeof(path), "%s.gz", name);
		save(path, &z, false);
	}
	w->n = 0;
}

static void described(const char *name, const struct wire_profile *p, bool gz)
{
	struct wire w = {0};

	wire_profile(&w, p);
	save(name, &w, gz);
	wire_free(&w);
}

static void descriptions(void)
{
	struct wire_profile p = wire_example;
	const struct wire_profile numbers = {.types = {{"n", "count"}},
		.samples = {{{1, 1, 1}, {INT64_MIN}}, {{1}, {INT64_MAX}}, {{1, 2, 1}, {-1}}},
		.locations = {{1, {{0}}, 0, UINT64_MAX}, {2, {{1, INT64_MIN, INT64_MAX}}}},
		.functions = {{1, "f", "/a/../b//./c.go", INT64_MIN}}};
	const struct wire_profile diff = {.types = {{"samples", "count"}, {"space", "bytes"}},
		.samples = {{{1}, {5, 5000}}, {{1}, {-5, -5000}, {{"pprof::base", "true"}}},
			{{2, 1}, {-7, 1 << 20}, {{"pprof::base", "true"}, {"k", "v"}}}},
		.locations = {{1, {{1, 1}}}, {2, {{2, 2}, {1, 3}}}},
		.functions = {{1, "a/b.(*T[go.shape.int]).f"}, {2, "\x1b[31m\xff\xe2\x80\xae"}}};
	const struct wire_profile huge = {.types = {{"samples", "count"}},
		.samples = {{{UINT64_MAX, UINT64_C(1) << 31}, {1}}},
		.mappings = {{UINT64_MAX - 1, "/bin/x"}},
		.locations = {{UINT64_C(1) << 31, {{UINT32_MAX, 1}}, UINT64_MAX - 1, 1},
			{UINT64_MAX, {{UINT64_C(1) << 40, 2}}}},
		.functions = {{UINT64_C(1) << 40, "big"}, {UINT32_MAX, "max"}}};

	described("example", &p, true);
	p.unpacked = true;
	described("unpacked", &p, false);
	described("numbers", &numbers, true);
	described("diff", &diff, false);
	described("huge-ids", &huge, false);
}

/* A message of one field, in front of a table of strings. */
static void fragments(void)
{
	static const uint64_t ids[] = {1, 127, 128, 16383, 16384, 2097151, 2097152, UINT64_MAX};
	struct wire w = {0};
	size_t m;

	save("nothing", &w, true);
	wire_field_str(&w, 6, "");
	save("one-string", &w, false);
	wire_field_str(&w, 6, "x");
	save("first-string", &w, false);
	m = wire_begin(&w, 2);
	wire_packed(&w, 1, ids, sizeof(ids) / sizeof(ids[0]));
	wire_field_varint(&w, 2, 1);
	wire_end(&w, m);
	save("no-locations", &w, false);
	wire_tag(&w, 2, 2);
	wire_varint(&w, UINT64_MAX);
	save("length", &w, false);
	wire_tag(&w, 6, 2);
	wire_varint(&w, 100000);
	wire_raw(&w, "abc", 3);
	save("string-length", &w, false);
	wire_field_str(&w, 6, "");
	wire_field_str(&w, 99, "unknown");
	wire_field_varint(&w, 98, 1);
	wire_field_fixed32(&w, 97, 1);
	wire_field_fixed64(&w, 96, 1);
	wire_tag(&w, 95, 3);
	wire_tag(&w, 95, 4);
	save("unknown", &w, false);
	wire_tag(&w, 9, 0);
	wire_raw(&w, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10);
	save("long-varint", &w, false);
	wire_field_varint(&w, 9, 1);
	wire_field_varint(&w, 9, 2);
	save("two-times", &w, false);
	m = wire_begin(&w, 2);
	for (int i = 0; i < 600; i++)
		wire_field_varint(&w, 2, 0);
	wire_end(&w, m);
	save("many-values", &w, true);
	m = wire_begin(&w, 4);
	wire_field_varint(&w, 1, 1);
	for (int i = 0; i < 200; i++)
		wire_field_str(&w, 4, "");
	wire_end(&w, m);
	wire_field_str(&w, 6, "");
	save("many-lines", &w, true);
	wire_free(&w);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	directory = argv[1];
	descriptions();
	fragments();
	return 0;
}
