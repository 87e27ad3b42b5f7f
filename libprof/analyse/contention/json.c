#include <math.h>

#include "libprof/analyse/contention/report.h"
#include "libprof/base/search.h"
#include "libprof/model/object.h"

enum {
	MAX_ENDERS = 20, /* of a site */
};

static struct prof_cell string(const struct contending *x, uint32_t id)
{
	return id ? prof_cell_str(prof_contention_name(x->k, id)) : PROF_NULL_CELL;
}

static int finish(const struct contending *x, const struct prof_object *o, struct prof_cell *out)
{
	return prof_report_object(x->r, o->v, o->n, out, x->e);
}

/* n cells that `make` makes, as a list. */
typedef int make_fn(struct contending *x, const void *ctx, size_t i, struct prof_cell *out);

static int list(
	struct contending *x, size_t n, const void *ctx, make_fn *make, struct prof_cell *out)
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

static int put_list(struct contending *x, const char *key, size_t n, const void *ctx, make_fn *make)
{
	struct prof_cell cell;
	int rc = list(x, n, ctx, make, &cell);

	return rc ? rc : prof_report_field(x->r, key, cell, x->e);
}

static int input(struct contending *x, const void *ctx, size_t i, struct prof_cell *out)
{
	const struct prof_contention_input *in = &x->k->inputs.v[i];
	bool profile = in->kind == PROF_CONTENTION_BLOCK || in->kind == PROF_CONTENTION_MUTEX;
	struct prof_object o = {.n = 0};

	(void)ctx;
	prof_object_put(&o, "file", string(x, in->name));
	prof_object_text(&o, "kind", prof_contention_kind_names[in->kind]);
	prof_object_text(&o, "side", !x->compared ? NULL : in->side == PROF_OLD ? "old" : "new");
	prof_object_int(&o, "time_ns", in->time_ns != 0, in->time_ns);
	prof_object_int(&o, "duration_ns", in->duration_ns != 0, in->duration_ns);
	prof_object_int(&o, "contentions", profile, in->count);
	prof_object_int(&o, "delay_ns", profile, in->ns);
	prof_object_int(&o, "goroutines", in->kind == PROF_CONTENTION_DUMP, in->count);
	prof_object_int(&o, "mutex_fraction", in->fraction > 0, in->fraction);
	return finish(x, &o, out);
}

/* {"block": {…}, "mutex": null …}: how long each kind watched. */
static int put_sources(struct contending *x, const struct prof_contention_sites *sites)
{
	static const char *const keys[] = {"block", "mutex", "goroutines", "trace"};
	struct prof_object all = {.n = 0};
	struct prof_cell cell;
	int rc = 0;

	for (int i = 0; !rc && i < PROF_CONTENTION_KINDS; i++) {
		const struct prof_contention_part *p = &sites->parts[i];
		struct prof_object o = {.n = 0};

		cell = PROF_NULL_CELL;
		prof_object_int(&o, "interval_ns", p->interval_ns > 0, p->interval_ns);
		prof_object_put(&o, "since_start", prof_cell_bool(p->since_start));
		prof_object_int(&o, "contentions", i != PROF_CONTENTION_DUMP, p->count);
		prof_object_int(&o, "delay_ns", i != PROF_CONTENTION_DUMP, p->ns);
		prof_object_int(&o, "mutex_fraction", p->fraction > 0, p->fraction);
		prof_object_int(&o, "block_rate_ns", p->rate_ns > 0, p->rate_ns);
		prof_object_int(&o, "block_rate_at_most_ns", p->rate_most_ns > 0, p->rate_most_ns);
		if (p->known)
			rc = finish(x, &o, &cell);
		prof_object_put(&all, keys[i], cell);
	}
	if (!rc)
		rc = finish(x, &all, &cell);
	return rc ? rc : prof_report_field(x->r, "sources", cell, x->e);
}

static int frame(struct contending *x, const void *ctx, size_t i, struct prof_cell *out)
{
	const struct prof_contention_frame *f = (const struct prof_contention_frame *)ctx + i;
	const struct prof_contention_function *fn = &x->k->functions.v[f->function];
	struct prof_object o = {.n = 0};

	prof_object_put(&o, "name", string(x, fn->name));
	prof_object_put(&o, "file", string(x, fn->file));
	prof_object_int(&o, "line", f->line > 0, f->line);
	return finish(x, &o, out);
}

struct stacks {
	const struct prof_contention_sites *sites;
	const struct prof_contention_site *site;
	const uint32_t *stacks; /* of it */
};

static int frames_of(struct contending *x, uint32_t stack, struct prof_cell *out)
{
	struct prof_contention_walk w = prof_contention_walk(&x->k->stacks.v[stack]);
	uint32_t n = prof_contention_depth(x->k, w);
	struct prof_contention_frame *v = prof_arena_alloc(
		&x->r->arena, (n + 1) * sizeof(*v), x->e);

	if (!v)
		return x->e->code;
	for (uint32_t i = 0; i < n; i++)
		v[i] = *prof_contention_next(x->k, &w);
	return list(x, n, v, frame, out);
}

static int stack(struct contending *x, const void *ctx, size_t i, struct prof_cell *out)
{
	const struct stacks *v = ctx;
	const struct prof_contention_sites *sites = v->sites;
	uint32_t id = v->stacks[i];
	bool timed = v->site->source != PROF_CONTENTION_DUMP &&
		     sites->parts[v->site->source].counts;
	struct prof_contention_sample s = prof_contention_sample_of(
		sites, (enum prof_contention_kind)v->site->source, id);
	struct prof_contention_sample now = prof_contention_sample_of(
		sites, PROF_CONTENTION_DUMP, id);
	struct prof_cell frames;
	struct prof_object o = {.n = 0};
	int rc = frames_of(x, id, &frames);

	if (rc)
		return rc;
	prof_object_int(&o, "contentions", timed, s.count);
	prof_object_int(&o, "delay_ns", timed, s.ns);
	prof_object_int(&o, "goroutines", sites->parts[PROF_CONTENTION_DUMP].known, now.count);
	prof_object_put(&o, "frames", frames);
	return finish(x, &o, out);
}

static int stacks(struct contending *x, const struct prof_contention_sites *sites,
	const struct prof_contention_site *s, struct prof_cell *out)
{
	uint32_t n;
	struct stacks v = {sites, s, prof_contention_heaviest(sites, s, &n)};

	return list(x, n, &v, stack, out);
}

/* The other side of a match, as a value of the site that has it. */
struct partners {
	const struct prof_contention_sites *sites;
	const struct prof_contention_match *first;
};

static int put_place(
	struct contending *x, const struct prof_contention_site *s, struct prof_object *o)
{
	const struct prof_contention_frame *f = prof_contention_site_frame(x, s);

	prof_object_put(o, "site", prof_cell_str(s->text));
	prof_object_put(
		o, "file", f ? string(x, x->k->functions.v[f->function].file) : PROF_NULL_CELL);
	prof_object_int(o, "line", f && f->line, f ? f->line : 0);
	return 0;
}

static int holder(struct contending *x, const void *ctx, size_t i, struct prof_cell *out)
{
	const struct partners *v = ctx;
	const struct prof_contention_match *m = &v->first[i];
	const struct prof_contention_site *s = &v->sites->v.v[m->holder];
	bool profile = v->sites->parts[PROF_CONTENTION_MUTEX].known;
	struct prof_cell frames;
	struct prof_object o = {.n = 0};
	int rc = stacks(x, v->sites, s, &frames);

	if (rc || (rc = put_place(x, s, &o)))
		return rc;
	prof_object_int(&o, "contentions", profile, s->count);
	prof_object_int(&o, "delay_ns", profile, s->ns);
	prof_object_text(&o, "match", prof_contention_hows[m->how]);
	prof_object_int(&o, "seen", m->how == PROF_MATCH_SEEN, m->count);
	prof_object_int(&o, "seen_ns", m->how == PROF_MATCH_SEEN, m->ns);
	prof_object_put(&o, "stacks", frames);
	return finish(x, &o, out);
}

static int owner(struct contending *x, const struct prof_contention_site *s, struct prof_cell *out)
{
	struct prof_str name = prof_contention_name(
		x->k, prof_contention_owner(x->k, &x->k->stacks.v[s->stack]));
	int rc;

	*out = PROF_NULL_CELL;
	if (!prof_wait_is_lock(s->class))
		return 0;
	x->b.n = 0;
	prof_contention_put_owner(&x->b, name);
	name = (struct prof_str){x->b.p ? x->b.p : "", (uint32_t)x->b.n};
	rc = prof_report_keep(x->r, &name, x->e);
	*out = prof_cell_str(name);
	x->b.n = 0;
	return rc;
}

static int put_waits(struct contending *x, const struct prof_contention_sites *sites,
	const struct prof_contention_site *s, struct prof_object *o)
{
	bool timed = s->source != PROF_CONTENTION_DUMP;
	bool dump = sites->parts[PROF_CONTENTION_DUMP].known && !s->holder;
	bool trace = prof_contention_has_hist(s);
	int64_t all = sites->ns[0] + sites->ns[1] + sites->ns[2];

	(void)x;
	prof_object_text(o, "source", prof_contention_kind_names[s->source]);
	prof_object_int(o, "contentions", timed, s->count);
	prof_object_int(o, "delay_ns", timed, s->ns);
	prof_object_int(o, "cum_delay_ns", s->cum_ns >= 0, s->cum_ns);
	prof_object_real(o, "share",
		timed && all && (!s->holder || sites->source == PROF_CONTENTION_DUMP)
			? (double)s->ns / (double)all
			: NAN);
	prof_object_real(o, "mean_ns", timed && s->count ? (double)s->ns / (double)s->count : NAN);
	prof_object_real(o, "waiting", s->waiting);
	prof_object_int(o, "p50_ns", trace, prof_contention_percentile(s, 50));
	prof_object_int(o, "p95_ns", trace, prof_contention_percentile(s, 95));
	prof_object_int(o, "max_ns", trace, prof_contention_percentile(s, 100));
	prof_object_int(o, "now", dump, s->now);
	prof_object_int(o, "now_longest_ns", dump && s->now_ns, s->now_ns);
	return 0;
}

/* The goroutine that has the lock. */
static int held(struct contending *x, const struct prof_contention_grip *h, struct prof_cell *out)
{
	struct prof_contention_site holder = {.stack = h->holder};
	const struct prof_contention_frame *f;
	struct prof_object o = {.n = 0};

	*out = PROF_NULL_CELL;
	if (h->holder == PROF_NONE)
		return 0;
	f = prof_contention_site_frame(x, &holder);
	prof_object_put(&o, "goroutine", prof_cell_uint(h->goroutine));
	prof_object_put(&o, "name", string(x, x->k->functions.v[f->function].name));
	prof_object_put(&o, "file", string(x, x->k->functions.v[f->function].file));
	prof_object_int(&o, "line", f->line > 0, f->line);
	prof_object_text(&o, "class", prof_wait_class_names[x->k->stacks.v[h->holder].class]);
	return finish(x, &o, out);
}

static int address(struct contending *x, uint64_t v, struct prof_cell *out)
{
	struct prof_str s;
	int rc;

	*out = PROF_NULL_CELL;
	if (!v)
		return 0;
	x->b.n = 0;
	prof_buf_printf(&x->b, "%#llx", (unsigned long long)v);
	s = (struct prof_str){x->b.p ? x->b.p : "", (uint32_t)x->b.n};
	rc = prof_report_keep(x->r, &s, x->e);
	*out = prof_cell_str(s);
	x->b.n = 0;
	return rc;
}

/* A lock that goroutines of the last dump wait for. */
static int lock_now(struct contending *x, const void *ctx, size_t i, struct prof_cell *out)
{
	const struct prof_contention_grip *g = (const struct prof_contention_grip *)ctx + i;
	struct prof_cell at, object, holder;
	struct prof_object o = {.n = 0};
	int rc = address(x, g->address, &at);

	if (!rc)
		rc = address(x, g->object, &object);
	if (!rc)
		rc = held(x, g, &holder);
	if (rc)
		return rc;
	prof_object_put(&o, "address", at);
	prof_object_put(&o, "object", object);
	prof_object_int(&o, "waiting", true, g->n);
	prof_object_put(&o, "held_by", holder);
	return finish(x, &o, out);
}

static int put_locks_now(struct contending *x, const struct prof_contention_sites *sites,
	const struct prof_contention_site *s, struct prof_object *o)
{
	struct prof_cell holder = PROF_NULL_CELL, locks;
	struct prof_contention_grip *v;
	size_t n, i = 0;
	int rc = prof_contention_locks_now(x, sites, s, &v, &n);

	while (i < n && v[i].holder == PROF_NONE)
		i++;
	if (!rc && i < n)
		rc = held(x, &v[i], &holder);
	if (!rc)
		rc = list(x, n, v, lock_now, &locks);
	if (rc)
		return rc;
	prof_object_put(o, "now_held_by", holder);
	prof_object_put(o, "locks_now", locks);
	return 0;
}

static int ender(struct contending *x, const void *ctx, size_t i, struct prof_cell *out)
{
	const struct prof_contention_ender *v = (const struct prof_contention_ender *)ctx + i;
	const struct prof_contention_function *fn = &x->k->functions.v[v->function];
	struct prof_object o = {.n = 0};

	prof_object_put(&o, "site", string(x, fn->name));
	prof_object_put(&o, "file", string(x, fn->file));
	prof_object_text(&o, "class", prof_wait_class_names[v->class]);
	prof_object_int(&o, "contentions", true, v->count);
	prof_object_int(&o, "delay_ns", true, v->ns);
	return finish(x, &o, out);
}

static int put_enders(struct contending *x, const struct prof_contention_sites *sites,
	const struct prof_contention_site *s, struct prof_object *o)
{
	const struct prof_contention_ender *v = NULL;
	struct prof_cell cell;
	size_t n = 0;
	int rc;

	if (sites == &x->sides[PROF_NEW])
		v = prof_contention_enders_of(&x->facts, (uint32_t)(s - sites->v.v), &n);
	rc = list(x, n < MAX_ENDERS ? n : MAX_ENDERS, v, ender, &cell);
	prof_object_put(o, "ended_by", cell);
	return rc;
}

/* Holders without waiters are sites of their own: of the waiters only a lock's other side is known.
 */
static int site(struct contending *x, const void *ctx, size_t i, struct prof_cell *out)
{
	const struct prof_contention_sites *sites = ctx;
	const struct prof_contention_site *s = &sites->v.v[i];
	struct partners v = {sites, NULL};
	struct prof_cell waiters, holders, own, lock;
	struct prof_object o = {.n = 0};
	size_t from = prof_vec_search(sites->matches, waiter, (uint32_t)i);
	int rc;

	*out = PROF_NULL_CELL;
	if (s->holder && s->n_matches)
		return 0;
	v.first = from < sites->matches.n ? &sites->matches.v[from] : NULL;
	if ((rc = stacks(x, sites, s, &own)) || (rc = owner(x, s, &lock)) ||
		(rc = list(x, 0, NULL, stack, &waiters)) ||
		(rc = list(x, s->holder ? 0 : s->n_matches, &v, holder, &holders)) ||
		(rc = put_place(x, s, &o)))
		return rc;
	if (s->holder) {
		struct prof_object h = {.n = 0};
		struct prof_cell cell;

		if ((rc = put_place(x, s, &h)))
			return rc;
		prof_object_int(&h, "contentions", true, s->count);
		prof_object_int(&h, "delay_ns", true, s->ns);
		prof_object_put(&h, "match", PROF_NULL_CELL);
		prof_object_put(&h, "stacks", own);
		if ((rc = finish(x, &h, &cell)) ||
			(rc = prof_report_list(x->r, &cell, 1, &holders, x->e)))
			return rc;
	}
	prof_object_text(&o, "class", prof_contention_class(x, s->class));
	prof_object_text(&o, "list", prof_wait_list_names[s->list]);
	prof_object_put(&o, "why",
		prof_cell_text(
			s->holder ? "where a lock is released that others wait for" : s->why));
	prof_object_put(&o, "lock", lock);
	if ((rc = put_waits(x, sites, s, &o)))
		return rc;
	if ((rc = put_locks_now(x, sites, s, &o)) || (rc = put_enders(x, sites, s, &o)))
		return rc;
	prof_object_put(&o, "waiters", s->holder ? waiters : own);
	prof_object_put(&o, "holders", holders);
	return finish(x, &o, out);
}

/* The sites, less holders that stand with their waiters. */
static int put_sites(struct contending *x, const struct prof_contention_sites *sites)
{
	PROF_VEC(struct prof_cell) cells = {0};
	struct prof_cell cell;
	int rc = prof_vec_reserve(&x->r->mem, &cells, sites->v.n + 1, x->e);

	for (size_t i = 0; !rc && i < sites->v.n; i++) {
		rc = site(x, sites, i, &cells.v[cells.n]);
		cells.n += !rc && cells.v[cells.n].kind != PROF_CELL_NULL;
	}
	if (!rc)
		rc = prof_report_list(x->r, cells.v, cells.n, &cell, x->e);
	prof_vec_fini(&x->r->mem, &cells);
	return rc ? rc : prof_report_field(x->r, "sites", cell, x->e);
}

static int match(struct contending *x, const void *ctx, size_t i, struct prof_cell *out)
{
	const struct prof_contention_sites *sites = ctx;
	const struct prof_contention_match *m = &sites->matches.v[i];
	const struct prof_contention_site *h = &sites->v.v[m->holder], *w = &sites->v.v[m->waiter];
	bool profile = sites->parts[PROF_CONTENTION_MUTEX].known;
	bool timed = w->source != PROF_CONTENTION_DUMP;
	struct prof_cell lock;
	struct prof_object o = {.n = 0};
	int rc = owner(x, w, &lock);

	prof_object_put(&o, "lock", lock);
	prof_object_text(&o, "class", prof_contention_class(x, w->class));
	prof_object_put(&o, "holder", prof_cell_str(h->text));
	prof_object_int(&o, "holder_delay_ns", profile, h->ns);
	prof_object_int(&o, "holder_contentions", profile, h->count);
	prof_object_put(&o, "waiter", prof_cell_str(w->text));
	prof_object_int(&o, "waiter_delay_ns", timed, w->ns);
	prof_object_int(&o, "waiter_contentions", timed, w->count);
	prof_object_text(&o, "match", prof_contention_hows[m->how]);
	prof_object_int(&o, "seen", m->how == PROF_MATCH_SEEN, m->count);
	prof_object_int(&o, "seen_ns", m->how == PROF_MATCH_SEEN, m->ns);
	return rc ? rc : finish(x, &o, out);
}

static int note(struct contending *x, const void *ctx, size_t i, struct prof_cell *out)
{
	struct prof_object o = {.n = 0};

	(void)ctx;
	prof_object_text(&o, "id", x->notes.v[i].id);
	prof_object_put(&o, "text", prof_cell_str(x->notes.v[i].text));
	return finish(x, &o, out);
}

static int put_totals(struct contending *x, const struct prof_contention_sites *sites)
{
	struct prof_object o = {.n = 0};
	struct prof_cell cell;
	int rc;

	for (int i = 0; i < PROF_WAIT_LISTS; i++) {
		struct prof_object l = {.n = 0};
		size_t n = 0;

		for (size_t s = 0; s < sites->v.n; s++)
			n += !sites->v.v[s].holder && sites->v.v[s].list == i;
		prof_object_int(&l, "sites", true, (int64_t)n);
		prof_object_int(
			&l, "delay_ns", sites->source != PROF_CONTENTION_DUMP, sites->ns[i]);
		prof_object_real(&l, "waiting", sites->waiting[i]);
		rc = finish(x, &l, &cell);
		if (rc)
			return rc;
		prof_object_put(&o, prof_wait_list_names[i], cell);
	}
	rc = finish(x, &o, &cell);
	return rc ? rc : prof_report_field(x->r, "lists", cell, x->e);
}

int prof_contention_fields(struct contending *x)
{
	static const char *const bys[] = {"function", "stack", "package", "lock"};
	const struct prof_contention_sites *now = &x->sides[PROF_NEW];
	int rc;

	if ((rc = put_list(x, "inputs", x->k->inputs.n, NULL, input)) ||
		(rc = put_sources(x, now)) ||
		(rc = prof_report_field(x->r, "by", prof_cell_text(bys[x->k->opts.by]), x->e)) ||
		(rc = prof_report_field(x->r, "ranked_by",
			 prof_cell_text(now->by_rate ? "waiting" : "delay"), x->e)) ||
		(rc = put_totals(x, now)) || (rc = put_sites(x, now)) ||
		(rc = put_list(x, "locks", now->matches.n, now, match)) ||
		(rc = prof_contention_facts_fields(x)))
		return rc;
	return put_list(x, "notes", x->notes.n, NULL, note);
}
