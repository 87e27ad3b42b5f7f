/* Folded stacks, speedscope, JSON and CSV of profiles made by hand. */
#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/model/profile.h"

typedef int writer(const struct prof_profile *p, unsigned flags, prof_write_fn *write, void *ctx,
	struct prof_err *e);

static int append(void *ctx, const char *p, size_t n)
{
	prof_buf_put(ctx, p, n);
	return 0;
}

static const char *index_wanted;

static int folded(const struct prof_profile *p, unsigned flags, prof_write_fn *write, void *ctx,
	struct prof_err *e)
{
	return prof_profile_folded(p, index_wanted, flags, write, ctx, e);
}

static int speedscope(const struct prof_profile *p, unsigned flags, prof_write_fn *write, void *ctx,
	struct prof_err *e)
{
	return prof_profile_speedscope(p, index_wanted, flags, write, ctx, e);
}

static void is(const struct wire_profile *source, writer *w, unsigned flags, const char *want)
{
	struct prof_err e = {0};
	struct prof_profile *p = wire_open(source, &e);
	struct prof_buf b;

	assert_non_null(p);
	prof_buf_init(&b, NULL, NULL);
	assert_ok(w(p, flags, append, &b, &e), &e);
	assert_buf(&b, want);
	prof_buf_fini(&b);
	prof_profile_free(p);
}

static void fails(const struct wire_profile *source, writer *w, int code, const char *msg)
{
	struct prof_err e = {0};
	struct prof_profile *p = wire_open(source, &e);
	struct prof_buf b;

	assert_non_null(p);
	prof_buf_init(&b, NULL, NULL);
	assert_int_equal(w(p, 0, append, &b, &e), code);
	assert_error(&e, code, PROF_NO_OFFSET, msg);
	assert_int_equal(b.n, 0);
	prof_buf_fini(&b);
	prof_profile_free(p);
}

static void folded_example(void **state)
{
	(void)state;
	index_wanted = NULL;
	is(&wire_example, folded, 0,
		"main.main;[[vdso]] 1\n"
		"main.main;shop/cart.(*Cart).work;shop/cart.scan 3\n"
		"main.main;shop/cart.(*Cart).work;shop/cart.scan;runtime.mallocgc 5\n"
		"runtime.mallocgc 1\n");
	index_wanted = "cpu";
	is(&wire_example, folded, PROF_WRITE_LINES | PROF_WRITE_INLINE_MARKS,
		"main.main /src/shop/main.go:10;[[vdso]] 10000000\n"
		"main.main /src/shop/main.go:10;shop/cart.(*Cart).work /src/shop/cart/cart.go:22;"
		"shop/cart.scan /src/shop/cart/scan.go:33_[i] 30000000\n"
		"main.main /src/shop/main.go:10;shop/cart.(*Cart).work /src/shop/cart/cart.go:22;"
		"shop/cart.scan /src/shop/cart/scan.go:33_[i];"
		"runtime.mallocgc /go/src/runtime/malloc.go:44 50000000\n"
		"runtime.mallocgc /go/src/runtime/malloc.go:44 10000000\n");
	index_wanted = "7";
	fails(&wire_example, folded, PROF_EUSAGE, "sample_index 7 is outside the range [0..1]");
}

/* In the order of the lines' bytes, though "a", "a b" and "a;" sort otherwise as frames. */
static void folded_order_and_sums(void **state)
{
	const struct wire_profile p = {.types = {{"n", "count"}},
		.samples = {{{2, 1}, {1}}, {{3}, {2}}, {{2, 3}, {3}}, {{1}, {4}}, {{2, 1}, {5}},
			{{4, 1}, {6}}, {{4}, {7}}, {{5}, {8}}, {{6}, {-9}}, {{6}, {9}}, {{0}, {10}},
			{{2}, {-3}}},
		.locations = {{1, {{1}}}, {2, {{2}}}, {3, {{3}}}, {4}, {5, {{4}}}, {6, {{5}}}},
		.functions = {{1, "a"}, {2, "b"}, {3, "a b"}, {4, "a\x01"}, {5, "gone"}}};

	(void)state;
	index_wanted = NULL;
	is(&p, folded, 0,
		"<unknown> 17\n"
		"a 4\n"
		"a b 2\n"
		"a b;b 3\n"
		"a;<unknown> 6\n"
		"a;b 6\n"
		"a\\x01 8\n"
		"b -3\n");
}

static void folded_names_are_hostile(void **state)
{
	const struct wire_profile p = {.types = {{"n", "count"}},
		.samples = {{{1}, {1}}, {{2}, {2}}, {{3}, {3}}, {{4}, {4}}, {{5}, {5}}, {{6}, {6}}},
		.locations = {{1, {{1}}}, {2, {{2}}}, {3, {{3}}}, {4, {{4}}}, {5, {{5}}},
			{6, {{6}}}},
		.functions = {{1, "a;b"}, {2, "b\nc\t\x7f"}, {3, "worker 12"}, {4, "x 1.5"},
			{5, "y 1.5.2"}, {6, "\xff\\x3b "}}};
	struct prof_err e = {0};
	struct prof_profile *q = wire_open(&p, &e), *r = NULL;
	struct prof_buf b;

	(void)state;
	index_wanted = NULL;
	is(&p, folded, 0,
		"a\\x3bb 1\n"
		"b\\x0ac\\x09\\x7f 2\n"
		"worker\\x2012 3\n"
		"x\\x201.5 4\n"
		"y 1.5.2 5\n"
		"\xff\\x3b  6\n");
	/* What is read again has a sample for each. */
	prof_buf_init(&b, NULL, NULL);
	prof_buf_str(&b, "a;b;c 1\na;b;d 1\na;b;e 1\na;b;f 1\na;b;g 1\na;b;h 1\na;b;i 1\n");
	assert_ok(prof_profile_folded(q, NULL, 0, append, &b, &e), &e);
	assert_ok(prof_profile_read(b.p, b.n, NULL, &r, &e), &e);
	assert_int_equal(r->sample_stack.n, 13);
	assert_int_equal(r->unknown_fields, 0);
	prof_profile_free(q);
	prof_profile_free(r);
	prof_buf_fini(&b);
}

static void speedscope_example(void **state)
{
	const struct wire_profile negative = {
		.types = {{"n", "count"}}, .samples = {{{1}, {-1}}}, .locations = {{1}}};

	(void)state;
	index_wanted = "cpu";
	is(&wire_example, speedscope, 0,
		"{\"$schema\": \"https://www.speedscope.app/file-format-schema.json\",\n"
		"\"exporter\": \"libprof\",\n"
		"\"name\": \"shop\",\n"
		"\"activeProfileIndex\": 1,\n"
		"\"shared\": {\"frames\": [\n"
		"{\"name\": \"<unknown>\"},\n"
		"{\"name\": \"main.main\", \"file\": \"/src/shop/main.go\", \"line\": 8},\n"
		"{\"name\": \"shop/cart.(*Cart).work\", \"file\": \"/src/shop/cart/cart.go\", "
		"\"line\": 20},\n"
		"{\"name\": \"shop/cart.scan\", \"file\": \"/src/shop/cart/scan.go\", \"line\": "
		"30},\n"
		"{\"name\": \"runtime.mallocgc\", \"file\": \"/go/src/runtime/malloc.go\", "
		"\"line\": 900},\n"
		"{\"name\": \"[[vdso]]\"}\n"
		"]},\n"
		"\"profiles\": [\n"
		"{\"type\": \"sampled\", \"name\": \"samples\", \"unit\": \"none\", "
		"\"startValue\": 0, \"endValue\": 10,\n"
		"\"samples\": [\n[1,2,3],\n[1,2,3,4],\n[4],\n[1,5]],\n"
		"\"weights\": [3,5,1,1]},\n"
		"{\"type\": \"sampled\", \"name\": \"cpu\", \"unit\": \"nanoseconds\", "
		"\"startValue\": 0, \"endValue\": 100000000,\n"
		"\"samples\": [\n[1,2,3],\n[1,2,3,4],\n[4],\n[1,5]],\n"
		"\"weights\": [30000000,50000000,10000000,10000000]}\n"
		"]}\n");
	index_wanted = NULL;
	fails(&negative, speedscope, PROF_EUNSUPPORTED,
		"has negative values (n), which speedscope cannot show");
}

static const struct wire_profile small = {.types = {{"n", "count"}},
	.samples = {{{1}, {INT64_MAX}, {{"prof::wait", NULL, 5, "ns"}, {"k", "a;\"b\""}}},
		{{0}, {2}, {{"size", NULL, -3, "bytes"}, {"n", NULL, 1}}}},
	.mappings = {{9, "/bin/x", NULL, 1, 2, 3, PROF_HAS_FILENAMES}},
	.locations = {{UINT64_MAX, {{1, 3, 4}, {1}}, 9, UINT64_MAX}, {1, {{1}}}},
	.functions = {{1, "f,\"g\""}}};

static void json_of_everything(void **state)
{
	struct wire_profile p = small;

	(void)state;
	p.samples[0].stack[0] = UINT64_MAX;
	is(&p, prof_profile_json, 0,
		"{\"schema\": \"prof.profile/1\",\n"
		"\"sample_types\": [{\"type\": \"n\", \"unit\": \"count\"}],\n"
		"\"default_type\": null,\n"
		"\"period_type\": null,\n"
		"\"period\": null,\n"
		"\"time_ns\": null,\n"
		"\"duration_ns\": null,\n"
		"\"drop_frames\": null,\n"
		"\"keep_frames\": null,\n"
		"\"doc_url\": null,\n"
		"\"comments\": [],\n"
		"\"mappings\": [\n"
		"{\"id\": 9, \"start\": 1, \"limit\": 2, \"offset\": 3, \"file\": \"/bin/x\", "
		"\"build_id\": null, \"has_functions\": false, \"has_filenames\": true, "
		"\"has_line_numbers\": false, \"has_inline_frames\": false}],\n"
		"\"functions\": [\n"
		"{\"name\": \"f,\\\"g\\\"\", \"system_name\": null, \"file\": null, "
		"\"start_line\": null}],\n"
		"\"locations\": [\n"
		"{\"id\": 18446744073709551615, \"mapping\": 0, \"address\": "
		"18446744073709551615, \"folded\": false, \"lines\": [{\"function\": 0, "
		"\"line\": 3, \"column\": 4}, "
		"{\"function\": 0, \"line\": null, \"column\": null}]},\n"
		"{\"id\": 1, \"mapping\": null, \"address\": null, \"folded\": false, \"lines\": "
		"[{\"function\": 0, \"line\": null, \"column\": null}]}],\n"
		"\"samples\": [\n"
		"{\"values\": [9223372036854775807], \"stack\": [0], \"labels\": [{\"key\": \"k\", "
		"\"str\": \"a;\\\"b\\\"\"}]},\n"
		"{\"values\": [2], \"stack\": [], \"labels\": [{\"key\": \"size\", \"num\": -3, "
		"\"unit\": \"bytes\"}, {\"key\": \"n\", \"num\": 1, \"unit\": null}]}]}\n");
}

static void csv_of_samples(void **state)
{
	(void)state;
	is(&small, prof_profile_csv, 0,
		"n/count,labels,stack\n"
		"9223372036854775807,\"k=a\\x3b\"\"b\"\"\",\"f,\"\"g\"\"\"\n"
		"2,size=-3 bytes;n=1,\n");
	is(&small, prof_profile_csv, PROF_WRITE_PROF_LABELS,
		"n/count,labels,stack\n"
		"9223372036854775807,\"prof::wait=5 ns;k=a\\x3b\"\"b\"\"\",\"f,\"\"g\"\"\"\n"
		"2,size=-3 bytes;n=1,\n");
	is(&wire_example, prof_profile_csv, PROF_WRITE_LINES,
		"samples/count,cpu/nanoseconds,labels,stack\n"
		"3,30000000,endpoint=/cart;bytes=64 bytes,main.main /src/shop/main.go:10;"
		"shop/cart.(*Cart).work /src/shop/cart/cart.go:22;"
		"shop/cart.scan /src/shop/cart/scan.go:33\n"
		"5,50000000,endpoint=/cart;bytes=64 bytes,main.main /src/shop/main.go:10;"
		"shop/cart.(*Cart).work /src/shop/cart/cart.go:22;"
		"shop/cart.scan /src/shop/cart/scan.go:33;"
		"runtime.mallocgc /go/src/runtime/malloc.go:44\n"
		"1,10000000,endpoint=/list,runtime.mallocgc /go/src/runtime/malloc.go:44\n"
		"1,10000000,,main.main /src/shop/main.go:10;[[vdso]]\n");
}

static int refuse(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
	return 1;
}

static void writing_fails(void **state)
{
	static writer *const all[] = {folded, speedscope, prof_profile_json, prof_profile_csv};
	struct prof_err e = {0};
	struct prof_profile *p = wire_open(&wire_example, &e);

	(void)state;
	assert_non_null(p);
	index_wanted = NULL;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct prof_err f = {0};

		assert_int_equal(all[i](p, 0, refuse, NULL, &f), PROF_EIO);
		assert_error(&f, PROF_EIO, PROF_NO_OFFSET, "cannot write the output");
		assert_int_equal(all[i](p, 0, refuse, NULL, NULL), PROF_EIO);
	}
	prof_profile_free(p);
}

/* Any budget of memory: too little fails, with nothing lost. */
static void any_budget(void **state)
{
	static writer *const all[] = {folded, speedscope, prof_profile_csv, prof_profile_write};
	struct prof_err e = {0};
	struct prof_profile *p = wire_open(&wire_example, &e);
	size_t limit = p->mem.limit;

	(void)state;
	index_wanted = NULL;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct prof_buf b;
		int rc = PROF_ELIMIT;

		prof_buf_init(&b, NULL, NULL);
		for (size_t n = 0; rc && n < 1 << 20; n += n < 4096 ? 8 : 1024) {
			struct prof_err f = {0};

			b.n = 0;
			p->mem.limit = p->mem.used + n;
			rc = all[i](p, PROF_WRITE_GZIP, append, &b, &f);
			assert_int_equal(rc, f.code);
			assert_true(rc == 0 || rc == PROF_ELIMIT);
		}
		assert_int_equal(rc, 0);
		prof_buf_fini(&b);
	}
	p->mem.limit = limit;
	prof_profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folded_example),
		cmocka_unit_test(folded_order_and_sums),
		cmocka_unit_test(folded_names_are_hostile),
		cmocka_unit_test(speedscope_example),
		cmocka_unit_test(json_of_everything),
		cmocka_unit_test(csv_of_samples),
		cmocka_unit_test(writing_fails),
		cmocka_unit_test(any_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
