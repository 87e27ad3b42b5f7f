#include "libprof/analyse/diff/relate.h"

#include <math.h>

#include "libprof/analyse/nodes.h"

static int neighbour(struct neighbours *n, uint32_t of, uint32_t row, enum relation relation,
	enum prof_side side, double x, struct prof_err *e)
{
	uint64_t hash = prof_hash_mix((uint64_t)of << 32 | row, relation);
	struct prof_index_it it = prof_index_first(&n->index, hash);
	uint32_t id;
	int rc;

	while ((id = prof_index_next(&n->index, &it)) != PROF_NONE) {
		struct neighbour *at = &n->v.v[id];

		if (at->of == of && at->row == row && at->relation == relation) {
			at->x[side] += x;
			return 0;
		}
	}
	id = (uint32_t)n->v.n;
	if ((rc = prof_vec_reserve(&n->d->mem, &n->v, 1, e)) ||
		(rc = prof_index_add(&n->index, hash, id, e)))
		return rc;
	n->v.v[n->v.n++] = (struct neighbour){
		.of = of, .row = row, .relation = relation, .next = n->first[of]};
	n->v.v[id].x[side] = x;
	n->first[of] = id;
	return 0;
}

/* A stack's rows, leaf first, and of each the next one on either side whose code may have changed.
 */
struct place {
	uint32_t row, near[2]; /* near: towards the leaf, towards the root */
	uint32_t line; /* PROF_NONE: not known, or not asked for */
};

struct stack {
	PROF_VEC(struct place) v;
	uint32_t *epoch; /* of each row: the last stack that it was seen in */
	uint32_t now;
};

/* Of the frame that diff_next_frame gave last, counted from where its function begins. */
static uint32_t line_of(const struct diff_frames *f)
{
	const struct prof_profile *p = f->run->p;
	uint32_t loc = f->loc[-1], at = f->at - 1 - f->run->g.loc_start.v[loc];
	const struct prof_line *line;
	int64_t start;

	if (at >= p->locations.v[loc].n_lines)
		return PROF_NONE;
	line = &p->lines.v[p->locations.v[loc].first_line + at];
	start = p->functions.v[line->function].start_line;
	return start > 0 && line->line >= start && line->line - start < PROF_NONE
		       ? (uint32_t)(line->line - start)
		       : PROF_NONE;
}

static int take_stack(struct neighbours *n, const struct diff_run *run, size_t sample,
	const bool *of, bool lines, struct stack *s, bool *any, struct prof_err *e)
{
	struct diff_frames f = diff_frames(run, sample);
	uint32_t row, near = PROF_NONE;

	s->v.n = 0;
	*any = false;
	while (diff_next_frame(&f, &row)) {
		int rc = prof_vec_reserve(&n->d->mem, &s->v, 1, e);

		if (rc)
			return rc;
		row = diff_row_now(n->d, run, row);
		s->v.v[s->v.n++] = (struct place){.row = row,
			.near = {near, PROF_NONE},
			.line = lines && of[row] ? line_of(&f) : PROF_NONE};
		near = diff_may_change(n->d, row) ? row : near;
		*any |= of[row];
	}
	near = PROF_NONE;
	for (size_t i = s->v.n; *any && i-- > 0;) {
		s->v.v[i].near[1] = near;
		near = diff_may_change(n->d, s->v.v[i].row) ? s->v.v[i].row : near;
	}
	return 0;
}

/* Each row of the stack once: at its innermost place for what it calls, and for who calls it, too.
 */
static int relate_stack(struct neighbours *n, const struct diff_run *run, size_t sample,
	const bool *of, struct stack *s, struct prof_err *e)
{
	double x = run->weight[sample];
	int rc = 0;

	s->now++;
	for (size_t i = 0; !rc && i < s->v.n; i++) {
		const struct place *at = &s->v.v[i];
		uint32_t next[N_RELATIONS];

		if (!of[at->row] || s->epoch[at->row] == s->now)
			continue;
		s->epoch[at->row] = s->now;
		next[CALLEE] = i ? at[-1].row : PROF_NONE;
		next[CALLER] = i + 1 < s->v.n ? at[1].row : PROF_NONE;
		next[NEAR_CALLEE] = at->near[0];
		next[NEAR_CALLER] = at->near[1];
		next[LINE] = at->line;
		for (int r = 0; !rc && r < N_RELATIONS - (at->line == PROF_NONE); r++)
			rc = neighbour(n, at->row, next[r], (enum relation)r, run->side, x, e);
	}
	return rc;
}

int diff_neighbours_init(
	struct neighbours *n, struct prof_diff *d, const bool *of, bool lines, struct prof_err *e)
{
	struct stack s = {.now = 0};
	int rc = 0;

	*n = (struct neighbours){.d = d};
	prof_index_init(&n->index, &d->mem);
	n->first = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(*n->first), e);
	if (!n->first)
		return e->code;
	s.epoch = prof_mem_zalloc(&d->mem, d->rows.n, sizeof(*s.epoch), e);
	if (!s.epoch)
		return e->code;
	memset(n->first, 0xff, d->rows.n * sizeof(*n->first));
	for (size_t i = 0; !rc && i < d->runs.n; i++) {
		const struct diff_run *run = &d->runs.v[i];

		for (size_t k = 0; !rc && k < run->p->sample_stack.n; k++) {
			bool any;

			if (run->owner[k] == PROF_NONE)
				continue;
			rc = take_stack(n, run, k, of, lines, &s, &any, e);
			if (!rc && any)
				rc = relate_stack(n, run, k, of, &s, e);
		}
	}
	prof_vec_fini(&d->mem, &s.v);
	prof_mem_zfree(&d->mem, s.epoch, d->rows.n, sizeof(*s.epoch));
	return rc;
}

void diff_neighbours_fini(struct neighbours *n)
{
	prof_mem_zfree(&n->d->mem, n->first, n->d->rows.n, sizeof(*n->first));
	prof_vec_fini(&n->d->mem, &n->v);
	prof_index_fini(&n->index);
}

/* Names. */
enum { NAME_BYTES = 96 };

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The name behind package and receiver, without the numbers of what the compiler names. */
static size_t normalised(struct prof_str s, char out[NAME_BYTES])
{
	static const char *const numbered[] = {"func", "gowrap", "deferwrap", "range"};
	size_t n = 0;

	for (uint32_t i = 0; i < s.len && n < NAME_BYTES; i++) {
		out[n++] = s.p[i];
		for (size_t k = 0; k < sizeof(numbered) / sizeof(*numbered); k++) {
			size_t len = strlen(numbered[k]);

			if (n < len || memcmp(out + n - len, numbered[k], len) != 0)
				continue;
			while (i + 1 < s.len && digit(s.p[i + 1]))
				i++;
		}
	}
	return n;
}

static double edit_similarity(const char *a, size_t n, const char *b, size_t m)
{
	size_t row[NAME_BYTES + 1], most = n > m ? n : m;

	if (!most)
		return 1;
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t change = diagonal + (a[i - 1] != b[j - 1]), least = row[j] + 1;

			diagonal = row[j];
			least = row[j - 1] + 1 < least ? row[j - 1] + 1 : least;
			row[j] = change < least ? change : least;
		}
	}
	return 1 - (double)row[m] / (double)most;
}

/* "net/http.(*conn)" of "net/http.(*conn).serve.func1": package and receiver. */
static struct prof_str scope_of(struct prof_str name)
{
	uint32_t n = prof_go_package(name).len, end = n;

	if (n + 1 < name.len && name.p[n + 1] == '(')
		while (end < name.len && name.p[end] != ')')
			end++;
	return (struct prof_str){name.p, end < name.len ? end : name.len};
}

double diff_name_similarity(struct prof_str a, struct prof_str b)
{
	struct prof_str of_a = scope_of(a), of_b = scope_of(b);
	char x[NAME_BYTES], y[NAME_BYTES];
	size_t n, m;

	a = (struct prof_str){a.p + of_a.len, a.len - of_a.len};
	b = (struct prof_str){b.p + of_b.len, b.len - of_b.len};
	n = normalised(a, x);
	m = normalised(b, y);
	return (prof_str_eq(of_a, of_b) ? 0.5 : 0) + 0.5 * edit_similarity(x, n, y, m);
}
