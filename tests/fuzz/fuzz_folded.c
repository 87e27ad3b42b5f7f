/* Any bytes as folded stacks: decoding fails with an error or gives a consistent profile, which is
 * written in each format, and the same after it was written as profile.proto and read again.
 */

#include "libprof/base/buf.h"
#include "libprof/model/profile.h"
#include "libprof/read/folded.h"
#include "tests/fuzz/fuzz.h"

static int append(void *ctx, const char *p, size_t n)
{
	prof_buf_put(ctx, p, n);
	return 0;
}

static struct prof_buf folded(const struct prof_profile *p, unsigned flags)
{
	struct prof_err e = {0};
	struct prof_buf b;

	prof_buf_init(&b, NULL, NULL);
	must(prof_profile_folded(p, NULL, flags, append, &b, &e) == 0);
	must(prof_buf_done(&b, &e) == 0);
	return b;
}

static void write_all(const struct prof_profile *p, unsigned flags)
{
	struct prof_buf a = folded(p, flags), c, b;
	struct prof_profile *q = NULL;
	struct prof_err e = {0};
	int rc;

	prof_buf_init(&b, NULL, NULL);
	must(prof_profile_json(p, flags, append, &b, &e) == 0);
	must(prof_profile_csv(p, flags, append, &b, &e) == 0);
	rc = prof_profile_speedscope(p, NULL, flags, append, &b, &e);
	must(rc == 0 || rc == PROF_EUNSUPPORTED);
	e = (struct prof_err){0};
	b.n = 0;
	must(prof_profile_write(p, flags, append, &b, &e) == 0);
	must(prof_profile_read(b.p, b.n, NULL, &q, &e) == 0);
	must(prof_profile_check(q) == NULL);
	must(q->sample_stack.n == p->sample_stack.n && q->locations.n == p->locations.n);
	c = folded(q, flags);
	must(a.n == c.n && memcmp(a.p, c.p, a.n) == 0);
	prof_profile_free(q);
	prof_buf_fini(&a);
	prof_buf_fini(&b);
	prof_buf_fini(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct prof_limits limits;
	struct prof_input in;
	struct prof_err e = {0};
	struct prof_profile *p;
	int rc;

	prof_limits_init(&limits);
	limits.memory_bytes = limits.inflated_bytes = 64 << 20;
	prof_folded_is(data, size, size % 2);
	if (prof_input_memory(&in, data, size, &limits, &e))
		return 0;
	rc = prof_folded_decode(&in, &p, &e);
	prof_input_close(&in);
	must(rc == 0 || (rc == e.code && e.msg[0] && e.offset >= -1));
	if (rc)
		return 0;
	must(prof_profile_check(p) == NULL);
	p->mem.limit = SIZE_MAX / 2; /* writing must work */
	write_all(p, size & 15);
	prof_profile_free(p);
	return 0;
}
