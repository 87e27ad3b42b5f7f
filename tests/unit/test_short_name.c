#include "tests/unit/unit.h"

#include "libprof/analyse/short_name.h"

static const struct {
	const char *in, *out;
} names[] = {
	{"", ""},
	{"main.main", "main.main"},
	{"runtime.mallocgc", "runtime.mallocgc"},
	{"net/http.(*conn).serve", "http.(*conn).serve"},
	{"github.com/a-b/c.d/e.f.G", "e.f.G"},
	{"example.org/shop/v2.(*Cart).Add", "shop.(*Cart).Add"},
	{"example.org/shop/v12/cart.Add", "cart.Add"},
	{"example.org/shop/v1/cart.Add", "cart.Add"},
	{"shop/v1.Add", "v1.Add"}, /* there is no version 1 */
	{"shop/v2", "shop/v2"},
	{"a/v0.f", "v0.f"},
	{"a/v2x.f", "v2x.f"},
	{"a/v2/v3.f", "v3.f"}, /* only the first */
	{"a.b/c", "a.b/c"}, /* no symbol behind the path: it stays */
	{"a/b.", "a/b."},
	{"a/.f", "a/.f"},
	{"a/b/.f", "b/.f"}, /* fewer parts of the path leave one */
	{"main.f[example.org/a.T]", "main.f[example.org/a.T]"},
	{"x/y.f[example.org/a.T]", "y.f[example.org/a.T]"},
	{"x/y.f\nz", "y.f"},
	{"main.T.method", "T.method"}, /* taken for Java */
	{"java.util.Map.get(Object)", "Map.get"},
	{"java.util.Map$Entry.<init>(int)", "Map$Entry.<init>"},
	{"a.B.c d", "a.B.c d"},
	{"a.b.c", "a.b.c"},
	{"absl::base::Thing::run", "Thing::run"},
	{"a::_Thing::~Thing", "_Thing::~Thing"},
	{"a::Thing::run<std::pair<int, int>>(x)", "Thing::run<std::pair<int, int>>"},
	{"std::vector::push", "std::vector::push"},
	{"A::B::c", "B::c"},
	{"A::b", "A::b"},
	{"(anonymous namespace)::a::B::c", "B::c"},
	{"(anonymous namespace)::f", "f"},
};

static void names_are_shortened(void **state)
{
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < COUNT(names); i++) {
		prof_short_name(prof_str_of(names[i].in), &b);
		assert_buf(&b, names[i].out);
	}
	prof_buf_fini(&b);
}

/* A long path costs no more than its length. */
static void long_names_are_quick(void **state)
{
	enum { N = 4 << 20 };
	char *p = malloc(N + 1);
	struct prof_buf b;

	(void)state;
	assert_non_null(p);
	prof_buf_init(&b, NULL, NULL);
	for (int kind = 0; kind < 4; kind++) {
		static const char *const parts[] = {"a/", "/v2", "A::", "a."};
		size_t n = strlen(parts[kind]);

		for (size_t i = 0; i < N; i++)
			p[i] = parts[kind][i % n];
		b.n = 0;
		prof_short_name((struct prof_str){p, N}, &b);
		assert_int_equal(b.code, 0);
	}
	prof_buf_fini(&b);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_shortened),
		cmocka_unit_test(long_names_are_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
