#include "libprof/read/text_impl.h"

#include <stdio.h>

#include "libprof/base/num.h"

/* A frame of the record under way; `function` PROF_NONE: only its address is known. */
struct item {
	uint64_t pc, entry;
	int64_t line;
	uint32_t function;
	size_t addr; /* frames of one address belong together */
};

struct build {
	struct prof_text *t;
	struct prof_map64 named; /* address as written -> the first of t->addrs with frames */
	PROF_VEC(struct item) items;
	PROF_VEC(uint32_t) locations;
	PROF_VEC(struct prof_line) lines;
	bool multiply; /* contentions by the period */
};

static int remember_names(struct build *x)
{
	struct prof_text *t = x->t;

	for (size_t i = 0; i < t->addrs.n; i++) {
		const struct prof_text_addr *a = &t->addrs.v[i];
		int rc;

		if (!a->n || prof_map64_get(&x->named, a->pc) != PROF_NONE)
			continue;
		if (i >= PROF_NONE)
			break;
		rc = prof_map64_add(&x->named, a->pc, (uint32_t)i, t->e);
		if (rc)
			return rc;
	}
	return 0;
}

static int add_item(struct build *x, struct item i)
{
	int rc = prof_vec_reserve(x->t->mem, &x->items, 1, x->t->e);

	if (!rc)
		x->items.v[x->items.n++] = i;
	return rc;
}

/* The frames of t->addrs[at], if need be by another record's names. */
static int add_address(struct build *x, size_t at)
{
	const struct prof_text *t = x->t;
	const struct prof_text_addr *a = &t->addrs.v[at];
	uint32_t other;
	int rc = 0;

	if (!a->n) {
		other = prof_map64_get(&x->named, a->pc);
		if (other == PROF_NONE)
			return add_item(x,
				(struct item){.pc = a->pc - 1, .function = PROF_NONE, .addr = at});
		a = &t->addrs.v[other];
	}
	for (uint32_t i = 0; !rc && i < a->n; i++) {
		const struct prof_text_frame *f = &t->frames.v[a->first + i];

		rc = add_item(x, (struct item){.pc = f->pc,
					 .entry = f->entry,
					 .line = f->line,
					 .function = f->function,
					 .addr = at});
	}
	return rc;
}

/* Which of the record's addresses have a place in the profile: see text_profile.h. */
static void bounds(
	const struct prof_text *t, const struct prof_text_record *r, size_t *from, size_t *to)
{
	const struct prof_text_addr *a;
	size_t first = 0;

	*from = 0;
	*to = r->n_addrs;
	if (!r->n_addrs)
		return;
	a = t->addrs.v + r->first_addr;
	while (first < r->n_addrs && !a[first].shown)
		first++;
	if (first == r->n_addrs)
		return;
	if (t->kind == PROF_TEXT_HEAP)
		*from = first;
	if (r->n_addrs - first >= 2 && !a[r->n_addrs - 1].shown && a[r->n_addrs - 2].shown)
		*to = r->n_addrs - 1;
}

/* Whether the next frame may stand in the same function of the machine. */
static bool same_code(const struct item *i)
{
	return i[0].addr == i[1].addr || (i[0].entry && i[0].entry == i[1].entry);
}

static int add_location(struct build *x, const struct item *first)
{
	uint32_t id;
	int rc = prof_build_location(&x->t->b, first->pc, PROF_NONE, x->lines.v, x->lines.n, &id);

	x->lines.n = 0;
	if (!rc)
		rc = prof_vec_reserve(x->t->mem, &x->locations, 1, x->t->e);
	if (!rc)
		x->locations.v[x->locations.n++] = id;
	return rc;
}

/* The locations of a run of items within one piece of code. The last one is the function that the
 * code is of, the others are inlined in it; where it stands before, too, it called itself.
 */
static int add_run(struct build *x, size_t from, size_t to)
{
	const struct item *v = x->items.v;
	size_t first = from;

	for (size_t i = from; i <= to; i++) {
		int rc = prof_vec_reserve(x->t->mem, &x->lines, 1, x->t->e);

		if (rc)
			return rc;
		if (v[i].function != PROF_NONE)
			x->lines.v[x->lines.n++] = (struct prof_line){
				.function = v[i].function, .line = v[i].line};
		if (i < to && (v[i].addr == v[i + 1].addr || v[i].function != v[to].function))
			continue;
		rc = add_location(x, &v[first]);
		if (rc)
			return rc;
		first = i + 1;
	}
	return 0;
}

static int add_stack(struct build *x, const struct prof_text_record *r, uint32_t *stack)
{
	size_t from, to, end;
	int rc = 0;

	x->items.n = x->locations.n = 0;
	bounds(x->t, r, &from, &to);
	for (size_t i = from; !rc && i < to; i++)
		rc = add_address(x, r->first_addr + i);
	for (from = 0; !rc && from < x->items.n; from = end) {
		for (end = from + 1; end < x->items.n && same_code(&x->items.v[end - 1]); end++)
			;
		rc = add_run(x, from, end - 1);
	}
	return rc ? rc : prof_build_stack(&x->t->b, x->locations.v, x->locations.n, stack);
}

static int heap_label(struct build *x, struct prof_text_record *r)
{
	struct prof_label l = {.num = r->block_bytes};
	int rc = prof_build_text(&x->t->b, "bytes", &l.key);

	/* As pprof, which writes no unit; reports take the key for it. */
	return rc ? rc : prof_profile_label_set(x->t->p, &l, 1, &r->labels, x->t->e);
}

/* Go 1.20 and later multiply by the period before they write: see text_profile.h. */
static bool written_unmultiplied(const struct prof_text *t)
{
	int64_t period = t->p->period;

	if (!t->go_mutex || period <= 1)
		return period > 1;
	if (t->modern)
		return false;
	for (size_t i = 0; i < t->records.n; i++)
		if (t->records.v[i].values[0] % period || t->records.v[i].values[1] % period)
			return true;
	return false;
}

static void contention(const struct build *x, int64_t v[2])
{
	int64_t period = x->multiply ? x->t->p->period : 1;

	if (x->t->hz > 0)
		v[1] = prof_to_i64((double)v[1] * (double)period / ((double)x->t->hz / 1e9));
	v[0] = (int64_t)((uint64_t)v[0] * (uint64_t)period);
}

/* Damage, which is a comment, too: that stays with the profile wherever it goes. */
static int tell_end(struct prof_text *t, const char *what)
{
	char text[160];
	int rc = prof_build_text(&t->b, what, &t->p->damage);

	snprintf(text, sizeof(text), "the file %s", what);
	return rc ? rc : prof_build_comment(&t->b, text);
}

/* Of a heap profile, Go once left out what was freed again, so only what is in use adds up. */
static int tell_totals(struct prof_text *t)
{
	char text[160];

	if (t->cut)
		return tell_end(t, "ends inside a record, which is left out");
	if (t->mem_stats && !t->whole_stats)
		return tell_end(t, "ends inside its runtime.MemStats");
	if (!t->has_total || t->sum == t->total)
		return 0;
	snprintf(text, sizeof(text),
		"the first line says that there are %lld, the records hold %lld",
		(long long)t->total, (long long)t->sum);
	return prof_build_comment(&t->b, text);
}

static int all(struct build *x)
{
	struct prof_text *t = x->t;
	int rc = remember_names(x);

	x->multiply = t->kind == PROF_TEXT_CONTENTION && written_unmultiplied(t);
	for (size_t i = 0; !rc && i < t->records.n; i++) {
		struct prof_text_record *r = &t->records.v[i];
		uint32_t id;

		if (t->kind == PROF_TEXT_CONTENTION)
			contention(x, r->values);
		if (t->kind == PROF_TEXT_HEAP)
			rc = heap_label(x, r);
		if (!rc)
			rc = add_stack(x, r, &id);
		if (!rc)
			rc = prof_build_sample(&t->b, id, r->labels, r->values);
	}
	if (!rc)
		rc = prof_text_maps_attach(&t->b);
	return rc ? rc : tell_totals(t);
}

int prof_text_build(struct prof_text *t)
{
	struct build x = {.t = t};
	int rc;

	prof_map64_init(&x.named, t->mem);
	rc = all(&x);
	prof_map64_fini(&x.named);
	prof_vec_fini(t->mem, &x.items);
	prof_vec_fini(t->mem, &x.locations);
	prof_vec_fini(t->mem, &x.lines);
	return rc;
}
