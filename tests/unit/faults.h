/* Failing allocations, for programs that are linked with --wrap=malloc,calloc,realloc,free (see the
 * Makefile); without that there is nothing to fail.
 */
#ifndef TESTS_UNIT_FAULTS_H
#define TESTS_UNIT_FAULTS_H

#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/base/err.h"

/* The n-th from now on fails; 0: none. */
static size_t fail_at, calls;
static bool armed;
static int64_t held; /* blocks, of those allocated while armed */

void *__real_malloc(size_t n) __attribute__((weak));
void *__real_calloc(size_t n, size_t size) __attribute__((weak));
void *__real_realloc(void *p, size_t n) __attribute__((weak));
void __real_free(void *p) __attribute__((weak));

void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

static bool fails(void)
{
	return armed && ++calls == fail_at;
}

void *__wrap_malloc(size_t n)
{
	void *p = fails() ? NULL : __real_malloc(n);

	held += armed && p;
	return p;
}

void *__wrap_calloc(size_t n, size_t size)
{
	void *p = fails() ? NULL : __real_calloc(n, size);

	held += armed && p;
	return p;
}

void *__wrap_realloc(void *p, size_t n)
{
	void *q = fails() ? NULL : __real_realloc(p, n);

	held += armed && q && !p;
	return q;
}

void __wrap_free(void *p)
{
	held -= armed && p;
	__real_free(p);
}

typedef int runner(const struct wire *w, struct prof_err *e);

/* Runs it until it goes well, each allocation failing once: that is told as what it is, nothing is
 * lost, and there are more than `least` of them.
 */
static inline void each_allocation_fails(runner *run, const struct wire *w, unsigned least)
{
	unsigned failures = 0;
	int rc;

	if (!__real_malloc)
		skip();
	do {
		struct prof_err e = {0};

		fail_at = failures + 1;
		calls = 0;
		held = 0;
		armed = true;
		rc = run(w, &e);
		armed = false;
		if (held)
			fail_msg("%lld blocks are lost when allocation %u fails", (long long)held,
				failures + 1);
		if (!rc)
			break;
		failures++;
		if (rc != PROF_ENOMEM || e.code != PROF_ENOMEM ||
			strcmp(e.msg, "out of memory") != 0)
			fail_msg("allocation %u fails: %d, %d \"%s\"", failures, rc, e.code, e.msg);
	} while (failures < 10000);
	assert_int_equal(rc, 0);
	assert_int_equal(calls, failures); /* as many as there are, each failed once */
	assert_true(failures > least);
	print_message("%u allocations\n", failures);
}

#endif
