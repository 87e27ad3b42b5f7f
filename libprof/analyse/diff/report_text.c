#include <math.h>

#include "libprof/analyse/diff/diff.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

enum {
	WIDTH = 100,
	NOTE_COLUMN = 11,
	FILES_WIDTH = 40,
};

static void head(struct diff_writer *w)
{
	if (!w->rc)
		w->rc = prof_report_head(w->r, &w->b, w->e);
}

/* The line is the report's first and stands for all of it. */
static void headline(struct diff_writer *w)
{
	struct prof_buf copy;

	prof_buf_init(&copy, NULL, NULL);
	prof_buf_put(&copy, w->b.p, w->b.n);
	if (!w->rc)
		w->rc = prof_report_headline(w->r, &copy, w->e);
	prof_buf_fini(&copy);
	head(w);
}

/* "-7%", "+12%", "+0.4%", "x12": a ratio as a change, with the digits that say something. */
void diff_put_change(struct prof_buf *b, double ratio)
{
	double percent = 100 * (ratio - 1), size = fabs(percent);

	if (isnan(ratio))
		return;
	if (ratio > 1e6) {
		prof_buf_str(b, "new");
	} else if (ratio >= 10) {
		prof_buf_str(b, "×");
		prof_buf_double(b, ratio, 'f', 0);
	} else {
		if (percent > 0)
			prof_buf_char(b, '+');
		prof_buf_double(b, percent, 'f', size < 9.95 && size >= 0.05 ? 1 : 0);
		prof_buf_char(b, '%');
	}
}

/* What a row counts as a value: a preempted function has the samples of asyncPreempt, too. */
int64_t diff_value(const struct prof_diff *d, const struct diff_row *row, enum diff_metric m,
	enum prof_side side)
{
	const struct diff_side *s = &d->sides[side];
	size_t i = (size_t)(row - d->rows.v);

	if (m != M_FLAT || d->count != COUNT_SAMPLES || s->x <= 0)
		return row->value[m][side];
	return prof_to_i64(round(diff_side_x(d, m, i, side) * (double)s->counted / s->x));
}

/* Three digits. Per operation or run; the new side's divided by what its code would count without a
 * change. */
void diff_put_value(struct diff_writer *w, struct prof_buf *b, int64_t value, enum prof_side side)
{
	const struct prof_diff *d = w->d;
	const struct diff_side *s = d->sides;
	struct prof_str unit;
	bool whole;
	double v, by = d->scale.method == SCALE_OPS ? s[side].ops : (double)s[PROF_OLD].runs;

	if (side == PROF_NEW && d->scale.method == SCALE_OPS)
		by *= d->scale.unchanged > 0 ? d->scale.unchanged : 1;
	else if (side == PROF_NEW && d->scale.factor > 0)
		by *= d->scale.factor;
	v = prof_unit_scale(1, w->r->unit, w->r->out_unit, &unit) * (double)value / by;
	whole = v == 0 || (!unit.len && v == round(v));
	prof_buf_double(b, v, 'f', whole || fabs(v) >= 99.95 ? 0 : fabs(v) >= 9.995 ? 1 : 2);
	if (v != 0)
		prof_buf_put(b, unit.p, unit.len);
}

static void verdict_line(struct diff_writer *w)
{
	static const char *const names[] = {
		"UNCHANGED", "REGRESSED", "IMPROVED", "INCONCLUSIVE", "NOT COMPARABLE"};
	static const char *const per[] = {
		" against unchanged code", " per operation", " per second", " in shares", ""};
	const struct prof_diff *d = w->d;
	const struct prof_ratio *r = &d->total.ratio;

	prof_buf_printf(&w->b, "%s  ", names[d->verdict]);
	prof_buf_plain(&w->b, d->runs.v[0].type);
	if (d->total.tested) {
		prof_buf_str(&w->b, per[d->scale.method]);
		prof_buf_str(&w->b, ": ");
		diff_put_change(&w->b, r->ratio);
		prof_buf_str(&w->b, " (95 %: ");
		diff_put_change(&w->b, r->low);
		prof_buf_str(&w->b, " … ");
		diff_put_change(&w->b, r->high);
		prof_buf_char(&w->b, ')');
	}
	if (d->count == COUNT_EXACT && d->sides[0].total) {
		prof_buf_str(&w->b, ": ");
		diff_put_change(&w->b,
			(double)d->sides[1].total / (double)d->sides[0].total / d->scale.factor);
	}
	prof_buf_printf(&w->b, ", %zu %s against %zu", d->sides[0].runs,
		d->sides[0].runs == 1 ? "run" : "runs", d->sides[1].runs);
	headline(w);
	if (d->why) {
		prof_buf_printf(&w->b, "because %s", d->why);
		head(w);
	}
}

/* Of a path from `start` on that is too long, without the first folders: "…/c/d.pb.gz". */
static void shorten(struct prof_buf *b, size_t start)
{
	static const char dots[] = "…";
	size_t cut = start;

	for (size_t i = start; i < b->n && b->p[i] != '{' && b->n - cut > FILES_WIDTH; i++)
		if (b->p[i] == '/')
			cut = i;
	if (b->code || cut - start < sizeof(dots) - 1)
		return;
	memcpy(b->p + start, dots, sizeof(dots) - 1);
	memmove(b->p + start + sizeof(dots) - 1, b->p + cut, b->n - cut);
	b->n -= cut - start - (sizeof(dots) - 1);
}

/* The files of a side: "a.{1,2,3}.pb.gz" where they differ in one place, "a.1.pb.gz and 9 more"
 * where that is too long.
 */
static void files(struct diff_writer *w, enum prof_side side)
{
	const struct prof_diff *d = w->d;
	struct prof_str first = {0}, s;
	size_t start = w->b.n, head_len = 0, tail_len = 0, n = 0;

	for (size_t i = 0; i < d->runs.n; i++) {
		if (d->runs.v[i].side != side)
			continue;
		s = d->runs.v[i].name;
		if (!n++) {
			first = s;
			head_len = tail_len = s.len;
			continue;
		}
		for (size_t k = 0; k < head_len; k++)
			if (k >= s.len || s.p[k] != first.p[k])
				head_len = k;
		for (size_t k = 0; k < tail_len; k++)
			if (k >= s.len || s.p[s.len - 1 - k] != first.p[first.len - 1 - k])
				tail_len = k;
	}
	if (n == 1 || head_len + tail_len < 4) {
		prof_buf_plain(&w->b, first);
		shorten(&w->b, start);
		if (n > 1)
			prof_buf_printf(&w->b, " and %zu more", n - 1);
		return;
	}
	prof_buf_plain(&w->b, (struct prof_str){first.p, (uint32_t)head_len});
	for (size_t i = 0, k = 0; i < d->runs.n; i++) {
		s = d->runs.v[i].name;
		if (d->runs.v[i].side != side)
			continue;
		prof_buf_char(&w->b, k++ ? ',' : '{');
		if (s.len > head_len + tail_len)
			prof_buf_plain(&w->b, (struct prof_str){s.p + head_len,
						      (uint32_t)(s.len - head_len - tail_len)});
	}
	prof_buf_char(&w->b, '}');
	prof_buf_plain(
		&w->b, (struct prof_str){first.p + first.len - tail_len, (uint32_t)tail_len});
	shorten(&w->b, start);
	if (!w->b.code && w->b.n - start > FILES_WIDTH + sizeof("…")) {
		w->b.n = start;
		prof_buf_plain(&w->b, first);
		shorten(&w->b, start);
		prof_buf_printf(&w->b, " and %zu more", n - 1);
	}
}

static void go_version(struct prof_buf *b, const struct diff_side *s)
{
	if (s->go_least && s->go_least == s->go_most)
		prof_buf_printf(b, "  go1.%u", s->go_least);
	else if (s->go_least)
		prof_buf_printf(b, "  go1.%u or newer", s->go_least);
	else if (s->go_most)
		prof_buf_printf(b, "  go1.%u or older", s->go_most);
}

static void side_line(struct diff_writer *w, enum prof_side side)
{
	const struct prof_diff *d = w->d;
	const struct diff_side *s = &d->sides[side];
	const struct diff_run *first = d->runs.v;
	struct prof_str build;

	while (first->side != side)
		first++;
	prof_buf_str(&w->b, side == PROF_OLD ? "old  " : "new  ");
	files(w, side);
	build = first->build_id;
	if (build.len > 8)
		build.len = 8;
	if (build.len) {
		prof_buf_str(&w->b, "  build ");
		prof_buf_plain(&w->b, build);
	}
	go_version(&w->b, s);
	prof_buf_str(&w->b, "  ");
	prof_buf_i64(&w->b, s->counts);
	prof_buf_str(&w->b, d->count == COUNT_HEAP ? " objects"
			    : diff_is_events(d)    ? " contentions"
			    : s->counts == 1       ? " sample"
						   : " samples");
	prof_buf_str(&w->b, ", ");
	prof_fmt_scaled(&w->b, s->total, d->unit, PROF_STR("auto"));
	head(w);
}

/* What both sides were made equal by. */
static void scale_line(struct diff_writer *w)
{
	const struct diff_scaling *s = &w->d->scale;
	const struct diff_side *sides = w->d->sides;

	if (!(s->factor > 0) || s->method == SCALE_NONE)
		return;
	prof_buf_str(&w->b, "per  ");
	switch (s->method) {
	case SCALE_OPS:
		prof_buf_str(&w->b, "operation: ");
		prof_buf_double(&w->b, w->d->opts.ops[PROF_OLD], 'g', 6);
		prof_buf_str(&w->b, " a run, new ");
		prof_buf_double(&w->b, w->d->opts.ops[PROF_NEW], 'g', 6);
		break;
	case SCALE_DURATION:
		prof_buf_str(&w->b, "second: ");
		prof_fmt_scaled(
			&w->b, sides[PROF_OLD].duration_ns, PROF_STR("ns"), PROF_STR("auto"));
		prof_buf_str(&w->b, ", new ");
		prof_fmt_scaled(
			&w->b, sides[PROF_NEW].duration_ns, PROF_STR("ns"), PROF_STR("auto"));
		break;
	case SCALE_TOTAL:
		prof_buf_str(&w->b, "total: new values are divided by ");
		prof_buf_double(&w->b, s->factor, 'f', 3);
		break;
	default:
		prof_buf_str(&w->b, "unchanged code (");
		prof_buf_double(&w->b, 100 * s->share, 'f', 0);
		prof_buf_str(&w->b,
			diff_is_events(w->d) ? " % of the contentions" : " % of the samples");
		prof_buf_str(&w->b, "): new values are divided by ");
		prof_buf_double(&w->b, s->factor, 'f', 3);
	}
	if (s->unchanged > 0 && (s->method == SCALE_OPS || s->method == SCALE_DURATION)) {
		prof_buf_str(&w->b, "; unchanged code ran at ×");
		prof_buf_double(&w->b, s->unchanged, 'f', 3);
		prof_buf_str(&w->b, ", which is taken off every row");
	}
	head(w);
}

/* A function's name in at most `width` columns: what goes first are the folders of its package. */
void diff_put_name(struct prof_buf *b, struct prof_str name, size_t width)
{
	uint32_t i = 0;

	if (prof_plain_width(name) > width)
		for (uint32_t k = 0; k < name.len && name.p[k] != '[' && name.p[k] != '('; k++)
			if (name.p[k] == '/' && (!i || name.len - i + 1 > width))
				i = k;
	if (i)
		prof_buf_str(b, "…");
	name.p += i;
	name.len -= i;
	if (name.len > width) {
		name.len = (uint32_t)width - 1;
		while (name.len && (name.p[name.len] & 0xc0) == 0x80)
			name.len--;
		prof_buf_plain(b, name);
		prof_buf_str(b, "…");
		return;
	}
	prof_buf_plain(b, name);
}

static struct prof_str name_of(const struct prof_diff *d, uint32_t row)
{
	return prof_strtab_get(&d->strings, d->rows.v[row].text);
}

void diff_put_head(struct diff_writer *w)
{
	const struct prof_buf *warnings = &w->d->warnings;

	verdict_line(w);
	if (!w->rc)
		w->rc = prof_gates_head(w->r, w->d->gates.v, w->d->gates.n, w->e);
	side_line(w, PROF_OLD);
	side_line(w, PROF_NEW);
	scale_line(w);
	for (size_t i = 0; i < warnings->n; i += strlen(warnings->p + i) + 1) {
		prof_buf_printf(&w->b, "warning: %s", warnings->p + i);
		head(w);
	}
	head(w);
}

static void note(struct diff_writer *w)
{
	if (!w->rc)
		w->rc = prof_report_note(w->r, &w->b, w->e);
}

static void begin_note(struct diff_writer *w)
{
	prof_buf_fill(&w->b, ' ', NOTE_COLUMN);
}

static size_t room(const struct diff_writer *w)
{
	size_t used = prof_plain_width((struct prof_str){w->b.p, (uint32_t)w->b.n});

	return used < WIDTH ? WIDTH - used : 0;
}

/* "called by main.rank.func1 ← main.rank ← main.process": code that may have changed only. */
static void path_note(struct diff_writer *w, const struct diff_row *row)
{
	const struct prof_diff *d = w->d;
	size_t n = 0;

	for (uint32_t i = 0; i < row->path_n; i++) {
		uint32_t at = d->paths.v[row->path_first + i];

		if (!diff_may_change(d, at))
			continue;
		if (!n)
			begin_note(w);
		if (prof_plain_width(name_of(d, at)) + 14 > room(w)) {
			prof_buf_str(&w->b, n ? " ← …" : "called by …");
			n++;
			break;
		}
		prof_buf_str(&w->b, n++ ? " ← " : "called by ");
		prof_buf_plain(&w->b, name_of(d, at));
	}
	if (n)
		note(w);
}

#define ALL 0.995 /* or more, where the rest went the other way */
#define MANY 9.5

static void parts_note(struct diff_writer *w, const struct diff_row *row)
{
	const struct prof_diff *d = w->d;

	for (uint32_t i = 0; i < row->part_n; i++) {
		const struct diff_part *part = &d->parts.v[row->part_first + i];
		bool collector = d->rows.v[part->row].code & CODE_COLLECTOR;
		struct prof_str name = collector ? PROF_STR("the garbage collector")
						 : name_of(d, part->row);

		if (i && prof_plain_width(name) + 9 > room(w)) {
			note(w);
			i ? begin_note(w) : (void)0;
		} else if (!i) {
			begin_note(w);
		} else {
			prof_buf_str(&w->b, ", ");
		}
		if (collector) {
			prof_buf_str(&w->b, "besides ");
			prof_buf_double(&w->b, part->part * (part->part < MANY ? 100 : 1), 'f', 0);
			prof_buf_str(
				&w->b, part->part < MANY ? "% as much in " : " times as much in ");
		} else if (part->part >= ALL) {
			prof_buf_str(&w->b, i ? "all in " : "all of it in ");
		} else {
			prof_buf_double(&w->b, 100 * part->part, 'f', 0);
			prof_buf_str(&w->b, i ? "% in " : "% of it in ");
		}
		diff_put_name(&w->b, name, room(w) > 24 ? room(w) : 24);
	}
	if (row->part_n)
		note(w);
}

static void relation_note(struct diff_writer *w, const struct diff_row *row)
{
	const struct prof_diff *d = w->d;

	if (row->among && row->kind == KIND_MOVED) {
		begin_note(w);
		prof_buf_str(&w->b, "or another closure of ");
		diff_put_name(&w->b, prof_strtab_get(&d->strings, row->among), 40);
		prof_buf_str(&w->b, ": they are numbered anew, together unchanged");
		note(w);
	} else if (row->kind == KIND_MOVED) {
		begin_note(w);
		prof_buf_str(&w->b, row->test[M_OWN].ratio.ratio < 1 ? "its cost went to "
								     : "its cost came from ");
		prof_buf_plain(&w->b, name_of(d, row->peer));
		note(w);
	} else if (row->peer != PROF_NONE && !row->merged) {
		begin_note(w);
		prof_buf_str(&w->b, "was ");
		diff_put_name(&w->b, name_of(d, row->peer), WIDTH - NOTE_COLUMN - 20);
		prof_buf_str(&w->b, ", ");
		prof_buf_double(&w->b, row->score, 'f', 2);
		prof_buf_str(&w->b, " alike");
		note(w);
	}
}

static void inlining_note(struct diff_writer *w, const struct diff_row *row)
{
	size_t i = (size_t)(row - w->d->rows.v);
	double old = diff_inlined(w->d, i, PROF_OLD), new = diff_inlined(w->d, i, PROF_NEW);

	if (w->d->opts.by != PROF_BY_FUNCTION || !(fabs(old - new) > 0.5))
		return;
	begin_note(w);
	prof_buf_str(&w->b, new > old ? "now inlined: in " : "no longer inlined: in ");
	prof_buf_double(&w->b, 100 * old, 'f', 0);
	prof_buf_str(&w->b, "% of its samples it was, in ");
	prof_buf_double(&w->b, 100 * new, 'f', 0);
	prof_buf_str(&w->b, "% it is");
	note(w);
}

void diff_put_notes(struct diff_writer *w, const struct diff_row *row)
{
	if (w->rc)
		return;
	relation_note(w, row);
	if (row->finding) {
		parts_note(w, row);
		path_note(w, row);
	}
	inlining_note(w, row);
	if (row->under != PROF_NONE) {
		begin_note(w);
		prof_buf_str(&w->b, "evidence under ");
		prof_buf_plain(&w->b, name_of(w->d, row->under));
		note(w);
	}
}
