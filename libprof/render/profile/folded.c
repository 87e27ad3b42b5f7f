/* Folded stacks, as flamegraph.pl and its kin read them: "root;caller;leaf 12", a line a different
 * stack, equal ones summed up (sums of 0 left out), sorted as bytes.
 *
 * Nothing is joined to be sorted: each frame's text has a rank, once with ';' behind it and once as
 * a leaf, and no text holds a ';', so that comparing ranks is comparing lines.
 */
#include "libprof/render/profile/folded.h"

#include <stdlib.h>

#include "libprof/base/num.h"
#include "libprof/render/profile/frames.h"

struct fold {
	const struct prof_profile *p;
	struct prof_frames frames;
	struct prof_mem mem;
	struct prof_arena arena;
	struct prof_str *text; /* of each frame, with ';' behind it */
	uint32_t *rank; /* of frame f: 2 f, as a leaf 2 f + 1; from 1 */
};

struct row {
	const struct fold *f;
	uint32_t stack;
	int64_t value, old; /* old: 0 where there is one column only */
};

/* A way along the frames of a stack, root first: locations [first, loc) are left, and of the one
 * under way frames [frame, end).
 */
struct walk {
	const uint32_t *first, *loc, *frame, *end;
};

static struct walk walk_of(const struct fold *f, uint32_t stack)
{
	const struct prof_profile *p = f->p;
	static const uint32_t none; /* the frame of an empty stack */
	uint32_t first = p->stack_start.v[stack], last = p->stack_start.v[stack + 1];

	if (first == last)
		return (struct walk){.frame = &none, .end = &none + 1};
	return (struct walk){.first = p->stack_loc.v + first, .loc = p->stack_loc.v + last};
}

/* The next frame's index in `rank`, or PROF_NONE. */
static inline uint32_t next(const struct fold *f, struct walk *w)
{
	uint32_t frame;

	if (w->frame == w->end) {
		if (w->loc == w->first)
			return PROF_NONE;
		w->loc--;
		w->frame = f->frames.of.v + f->frames.start[*w->loc];
		w->end = f->frames.of.v + f->frames.start[*w->loc + 1];
	}
	frame = *w->frame++;
	return 2 * frame + (w->frame == w->end && w->loc == w->first);
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	const struct fold *f = x->f;
	struct walk v = walk_of(f, x->stack), w = walk_of(f, y->stack);

	/* Most of what two stacks share are whole locations. */
	while (v.loc - v.first > 1 && w.loc - w.first > 1 && v.loc[-1] == w.loc[-1]) {
		v.loc--;
		w.loc--;
	}
	for (;;) {
		uint32_t i = next(f, &v), j = next(f, &w);
		uint32_t r = i == PROF_NONE ? 0 : f->rank[i], s = j == PROF_NONE ? 0 : f->rank[j];

		if (r != s)
			return r < s ? -1 : 1;
		if (!r)
			return 0;
	}
}

struct ranked {
	struct prof_str text;
	uint32_t slot;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	int c = prof_str_cmp(x->text, y->text);

	return c ? c : (x->slot > y->slot) - (x->slot < y->slot);
}

static int rank(struct fold *f, struct prof_err *e)
{
	size_t n = 2 * f->frames.v.n;
	struct ranked *all = prof_mem_zalloc(&f->mem, n, sizeof(*all), e);
	uint32_t last = 0;

	if (!all)
		return e->code;
	for (uint32_t i = 0; i < n; i++)
		all[i] = (struct ranked){{f->text[i / 2].p, f->text[i / 2].len - i % 2}, i};
	qsort(all, n, sizeof(*all), compare_ranked);
	for (size_t i = 0; i < n; i++) {
		last += !i || !prof_str_eq(all[i].text, all[i - 1].text);
		f->rank[all[i].slot] = last;
	}
	prof_mem_zfree(&f->mem, all, n, sizeof(*all));
	return 0;
}

static int fold_init(
	struct fold *f, const struct prof_profile *p, unsigned flags, struct prof_err *e)
{
	struct prof_buf b;
	int rc;

	f->p = p;
	f->mem = prof_frames_mem(p);
	prof_arena_init(&f->arena, &f->mem);
	rc = prof_frames_init(&f->frames, p, &f->mem,
		flags & PROF_WRITE_LINES ? PROF_FRAMES_BY_LINE : PROF_FRAMES_BY_NAME,
		flags & PROF_WRITE_INLINE_MARKS, e);
	if (rc)
		return rc;
	f->text = prof_mem_zalloc(&f->mem, f->frames.v.n, sizeof(*f->text), e);
	f->rank = prof_mem_zalloc(&f->mem, 2 * f->frames.v.n, sizeof(*f->rank), e);
	if (!f->text || !f->rank)
		return e->code;
	prof_buf_init(&b, NULL, NULL);
	for (uint32_t i = 0; !rc && i < f->frames.v.n; i++) {
		b.n = 0;
		prof_frame_put_folded(&f->frames, i, &b);
		prof_buf_char(&b, ';');
		rc = b.code ? prof_nomem(e) : 0;
		if (!rc)
			f->text[i].p = prof_arena_dup(&f->arena, b.p, b.n, e);
		f->text[i].len = (uint32_t)b.n;
		rc = rc || f->text[i].p ? rc : e->code;
	}
	prof_buf_fini(&b);
	return rc ? rc : rank(f, e);
}

static void fold_fini(struct fold *f)
{
	prof_mem_zfree(&f->mem, f->text, f->frames.v.n, sizeof(*f->text));
	prof_mem_zfree(&f->mem, f->rank, 2 * f->frames.v.n, sizeof(*f->rank));
	prof_arena_fini(&f->arena);
	prof_frames_fini(&f->frames);
}

static void put_stack(const struct fold *f, const struct row *row, bool both, struct prof_buf *b)
{
	struct walk w = walk_of(f, row->stack);
	uint32_t i;

	while ((i = next(f, &w)) != PROF_NONE)
		prof_buf_put(b, f->text[i / 2].p, f->text[i / 2].len - i % 2);
	prof_buf_char(b, ' ');
	if (both) {
		prof_buf_i64(b, row->old);
		prof_buf_char(b, ' ');
	}
	prof_buf_i64(b, row->value);
	prof_buf_char(b, '\n');
}

/* All rows, sorted; n of them. */
static struct row *make_rows(
	struct fold *f, uint32_t column, uint32_t old, size_t *n, struct prof_err *e)
{
	const struct prof_profile *p = f->p;
	struct row *rows = prof_mem_zalloc(&f->mem, p->sample_stack.n, sizeof(*rows), e);

	*n = 0;
	for (size_t i = 0; rows && i < p->sample_stack.n; i++) {
		int64_t v = p->values.v[column].v[i];
		int64_t was = old == PROF_NONE ? 0 : p->values.v[old].v[i];

		if (v || was)
			rows[(*n)++] = (struct row){f, p->sample_stack.v[i], v, was};
	}
	if (rows)
		qsort(rows, *n, sizeof(*rows), compare_rows);
	return rows;
}

int prof_folded_write(const struct prof_profile *p, uint32_t column, uint32_t old, unsigned flags,
	prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct fold f = {0};
	struct prof_buf b;
	struct row *rows = NULL;
	size_t n = 0;
	int rc;

	prof_buf_init(&b, write, ctx);
	rc = fold_init(&f, p, flags, e);
	if (!rc) {
		rows = make_rows(&f, column, old, &n, e);
		rc = rows ? 0 : e->code;
	}
	for (size_t i = 0; !b.code && i < n; i++) {
		struct row sum = rows[i];

		for (; i + 1 < n && !compare_rows(&sum, &rows[i + 1]); i++) {
			sum.value = prof_add(sum.value, rows[i + 1].value);
			sum.old = prof_add(sum.old, rows[i + 1].old);
		}
		if (sum.value || sum.old)
			put_stack(&f, &sum, old != PROF_NONE, &b);
	}
	if (!rc)
		rc = prof_buf_done(&b, e);
	prof_mem_zfree(&f.mem, rows, p->sample_stack.n, sizeof(*rows));
	fold_fini(&f);
	prof_buf_fini(&b);
	return rc;
}

int prof_profile_folded(const struct prof_profile *p, const char *sample_index, unsigned flags,
	prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_err none = {0};
	uint32_t type;
	int rc;

	e = e ? e : &none;
	rc = prof_profile_sample_index(p, sample_index, &type, e);
	return rc ? rc : prof_folded_write(p, type, PROF_NONE, flags, write, ctx, e);
}
