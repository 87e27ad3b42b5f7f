#include <stdlib.h>

#include "libprof/analyse/diff_impl.h"
#include "libprof/analyse/head.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

enum { OLD_, NEW_, CHANGE, PERCENT, POINTS, Q, SIGNIFICANT, N_METRIC };
enum {
	C_FLAT = 0,
	C_CUM = N_METRIC,
	C_MARK = 2 * N_METRIC,
	C_TEXT,
	C_NAME,
	C_FILE,
	C_LINE,
	C_KIND,
	C_FINDING,
	N_COLUMNS
};

#define METRIC(at, name) \
	[at + OLD_] = {.key = name ".old", .title = "old", .group = name, .form = PROF_FORM_UNIT}, \
	      [at + NEW_] = {.key = name ".new", \
		      .title = "new", \
		      .group = name, \
		      .form = PROF_FORM_UNIT}, \
	      [at + CHANGE] = {.key = name ".change", \
		      .title = "change", \
		      .group = name, \
		      .form = PROF_FORM_CHANGE}, \
	      [at + PERCENT] = {.key = name ".percent", \
		      .title = "%", \
		      .group = name, \
		      .form = PROF_FORM_REAL_PERCENT}, \
	      [at + POINTS] = {.key = name ".points", \
		      .title = "of total", \
		      .group = name, \
		      .form = PROF_FORM_REAL_POINTS}, \
	      [at + Q] = {.key = name ".q"}, [at + SIGNIFICANT] = {.key = name ".significant"}

static const struct prof_table_column columns[N_COLUMNS] = {
	METRIC(C_FLAT, "flat"),
	METRIC(C_CUM, "cum"),
	[C_MARK] = {.title = "", .left = true, .gap = 2},
	[C_TEXT] = {.title = "function", .left = true, .is_name = true},
	[C_NAME] = {.key = "name"},
	[C_FILE] = {.key = "file", .optional = true},
	[C_LINE] = {.key = "line", .optional = true},
	[C_KIND] = {.key = "kind"},
	[C_FINDING] = {.key = "finding"},
};

static const char *const by_names[] = {[PROF_BY_FUNCTION] = "function",
	[PROF_BY_FILE_FUNCTION] = "function of a file",
	[PROF_BY_FILE] = "file",
	[PROF_BY_LINE] = "line",
	[PROF_BY_ADDRESS] = "address",
	[PROF_BY_PACKAGE] = "package"};

struct writer {
	struct prof_diff *d;
	struct prof_report *r;
	struct prof_err *e;
	struct prof_buf b;
	size_t changed, width; /* rows that changed; of the header's first column */
	int rc;
};

static int64_t change_of(const int64_t v[2])
{
	return prof_sub(v[PROF_NEW], v[PROF_OLD]);
}

/* Rows by |change|, then by |the other change|, then by name. */
struct item {
	uint64_t major, minor;
	struct prof_str text;
	uint32_t row;
};

static int compare_items(const void *p, const void *q)
{
	const struct item *a = p, *b = q;

	if (a->major != b->major)
		return a->major > b->major ? -1 : 1;
	if (a->minor != b->minor)
		return a->minor > b->minor ? -1 : 1;
	return prof_str_cmp(a->text, b->text);
}

static struct item *sorted(struct writer *w)
{
	const struct prof_diff *d = w->d;
	struct item *items = calloc(d->rows.n + 1, sizeof(*items));

	if (!items) {
		w->rc = prof_nomem(w->e);
		return NULL;
	}
	for (uint32_t i = 0; i < d->rows.n; i++) {
		const struct diff_row *row = &d->rows.v[i];
		uint64_t flat = (uint64_t)prof_abs(change_of(row->flat));
		uint64_t cum = (uint64_t)prof_abs(change_of(row->cum));

		items[i] = (struct item){.major = d->opts.cum ? cum : flat,
			.minor = d->opts.cum ? flat : cum,
			.row = i,
			.text = prof_strtab_get(&d->strings, row->text)};
		w->changed += flat || cum;
	}
	qsort(items, d->rows.n, sizeof(*items), compare_items);
	return items;
}

static double share(int64_t v, int64_t total)
{
	return total ? (double)v / (double)total : 0;
}

static void put_metric(const struct prof_diff *d, const int64_t v[2], struct prof_cell *c)
{
	const struct diff_side *s = d->sides;
	int64_t change = change_of(v);

	c[OLD_] = prof_cell_int(v[PROF_OLD]);
	c[NEW_] = prof_cell_int(v[PROF_NEW]);
	c[CHANGE] = prof_cell_int(change);
	if (v[PROF_OLD])
		c[PERCENT] = prof_cell_real(100 * (double)change / (double)prof_abs(v[PROF_OLD]));
	c[POINTS] = prof_cell_real(100 * (share(v[PROF_NEW], s[PROF_NEW].total) -
						 share(v[PROF_OLD], s[PROF_OLD].total)));
}

static void add_row(struct writer *w, const struct diff_row *row)
{
	const struct prof_diff *d = w->d;
	struct prof_str text = prof_strtab_get(&d->strings, row->text);
	struct prof_cell c[N_COLUMNS] = {0};
	const char *kind = NULL;

	put_metric(d, row->flat, c + C_FLAT);
	put_metric(d, row->cum, c + C_CUM);
	if (!row->present[PROF_OLD])
		kind = "new";
	else if (!row->present[PROF_NEW])
		kind = "gone";
	c[C_MARK] = prof_cell_str(prof_str_of(kind ? kind : ""));
	if (!kind && !change_of(row->flat) && !change_of(row->cum))
		kind = "unchanged";
	if (kind)
		c[C_KIND] = prof_cell_str(prof_str_of(kind));
	c[C_TEXT] = prof_cell_str(text);
	c[C_NAME] = row->name ? prof_cell_str(prof_strtab_get(&d->strings, row->name))
			      : prof_cell_str(text);
	if (row->file)
		c[C_FILE] = prof_cell_str(prof_strtab_get(&d->strings, row->file));
	if (row->line)
		c[C_LINE] = prof_cell_int(row->line);
	w->rc = prof_report_row(w->r, c, w->e);
}

static void least_of(int64_t v, int64_t *least)
{
	v = prof_abs(v);
	if (v > 0 && (!*least || v < *least))
		*least = v;
}

/* One unit for the values that are shown. */
static void choose_unit(struct writer *w, const struct item *items, size_t n)
{
	const struct prof_diff *d = w->d;
	int64_t least = 0, most = d->sides[PROF_OLD].total;

	if (d->sides[PROF_NEW].total > most)
		most = d->sides[PROF_NEW].total;
	for (size_t i = 0; i < n; i++) {
		const struct diff_row *row = &d->rows.v[items[i].row];
		const int64_t *v = d->opts.cum ? row->cum : row->flat;

		least_of(v[PROF_OLD], &least);
		least_of(v[PROF_NEW], &least);
	}
	w->r->unit = d->unit;
	w->r->out_unit = prof_report_unit(least ? least : most, most, d->unit, false);
	w->rc = prof_report_keep(w->r, &w->r->unit, w->e);
	if (!w->rc)
		w->rc = prof_report_keep(w->r, &w->r->out_unit, w->e);
}

static void head(struct writer *w)
{
	if (!w->rc)
		w->rc = prof_report_head(w->r, &w->b, w->e);
}

static void foot(struct writer *w)
{
	if (!w->rc)
		w->rc = prof_report_foot(w->r, &w->b, w->e);
}

static void field(struct writer *w, const char *key, struct prof_cell c)
{
	if (!w->rc)
		w->rc = prof_report_field(w->r, key, c, w->e);
}

static void value(struct writer *w, int64_t v)
{
	prof_fmt_scaled(&w->b, v, w->r->unit, w->r->out_unit);
}

/* "label  old  new" where one of the two has something to say. */
static void pair(struct writer *w, const char *label, const char *old, const char *new)
{
	struct prof_str left = prof_str_of(old);

	if (!*old && !*new)
		return;
	prof_buf_printf(&w->b, "%-9s ", label);
	prof_buf_plain(&w->b, left);
	if (*new) {
		prof_buf_fill(&w->b, ' ', w->width - prof_plain_width(left) + 2);
		prof_buf_plain(&w->b, prof_str_of(new));
	}
	head(w);
}

enum pair_kind {
	P_NAME,
	P_BINARY,
	P_BUILD,
	P_TAKEN,
	P_DURATION,
	P_PERIOD,
	P_SAMPLES,
	P_TOTAL,
	N_PAIRS
};

static void pair_text(
	struct writer *w, enum pair_kind kind, const struct diff_side *s, struct prof_buf *b)
{
	const struct prof_str automatic = PROF_STR("auto");

	switch (kind) {
	case P_NAME:
		prof_buf_put(b, s->name.p, s->name.len);
		break;
	case P_BINARY:
		prof_buf_put(b, s->binary.p, s->binary.len);
		break;
	case P_BUILD:
		prof_buf_put(b, s->build_id.p, s->build_id.len < 40 ? s->build_id.len : 40);
		break;
	case P_TAKEN:
		if (s->time_ns)
			prof_put_utc(b, s->time_ns);
		break;
	case P_DURATION:
		if (s->duration_ns)
			prof_fmt_scaled(b, s->duration_ns, PROF_STR("ns"), automatic);
		break;
	case P_PERIOD:
		if (!s->period)
			break;
		prof_buf_printf(b, "%s ", s->period_type.p);
		prof_fmt_scaled(b, s->period, s->period_unit, automatic);
		break;
	case P_SAMPLES:
		prof_buf_i64(b, s->counts);
		break;
	default:
		prof_fmt_scaled(b, s->total, w->d->unit, automatic);
	}
}

static void put_pairs(struct writer *w)
{
	static const char *const labels[] = {
		"file", "binary", "build id", "taken", "duration", "period", "samples", "total"};
	const struct prof_diff *d = w->d;
	struct prof_buf text[N_PAIRS][2];

	w->width = 0;
	for (int k = 0; k < N_PAIRS; k++) {
		for (int s = 0; s < 2; s++) {
			prof_buf_init(&text[k][s], NULL, NULL);
			pair_text(w, (enum pair_kind)k, &d->sides[s], &text[k][s]);
			if (!w->rc)
				w->rc = prof_buf_done(&text[k][s], w->e);
		}
		if (!w->rc) {
			size_t n = prof_plain_width(prof_str_of(text[k][0].p));

			w->width = n > w->width ? n : w->width;
		}
	}
	if (!w->rc)
		pair(w, "", "old", "new");
	for (int k = 0; k < N_PAIRS; k++) {
		if (!w->rc)
			pair(w, labels[k], text[k][0].p, text[k][1].p);
		prof_buf_fini(&text[k][0]);
		prof_buf_fini(&text[k][1]);
	}
}

/* Why the two cannot be compared, or NULL. */
static const char *incomparable(const struct prof_diff *d)
{
	const struct diff_side *old = &d->sides[PROF_OLD], *new = &d->sides[PROF_NEW];

	if (!old->samples && !new->samples)
		return "neither profile has a sample";
	if (!old->samples || !new->samples)
		return old->samples ? "the new profile has no samples"
				    : "the old profile has no samples";
	if (!prof_str_eq(old->period_type, new->period_type))
		return "they were sampled by different events";
	if (prof_unit_scale(old->period, old->period_unit, PROF_STR("auto"),
		    &(struct prof_str){0}) != prof_unit_scale(new->period, new->period_unit,
						      PROF_STR("auto"), &(struct prof_str){0}))
		return "they were sampled at different rates";
	return NULL;
}

static bool differ(int64_t a, int64_t b)
{
	return a && b && (double)prof_abs(a - b) > 0.05 * (double)(a > b ? a : b);
}

static void remarks(struct writer *w, const char *why)
{
	const struct prof_diff *d = w->d;
	const struct diff_side *old = &d->sides[PROF_OLD], *new = &d->sides[PROF_NEW];

	prof_buf_printf(&w->b, "comparable: %s%s", why ? "NO, " : "yes", why ? why : "");
	head(w);
	if (d->opts.normalize && (!old->total || !new->total)) {
		prof_buf_str(&w->b, "not normalized: a total is 0");
		head(w);
	} else if (d->opts.normalize) {
		prof_buf_str(&w->b, "normalized: new values times ");
		prof_buf_double(&w->b, d->normalized, 'g', 4);
		prof_buf_str(&w->b, ", so that both totals are the old one");
		head(w);
	} else if (differ(old->duration_ns, new->duration_ns)) {
		prof_buf_str(&w->b,
			"durations differ: values compare if both did the same work, shares "
			"(--normalize) if they ran under the same load");
		head(w);
	}
	if (old->time_ns && new->time_ns &&new->time_ns < old->time_ns) {
		prof_buf_str(&w->b, "the new profile was taken before the old one: swapped?");
		head(w);
	}
}

static void add_head(struct writer *w, const char *why)
{
	const struct diff_side *new = &w->d->sides[PROF_NEW];

	prof_buf_plain(&w->b, new->type);
	if (w->d->unit.len && !prof_str_eq(w->d->unit, PROF_STR("count"))) {
		prof_buf_str(&w->b, " in ");
		prof_buf_plain(&w->b, w->d->unit);
	}
	prof_buf_printf(&w->b, ", by %s", by_names[w->d->opts.by]);
	head(w);
	put_pairs(w);
	remarks(w, why);
	head(w);
}

static void add_side_fields(struct writer *w, const struct diff_side *s, const char *const keys[])
{
	field(w, keys[0], prof_cell_str(s->name));
	field(w, keys[1], prof_cell_str(s->binary));
	field(w, keys[2], prof_cell_str(s->build_id));
	field(w, keys[3], s->time_ns ? prof_cell_int(s->time_ns) : PROF_NULL_CELL);
	field(w, keys[4], s->duration_ns ? prof_cell_int(s->duration_ns) : PROF_NULL_CELL);
	field(w, keys[5], prof_cell_str(s->period_type));
	field(w, keys[6], prof_cell_str(s->period_unit));
	field(w, keys[7], s->period ? prof_cell_int(s->period) : PROF_NULL_CELL);
	field(w, keys[8], prof_cell_int(s->counts));
}

#define SIDE_KEYS(side) \
	{ \
		side ".file", side ".binary", side ".build_id", side ".time_ns", \
			side ".duration_ns", side ".period_type", side ".period_unit", \
			side ".period", side ".samples" \
	}

static void add_fields(struct writer *w, const char *why)
{
	static const char *const old_keys[] = SIDE_KEYS("old"), *const new_keys[] = SIDE_KEYS(
									"new");
	const struct prof_diff *d = w->d;

	field(w, "verdict", PROF_NULL_CELL);
	field(w, "sample_type", prof_cell_str(d->sides[PROF_NEW].type));
	field(w, "unit", prof_cell_str(d->unit));
	field(w, "total.old", prof_cell_int(d->sides[PROF_OLD].total));
	field(w, "total.new", prof_cell_int(d->sides[PROF_NEW].total));
	field(w, "comparable", prof_cell_bool(!why));
	field(w, "why_not", why ? prof_cell_str(prof_str_of(why)) : PROF_NULL_CELL);
	field(w, "normalized", d->opts.normalize ? prof_cell_real(d->normalized) : PROF_NULL_CELL);
	add_side_fields(w, &d->sides[PROF_OLD], old_keys);
	add_side_fields(w, &d->sides[PROF_NEW], new_keys);
}

static void put_totals(struct writer *w)
{
	const struct diff_side *s = w->d->sides;
	int64_t change = prof_sub(s[PROF_NEW].total, s[PROF_OLD].total);

	value(w, s[PROF_OLD].total);
	prof_buf_str(&w->b, " → ");
	value(w, s[PROF_NEW].total);
	prof_buf_str(&w->b, change > 0 ? ", +" : ", ");
	value(w, change);
	if (s[PROF_OLD].total) {
		prof_buf_str(&w->b, change > 0 ? " (+" : " (");
		prof_buf_double(&w->b, 100 * (double)change / (double)s[PROF_OLD].total, 'f', 1);
		prof_buf_str(&w->b, "%)");
	}
}

static void add_headline(struct writer *w, const char *why)
{
	prof_buf_plain(&w->b, w->d->sides[PROF_NEW].type);
	prof_buf_str(&w->b, ": ");
	put_totals(w);
	if (why)
		prof_buf_printf(&w->b, ", not comparable: %s", why);
	if (!w->rc)
		w->rc = prof_report_headline(w->r, &w->b, w->e);
}

static void add_foot(struct writer *w, size_t shown)
{
	if (!w->changed) {
		prof_buf_printf(&w->b, "no %s changed", by_names[w->d->opts.by]);
		foot(w);
	}
	if (shown < w->changed) {
		prof_buf_printf(
			&w->b, "and %zu more that changed (-n 0 shows all)", w->changed - shown);
		foot(w);
	}
	prof_buf_str(&w->b, "total: ");
	put_totals(w);
	foot(w);
}

static size_t rows_shown(const struct writer *w)
{
	int64_t limit = w->d->opts.row_count;

	if (limit < 0)
		return w->d->rows.n;
	return limit && (uint64_t)limit < w->changed ? (size_t)limit : w->changed;
}

/* The columns, with what a row is over the names. */
static int name_columns(struct writer *w)
{
	struct prof_table_column *c = prof_arena_alloc(&w->r->arena, sizeof(columns), w->e);

	if (!c)
		return PROF_ENOMEM;
	memcpy(c, columns, sizeof(columns));
	c[C_TEXT].title = by_names[w->d->opts.by];
	for (int i = 0; i < N_METRIC; i++)
		c[(w->d->opts.cum ? C_FLAT : C_CUM) + i].detail = true;
	w->r->columns = c;
	w->r->n_columns = N_COLUMNS;
	return 0;
}

/* Rows that changed come first, whatever they are sorted by: an unchanged one has both changes 0.
 */
static void fill(struct writer *w)
{
	struct item *items = sorted(w);
	const char *why = incomparable(w->d);
	size_t n = rows_shown(w);

	if (!items)
		return;
	w->rc = name_columns(w);
	if (w->rc) {
		free(items);
		return;
	}
	choose_unit(w, items, n);
	add_fields(w, why);
	add_headline(w, why);
	add_head(w, why);
	for (size_t i = 0; !w->rc && i < n; i++)
		add_row(w, &w->d->rows.v[items[i].row]);
	add_foot(w, n);
	free(items);
}

int prof_diff_report(struct prof_diff *d, struct prof_report **out, struct prof_err *e)
{
	struct writer w = {.d = d, .e = e};

	if (!d->sides[PROF_OLD].added || !d->sides[PROF_NEW].added)
		return prof_fail(
			e, PROF_EUSAGE, PROF_NO_OFFSET, "a comparison needs an old and a new side");
	w.r = prof_report_new("prof.diff/1", e);
	if (!w.r)
		return e->code;
	prof_buf_init(&w.b, NULL, NULL);
	prof_diff_scale(d);
	fill(&w);
	prof_buf_fini(&w.b);
	if (w.rc)
		prof_report_free(w.r);
	else
		*out = w.r;
	return w.rc;
}
