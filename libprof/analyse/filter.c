#include "libprof/analyse/filter.h"

#include <stdlib.h>
#include <string.h>

#include "libprof/analyse/match.h"
#include "libprof/base/buf.h"

/* What becomes of a location in the stacks. */
enum {
	IGNORED = 1, /* drops the sample */
	FOCUSED = 2, /* keeps it */
	HIDDEN = 4, /* is taken out */
	CUT = 8, /* where a stack is cut: kept, and not what is beyond it */
	PRUNED = 16, /* likewise, but not kept itself */
};

/* Narrows the n locations at `loc`, leaf first; false drops the stack's samples. */
typedef bool edit_fn(const uint8_t *marks, uint32_t *loc, uint32_t *n);

void prof_drop_samples(struct prof_profile *p, const bool *dead)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->sample_stack.n; i++) {
		if (dead[i])
			continue;
		p->sample_stack.v[kept] = p->sample_stack.v[i];
		p->sample_labels.v[kept] = p->sample_labels.v[i];
		for (size_t t = 0; t < p->values.n; t++)
			p->values.v[t].v[kept] = p->values.v[t].v[i];
		kept++;
	}
	p->sample_stack.n = p->sample_labels.n = kept;
	for (size_t t = 0; t < p->values.n; t++)
		p->values.v[t].n = kept;
}

/* Applies `edit` to every stack, in place, and drops the samples of those that it refuses. */
static int edit_stacks(
	struct prof_profile *p, edit_fn *edit, const uint8_t *marks, struct prof_err *e)
{
	size_t n_stacks = p->stack_start.n - 1;
	size_t n_samples = p->sample_stack.n;
	bool *dead = prof_mem_zalloc(&p->mem, n_stacks, sizeof(*dead), e);
	bool *dead_samples = prof_mem_zalloc(&p->mem, n_samples, sizeof(*dead), e);
	uint32_t out = 0, from = p->stack_start.v[0];

	if (!dead || !dead_samples) {
		prof_mem_zfree(&p->mem, dead, n_stacks, sizeof(*dead));
		prof_mem_zfree(&p->mem, dead_samples, n_samples, sizeof(*dead));
		return e->code;
	}
	for (size_t s = 0; s < n_stacks; s++) {
		uint32_t to = p->stack_start.v[s + 1], n = to - from;
		uint32_t *loc = p->stack_loc.v + from;

		dead[s] = !edit(marks, loc, &n);
		if (dead[s])
			n = 0;
		memmove(p->stack_loc.v + out, loc, n * sizeof(*loc));
		p->stack_start.v[s] = out;
		out += n;
		from = to;
	}
	p->stack_start.v[n_stacks] = out;
	p->stack_loc.n = out;
	for (size_t i = 0; i < p->sample_stack.n; i++)
		dead_samples[i] = dead[p->sample_stack.v[i]];
	prof_drop_samples(p, dead_samples);
	prof_mem_zfree(&p->mem, dead_samples, n_samples, sizeof(*dead_samples));
	prof_mem_zfree(&p->mem, dead, n_stacks, sizeof(*dead));
	return 0;
}

static bool focus_and_hide(const uint8_t *marks, uint32_t *loc, uint32_t *n)
{
	uint32_t out = 0;
	bool focused = false, hidden = false;

	for (uint32_t i = 0; i < *n; i++) {
		uint8_t m = marks[loc[i]];

		if (m & IGNORED)
			return false;
		focused |= (m & FOCUSED) != 0;
		hidden |= (m & HIDDEN) != 0;
	}
	for (uint32_t i = 0; hidden && focused && i < *n; i++)
		if (!(marks[loc[i]] & HIDDEN))
			loc[out++] = loc[i];
	if (hidden)
		*n = out;
	return focused && *n > 0;
}

/* Keeps the lines that match, or those that do not; a mapping that matches stands for all. */
static void narrow_lines(
	struct prof_profile *p, struct prof_location *l, const struct prof_match *m, bool matching)
{
	uint32_t out = 0;

	if (prof_match_mapping(m, l)) {
		l->n_lines = matching ? l->n_lines : 0;
		return;
	}
	for (uint32_t i = 0; i < l->n_lines; i++) {
		struct prof_line line = p->lines.v[l->first_line + i];

		if (prof_match_line(m, &line) == matching)
			p->lines.v[l->first_line + out++] = line;
	}
	l->n_lines = out;
}

struct matches {
	struct prof_match focus, ignore, hide, show;
};

static uint8_t mark_location(
	struct prof_profile *p, struct prof_location *l, const struct matches *m, unsigned *missed)
{
	uint8_t mark = 0;

	if (m->ignore.re && prof_match_location(&m->ignore, l)) {
		*missed &= ~(unsigned)PROF_MISS_IGNORE;
		mark = IGNORED;
	} else if (!m->focus.re || prof_match_location(&m->focus, l)) {
		*missed &= ~(unsigned)PROF_MISS_FOCUS;
		mark = FOCUSED;
	}
	if (m->hide.re && prof_match_location(&m->hide, l)) {
		*missed &= ~(unsigned)PROF_MISS_HIDE;
		narrow_lines(p, l, &m->hide, false);
		if (!l->n_lines)
			mark |= HIDDEN;
	}
	if (m->show.re) {
		narrow_lines(p, l, &m->show, true);
		if (l->n_lines)
			*missed &= ~(unsigned)PROF_MISS_SHOW;
		else
			mark |= HIDDEN;
	}
	return mark;
}

static int by_name(struct prof_profile *p, const struct prof_filter *f, uint8_t *marks,
	unsigned *missed, struct prof_err *e)
{
	struct matches m = {0};
	int rc;

	if ((rc = prof_match_init(&m.focus, p, f->focus, e)) ||
		(rc = prof_match_init(&m.ignore, p, f->ignore, e)) ||
		(rc = prof_match_init(&m.hide, p, f->hide, e)) ||
		(rc = prof_match_init(&m.show, p, f->show, e)))
		goto out;
	if (!m.focus.re && !m.ignore.re && !m.hide.re && !m.show.re)
		goto out;
	*missed |= (m.focus.re ? PROF_MISS_FOCUS : 0u) | (m.ignore.re ? PROF_MISS_IGNORE : 0u) |
		   (m.hide.re ? PROF_MISS_HIDE : 0u) | (m.show.re ? PROF_MISS_SHOW : 0u);
	for (size_t i = 0; i < p->locations.n; i++)
		marks[i] = mark_location(p, &p->locations.v[i], &m, missed);
	rc = edit_stacks(p, focus_and_hide, marks, e);
out:
	prof_match_fini(&m.focus);
	prof_match_fini(&m.ignore);
	prof_match_fini(&m.hide);
	prof_match_fini(&m.show);
	return rc;
}

static bool cut_above(const uint8_t *marks, uint32_t *loc, uint32_t *n)
{
	for (uint32_t i = *n; i-- > 0;) {
		if (marks[loc[i]] & CUT) {
			*n = i + 1;
			return true;
		}
	}
	return false;
}

static int show_from(struct prof_profile *p, const char *pattern, uint8_t *marks, unsigned *missed,
	struct prof_err *e)
{
	struct prof_match m;
	int rc = prof_match_init(&m, p, pattern, e);

	if (rc || !m.re) {
		prof_match_fini(&m);
		return rc;
	}
	*missed |= PROF_MISS_SHOW_FROM;
	for (size_t i = 0; i < p->locations.n; i++) {
		struct prof_location *l = &p->locations.v[i];
		bool whole = prof_match_mapping(&m, l);
		uint32_t k = l->n_lines;

		while (!whole && k > 0 && !prof_match_line(&m, &p->lines.v[l->first_line + k - 1]))
			k--;
		marks[i] = whole || k ? CUT : 0;
		if (!whole && k)
			l->n_lines = k;
		if (marks[i])
			*missed &= ~(unsigned)PROF_MISS_SHOW_FROM;
	}
	prof_match_fini(&m);
	return edit_stacks(p, cut_above, marks, e);
}

static bool cut_below(const uint8_t *marks, uint32_t *loc, uint32_t *n)
{
	for (uint32_t i = 0; i < *n; i++) {
		if (marks[loc[i]] & CUT) {
			*n -= i;
			memmove(loc, loc + i, *n * sizeof(*loc));
			break;
		}
	}
	return true;
}

static int prune_from(
	struct prof_profile *p, const char *pattern, uint8_t *marks, struct prof_err *e)
{
	struct prof_match m;
	int rc = prof_match_init_simple(&m, p, pattern, e);

	if (rc || !m.re) {
		prof_match_fini(&m);
		return rc;
	}
	for (size_t i = 0; i < p->locations.n; i++) {
		struct prof_location *l = &p->locations.v[i];
		uint32_t k = 0;

		while (k < l->n_lines && !prof_match_line(&m, &p->lines.v[l->first_line + k]))
			k++;
		marks[i] = k < l->n_lines ? CUT : 0;
		if (marks[i]) {
			l->first_line += k;
			l->n_lines -= k;
		}
	}
	prof_match_fini(&m);
	return edit_stacks(p, cut_below, marks, e);
}

int prof_filter(
	struct prof_profile *p, const struct prof_filter *f, unsigned *missed, struct prof_err *e)
{
	size_t n = p->locations.n;
	uint8_t *marks = prof_mem_zalloc(&p->mem, n, 1, e);
	int rc;

	*missed = 0;
	if (!marks)
		return e->code;
	if (!(rc = by_name(p, f, marks, missed, e)) &&
		!(rc = show_from(p, f->show_from, marks, missed, e)) &&
		!(rc = prof_filter_labels(p, f, missed, e)))
		rc = prune_from(p, f->prune_from, marks, e);
	prof_mem_zfree(&p->mem, marks, n, 1);
	return rc;
}

/* From the root: the first match that has a frame that does not match above it ends the stack. */
static bool cut_uninteresting(const uint8_t *marks, uint32_t *loc, uint32_t *n)
{
	bool user = false;

	for (uint32_t i = *n; i-- > 0;) {
		uint8_t m = marks[loc[i]];

		if (!m) {
			user = true;
		} else if (user) {
			uint32_t first = i + (m == PRUNED);

			*n -= first;
			memmove(loc, loc + first, *n * sizeof(*loc));
			break;
		}
	}
	return true;
}

static int whole_name(
	struct prof_match *m, struct prof_profile *p, uint32_t pattern, struct prof_err *e)
{
	struct prof_buf b;
	struct prof_str s = prof_profile_str(p, pattern);
	int rc;

	if (!pattern)
		return prof_match_init_simple(m, p, NULL, e);
	prof_buf_init(&b, NULL, NULL);
	prof_buf_str(&b, "^(");
	prof_buf_put(&b, s.p, s.len);
	prof_buf_str(&b, ")$");
	*m = (struct prof_match){.p = p};
	rc = prof_buf_done(&b, e);
	if (!rc)
		rc = prof_match_init_simple(m, p, b.p, e);
	prof_buf_fini(&b);
	return rc;
}

int prof_filter_uninteresting(struct prof_profile *p, struct prof_err *e)
{
	struct prof_match drop, keep = {0};
	struct prof_err own = {0};
	size_t n = p->locations.n;
	uint8_t *marks;
	int rc;

	if (!p->drop_frames)
		return 0;
	marks = prof_mem_zalloc(&p->mem, n, 1, e);
	if (!marks)
		return e->code;
	rc = whole_name(&drop, p, p->drop_frames, &own);
	if (!rc)
		rc = whole_name(&keep, p, p->keep_frames, &own);
	if (rc) {
		rc = rc == PROF_EUSAGE ? 0 : prof_fail(e, rc, own.offset, "%s", own.msg);
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		struct prof_location *l = &p->locations.v[i];
		uint32_t k = l->n_lines;

		for (; k > 0; k--) {
			const struct prof_line *line = &p->lines.v[l->first_line + k - 1];

			if (prof_match_line(&drop, line) &&
				!(keep.re && prof_match_line(&keep, line)))
				break;
		}
		if (!k)
			continue;
		marks[i] = k == l->n_lines ? PRUNED : CUT;
		if (marks[i] == CUT) {
			l->first_line += k;
			l->n_lines -= k;
		}
	}
	rc = edit_stacks(p, cut_uninteresting, marks, e);
out:
	prof_match_fini(&drop);
	prof_match_fini(&keep);
	prof_mem_zfree(&p->mem, marks, n, 1);
	return rc;
}
