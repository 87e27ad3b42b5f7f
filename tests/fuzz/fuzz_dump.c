/* Any bytes as goroutine dumps: every dump is consistent, its samples are its goroutines; and the
 * same text with a log's prefix on each line has the same goroutines with the same stacks.
 */
#include <stdlib.h>
#include <string.h>

#include "libprof/analyse/leak/leak.h"
#include "libprof/read/dump.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct prof_goroutines *s)
{
	const struct prof_profile *p = s->p;
	int64_t sum = 0;

	must(prof_profile_check(p) == NULL);
	for (size_t i = 0; i < p->sample_stack.n; i++)
		sum += p->values.v[0].v[i];
	must(sum == (int64_t)s->g.n);
	for (size_t i = 0; i < s->g.n; i++) {
		const struct prof_goroutine *g = &s->g.v[i];

		must(g->id && g->sample < p->sample_stack.n);
		must(g->created_at == PROF_NONE || g->created_at < p->locations.n);
		must(g->args <= s->args.n && g->n_args <= s->args.n - g->args);
	}
}

static int ignore(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
	return 0;
}

/* What prof leak makes of dumps holds together: each snapshot's goroutines are those of its groups.
 */
static void tell(struct prof_leak *k)
{
	struct prof_err e = {0};
	struct prof_report *r;

	for (uint32_t s = 0; s < k->snapshots.n; s++) {
		int64_t sum = 0;

		for (size_t i = 0; i < k->groups.n; i++)
			for (size_t c = 0; c < k->groups.v[i].counts.n; c++)
				if (k->groups.v[i].counts.v[c].snapshot == s)
					sum += k->groups.v[i].counts.v[c].n;
		must(sum == k->snapshots.v[s].n);
	}
	must(prof_leak_report(k, &r, &e) == 0);
	must(prof_report_json(r, ignore, NULL, &e) == 0);
	must(prof_report_text(r, ignore, NULL, &e) == 0);
	must(prof_report_svg(r, ignore, NULL, &e) == 0);
	prof_report_free(r);
}

/* A hash of all dumps' ids, stacks and labels; 0 where there is no dump. */
static uint64_t read_all(const uint8_t *data, size_t size, uint64_t *dumps)
{
	struct prof_limits limits;
	struct prof_err e = {0};
	struct prof_dump_reader *d;
	struct prof_goroutines *s;
	struct prof_leak_opts opts;
	struct prof_leak *k;
	struct prof_input in;
	uint64_t h = 0;
	int rc;

	prof_limits_init(&limits);
	limits.memory_bytes = limits.inflated_bytes = 64 << 20;
	*dumps = 0;
	must(prof_input_memory(&in, data, size, &limits, &e) == 0);
	must(prof_dump_reader_new(&in, &d, &e) == 0);
	prof_leak_opts_init(&opts);
	opts.all = opts.built_in = (int)(size & 1);
	must(prof_leak_new(&opts, &k, &e) == 0);
	while ((rc = prof_dump_next(d, &s, &e)) > 0) {
		++*dumps;
		check(s);
		must(prof_leak_take(k, s, "fuzz", 0, &e) == 0);
		for (size_t i = 0; i < s->g.n; i++) {
			h = prof_hash_mix(h, s->g.v[i].id);
			h = prof_hash_mix(h, s->g.v[i].sample);
			h = prof_hash_mix(h, (uint64_t)s->g.v[i].minutes);
		}
		h = prof_hash_mix(h, prof_hash_bytes(s->p->stack_loc.v, s->p->stack_loc.n * 4));
		h = prof_hash_mix(h, s->p->functions.n);
		h = prof_hash_mix(h, s->p->labels.n);
		prof_goroutines_free(s);
	}
	if (k->snapshots.n)
		tell(k);
	prof_leak_free(k);
	must(rc == 0 || (e.code == rc && e.msg[0]));
	prof_dump_reader_free(d);
	prof_input_close(&in);
	return rc ? 0 : h;
}

/* Whether a prefix would change what the lines are: it hides blanks at their starts, and is seen
 * again in lines that are no goroutine's.
 */
static int plain(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (data[i] == '\r' || data[i] == '{' || data[i] == '\\' || !data[i] ||
			data[i] >= 0x7f ||
			(data[i] == 'g' && i && data[i - 1] != '\n' && data[i - 1] != ' '))
			return 0;
	return size > 10 && memcmp(data, "goroutine ", 10) == 0 && data[size - 1] == '\n';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char prefix[] = "2026-11-20T15:48:01Z stderr F ";
	uint64_t dumps, again, h;
	uint8_t *copy;
	size_t n = 0, lines = 1;

	if (size >= 2 && data[0] == 0x1f && data[1] == 0x8b)
		return 0; /* fuzz_pprof is for gzip */
	h = read_all(data, size, &dumps);
	if (!dumps || !plain(data, size))
		return 0;
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	copy = malloc(size + lines * sizeof(prefix));
	must(copy != NULL);
	for (size_t i = 0; i < size; i++) {
		if (!i || data[i - 1] == '\n') {
			memcpy(copy + n, prefix, sizeof(prefix) - 1);
			n += sizeof(prefix) - 1;
		}
		copy[n++] = data[i];
	}
	must(read_all(copy, n, &again) == h && again == dumps);
	free(copy);
	return 0;
}
