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

struct build {
	struct prof_source_lines *s;
	const struct prof_graph *g;
	struct prof_err *e;
	PROF_VEC(struct item) items;
	struct place *places; /* of each node */
	bool *hot;	      /* of each location: one of its nodes has a place */
	uint32_t *line_epoch, *routine_epoch; /* the last sample that counted it, plus one */
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
			b->items.v[b->items.n++] =
				(struct item){.name = prof_profile_str(p, info->name),
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

/* What is shown reaches from where the function begins to a bit behind the last line of interest. */
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
	b->places[it->node] =
		(struct place){(uint32_t)s->routines.n - 1, (uint32_t)s->lines.n - 1};
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

static void count(struct build *b, uint32_t loc, uint32_t epoch, int64_t w)
{
	const struct prof_graph *g = b->g;

	for (uint32_t j = g->loc_start.v[loc]; j < g->loc_start.v[loc + 1]; j++) {
		struct place at = b->places[g->node_of.v[j]];
		int64_t *cum;

		if (at.line == PROF_NONE)
			continue;
		if (b->line_epoch[at.line] != epoch) {
			b->line_epoch[at.line] = epoch;
			cum = &b->s->lines.v[at.line].cum;
			*cum = prof_add(*cum, w);
		}
		if (b->routine_epoch[at.routine] != epoch) {
			b->routine_epoch[at.routine] = epoch;
			cum = &b->s->routines.v[at.routine].cum;
			*cum = prof_add(*cum, w);
		}
	}
}

static int count_samples(struct build *b, uint32_t index)
{
	const struct prof_graph *g = b->g;
	const struct prof_profile *p = g->profile;

	b->hot = prof_mem_zalloc(g->mem, g->loc_start.n, sizeof(*b->hot), b->e);
	b->line_epoch = prof_mem_zalloc(g->mem, b->s->lines.n, sizeof(*b->line_epoch), b->e);
	b->routine_epoch =
		prof_mem_zalloc(g->mem, b->s->routines.n, sizeof(*b->routine_epoch), b->e);
	if (!b->hot || !b->line_epoch || !b->routine_epoch)
		return b->e->code;
	for (size_t l = 0; l + 1 < g->loc_start.n; l++)
		for (uint32_t j = g->loc_start.v[l]; j < g->loc_start.v[l + 1]; j++)
			b->hot[l] |= b->places[g->node_of.v[j]].line != PROF_NONE;
	for (size_t i = 0; i < p->sample_stack.n; i++) {
		int64_t w = p->values.v[index].v[i];
		uint32_t s = p->sample_stack.v[i];

		for (uint32_t k = p->stack_start.v[s]; w && k < p->stack_start.v[s + 1]; k++)
			if (b->hot[p->stack_loc.v[k]])
				count(b, p->stack_loc.v[k], (uint32_t)i + 1, w);
	}
	return 0;
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
		rc = count_samples(&b, index);
	prof_vec_fini(g->mem, &b.items);
	prof_mem_zfree(g->mem, b.places, g->nodes.n, sizeof(*b.places));
	prof_mem_zfree(g->mem, b.hot, g->loc_start.n, sizeof(*b.hot));
	prof_mem_zfree(g->mem, b.line_epoch, s->lines.n, sizeof(*b.line_epoch));
	prof_mem_zfree(g->mem, b.routine_epoch, s->routines.n, sizeof(*b.routine_epoch));
	return rc;
}

void prof_source_lines_fini(struct prof_source_lines *s)
{
	if (!s->mem)
		return;
	prof_vec_fini(s->mem, &s->routines);
	prof_vec_fini(s->mem, &s->lines);
}
