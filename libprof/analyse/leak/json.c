#include "libprof/analyse/leak/report.h"

#include <string.h>

#include "libprof/base/num.h"
#include "libprof/base/search.h"
#include "libprof/model/object.h"

enum { MAX_LABELS = 3 };

const char *const prof_leak_verdicts[] = {"leaked", "leaking", "stuck", "new", "gone", "stable"};

size_t prof_leak_labels(const struct leaks *x, const struct prof_leak_group *g,
	struct prof_leak_tally *out, size_t max)
{
	uint32_t last = x->shown[x->n - 1];
	uint32_t group = (uint32_t)(g - x->k->groups.v);
	size_t n = 0, from = prof_vec_search(x->k->tallies, group, group);
	int64_t all = 0;

	for (size_t i = 0; i < g->counts.n; i++)
		if (g->counts.v[i].snapshot == last)
			all = g->counts.v[i].n;
	for (; from < x->k->tallies.n && x->k->tallies.v[from].group == group; from++) {
		struct prof_leak_tally t = x->k->tallies.v[from];
		size_t at = n;

		if (t.snapshot != last || t.n < all - t.n - t.n || !all)
			continue;
		while (at && out[at - 1].n < t.n)
			at--;
		if (at == max)
			continue;
		n += n < max;
		memmove(out + at + 1, out + at, (n - at - 1) * sizeof(*out));
		out[at] = t;
	}
	return n;
}

static struct prof_cell text(const struct leaks *x, uint32_t id)
{
	return id ? prof_cell_str(leak_str(x, id)) : PROF_NULL_CELL;
}

static int finish(const struct leaks *x, const struct prof_object *o, struct prof_cell *out)
{
	return prof_report_object(x->r, o->v, o->n, out, x->e);
}

/* n cells that `make` makes, as a list. */
static int list(struct leaks *x, size_t n, const void *ctx,
	int (*make)(struct leaks *x, const void *ctx, size_t i, struct prof_cell *out),
	struct prof_cell *out)
{
	PROF_VEC(struct prof_cell) cells = {0};
	int rc = prof_vec_reserve(&x->r->mem, &cells, n + 1, x->e);

	for (size_t i = 0; !rc && i < n; i++)
		rc = make(x, ctx, i, &cells.v[i]);
	if (!rc)
		rc = prof_report_list(x->r, cells.v, n, out, x->e);
	prof_vec_fini(&x->r->mem, &cells);
	return rc;
}

static int snapshot(struct leaks *x, const void *ctx, size_t i, struct prof_cell *out)
{
	const struct prof_leak_snapshot *s = &x->k->snapshots.v[x->shown[i]];
	struct prof_object o = {.n = 0};

	(void)ctx;
	prof_object_put(&o, "file", text(x, s->name));
	prof_object_put(&o, "time_ns", s->time_ns ? prof_cell_int(s->time_ns) : PROF_NULL_CELL);
	prof_object_put(&o, "since_first_ns",
		x->timed ? prof_cell_int(prof_sub(x->times[i], x->times[0])) : PROF_NULL_CELL);
	prof_object_put(&o, "goroutines", prof_cell_int(s->n));
	return finish(x, &o, out);
}

static int count(struct leaks *x, const void *ctx, size_t i, struct prof_cell *out)
{
	(void)x;
	*out = prof_cell_int(((const int64_t *)ctx)[i]);
	return 0;
}

static int id(struct leaks *x, const void *ctx, size_t i, struct prof_cell *out)
{
	(void)x;
	*out = prof_cell_uint(((const uint64_t *)ctx)[i]);
	return 0;
}

static int function(struct leaks *x, const void *ctx, size_t i, struct prof_cell *out)
{
	*out = text(x, ((const struct prof_leak_frame *)ctx)[i].function);
	return 0;
}

static int place(struct leaks *x, const void *ctx, size_t i, struct prof_cell *out)
{
	const struct prof_leak_frame *f = (const struct prof_leak_frame *)ctx + i;
	struct prof_object o = {.n = 0};

	prof_object_put(&o, "name", text(x, f->function));
	prof_object_put(&o, "file", text(x, f->file));
	prof_object_put(&o, "line", f->line ? prof_cell_int(f->line) : PROF_NULL_CELL);
	return finish(x, &o, out);
}

static int label(struct leaks *x, const void *ctx, size_t i, struct prof_cell *out)
{
	const struct prof_leak_tally *t = (const struct prof_leak_tally *)ctx + i;
	struct prof_object o = {.n = 0};

	prof_object_put(&o, "key", text(x, t->key));
	prof_object_put(&o, "value", prof_cell_str(leak_str(x, t->value)));
	prof_object_put(&o, "goroutines", prof_cell_int(t->n));
	return finish(x, &o, out);
}

/* Who holds what the group waits for. */
static int holder(struct leaks *x, const struct prof_leak_group *g, struct prof_cell *out)
{
	*out = PROF_NULL_CELL;
	for (size_t i = 0; i < x->k->waits.n; i++) {
		const struct prof_leak_wait *w = &x->k->waits.v[i];
		const struct prof_leak_frame *site;
		struct prof_object o = {.n = 0};

		if (&x->k->groups.v[w->group] != g)
			continue;
		site = prof_leak_site(x->k, x->k->frames.v + w->frame, w->n_frames);
		prof_object_put(&o, "goroutine", prof_cell_uint(w->holder));
		prof_object_put(&o, "name", site ? text(x, site->function) : PROF_NULL_CELL);
		prof_object_put(&o, "file", site ? text(x, site->file) : PROF_NULL_CELL);
		prof_object_put(&o, "line", site ? prof_cell_int(site->line) : PROF_NULL_CELL);
		return finish(x, &o, out);
	}
	return 0;
}

static int64_t leaked(const struct leaks *x, const struct prof_leak_group *g)
{
	int64_t n = 0;

	for (size_t i = 0; i < g->counts.n; i++)
		n = g->counts.v[i].leaked ? g->counts.v[i].leaked : n;
	(void)x;
	return n;
}

static int group(struct leaks *x, const void *ctx, size_t i, struct prof_cell *out)
{
	const struct leak_row *row = (const struct leak_row *)ctx + i;
	const struct prof_leak_group *g = row->g;
	const struct prof_leak_frame *frames = leak_example(x, g), *site;
	struct prof_leak_tally tallies[MAX_LABELS + 1];
	size_t n_tallies = prof_leak_labels(x, g, tallies, MAX_LABELS);
	struct prof_cell counts, functions, example, labels, held, created = PROF_NULL_CELL;
	struct prof_object o = {.n = 0};
	int rc;

	if ((rc = list(x, x->n, row->counts, count, &counts)) ||
		(rc = list(x, g->n_example, frames, function, &functions)) ||
		(rc = list(x, g->n_example, frames, place, &example)) ||
		(rc = list(x, n_tallies, tallies, label, &labels)) ||
		(g->created_at.function && (rc = place(x, &g->created_at, 0, &created))) ||
		(rc = holder(x, g, &held)))
		return rc;
	site = prof_leak_site(x->k, frames, g->n_example);
	prof_object_text(&o, "verdict", prof_leak_verdicts[row->judged.verdict]);
	prof_object_put(&o, "counts", counts);
	prof_object_put(&o, "per_minute",
		isnan(row->judged.per_minute) ? PROF_NULL_CELL
					      : prof_cell_real(row->judged.per_minute));
	prof_object_put(&o, "state", text(x, g->state ? g->shown_state : 0));
	prof_object_put(&o, "wait_ns", g->wait_ns ? prof_cell_int(g->wait_ns) : PROF_NULL_CELL);
	prof_object_put(&o, "leaked", prof_cell_int(leaked(x, g)));
	prof_object_put(&o, "where", site ? text(x, site->function) : PROF_NULL_CELL);
	prof_object_put(&o, "creator", text(x, g->creator));
	prof_object_put(&o, "created_at", created);
	prof_object_put(&o, "label", text(x, g->label));
	prof_object_put(&o, "frames", functions);
	prof_object_put(&o, "example", example);
	prof_object_put(&o, "labels", labels);
	prof_object_put(&o, "stack_bytes", prof_cell_int(g->stack_bytes));
	prof_object_put(&o, "survived",
		g->before ? prof_cell_real((double)g->survived / (double)g->before)
			  : PROF_NULL_CELL);
	prof_object_put(&o, "held_by", held);
	prof_object_text(&o, "cause", row->cause.cause);
	prof_object_text(&o, "advice", row->cause.advice);
	prof_object_text(&o, "why", row->judged.why);
	prof_object_put(&o, "large", x->n == 1 ? prof_cell_bool(row->large) : PROF_NULL_CELL);
	return finish(x, &o, out);
}

int prof_leak_fields(struct leaks *x)
{
	const struct prof_leak_snapshot *last = &x->k->snapshots.v[x->shown[x->n - 1]];
	struct prof_cell snapshots, groups, cycle;
	struct prof_report *r = x->r;
	int rc;

	if ((rc = list(x, x->n, NULL, snapshot, &snapshots)) ||
		(rc = list(x, x->n_rows, x->rows, group, &groups)) ||
		(rc = list(x, x->k->cycle.n, x->k->cycle.v, id, &cycle)) ||
		(rc = prof_report_field(r, "snapshots", snapshots, x->e)) ||
		(rc = prof_report_field(r, "all_asleep", prof_cell_bool(last->asleep), x->e)) ||
		(rc = prof_report_field(r, "deadlock", cycle, x->e)) ||
		(rc = prof_report_field(r, "ignored", prof_cell_int(x->ignored), x->e)))
		return rc;
	rc = prof_report_field(r, "groups", groups, x->e);
	if (!rc && x->k->gates.n)
		rc = prof_gates_field(r, x->k->gates.v, x->k->gates.n, x->e);
	return rc;
}
