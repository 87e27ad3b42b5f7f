#include "libprof/analyse/source_lines.h"

#include <stdlib.h>

#include "libprof/base/num.h"

enum { MARGIN = 5 }; /* lines shown before the first and behind the last that samples hit */

/* A node that matches, with what it is sorted by. */
struct item {
	struct prof_str name, file;
	const struct prof_node_info *info;
	uint32_t node;
};

/* Where the cost of a node goes; PROF_NONE: nowhere. */
struct place {
	uint32_t routine, line;
};

struct counter {
	int64_t cum;
	uint32_t epoch; /* the last sample that it counted, plus one */
	uint32_t n_nodes;
};

struct build {
	struct prof_source_lines *s;
	const struct prof_graph *g;
	struct prof_err *e;
	PROF_VEC(struct item) items;
	struct place *places; /* of each node */
	struct counter *counters; /* of each routine, then of each line */
	uint32_t *start; /* location l adds to the counters ids[start[l] .. start[l + 1]) */
	PROF_VEC(uint32_t) ids;
};

/* Each name is matched once. */
static int match(struct build *b, struct prof_regex *re, uint8_t *known, uint32_t name, bool *yes)
{
	enum { UNKNOWN, NO, YES };
	int rc = 0;

	if (known[name] == UNKNOWN) {
		rc = prof_regex_match(re, prof_profile_str(b->g->profile, name), yes, b->e);
		known[name] = *yes ? YES : NO;
	}
	*yes = known[name] == YES;
	return rc;
}

static int find_items(struct build *b, struct prof_regex *re, bool drop_negative)
{
	const struct prof_graph *g = b->g;
	const struct prof_profile *p = g->profile;
	size_t n_names = p->strings.strs.n;
	uint8_t *known = prof_mem_zalloc(g->mem, n_names, 1, b->e);
	int rc = known ? 0 : b->e->code;

	for (uint32_t i = 0; !rc && i < g->nodes.n; i++) {
		const struct prof_node_value *v = &g->values[i];
		const struct prof_node_info *info = &g->nodes.v[i];
		bool yes = false;

		if ((!v->flat && !v->cum) ||
			(drop_negative && (v->flat < 0 || (!v->flat && v->cum < 0))))
			continue;
		rc = match(b, re, known, info->name, &yes);
		if (!rc && yes)
			rc = prof_vec_reserve(g->mem, &b->items, 1, b->e);
		if (!rc && yes)
			b->items.v[b->items.n++] = (struct item){
				.name = prof_profile_str(p, info->name),
				.file = prof_profile_str(p, info->file),
				.info = info,
				.node = i};
	}
	prof_mem_zfree(g->mem, known, n_names, 1);
	return rc;
}

static int compare(const void *p, const void *q)
{
	const struct item *a = p, *b = q;
	int c = a->info->name == b->info->name ? 0 : prof_str_cmp(a->name, b->name);

	if (!c && a->info->file != b->info->file)
		c = prof_str_cmp(a->file, b->file);
	if (c)
		return c;
	if (a->info->line != b->info->line)
		return a->info->line < b->info->line ? -1 : 1;
	return (a->node > b->node) - (a->node < b->node);
}

/* What is shown reaches from where the function begins to a bit behind the last line of interest.
 */
static void widen(struct prof_source_routine *r, const struct prof_node_info *info, bool first)
{
	int64_t begin = info->start_line ? info->start_line : prof_sub(info->line, MARGIN);
	int64_t end = prof_add(info->line, MARGIN);

	if (first || begin < r->begin)
		r->begin = begin;
	if (first || end > r->end)
		r->end = end;
}

static int add_item(struct build *b, const struct item *it, bool new_routine, bool new_line)
{
	struct prof_source_lines *s = b->s;
	const struct prof_node_value *v = &b->g->values[it->node];
	struct prof_source_routine *r;
	struct prof_source_line *l;
	int rc;

	if ((rc = prof_vec_reserve(s->mem, &s->routines, 1, b->e)) ||
		(rc = prof_vec_reserve(s->mem, &s->lines, 1, b->e)))
		return rc;
	if (new_routine)
		s->routines.v[s->routines.n++] = (struct prof_source_routine){
			.name = it->info->name,
			.file = it->info->file,
			.first_line = (uint32_t)s->lines.n,
		};
	r = &s->routines.v[s->routines.n - 1];
	if (new_line) {
		s->lines.v[s->lines.n++] = (struct prof_source_line){.line = it->info->line};
		r->n_lines++;
	}
	l = &s->lines.v[s->lines.n - 1];
	l->flat = prof_add(l->flat, v->flat);
	r->flat = prof_add(r->flat, v->flat);
	widen(r, it->info, new_routine);
	b->places[it->node] = (struct place){(uint32_t)s->routines.n - 1, (uint32_t)s->lines.n - 1};
	return 0;
}

/* The items of one name: [i, end). */
static int add_name(struct build *b, size_t i, size_t end)
{
	const struct item *items = b->items.v, *last = NULL;
	int rc = 0;

	if (items[end - 1].info->file)
		while (!items[i].info->file)
			i++;
	for (; !rc && i < end; i++) {
		bool new_routine = !last || last->info->file != items[i].info->file;

		rc = add_item(b, &items[i], new_routine,
			new_routine || last->info->line != items[i].info->line);
		last = &items[i];
	}
	return rc;
}

static int add_items(struct build *b)
{
	const struct prof_graph *g = b->g;
	size_t n = b->items.n, end;
	int rc = 0;

	b->places = prof_mem_zalloc(g->mem, g->nodes.n, sizeof(*b->places), b->e);
	if (!b->places)
		return b->e->code;
	for (size_t i = 0; i < g->nodes.n; i++)
		b->places[i] = (struct place){PROF_NONE, PROF_NONE};
	if (n)
		qsort(b->items.v, n, sizeof(*b->items.v), compare);
	for (size_t i = 0; !rc && i < n; i = end) {
		for (end = i + 1; end < n; end++)
			if (b->items.v[end].info->name != b->items.v[i].info->name)
				break;
		rc = add_name(b, i, end);
	}
	return rc;
}

/* Cum where a node has all of it; the others are counted. */
static void take_cum(struct build *b)
{
	size_t n_routines = b->s->routines.n;

	for (size_t i = 0; i < b->g->nodes.n; i++) {
		struct place at = b->places[i];

		if (at.line == PROF_NONE)
			continue;
		b->counters[at.routine].n_nodes++;
		b->counters[at.routine].cum = b->g->values[i].cum;
		b->counters[n_routines + at.line].n_nodes++;
		b->counters[n_routines + at.line].cum = b->g->values[i].cum;
	}
	for (size_t i = 0; i < n_routines + b->s->lines.n; i++)
		if (b->counters[i].n_nodes > 1)
			b->counters[i].cum = 0;
}

/* Of each location, the counters that its lines add to. */
static int find_counters(struct build *b)
{
	const struct prof_graph *g = b->g;
	size_t n_routines = b->s->routines.n;
	int rc = 0;

	b->start = prof_mem_zalloc(g->mem, g->loc_start.n, sizeof(*b->start), b->e);
	if (!b->start)
		return b->e->code;
	for (size_t l = 0; !rc && l + 1 < g->loc_start.n; l++) {
		for (uint32_t j = g->loc_start.v[l]; !rc && j < g->loc_start.v[l + 1]; j++) {
			struct place at = b->places[g->node_of.v[j]];

			if (at.line == PROF_NONE)
				continue;
			rc = prof_vec_reserve(g->mem, &b->ids, 2, b->e);
			if (!rc && b->counters[at.routine].n_nodes > 1)
				b->ids.v[b->ids.n++] = at.routine;
			if (!rc && b->counters[n_routines + at.line].n_nodes > 1)
				b->ids.v[b->ids.n++] = (uint32_t)n_routines + at.line;
		}
		b->start[l + 1] = (uint32_t)b->ids.n;
	}
	return rc;
}

static void count_samples(struct build *b, uint32_t index)
{
	const struct prof_profile *p = b->g->profile;

	for (size_t i = 0; i < p->sample_stack.n; i++) {
		int64_t w = p->values.v[index].v[i];
		uint32_t s = p->sample_stack.v[i], epoch = (uint32_t)i + 1;

		for (uint32_t k = p->stack_start.v[s]; w && k < p->stack_start.v[s + 1]; k++) {
			uint32_t l = p->stack_loc.v[k];

			for (uint32_t j = b->start[l]; j < b->start[l + 1]; j++) {
				struct counter *c = &b->counters[b->ids.v[j]];

				if (c->epoch != epoch)
					c->cum = prof_add(c->cum, w);
				c->epoch = epoch;
			}
		}
	}
}

static int sum_cum(struct build *b, uint32_t index)
{
	struct prof_source_lines *s = b->s;
	size_t n = s->routines.n + s->lines.n;
	int rc;

	b->counters = prof_mem_zalloc(s->mem, n, sizeof(*b->counters), b->e);
	if (!b->counters)
		return b->e->code;
	take_cum(b);
	rc = find_counters(b);
	if (!rc && b->ids.n)
		count_samples(b, index);
	for (size_t i = 0; i < s->routines.n; i++)
		s->routines.v[i].cum = b->counters[i].cum;
	for (size_t i = 0; i < s->lines.n; i++)
		s->lines.v[i].cum = b->counters[s->routines.n + i].cum;
	return rc;
}

int prof_source_lines_build(struct prof_source_lines *s, const struct prof_graph *g,
	struct prof_regex *re, uint32_t index, bool drop_negative, struct prof_err *e)
{
	struct build b = {.s = s, .g = g, .e = e};
	int rc;

	*s = (struct prof_source_lines){.mem = g->mem};
	rc = find_items(&b, re, drop_negative);
	if (!rc)
		rc = add_items(&b);
	if (!rc)
		rc = sum_cum(&b, index);
	prof_vec_fini(g->mem, &b.items);
	prof_mem_zfree(g->mem, b.places, g->nodes.n, sizeof(*b.places));
	prof_mem_zfree(g->mem, b.counters, s->routines.n + s->lines.n, sizeof(*b.counters));
	prof_mem_zfree(g->mem, b.start, g->loc_start.n, sizeof(*b.start));
	prof_vec_fini(g->mem, &b.ids);
	return rc;
}

void prof_source_lines_fini(struct prof_source_lines *s)
{
	if (!s->mem)
		return;
	prof_vec_fini(s->mem, &s->routines);
	prof_vec_fini(s->mem, &s->lines);
}
