/* Traces as inputs. */
#include "libprof/analyse/contention/contention.h"
#include "libprof/base/num.h"

int prof_contention_take_trace(struct prof_contention *k, struct prof_trace *t,
	const struct prof_trace_opts *range, struct prof_contention_trace *out, struct prof_err *e)
{
	struct prof_contention_watch *w;
	int rc = prof_contention_watch_new(k, t, range, out, &w, e);

	if (rc)
		return rc;
	while ((rc = prof_trace_fill(t, e)) > 0) {
		rc = prof_contention_watch_batch(w, e);
		if (rc)
			break;
	}
	if (!rc)
		rc = prof_contention_watch_end(w, e);
	prof_contention_watch_free(w);
	return rc;
}

int prof_contention_push_trace(struct prof_contention *k, struct prof_contention_trace *x,
	struct prof_contention_input in, struct prof_err *e)
{
	int rc = prof_vec_reserve(&k->mem, &k->traces, 1, e);

	if (!rc)
		rc = prof_vec_reserve(&k->mem, &k->inputs, 1, e);
	if (rc) {
		prof_contention_trace_fini(k, x);
		return rc;
	}
	in.trace = (uint32_t)k->traces.n;
	in.kind = PROF_CONTENTION_TRACE;
	in.time_ns = x->wall_ns;
	in.duration_ns = x->ns;
	for (size_t i = 0; i < x->waits.n; i++) {
		in.count = prof_add_sat(
			in.count, (int64_t)(x->waits.v[i].count + x->waits.v[i].open));
		in.ns = prof_add_sat(in.ns, x->waits.v[i].ns);
	}
	k->traces.v[k->traces.n++] = *x;
	k->inputs.v[k->inputs.n++] = in;
	return 0;
}

int prof_contention_add_trace(struct prof_contention *k, struct prof_trace *t,
	struct prof_contention_input in, struct prof_err *e)
{
	const struct prof_trace_opts range = {k->opts.from, k->opts.to};
	struct prof_contention_trace x = {.ns = 0};
	int rc = prof_contention_take_trace(k, t, &range, &x, e);

	if (!rc)
		return prof_contention_push_trace(k, &x, in, e);
	prof_contention_trace_fini(k, &x);
	return rc;
}

void prof_contention_trace_fini(struct prof_contention *k, struct prof_contention_trace *t)
{
	for (size_t i = 0; i < t->waits.n; i++)
		prof_hist_fini(&t->waits.v[i].hist, &k->mem);
	for (size_t i = 0; i < t->holds.n; i++)
		prof_hist_fini(&t->holds.v[i].hist, &k->mem);
	for (size_t i = 0; i < t->queues.n; i++)
		if (t->queues.v[i].steps)
			prof_mem_zfree(&k->mem, t->queues.v[i].steps, PROF_QUEUE_STEPS,
				sizeof(*t->queues.v[i].steps));
	prof_vec_fini(&k->mem, &t->waits);
	prof_vec_fini(&k->mem, &t->pairs);
	prof_vec_fini(&k->mem, &t->holds);
	prof_vec_fini(&k->mem, &t->meanwhile);
	prof_vec_fini(&k->mem, &t->queues);
}
