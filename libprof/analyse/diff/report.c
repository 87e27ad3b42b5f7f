#include <math.h>
#include <stdlib.h>

#include "libprof/analyse/diff/diff.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

#define LEAST_SHARE 0.01
enum { NAME_WIDTH = 38 }; /* in text, so that a line has 100 columns */
enum { OLD_, NEW_, CHANGE, PERCENT, POINTS, RATIO, LOW, HIGH, Q, SIGNIFICANT, N_METRIC };
enum {
	C_NAME,
	C_OLD_NAME,
	C_FILE,
	C_LINE,
	C_KIND,
	C_FINDING,
	C_SCORE,
	C_PEER,
	C_UNDER,
	C_INLINED,
	C_PATH = C_INLINED + 2,
	C_PARTS,
	C_METRIC,
	C_DETECTABLE = C_METRIC + N_METRICS * N_METRIC,
	T_KIND,
	T_OLD,
	T_NEW,
	T_SHARE,
	T_CHANGE,
	T_RANGE,
	T_Q,
	T_NAME,
	N_COLUMNS
};

#define METRIC(at, name) \
	[at + OLD_] = {.key = name ".old"}, [at + NEW_] = {.key = name ".new"}, \
	      [at + CHANGE] = {.key = name ".change"}, [at + PERCENT] = {.key = name ".percent"}, \
	      [at + POINTS] = {.key = name ".points"}, [at + RATIO] = {.key = name ".ratio"}, \
	      [at + LOW] = {.key = name ".low"}, [at + HIGH] = {.key = name ".high"}, \
	      [at + Q] = {.key = name ".q"}, [at + SIGNIFICANT] = {.key = name ".significant"}

static const struct prof_table_column columns[N_COLUMNS] = {
	[C_NAME] = {.key = "name"},
	[C_OLD_NAME] = {.key = "old_name", .optional = true},
	[C_FILE] = {.key = "file", .optional = true},
	[C_LINE] = {.key = "line", .optional = true},
	[C_KIND] = {.key = "kind"},
	[C_FINDING] = {.key = "finding"},
	[C_SCORE] = {.key = "score", .optional = true},
	[C_PEER] = {.key = "peer", .optional = true},
	[C_UNDER] = {.key = "under", .optional = true},
	[C_INLINED] = {.key = "inlined.old", .optional = true},
	[C_INLINED + 1] = {.key = "inlined.new", .optional = true},
	[C_PATH] = {.key = "path", .optional = true},
	[C_PARTS] = {.key = "parts", .optional = true},
	METRIC(C_METRIC, "flat"),
	METRIC(C_METRIC + N_METRIC, "cum"),
	METRIC(C_METRIC + 2 * N_METRIC, "own"),
	[C_DETECTABLE] = {.key = "own.detectable"},
	[T_KIND] = {.title = "", .left = true},
	[T_OLD] = {.title = "old", .gap = 2},
	[T_NEW] = {.title = "new", .gap = 2},
	[T_SHARE] = {.title = "share", .gap = 2},
	[T_CHANGE] = {.title = "change", .gap = 2},
	[T_RANGE] = {.title = "95 %", .gap = 2},
	[T_Q] = {.title = "q", .gap = 2},
	[T_NAME] = {.title = "function", .left = true, .gap = 2, .is_name = true},
};

static const char *const by_names[] = {[PROF_BY_FUNCTION] = "function",
	[PROF_BY_FILE_FUNCTION] = "function of a file",
	[PROF_BY_FILE] = "file",
	[PROF_BY_LINE] = "line",
	[PROF_BY_ADDRESS] = "address",
	[PROF_BY_PACKAGE] = "package"};

const char *diff_kind_name(enum diff_kind kind)
{
	static const char *const names[] = {
		"unchanged", "regressed", "improved", "new", "gone", "renamed", "moved", "inlined"};

	return names[kind];
}

/* What the text shows of a row. */
enum diff_metric diff_shown_metric(const struct prof_diff *d, const struct diff_row *row)
{
	if (row->finding || row->kind == KIND_MOVED)
		return M_OWN;
	return d->opts.cum || row->kind == KIND_RENAMED ? M_CUM : M_FLAT;
}

static int64_t change_of(const int64_t v[2])
{
	return prof_sub(v[PROF_NEW], v[PROF_OLD]);
}

/* Findings first, then what is renamed or moved, then the rest; each by |change|, by |the other
 * change|, and by name.
 */
struct item {
	int rank;
	uint64_t major, minor;
	struct prof_str text;
	uint32_t row;
};

static int compare_items(const void *p, const void *q)
{
	const struct item *a = p, *b = q;

	if (a->rank != b->rank)
		return a->rank - b->rank;
	if (a->major != b->major)
		return a->major > b->major ? -1 : 1;
	if (a->minor != b->minor)
		return a->minor > b->minor ? -1 : 1;
	return prof_str_cmp(a->text, b->text);
}

static int rank_of(const struct diff_row *row)
{
	if (row->finding)
		return 0;
	return row->kind == KIND_RENAMED || row->kind == KIND_MOVED || row->kind == KIND_INLINED
		       ? 1
		       : 2;
}

static struct item *sorted(struct diff_writer *w, size_t *n, size_t *explained)
{
	const struct prof_diff *d = w->d;
	struct item *items = calloc(d->rows.n + 1, sizeof(*items));

	*n = *explained = 0;
	if (!items) {
		w->rc = prof_nomem(w->e);
		return NULL;
	}
	for (uint32_t i = 0; i < d->rows.n; i++) {
		const struct diff_row *row = &d->rows.v[i];
		uint64_t flat = (uint64_t)prof_abs(change_of(row->value[M_FLAT]));
		uint64_t cum = (uint64_t)prof_abs(change_of(row->value[M_CUM]));
		uint64_t own = (uint64_t)prof_abs(change_of(row->value[M_OWN]));
		int rank = rank_of(row);

		if (row->merged)
			continue;
		/* Text shows what moved once, where it went from. */
		if (d->opts.row_count == PROF_DIFF_EXPLAINED && row->kind == KIND_MOVED &&
			row->peer != PROF_NONE && row->test[M_OWN].ratio.ratio > 1)
			continue;
		if (d->opts.row_count != -1 && row->code & CODE_PREEMPT)
			continue;
		items[*n] = (struct item){.rank = rank,
			.major = !rank         ? own
				 : d->opts.cum ? cum
					       : flat,
			.minor = d->opts.cum ? flat : cum,
			.row = i,
			.text = prof_strtab_get(&d->strings, row->text)};
		++*n;
		*explained += rank < 2;
		w->changed += flat || cum || own;
	}
	qsort(items, *n, sizeof(*items), compare_items);
	return items;
}

static double share(int64_t v, int64_t total)
{
	return total ? (double)v / (double)total : 0;
}

static struct prof_cell real_or_null(double v)
{
	return isfinite(v) ? prof_cell_real(v) : PROF_NULL_CELL;
}

static void put_metric(const struct prof_diff *d, const struct diff_row *row, enum diff_metric m,
	struct prof_cell *c)
{
	const struct diff_side *s = d->sides;
	const struct diff_test *t = &row->test[m];
	const int64_t *v = row->value[m];
	int64_t change = change_of(v);

	c[OLD_] = prof_cell_int(v[PROF_OLD]);
	c[NEW_] = prof_cell_int(v[PROF_NEW]);
	c[CHANGE] = prof_cell_int(change);
	if (v[PROF_OLD])
		c[PERCENT] = prof_cell_real(100 * (double)change / (double)prof_abs(v[PROF_OLD]));
	c[POINTS] = prof_cell_real(100 * (share(v[PROF_NEW], s[PROF_NEW].total) -
						 share(v[PROF_OLD], s[PROF_OLD].total)));
	c[RATIO] = real_or_null(t->ratio.ratio);
	c[LOW] = real_or_null(t->ratio.low);
	c[HIGH] = real_or_null(t->ratio.high);
	c[Q] = real_or_null(t->q);
	if (d->verdict != VERDICT_NOT_COMPARABLE && (t->tested || d->count == COUNT_EXACT))
		c[SIGNIFICANT] = prof_cell_bool(t->significant);
}

/* The ratio that would have been found nine times out of ten; of rows that weigh something. */
static struct prof_cell detectable(const struct prof_diff *d, const struct diff_row *row)
{
	const struct diff_test *t = &row->test[M_OWN];
	double all = d->sides[0].x + d->sides[1].x;

	if (!t->tested || t->rates.x[0] + t->rates.x[1] < LEAST_SHARE * all)
		return PROF_NULL_CELL;
	return real_or_null(diff_detectable(d, M_OWN, t));
}

static void text_cell(struct diff_writer *w, struct prof_cell *c)
{
	struct prof_str s = {w->b.p, (uint32_t)w->b.n};

	if (!w->b.n || w->rc)
		return;
	w->rc = prof_report_keep(w->r, &s, w->e);
	*c = prof_cell_str(s);
	w->b.n = 0;
}

/* The columns that text shows, all of the metric that the row stands for. */
static void put_text(
	struct diff_writer *w, const struct diff_row *row, enum diff_metric m, struct prof_cell *c)
{
	const struct prof_diff *d = w->d;
	const struct diff_test *t = &row->test[m];
	int64_t total = d->sides[PROF_NEW].total;
	struct prof_str text = prof_strtab_get(&d->strings, row->text);

	c[T_KIND] = prof_cell_str(
		prof_str_of(row->kind == KIND_UNCHANGED ? "" : diff_kind_name(row->kind)));
	diff_put_value(w, &w->b, diff_value(d, row, m, PROF_OLD), PROF_OLD);
	text_cell(w, &c[T_OLD]);
	diff_put_value(w, &w->b, diff_value(d, row, m, PROF_NEW), PROF_NEW);
	text_cell(w, &c[T_NEW]);
	prof_buf_double(&w->b, 100 * share(diff_value(d, row, m, PROF_NEW), total), 'f', 1);
	prof_buf_char(&w->b, '%');
	text_cell(w, &c[T_SHARE]);
	diff_put_change(&w->b, t->ratio.ratio);
	text_cell(w, &c[T_CHANGE]);
	if (isfinite(t->ratio.low)) {
		diff_put_change(&w->b, t->ratio.low);
		prof_buf_str(&w->b, "…");
		diff_put_change(&w->b, t->ratio.high);
	}
	text_cell(w, &c[T_RANGE]);
	if (t->tested && t->q < 0.001)
		prof_buf_str(&w->b, "<.001");
	else if (t->tested)
		prof_buf_double(&w->b, t->q, 'f', 3);
	text_cell(w, &c[T_Q]);
	diff_put_name(&w->b, text, NAME_WIDTH);
	text_cell(w, &c[T_NAME]);
}

static struct prof_cell name_of(const struct prof_diff *d, uint32_t row)
{
	return row == PROF_NONE ? PROF_NULL_CELL
				: prof_cell_str(prof_strtab_get(&d->strings, d->rows.v[row].text));
}

static void put_explanation(struct diff_writer *w, const struct diff_row *row, struct prof_cell *c)
{
	const struct prof_diff *d = w->d;
	size_t i = (size_t)(row - d->rows.v), most = row->path_n + row->part_n + 1;
	struct prof_cell *v = prof_arena_alloc(&w->r->arena, most * sizeof(*v), w->e);

	if (!v) {
		w->rc = PROF_ENOMEM;
		return;
	}
	if (row->kind == KIND_MOVED && row->peer != PROF_NONE)
		c[C_PEER] = name_of(d, row->peer);
	else if (row->peer != PROF_NONE && !row->merged)
		c[C_OLD_NAME] = name_of(d, row->peer);
	if (c[C_OLD_NAME].kind)
		c[C_SCORE] = prof_cell_real(row->score);
	c[C_UNDER] = name_of(d, row->under);
	for (int s = 0; s < 2; s++)
		if (row->inlined[s] > 0 || row->kind == KIND_INLINED)
			c[C_INLINED + s] = real_or_null(diff_inlined(d, i, (enum prof_side)s));
	if (!row->explained)
		return;
	for (uint32_t k = 0; k < row->path_n; k++)
		v[k] = name_of(d, d->paths.v[row->path_first + k]);
	w->rc = prof_report_list(w->r, v, row->path_n, &c[C_PATH], w->e);
	for (uint32_t k = 0; !w->rc && k < row->part_n; k++) {
		const struct diff_part *part = &d->parts.v[row->part_first + k];
		struct prof_field f[] = {
			{"name", name_of(d, part->row)}, {"part", real_or_null(part->part)}};

		w->rc = prof_report_object(w->r, f, 2, &v[k], w->e);
	}
	if (!w->rc)
		w->rc = prof_report_list(w->r, v, row->part_n, &c[C_PARTS], w->e);
}

static void add_row(struct diff_writer *w, const struct diff_row *row)
{
	const struct prof_diff *d = w->d;
	struct prof_str text = prof_strtab_get(&d->strings, row->text);
	struct prof_cell c[N_COLUMNS] = {0};

	for (int m = 0; m < N_METRICS; m++)
		put_metric(d, row, (enum diff_metric)m, c + C_METRIC + m * N_METRIC);
	c[C_KIND] = prof_cell_str(prof_str_of(diff_kind_name(row->kind)));
	c[C_FINDING] = prof_cell_bool(row->finding);
	c[C_NAME] = row->name ? prof_cell_str(prof_strtab_get(&d->strings, row->name))
			      : prof_cell_str(text);
	c[C_DETECTABLE] = detectable(d, row);
	put_explanation(w, row, c);
	if (row->file)
		c[C_FILE] = prof_cell_str(prof_strtab_get(&d->strings, row->file));
	if (row->line)
		c[C_LINE] = prof_cell_int(row->line);
	put_text(w, row, diff_shown_metric(d, row), c);
	if (!w->rc)
		w->rc = prof_report_row(w->r, c, w->e);
	diff_put_notes(w, row);
}

static size_t rows_shown(const struct diff_writer *w, size_t n, size_t explained)
{
	int64_t limit = w->d->opts.row_count;

	if (limit == PROF_DIFF_EXPLAINED)
		return explained;
	if (limit < 0)
		return n;
	return limit && (uint64_t)limit < w->changed ? (size_t)limit : w->changed;
}

/* The columns, with what a row is over the names; text has no titles over nothing. */
static int name_columns(struct diff_writer *w, size_t shown)
{
	struct prof_table_column *c = prof_arena_alloc(&w->r->arena, sizeof(columns), w->e);

	if (!c)
		return PROF_ENOMEM;
	memcpy(c, columns, sizeof(columns));
	c[T_NAME].title = by_names[w->d->opts.by];
	for (size_t i = 0; !shown && i < N_COLUMNS; i++)
		c[i].title = NULL;
	w->r->columns = c;
	w->r->n_columns = N_COLUMNS;
	return 0;
}

static void least_of(int64_t v, int64_t *least)
{
	v = prof_abs(v);
	if (v > 0 && (!*least || v < *least))
		*least = v;
}

/* One unit for the values that are shown. */
static void choose_unit(struct diff_writer *w, const struct item *items, size_t n)
{
	const struct prof_diff *d = w->d;
	int64_t least = 0, most = 0;

	for (int s = 0; s < 2; s++)
		most = d->sides[s].total > most ? d->sides[s].total : most;
	for (size_t i = 0; i < n; i++)
		for (int s = 0; s < 2; s++)
			least_of(d->rows.v[items[i].row].value[d->opts.cum ? M_CUM : M_FLAT][s] /
					 (int64_t)d->sides[s].runs,
				&least);
	w->r->unit = d->unit;
	w->r->out_unit = prof_report_unit(least ? least : most, most, d->unit, false);
	w->rc = prof_report_keep(w->r, &w->r->unit, w->e);
	if (!w->rc)
		w->rc = prof_report_keep(w->r, &w->r->out_unit, w->e);
}

/* Rows that changed come first, whatever they are sorted by: an unchanged one has both changes 0.
 */
static void fill(struct diff_writer *w)
{
	size_t n, explained, shown;
	struct item *items = sorted(w, &n, &explained);

	if (!items)
		return;
	shown = rows_shown(w, n, explained);
	w->rc = name_columns(w, shown);
	if (!w->rc)
		choose_unit(w, items, shown);
	diff_put_fields(w);
	diff_put_head(w);
	for (size_t i = 0; !w->rc && i < shown; i++)
		add_row(w, &w->d->rows.v[items[i].row]);
	diff_put_foot(w, shown);
	free(items);
}

static void choose_scale(struct prof_diff *d)
{
	for (int s = 0; s < 2; s++)
		d->sides[s].ops = d->opts.ops[s] * (double)d->sides[s].runs;
	if (d->opts.normalize)
		d->scale.method = SCALE_TOTAL;
	else if (d->opts.ops[0] > 0 && d->opts.ops[1] > 0)
		d->scale.method = SCALE_OPS;
	else if (d->opts.per_second)
		d->scale.method = SCALE_DURATION;
}

static int analyse(struct prof_diff *d, struct prof_err *e)
{
	int rc = diff_code(d, e);

	choose_scale(d);
	if (!rc)
		rc = diff_panel(d, e);
	if (rc)
		return rc;
	diff_units(d);
	if ((rc = diff_closures(d, e)) || (rc = diff_renames(d, e)))
		return rc;
	diff_guard(d);
	if (d->verdict == VERDICT_NOT_COMPARABLE) {
		diff_untested(d);
		return diff_gates(d, e);
	}
	if ((rc = diff_dispersion(d, e)) || (rc = diff_scale(d, e)) || (rc = diff_tests(d, e)) ||
		(rc = diff_findings(d, e)) || (rc = diff_moves(d, e)) ||
		(rc = diff_explain(d, e)) || (rc = diff_roll_up(d, e)))
		return rc;
	diff_verdict(d);
	return diff_gates(d, e);
}

int prof_diff_report(struct prof_diff *d, struct prof_report **out, struct prof_err *e)
{
	struct diff_writer w = {.d = d, .e = e};

	if (!d->sides[PROF_OLD].runs || !d->sides[PROF_NEW].runs)
		return prof_fail(
			e, PROF_EUSAGE, PROF_NO_OFFSET, "a comparison needs an old and a new side");
	w.rc = analyse(d, e);
	if (!w.rc && d->warnings.code)
		w.rc = prof_nomem(e);
	if (w.rc)
		return w.rc;
	w.r = prof_report_new("prof.diff/1", e);
	if (!w.r)
		return e->code;
	prof_buf_init(&w.b, NULL, NULL);
	fill(&w);
	prof_buf_fini(&w.b);
	if (w.rc)
		prof_report_free(w.r);
	else
		*out = w.r;
	return w.rc;
}
