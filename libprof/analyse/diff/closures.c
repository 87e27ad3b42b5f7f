#include <math.h>
#include <stdlib.h>

#include "libprof/analyse/diff/siblings.h"

/* Closures renumbered (siblings.h tells which is which). The old runs' counts of a closure move to
 * the row of its new name. Old ones that are left without a partner get the rows that are left;
 * their old name says who they were. Where it stays open, the closures of one function are a group,
 * and a change is one of theirs only if it is one of the group's.
 */
enum {
	LEVELS = 4, /* of closures in closures: bits of a number are shared out among them */
	LEVEL_BITS = 16,
	LEAST_TRIALS = 20, /* of a group */
	MOST_GROUPS = 256, /* that are looked at */
	NAME_BYTES = 512,
};
#define LEAST_SHARE 0.0025 /* of all samples that is a group's own, for it to be looked at */
#define LEAST_CUM 0.01 /* or that it takes part in */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether the compiler puts a number behind what ends at `end`: ".func", or a dot alone, when its
 * closure is numbered in another one.
 */
static bool is_numbered(struct prof_str name, uint32_t end)
{
	static const char *const kinds[] = {".func", ".gowrap", ".deferwrap", "-range", "."};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		uint32_t n = (uint32_t)strlen(kinds[i]);

		if (end > n && !memcmp(name.p + end - n, kinds[i], n))
			return true;
	}
	return false;
}

/* "main.f.func3.1" is number 3, 1 of the group "main.f.func.": its name without numbers. So is what
 * closures are called that were inlined, "main.f.g.func3.h.func1". Nothing of a name that has none.
 * *outer: how much of it is the function that they stand in, "main.f".
 */
static size_t group_of(
	struct prof_str name, char out[NAME_BYTES], uint64_t *number, uint32_t *outer)
{
	unsigned levels = 0;
	size_t len = 0;

	*number = 0;
	if (name.len > NAME_BYTES)
		return 0;
	for (uint32_t i = 0; i < name.len;) {
		uint64_t one = 0;
		uint32_t end = i;

		while (end < name.len && is_digit(name.p[end]) && one < 1 << LEVEL_BITS)
			one = 10 * one + (uint64_t)(name.p[end++] - '0');
		if (end == i || levels == LEVELS || !is_numbered(name, i) ||
			(end < name.len && name.p[end] != '.' && name.p[end] != '-')) {
			out[len++] = name.p[i++];
			continue;
		}
		if (!levels++)
			*outer = i;
		*number = *number << LEVEL_BITS | (one < 1 << LEVEL_BITS ? one : 0);
		i = end;
	}
	while (levels && *outer && name.p[*outer - 1] != '.' && name.p[*outer - 1] != '-')
		--*outer;
	*outer -= levels && *outer;
	return levels ? len : 0;
}

/* A row that the compiler numbered, by the string of its group. */
struct key {
	uint32_t group, outer, row;
	uint64_t number;
	double own, cum; /* trials */
};

/* A function whose first line is known on both sides, and that is called the same. */
struct anchor {
	uint32_t file;
	int64_t start, moved;
};

struct closures {
	struct prof_diff *d;
	struct key *keys;
	struct anchor *anchors; /* by file and line */
	size_t n_keys, n_anchors;
	unsigned left; /* groups that may still be looked at */
	double all; /* own trials of all rows */
	struct neighbours near;
};

static int by_group(const void *p, const void *q)
{
	const struct key *a = p, *b = q;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

static int by_place(const void *p, const void *q)
{
	const struct anchor *a = p, *b = q;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->moved > b->moved) - (a->moved < b->moved);
}

static int take_row(struct closures *c, uint32_t row, struct prof_err *e)
{
	struct prof_diff *d = c->d;
	const struct diff_row *r = &d->rows.v[row];
	struct prof_str name = prof_strtab_get(&d->strings, r->name);
	struct diff_tally own = diff_tally(d, M_OWN, row), cum = diff_tally(d, M_CUM, row);
	struct key key = {.row = row, .own = diff_trials(&own), .cum = diff_trials(&cum)};
	char group[NAME_BYTES];
	uint32_t outer;
	size_t len = group_of(name, group, &key.number, &outer);
	int rc = 0;

	c->all += key.own;
	if (len && diff_may_change(d, row)) {
		rc = prof_strtab_add(&d->strings, group, (uint32_t)len, &key.group, e);
		if (!rc)
			rc = prof_strtab_add(&d->strings, name.p, outer, &key.outer, e);
		c->keys[c->n_keys] = key;
		c->n_keys += !rc;
	}
	if (!len && r->start[PROF_OLD] && r->start[PROF_NEW])
		c->anchors[c->n_anchors++] = (struct anchor){
			r->source, r->start[PROF_OLD], r->start[PROF_NEW] - r->start[PROF_OLD]};
	return rc;
}

/* How far the code in front of the group's old members moved, and behind them. */
static void find_anchors(const struct closures *c, struct siblings *s)
{
	const struct diff_row *rows = c->d->rows.v;
	uint32_t file = PROF_NONE;
	int64_t first = INT64_MAX, last = 0;
	size_t low = 0, high = c->n_anchors;

	s->before = s->after = INT64_MIN;
	for (size_t i = 0; i < s->n; i++) {
		const struct diff_row *row = &rows[s->v[i].row];

		if (!row->start[PROF_OLD])
			continue;
		file = row->source;
		first = row->start[PROF_OLD] < first ? row->start[PROF_OLD] : first;
		last = row->start[PROF_OLD] > last ? row->start[PROF_OLD] : last;
	}
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct anchor *at = &c->anchors[mid];

		if (at->file < file || (at->file == file && at->start <= first))
			low = mid + 1;
		else
			high = mid;
	}
	if (low && c->anchors[low - 1].file == file)
		s->before = c->anchors[low - 1].moved;
	while (low < c->n_anchors && c->anchors[low].file == file && c->anchors[low].start <= last)
		low++;
	if (low < c->n_anchors && c->anchors[low].file == file)
		s->after = c->anchors[low].moved;
}

/* The group that begins at keys[i], if it is one to look at: large enough, and closures are on one
 * side only, or moved otherwise than the code in front of them. Returns where the next begins.
 */
static size_t group_at(struct closures *c, size_t i, struct siblings *s)
{
	const struct key *keys = c->keys;
	bool other = false, large;
	double own = 0, cum = 0;
	size_t end = i;

	s->n = 0;
	for (; end < c->n_keys && keys[end].group == keys[i].group; end++) {
		own += keys[end].own;
		cum += keys[end].cum;
		if (s->n < SIBLINGS)
			s->v[s->n++] = (struct sibling){keys[end].row, keys[end].number};
	}
	large = fmax(own, cum) >= LEAST_TRIALS &&
		(own >= LEAST_SHARE * c->all || cum >= LEAST_CUM * c->all);
	if (s->n > 1 && large && c->left)
		find_anchors(c, s);
	else
		s->n = 0;
	for (size_t k = 0; k < s->n; k++) {
		const struct diff_row *row = &c->d->rows.v[s->v[k].row];
		const int64_t *start = row->start;

		other |= row->present[PROF_OLD] != row->present[PROF_NEW] ||
			 (s->before != INT64_MIN && start[PROF_OLD] && start[PROF_NEW] &&
				 start[PROF_NEW] - start[PROF_OLD] != s->before);
	}
	if (!other)
		s->n = 0;
	c->left -= s->n > 0;
	return end;
}

/* A row's old side, taken out. */
struct old_side {
	int64_t value[N_METRICS], start;
	double alloc;
	bool present;
	double *x, *v; /* [metric * runs + run] */
};

static void take_out(struct prof_diff *d, uint32_t row, struct old_side *out)
{
	struct diff_row *r = &d->rows.v[row];
	size_t runs = d->runs.n;

	for (int m = 0; m < N_METRICS; m++) {
		out->value[m] = r->value[m][PROF_OLD];
		r->value[m][PROF_OLD] = 0;
		for (size_t i = 0; i < runs; i++) {
			size_t at = row * runs + i, to = (size_t)m * runs + i;

			if (d->runs.v[i].side != PROF_OLD)
				continue;
			out->x[to] = d->x[m][at];
			out->v[to] = d->v[m][at];
			d->x[m][at] = d->v[m][at] = 0;
		}
	}
	out->start = r->start[PROF_OLD];
	out->alloc = r->alloc[PROF_OLD];
	out->present = r->present[PROF_OLD];
	r->start[PROF_OLD] = 0;
	r->alloc[PROF_OLD] = 0;
	r->present[PROF_OLD] = false;
}

static void put_in(struct prof_diff *d, uint32_t row, const struct old_side *in)
{
	struct diff_row *r = &d->rows.v[row];
	size_t runs = d->runs.n;

	for (int m = 0; m < N_METRICS; m++) {
		r->value[m][PROF_OLD] = in->value[m];
		for (size_t i = 0; i < runs; i++) {
			if (d->runs.v[i].side != PROF_OLD)
				continue;
			d->v[m][row * runs + i] = in->v[(size_t)m * runs + i];
			d->x[m][row * runs + i] = in->x[(size_t)m * runs + i];
		}
	}
	r->start[PROF_OLD] = in->start;
	r->alloc[PROF_OLD] = in->alloc;
	r->present[PROF_OLD] = in->present;
}

/* Where the old sides go: to the member that they now are; those that are none stay where they are
 * if they can, else they go where no new side is, else anywhere.
 */
static void places(const struct prof_diff *d, const struct siblings *s, size_t to[SIBLINGS])
{
	bool used[SIBLINGS] = {false};

	for (size_t i = 0; i < s->n; i++)
		to[i] = SIBLINGS;
	for (size_t k = 0; k < s->n; k++)
		if (s->was[k] != SIBLINGS) {
			to[s->was[k]] = k;
			used[k] = true;
		}
	for (int pass = 0; pass < 3; pass++)
		for (size_t i = 0; i < s->n; i++)
			for (size_t k = 0; to[i] == SIBLINGS && k < s->n; k++) {
				bool free = pass == 2 ||
					    (pass ? !d->rows.v[s->v[k].row].present[PROF_NEW]
						  : k == i);

				if (used[k] || !free)
					continue;
				to[i] = k;
				used[k] = true;
			}
}

static int renumber(struct prof_diff *d, const struct siblings *s, struct prof_err *e)
{
	size_t cells = N_METRICS * d->runs.n, to[SIBLINGS];
	struct old_side old[SIBLINGS];
	double *all = prof_mem_zalloc(&d->mem, 2 * s->n * cells, sizeof(*all), e);

	if (!all)
		return e->code;
	places(d, s, to);
	for (size_t i = 0; i < s->n; i++) {
		old[i].x = all + 2 * i * cells;
		old[i].v = old[i].x + cells;
		take_out(d, s->v[i].row, &old[i]);
	}
	for (size_t i = 0; i < s->n; i++) {
		struct diff_row *row = &d->rows.v[s->v[to[i]].row];

		put_in(d, s->v[to[i]].row, &old[i]);
		d->rows.v[s->v[i].row].now = s->v[to[i]].row;
		if (to[i] == i || !old[i].present)
			continue;
		row->peer = s->v[i].row;
		row->score = s->p[to[i]];
	}
	prof_mem_zfree(&d->mem, all, 2 * s->n * cells, sizeof(*all));
	return 0;
}

static int renumber_group(
	struct closures *c, uint32_t outer, struct siblings *s, struct prof_err *e)
{
	int rc = diff_align(&c->near, s, e);
	bool moved = false;

	for (size_t k = 0; !rc && k < s->n; k++) {
		moved |= s->was[k] != SIBLINGS && s->was[k] != k;
		if (s->open)
			c->d->rows.v[s->v[k].row].among = outer;
	}
	return !rc && moved ? renumber(c->d, s, e) : rc;
}

static int each_group(struct closures *c, struct prof_err *e)
{
	struct prof_diff *d = c->d;
	bool *of = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(*of), e), any = false;
	struct siblings s;
	int rc = of ? 0 : e->code;

	c->left = MOST_GROUPS;
	for (size_t i = 0; !rc && i < c->n_keys;) {
		i = group_at(c, i, &s);
		for (size_t k = 0; k < s.n; k++)
			of[s.v[k].row] = any = true;
	}
	if (!rc && any)
		rc = diff_neighbours_init(&c->near, d, of, true, e);
	c->left = MOST_GROUPS;
	for (size_t i = 0; !rc && any && i < c->n_keys;) {
		uint32_t outer = c->keys[i].outer;

		i = group_at(c, i, &s);
		if (s.n)
			rc = renumber_group(c, outer, &s, e);
	}
	if (c->near.first)
		diff_neighbours_fini(&c->near);
	prof_mem_zfree(&d->mem, of, d->rows.n, sizeof(*of));
	return rc;
}

int diff_closures(struct prof_diff *d, struct prof_err *e)
{
	struct closures c = {.d = d};
	int rc = 0;

	if (d->opts.by != PROF_BY_FUNCTION || d->sides[0].x <= 0 || d->sides[1].x <= 0)
		return 0;
	c.keys = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(*c.keys), e);
	c.anchors = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(*c.anchors), e);
	if (!c.keys || !c.anchors)
		rc = e->code;
	for (uint32_t i = 0; !rc && i < d->rows.n; i++)
		rc = take_row(&c, i, e);
	if (!rc && c.n_keys > 1) {
		qsort(c.keys, c.n_keys, sizeof(*c.keys), by_group);
		qsort(c.anchors, c.n_anchors, sizeof(*c.anchors), by_place);
		rc = each_group(&c, e);
	}
	prof_mem_zfree(&d->mem, c.keys, d->rows.n, sizeof(*c.keys));
	prof_mem_zfree(&d->mem, c.anchors, d->rows.n, sizeof(*c.anchors));
	return rc;
}
