/* Every field of a profile comes through, however it is written. */
#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/model/profile.h"

#define S(id) prof_profile_str(p, (id))

static void check_header(const struct prof_profile *p)
{
	assert_int_equal(p->types.n, 2);
	assert_str(S(p->types.v[0].type), "samples");
	assert_str(S(p->types.v[0].unit), "count");
	assert_str(S(p->types.v[1].type), "cpu");
	assert_str(S(p->types.v[1].unit), "nanoseconds");
	assert_str(S(p->period_type.type), "cpu");
	assert_str(S(p->period_type.unit), "nanoseconds");
	assert_int_equal(p->period, 10000000);
	assert_int_equal(p->time_ns, INT64_C(1700000000000000001));
	assert_int_equal(p->duration_ns, 2000000000);
	assert_str(S(p->drop_frames), "runtime\\..*");
	assert_str(S(p->keep_frames), "runtime\\.panic");
	assert_str(S(p->default_type), "samples");
	assert_str(S(p->doc_url), "https://example.org/doc");
	assert_int_equal(p->comments.n, 2);
	assert_str(S(p->comments.v[0]), "made by hand");
	assert_str(S(p->comments.v[1]), "#hidden");
}

static void check_samples(const struct prof_profile *p)
{
	static const uint32_t start[] = {0, 2, 5, 6, 8}, stack[] = {1, 0, 2, 1, 0, 2, 3, 0},
			      sets[] = {1, 1, 2, 0};
	static const int64_t values[2][4] = {
		{3, 5, 1, 1}, {30000000, 50000000, 10000000, 10000000}};
	const struct prof_label *l = p->labels.v;

	assert_int_equal(p->sample_stack.n, 4);
	assert_int_equal(p->stack_loc.n, COUNT(stack));
	assert_memory_equal(p->stack_start.v, start, sizeof(start));
	assert_memory_equal(p->stack_loc.v, stack, sizeof(stack));
	assert_memory_equal(p->sample_labels.v, sets, sizeof(sets));
	for (int t = 0; t < 2; t++)
		assert_memory_equal(p->values.v[t].v, values[t], sizeof(values[t]));
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(p->sample_stack.v[i], i);
	assert_int_equal(p->labels.n, 3);
	assert_str(S(l[0].key), "endpoint");
	assert_str(S(l[0].str), "/cart");
	assert_true(l[0].is_str);
	assert_str(S(l[1].key), "bytes");
	assert_false(l[1].is_str);
	assert_int_equal(l[1].num, 64);
	assert_str(S(l[1].unit), "bytes");
	assert_str(S(l[2].str), "/list");
}

static void check_tables(const struct prof_profile *p)
{
	const struct prof_mapping *m = p->mappings.v;
	const struct prof_location *l = p->locations.v;
	const struct prof_line *n = p->lines.v;
	const struct prof_function *f = p->functions.v;

	assert_int_equal(p->mappings.n, 2);
	assert_int_equal(m[0].id, 1);
	assert_str(S(m[0].file), "/srv/shop");
	assert_str(S(m[0].build_id), "b01d");
	assert_int_equal(m[0].start, 0x400000);
	assert_int_equal(m[0].limit, 0x500000);
	assert_int_equal(m[0].offset, 0x1000);
	assert_int_equal(m[0].has, PROF_HAS_FUNCTIONS);
	assert_int_equal(m[1].id, 7);
	assert_int_equal(m[1].has, 0);
	assert_int_equal(p->locations.n, 4);
	assert_int_equal(l[1].id, 2);
	assert_int_equal(l[1].address, 0x400020);
	assert_int_equal(l[1].mapping, 0);
	assert_int_equal(l[1].n_lines, 2);
	assert_false(l[1].folded);
	assert_true(l[2].folded);
	assert_int_equal(l[3].mapping, 1);
	assert_int_equal(l[3].n_lines, 0);
	n += l[1].first_line;
	assert_str(S(f[n[0].function].name), "shop/cart.scan");
	assert_int_equal(n[0].line, 33);
	assert_int_equal(n[0].column, 4);
	assert_str(S(f[n[1].function].name), "shop/cart.(*Cart).work");
	assert_int_equal(p->functions.n, 4);
	assert_str(S(f[0].system_name), "main.main");
	assert_str(S(f[0].file), "/src/shop/main.go");
	assert_int_equal(f[0].start_line, 8);
	assert_int_equal(f[1].system_name, 0);
}

static void check_example(const struct wire *w)
{
	struct prof_err e = {0};
	struct prof_profile *p = NULL;

	assert_ok(prof_profile_read(w->p, w->n, NULL, &p, &e), &e);
	assert_null(prof_profile_check(p));
	check_header(p);
	check_samples(p);
	check_tables(p);
	assert_int_equal(p->unknown_fields, 0);
	prof_profile_free(p);
}

static void every_field_packed_and_not(void **state)
{
	struct wire_profile example = wire_example;

	(void)state;
	for (int unpacked = 0; unpacked < 2; unpacked++) {
		struct wire w = {0};

		example.unpacked = unpacked;
		wire_profile(&w, &example);
		check_example(&w);
		wire_free(&w);
	}
}

static void gzip_or_not(void **state)
{
	struct prof_err e = {0};
	struct prof_profile *p = NULL;
	struct wire w = {0}, gz = {0};

	(void)state;
	wire_profile(&w, &wire_example);
	wire_gz(&gz, w.p, 100);
	wire_gz(&gz, w.p + 100, w.n - 100);
	check_example(&gz);
	assert_ok(prof_profile_read(gz.p, gz.n, NULL, &p, &e), &e);
	assert_true(p->gzipped);
	assert_int_equal(p->input_bytes, w.n);
	prof_profile_free(p);
	wire_free(&w);
	wire_free(&gz);
}

/* The parts in each of their 5040 orders. */
static void parts_in_any_order(void **state)
{
	struct wire parts[WIRE_PARTS], w = {0};
	unsigned orders = 0;

	(void)state;
	wire_profile_parts(parts, &wire_example);
	for (unsigned code = 0; code < 5040; code++) {
		unsigned left = (1u << WIRE_PARTS) - 1, rest = code;

		w.n = 0;
		for (unsigned n = WIRE_PARTS; n > 0; n--) {
			unsigned k = rest % n, i = 0;

			rest /= n;
			for (;; i++)
				if (left >> i & 1 && k-- == 0)
					break;
			left &= ~(1u << i);
			wire_raw(&w, parts[i].p, parts[i].n);
		}
		check_example(&w);
		orders++;
	}
	assert_int_equal(orders, 5040);
	wire_parts_free(parts);
	wire_free(&w);
}

static void repeated_fields_may_mix(void **state)
{
	static const uint64_t two[] = {2, 1};
	struct prof_err e = {0};
	struct prof_profile *p = NULL;
	struct wire w = {0};
	size_t m;

	(void)state;
	wire_field_str(&w, 6, "");
	for (uint64_t id = 1; id <= 2; id++) {
		m = wire_begin(&w, 4);
		wire_field_varint(&w, 1, 99);
		wire_field_varint(&w, 1, id); /* the last one counts */
		wire_end(&w, m);
	}
	m = wire_begin(&w, 2);
	wire_field_varint(&w, 1, 1);
	wire_packed(&w, 2, two, 1);
	wire_packed(&w, 1, two, 2);
	wire_field_varint(&w, 2, 7);
	wire_packed(&w, 1, NULL, 0);
	wire_field_varint(&w, 1, 2);
	wire_end(&w, m);
	wire_field_str(&w, 1, "");
	wire_field_str(&w, 1, "");
	wire_packed(&w, 13, NULL, 0);
	m = wire_begin(&w, 13); /* comments packed, as protobuf allows */
	wire_varint(&w, 0);
	wire_varint(&w, 0);
	wire_end(&w, m);
	assert_ok(prof_profile_read(w.p, w.n, NULL, &p, &e), &e);
	assert_int_equal(p->stack_loc.n, 4);
	assert_memory_equal(p->stack_loc.v, ((uint32_t[]){0, 1, 0, 1}), 16);
	assert_int_equal(p->values.v[0].v[0], 2);
	assert_int_equal(p->values.v[1].v[0], 7);
	assert_int_equal(p->comments.n, 2);
	prof_profile_free(p);
	wire_free(&w);
}

/* A field of each wire type that a later version may have, at each level. */
static void unknown(struct wire *w, uint64_t field)
{
	wire_field_varint(w, field, UINT64_MAX);
	wire_field_str(w, field, "later");
	wire_field_fixed32(w, field, 1);
	wire_field_fixed64(w, field, 1);
}

static void unknown_fields_are_counted(void **state)
{
	struct prof_err e = {0};
	struct prof_profile *p = NULL;
	struct wire w = {0};
	size_t m, l;

	(void)state;
	wire_profile(&w, &wire_example);
	unknown(&w, 16);
	unknown(&w, 1000);
	unknown(&w, (1 << 29) - 1);
	m = wire_begin(&w, 11);
	unknown(&w, 3);
	wire_end(&w, m);
	m = wire_begin(&w, 2);
	wire_field_varint(&w, 2, 1);
	wire_field_varint(&w, 2, 1);
	unknown(&w, 4);
	l = wire_begin(&w, 3);
	unknown(&w, 5);
	wire_end(&w, l);
	wire_end(&w, m);
	m = wire_begin(&w, 3);
	wire_field_varint(&w, 1, 99);
	unknown(&w, 11);
	wire_end(&w, m);
	m = wire_begin(&w, 4);
	wire_field_varint(&w, 1, 99);
	unknown(&w, 6);
	l = wire_begin(&w, 4);
	wire_field_varint(&w, 1, 1);
	unknown(&w, 4);
	wire_end(&w, l);
	wire_end(&w, m);
	m = wire_begin(&w, 5);
	wire_field_varint(&w, 1, 99);
	unknown(&w, 6);
	wire_end(&w, m);
	assert_ok(prof_profile_read(w.p, w.n, NULL, &p, &e), &e);
	assert_int_equal(p->unknown_fields, 4 * 10);
	assert_null(prof_profile_check(p));
	prof_profile_free(p);
	wire_free(&w);
}

/* A string and an unknown field larger than any window, plain and inflated. */
static void fields_larger_than_the_window(void **state)
{
	size_t n = 3 << 20;
	char *text = malloc(n);

	(void)state;
	memset(text, 'n', n);
	for (int gz = 0; gz < 2; gz++) {
		struct prof_err e = {0};
		struct prof_profile *p = NULL;
		struct wire w = {0}, z = {0};

		wire_profile(&w, &wire_example);
		wire_field_bytes(&w, 6, text, n);
		wire_field_bytes(&w, 77, text, n);
		wire_field_str(&w, 6, "behind");
		wire_gz(&z, w.p, w.n);
		assert_ok(prof_profile_read(gz ? z.p : w.p, gz ? z.n : w.n, NULL, &p, &e), &e);
		assert_int_equal(p->unknown_fields, 1);
		assert_int_not_equal(prof_strtab_find(&p->strings, PROF_STR("behind")), PROF_NONE);
		assert_int_not_equal(
			prof_strtab_find(&p->strings, (struct prof_str){text, (uint32_t)n}),
			PROF_NONE);
		prof_profile_free(p);
		wire_free(&w);
		wire_free(&z);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_packed_and_not),
		cmocka_unit_test(gzip_or_not),
		cmocka_unit_test(parts_in_any_order),
		cmocka_unit_test(repeated_fields_may_mix),
		cmocka_unit_test(unknown_fields_are_counted),
		cmocka_unit_test(fields_larger_than_the_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
