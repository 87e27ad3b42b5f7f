/* Fails the n-th allocation of each writer and of the reader of folded stacks, n = 1, 2, 3 … until
 * everything works: each call must then say so, and give back what it holds. Linked with --wrap as
 * test_faults.
 */
#include "tests/unit/faults.h"
#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/model/profile.h"

static int count(void *ctx, const char *p, size_t n)
{
	size_t *sum = ctx;

	(void)p;
	*sum += n;
	return 0;
}

typedef int run_fn(const struct prof_profile *p, size_t *n, struct prof_err *e);

static int plain(const struct prof_profile *p, size_t *n, struct prof_err *e)
{
	return prof_profile_write(p, 0, count, n, e);
}

static int gzip(const struct prof_profile *p, size_t *n, struct prof_err *e)
{
	return prof_profile_write(p, PROF_WRITE_GZIP, count, n, e);
}

static int folded(const struct prof_profile *p, size_t *n, struct prof_err *e)
{
	return prof_profile_folded(p, NULL, PROF_WRITE_LINES, count, n, e);
}

static int speedscope(const struct prof_profile *p, size_t *n, struct prof_err *e)
{
	return prof_profile_speedscope(p, NULL, 0, count, n, e);
}

static int json(const struct prof_profile *p, size_t *n, struct prof_err *e)
{
	return prof_profile_json(p, 0, count, n, e);
}

static int csv(const struct prof_profile *p, size_t *n, struct prof_err *e)
{
	return prof_profile_csv(p, 0, count, n, e);
}

static int read_folded(const struct prof_profile *p, size_t *n, struct prof_err *e)
{
	static const char text[] = "oops\na;b_[i];c 1\na;d 2\na;b;c 3.5\n";
	struct prof_profile *q = NULL;
	int rc = prof_profile_read(text, sizeof(text) - 1, NULL, &q, e);

	(void)p;
	*n = rc ? 0 : q->sample_stack.n;
	prof_profile_free(q);
	return rc;
}

static void each_allocation(run_fn *run, const char *name)
{
	struct prof_err none = {0};
	struct prof_profile *p = wire_open(&wire_example, &none);
	unsigned failures = 0;
	size_t used, n;
	int rc;

	assert_non_null(p);
	/* Ids out of order, which take a table to look at. */
	p->locations.v[0].id = 99;
	used = p->mem.used;
	do {
		struct prof_err e = {0};

		fail_at = failures + 1;
		calls = n = 0;
		held = 0;
		armed = true;
		rc = run(p, &n, &e);
		armed = false;
		if (held)
			fail_msg("%s: %lld blocks are lost when allocation %u fails", name,
				(long long)held, failures + 1);
		if (!rc)
			break;
		failures++;
		if (rc != PROF_ENOMEM || e.code != PROF_ENOMEM ||
			strcmp(e.msg, "out of memory") != 0)
			fail_msg("%s: allocation %u fails: %d, %d \"%s\"", name, failures, rc,
				e.code, e.msg);
	} while (failures < 10000);
	assert_int_equal(rc, 0);
	assert_int_equal(calls, failures); /* as many as there are, each failed once */
	assert_int_not_equal(failures, 0);
	assert_int_not_equal(n, 0);
	assert_int_equal(p->mem.used, used);
	print_message("%s: %u allocations\n", name, failures);
	prof_profile_free(p);
}

static void writers_and_reader(void **state)
{
	(void)state;
	if (!__real_malloc)
		skip();
	each_allocation(plain, "plain");
	each_allocation(gzip, "gzip");
	each_allocation(folded, "folded");
	each_allocation(speedscope, "speedscope");
	each_allocation(json, "json");
	each_allocation(csv, "csv");
	each_allocation(read_folded, "reading folded");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writers_and_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
