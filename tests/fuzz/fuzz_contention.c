/* Any bytes as captures of one process or two (form feeds between them; a file that begins with one
 * more is old): sites hold all that the inputs say, once, and a document comes of it.
 */
#include <string.h>

#include "libprof/analyse/contention/sites.h"
#include "libprof/base/num.h"
#include "libprof/join/contention.h"
#include "tests/fuzz/fuzz.h"

static int put(void *ctx, const char *p, size_t n)
{
	(void)p;
	*(size_t *)ctx += n;
	return 0;
}

/* What the inputs of a kind say of all stacks is what its sites say. */
static void check_sites(const struct prof_contention_sites *x)
{
	size_t members = 0;

	for (size_t i = 0; i < x->v.n; i++) {
		const struct prof_contention_site *s = &x->v.v[i];
		int64_t ns = 0;

		must(s->n_members > 0 && s->list < PROF_WAIT_LISTS && s->class < PROF_WAIT_CLASSES);
		must(!i || x->v.v[i - 1].list <= s->list);
		for (uint32_t m = 0; m < s->n_members; m++) {
			uint32_t stack = x->members[s->members + m];

			must(x->site_of[stack] == i);
			ns = prof_add_sat(ns, prof_contention_sample_of(x,
						      (enum prof_contention_kind)s->source, stack)
						      .ns);
		}
		must(s->source == PROF_CONTENTION_DUMP || s->ns == ns || ns == INT64_MAX ||
			ns == INT64_MIN);
		members += s->n_members;
	}
	must(members == x->n_members);
	for (size_t i = 0; i < x->matches.n; i++) {
		must(x->v.v[x->matches.v[i].holder].holder);
		must(!x->v.v[x->matches.v[i].waiter].holder);
	}
}

static void report(struct prof_contention *k)
{
	struct prof_contention_sites x = {0};
	struct prof_report *r;
	size_t n = 0;

	if (prof_contention_sites_init(&x, k, PROF_NEW, NULL) == 0)
		check_sites(&x);
	prof_contention_sites_fini(&x);
	if (prof_contention_report(k, &r, NULL))
		return;
	must(prof_report_json(r, put, &n, NULL) == 0 && n > 0);
	must(prof_report_text(r, put, &n, NULL) == 0);
	prof_report_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct prof_contention_opts opts;
	struct prof_contention *k;

	prof_contention_opts_init(&opts);
	opts.by = size ? (enum prof_contention_by)(data[size - 1] % 4) : opts.by;
	opts.only_text = size && data[size - 1] & 4;
	opts.idle = 1;
	must(prof_contention_new(&opts, &k, NULL) == 0);
	must(prof_contention_gate(k, "site:main>1ms/s", 0, NULL) == 0);
	for (size_t at = 0, n; at < size; at += n + 1) {
		const uint8_t *end = memchr(data + at, '\f', size - at);
		struct prof_input in;
		enum prof_side side = PROF_NEW;

		n = end ? (size_t)(end - data) - at : size - at;
		if (!n && at + 1 < size) {
			side = PROF_OLD;
			at++;
			end = memchr(data + at, '\f', size - at);
			n = end ? (size_t)(end - data) - at : size - at;
		}
		must(prof_input_memory(&in, data + at, n, NULL, NULL) == 0);
		/* What it took up before an error stays, as every input does by itself. */
		(void)!prof_contention_add_input(k, side, "fuzz", (int64_t)at, &in, NULL);
		prof_input_close(&in);
	}
	report(k);
	prof_contention_free(k);
	return 0;
}
