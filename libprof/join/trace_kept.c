#include "libprof/join/trace_kept.h"

#include <stdlib.h>

#include "libprof/store/bytes.h"
#include "libprof/store/hists.h"

enum { VERSION = 1 };

/* What a trace out of an archive has in place of a decoder. */
struct kept {
	struct prof_mem mem;
	struct prof_trace_sum sum;
};

static void put_ids(struct prof_buf *b, const int64_t *v, size_t n)
{
	int64_t last = 0;

	prof_put_uvarint(b, n);
	for (size_t i = 0; i < n; i++) {
		prof_put_varint(b, (int64_t)((uint64_t)v[i] - (uint64_t)last));
		last = v[i];
	}
}

static void put_counts(struct prof_buf *b, const uint64_t *v)
{
	for (int i = 0; i < PROF_TRACE_WIRE_TYPES; i++)
		prof_put_uvarint(b, v[i]);
}

static void put_trace(struct prof_buf *b, const struct prof_trace *t)
{
	prof_put_str(b, prof_str_of(t->header));
	prof_put_uvarint(b, t->version);
	prof_put_uvarint(b, t->can);
	prof_put_uvarint(b, t->wire == prof_wire2);
	prof_put_uvarint(b, t->generations);
	prof_put_uvarint(b, t->goroutine_count);
	put_ids(b, t->procs.v, t->procs.n);
	put_ids(b, t->threads.v, t->threads.n);
	put_counts(b, t->wire_count);
	prof_put_uvarint(b, t->dump_count != NULL);
	if (t->dump_count)
		put_counts(b, t->dump_count);
	prof_put_uvarint(b, t->damage.n);
	for (size_t i = 0; i < t->damage.n; i++) {
		prof_put_varint(b, t->damage.v[i].offset);
		prof_put_uvarint(b, t->damage.v[i].generation);
		prof_put_str(b, prof_str_of(t->damage.v[i].what));
	}
	prof_put_uvarint(b, t->damage_left_out);
}

static int by_name(const void *a, const void *b)
{
	const struct prof_trace_reason *const *x = a, *const *y = b;

	return (*x)->name < (*y)->name ? -1 : (*x)->name > (*y)->name;
}

/* In the order of their strings, which get new ids but stay in order: equals are ranked by it. */
static void put_reasons(
	struct prof_hists *x, const struct prof_trace_states *st, const struct prof_trace *t)
{
	struct prof_buf *b = &x->rest;
	const struct prof_trace_reason **list = calloc(st->reasons.n + 1, sizeof(*list));

	if (!list) {
		b->code = PROF_ENOMEM;
		return;
	}
	for (size_t i = 0; i < st->reasons.n; i++)
		list[i] = &st->reasons.v[i];
	qsort(list, st->reasons.n, sizeof(*list), by_name);
	prof_put_uvarint(b, st->reasons.n);
	for (size_t i = 0; i < st->reasons.n; i++) {
		prof_put_str(b, prof_strtab_get(&t->strings, list[i]->name));
		prof_put_uvarint(b, list[i]->entered);
		prof_hists_put(x, &list[i]->waits);
	}
	free(list);
}

static void put_states(
	struct prof_hists *x, const struct prof_trace_states *st, const struct prof_trace *t)
{
	struct prof_buf *b = &x->rest;

	for (int i = 0; i <= PROF_G_SYSCALL; i++)
		prof_hists_put(x, &st->states[i]);
	prof_put_varint(b, st->waiting_ns);
	put_reasons(x, st, t);
	for (int i = 0; i <= PROF_P_IDLE; i++)
		prof_put_varint(b, st->proc_ns[i]);
	for (int i = 0; i < PROF_WAITS_NONE; i++) {
		prof_put_uvarint(b, st->profiles[i].count);
		prof_put_varint(b, st->profiles[i].ns);
	}
}

static void put_annotations(
	struct prof_hists *x, const struct prof_trace_annotations *an, const struct prof_trace *t)
{
	for (int i = 0; i < PROF_ANNOTATIONS; i++) {
		prof_put_uvarint(&x->rest, an->types[i].n);
		for (size_t k = 0; k < an->types[i].n; k++) {
			prof_put_str(
				&x->rest, prof_strtab_get(&t->strings, an->types[i].v[k].name));
			prof_hists_put(x, &an->types[i].v[k].hist);
		}
	}
}

static void put_ranges(
	struct prof_hists *x, const struct prof_trace_ranges *ra, const struct prof_trace *t)
{
	for (int i = 0; i <= PROF_RANGE_STW; i++)
		prof_hists_put(x, &ra->kinds[i]);
	prof_put_uvarint(&x->rest, ra->stw.n);
	for (size_t i = 0; i < ra->stw.n; i++) {
		prof_put_str(&x->rest, prof_strtab_get(&t->strings, ra->stw.v[i].reason));
		prof_hists_put(x, &ra->stw.v[i].hist);
	}
}

void prof_trace_kept_encode(
	const struct prof_trace_sum *x, const struct prof_trace *t, struct prof_buf *out)
{
	const uint64_t counts[] = {x->events, x->tasks, x->regions, x->logs, x->cpu_samples};
	struct prof_hists all;
	struct prof_buf *b = &all.rest;

	prof_hists_init(&all);
	prof_put_uvarint(b, VERSION);
	put_trace(b, t);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		prof_put_uvarint(b, counts[i]);
	prof_put_varint(b, x->start);
	prof_put_varint(b, x->end);
	put_states(&all, &x->states, t);
	put_ranges(&all, &x->ranges, t);
	put_annotations(&all, &x->annotations, t);
	for (int i = 0; i <= PROF_METRIC_PROCS; i++) {
		const struct prof_trace_gauge *g = &x->metrics[i];

		prof_put_uvarint(b, g->samples);
		prof_put_uvarint(b, g->min);
		prof_put_uvarint(b, g->max);
		prof_put_uvarint(b, g->last);
	}
	prof_put_uvarint(b, x->mmu.series.n > 0);
	for (int i = 0; i < PROF_MMU_SETS; i++)
		for (int k = 0; k < PROF_MMU_WINDOWS; k++)
			prof_put_real(b, x->mmu.mmu[i][k]);
	prof_hists_end(&all, out);
}

struct decoder {
	struct prof_rd r;
	struct prof_trace *t;
	struct kept *k;
	struct prof_err *e;
	int rc;
};

static uint32_t get_string(struct decoder *d)
{
	struct prof_str s = prof_rd_str(&d->r);
	uint32_t id = 0;

	if (!d->rc)
		d->rc = prof_trace_add_string(d->t, s.p, s.len, &id, d->e);
	return id;
}

static void get_hist(struct decoder *d, struct prof_hist *h)
{
	if (!d->rc)
		d->rc = prof_rd_hist(&d->r, h, &d->k->mem, d->e);
}

/* Ids of procs or threads, behind those that are there. */
#define GET_IDS(d, vec) \
	do { \
		int64_t last_ = 0; \
		uint64_t n_ = prof_rd_count(&(d)->r, 1); \
		if (!(d)->rc) \
			(d)->rc = prof_vec_reserve(&(d)->t->mem, (vec), n_, (d)->e); \
		for (; !(d)->rc && n_; n_--) { \
			last_ = (int64_t)((uint64_t)last_ + (uint64_t)prof_rd_varint(&(d)->r)); \
			(vec)->v[(vec)->n++] = last_; \
		} \
	} while (0)

/* Events that the format does not have are none. */
static void get_counts(struct decoder *d, uint64_t *v, unsigned known)
{
	for (unsigned i = 0; i < PROF_TRACE_WIRE_TYPES; i++) {
		v[i] = prof_rd_uvarint(&d->r);
		if (v[i] && (i >= known || !d->t->wire[i].name))
			prof_rd_fail(&d->r, "an event of no kind");
	}
	if (d->r.why)
		memset(v, 0, PROF_TRACE_WIRE_TYPES * sizeof(*v));
}

static void get_damage(struct decoder *d)
{
	for (uint64_t n = prof_rd_count(&d->r, 3); !d->rc && n && !d->r.why; n--) {
		int64_t offset = prof_rd_varint(&d->r);
		uint64_t generation = prof_rd_uvarint(&d->r);
		struct prof_str what = prof_rd_str(&d->r);

		if (!d->r.why)
			d->rc = prof_trace_damaged(d->t, offset, generation, d->e, "%.*s",
				(int)(what.len < 1000 ? what.len : 1000), what.p);
	}
	d->t->damage_left_out = prof_rd_uvarint(&d->r);
}

static void get_trace(struct decoder *d)
{
	struct prof_trace *t = d->t;
	struct prof_str header = prof_rd_str(&d->r);
	bool second;

	if (header.len >= sizeof(t->header))
		prof_rd_fail(&d->r, "a header that is too long");
	else
		memcpy(t->header, header.p, header.len);
	t->version = (unsigned)prof_rd_uvarint(&d->r);
	t->can = (unsigned)prof_rd_uvarint(&d->r);
	second = prof_rd_uvarint(&d->r) != 0;
	t->wire = second ? prof_wire2 : prof_wire1;
	t->generations = prof_rd_uvarint(&d->r);
	t->goroutine_count = prof_rd_uvarint(&d->r);
	GET_IDS(d, &t->procs);
	GET_IDS(d, &t->threads);
	get_counts(d, t->wire_count, second ? PROF_EV_END : PROF_EV1_END);
	if (prof_rd_uvarint(&d->r) && !d->rc) {
		t->dump_count = prof_mem_zalloc(
			&t->mem, PROF_TRACE_WIRE_TYPES, sizeof(*t->dump_count), d->e);
		if (t->dump_count)
			get_counts(d, t->dump_count, second ? PROF_EV_END : PROF_EV1_END);
		else
			d->rc = PROF_ENOMEM;
	}
	get_damage(d);
}

static void get_reasons(struct decoder *d, struct prof_trace_states *st)
{
	for (uint64_t n = prof_rd_count(&d->r, 6); !d->rc && n && !d->r.why; n--) {
		struct prof_trace_reason *reason;

		d->rc = prof_vec_reserve(&d->k->mem, &st->reasons, 1, d->e);
		if (d->rc)
			return;
		reason = &st->reasons.v[st->reasons.n++];
		*reason = (struct prof_trace_reason){.name = get_string(d)};
		reason->entered = prof_rd_uvarint(&d->r);
		get_hist(d, &reason->waits);
	}
}

static void get_states(struct decoder *d, struct prof_trace_states *st)
{
	for (int i = 0; i <= PROF_G_SYSCALL; i++)
		get_hist(d, &st->states[i]);
	st->waiting_ns = prof_rd_varint(&d->r);
	get_reasons(d, st);
	for (int i = 0; i <= PROF_P_IDLE; i++)
		st->proc_ns[i] = prof_rd_varint(&d->r);
	for (int i = 0; i < PROF_WAITS_NONE; i++) {
		st->profiles[i].count = prof_rd_uvarint(&d->r);
		st->profiles[i].ns = prof_rd_varint(&d->r);
	}
}

static void get_ranges(struct decoder *d, struct prof_trace_ranges *ra)
{
	for (int i = 0; i <= PROF_RANGE_STW; i++)
		get_hist(d, &ra->kinds[i]);
	for (uint64_t n = prof_rd_count(&d->r, 5); !d->rc && n && !d->r.why; n--) {
		struct prof_trace_stw *stw;

		d->rc = prof_vec_reserve(&d->k->mem, &ra->stw, 1, d->e);
		if (d->rc)
			return;
		stw = &ra->stw.v[ra->stw.n++];
		*stw = (struct prof_trace_stw){.reason = get_string(d)};
		get_hist(d, &stw->hist);
	}
}

static void get_annotations(struct decoder *d, struct prof_trace_annotations *an)
{
	for (int i = 0; i < PROF_ANNOTATIONS; i++)
		for (uint64_t n = prof_rd_count(&d->r, 5); !d->rc && n && !d->r.why; n--) {
			struct prof_annotation_type *type;

			d->rc = prof_vec_reserve(&d->k->mem, &an->types[i], 1, d->e);
			if (d->rc)
				return;
			type = &an->types[i].v[an->types[i].n++];
			*type = (struct prof_annotation_type){.name = get_string(d)};
			get_hist(d, &type->hist);
		}
}

static void get_mmu(struct decoder *d, struct prof_trace_mmu *mmu)
{
	/* That there is one series tells the report that utilisation is known. */
	if (prof_rd_uvarint(&d->r) && !d->rc) {
		d->rc = prof_vec_reserve(&d->k->mem, &mmu->series, 1, d->e);
		if (!d->rc)
			mmu->series.v[mmu->series.n++] = (struct prof_mmu_series){0};
	}
	for (int i = 0; i < PROF_MMU_SETS; i++)
		for (int k = 0; k < PROF_MMU_WINDOWS; k++)
			mmu->mmu[i][k] = prof_rd_real(&d->r);
}

static void get_sum(struct decoder *d)
{
	struct prof_trace_sum *x = &d->k->sum;
	uint64_t *const counts[] = {&x->events, &x->tasks, &x->regions, &x->logs, &x->cpu_samples};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		*counts[i] = prof_rd_uvarint(&d->r);
	x->start = x->from = prof_rd_varint(&d->r);
	x->end = prof_rd_varint(&d->r);
	x->to = INT64_MAX;
	if (x->end < x->start || x->start < -INT64_MAX / 2 || x->end > INT64_MAX / 2)
		prof_rd_fail(&d->r, "an end before the start, or too far from it");
	get_states(d, &x->states);
	get_ranges(d, &x->ranges);
	get_annotations(d, &x->annotations);
	for (int i = 0; i <= PROF_METRIC_PROCS; i++) {
		struct prof_trace_gauge *g = &x->metrics[i];

		g->samples = prof_rd_uvarint(&d->r);
		g->min = prof_rd_uvarint(&d->r);
		g->max = prof_rd_uvarint(&d->r);
		g->last = prof_rd_uvarint(&d->r);
	}
	get_mmu(d, &x->mmu);
}

static int no_events(struct prof_trace *t, struct prof_err *e)
{
	(void)t;
	return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
		"the archive has this trace's summary, not its events (add it with --keep-raw)");
}

static void close_kept(struct prof_trace *t)
{
	struct kept *k = t->decoder;

	if (k)
		prof_trace_sum_fini(&k->sum);
	free(k);
}

const struct prof_trace_sum *prof_trace_kept_sum(const struct prof_trace *t)
{
	return t->fill == no_events ? &((const struct kept *)t->decoder)->sum : NULL;
}

int prof_trace_kept_decode(const void *p, size_t n, const struct prof_limits *limits,
	struct prof_trace **out, struct prof_err *e)
{
	struct prof_trace_opts opts;
	struct prof_err none = {0};
	struct decoder d = {.r = prof_rd_of(p, n), .e = e ? e : &none};

	d.t = prof_trace_new(limits, d.e);
	if (!d.t)
		return d.e->code;
	d.k = calloc(1, sizeof(*d.k));
	if (!d.k) {
		prof_trace_free(d.t);
		return prof_nomem(e);
	}
	d.k->mem.limit = (size_t)limits->memory_bytes;
	prof_trace_opts_init(&opts);
	prof_trace_sum_init(&d.k->sum, &d.k->mem, &opts);
	d.t->decoder = d.k;
	d.t->fill = no_events;
	d.t->close = close_kept;
	if (prof_rd_uvarint(&d.r) != VERSION)
		prof_rd_fail(&d.r, "a summary of another version");
	get_trace(&d);
	get_sum(&d);
	if (!d.rc)
		prof_rd_end(&d.r, "bytes behind its end");
	if (!d.rc && d.r.why)
		d.rc = prof_fail(d.e, PROF_EFORMAT, PROF_NO_OFFSET,
			"is damaged: a trace's summary: %s", d.r.why);
	if (d.rc)
		prof_trace_free(d.t);
	else
		*out = d.t;
	return d.rc;
}

/* A location as a frame, one function: what a trace tells has no inlining. */
static int add_frame(
	struct prof_trace *t, const struct prof_profile *p, uint32_t location, struct prof_err *e)
{
	const struct prof_location *l = &p->locations.v[location];
	struct prof_trace_frame f = {.pc = l->address};
	int rc = prof_vec_reserve(&t->mem, &t->frames, 1, e);

	if (!rc && l->n_lines) {
		const struct prof_line *line = &p->lines.v[l->first_line];
		struct prof_str name = prof_profile_str(p, p->functions.v[line->function].name);
		struct prof_str file = prof_profile_str(p, p->functions.v[line->function].file);

		f.line = (uint64_t)line->line;
		rc = prof_trace_add_string(t, name.p, name.len, &f.function, e);
		if (!rc)
			rc = prof_trace_add_string(t, file.p, file.len, &f.file, e);
	}
	if (!rc)
		t->frames.v[t->frames.n++] = f;
	return rc;
}

/* Of a stack without frames the profile has one that tells so. */
static bool has_frames(const struct prof_profile *p, uint32_t stack)
{
	uint32_t first = p->stack_start.v[stack], n = p->stack_start.v[stack + 1] - first;

	return n > 1 || (n && p->locations.v[p->stack_loc.v[first]].address);
}

int prof_trace_kept_stacks(struct prof_trace *t, const struct prof_profile *p, struct prof_err *e)
{
	size_t n = p->sample_stack.n;
	int rc = n < t->stack_start.n ? 0 : prof_vec_reserve(&t->mem, &t->stack_start, n, e);

	for (size_t i = 1; !rc && i < n; i++) {
		uint32_t stack = p->sample_stack.v[i];

		for (uint32_t k = p->stack_start.v[stack];
			!rc && has_frames(p, stack) && k < p->stack_start.v[stack + 1]; k++)
			rc = add_frame(t, p, p->stack_loc.v[k], e);
		t->stack_start.v[t->stack_start.n++] = (uint32_t)t->frames.n;
	}
	return rc;
}
