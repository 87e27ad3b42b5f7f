/* What a comparison tells: as JSON, and for a person. */
#include <math.h>

#include "libprof/analyse/contention/compare.h"
#include "libprof/base/escape.h"

enum { COLUMNS = 9 };

static int amount(
	struct contending *x, const struct prof_contention_amount *a, struct prof_cell *out)
{
	const struct prof_contention_site *s = a->site;
	bool timed = s && s->source != PROF_CONTENTION_DUMP;
	const struct prof_contention_frame *f = s ? prof_contention_site_frame(x, s) : NULL;
	struct prof_field o[] = {
		{"waiting", s && !isnan(a->waiting) ? prof_cell_real(a->waiting) : PROF_NULL_CELL},
		{"contentions", timed ? prof_cell_int(a->count) : PROF_NULL_CELL},
		{"delay_ns", timed ? prof_cell_int(a->ns) : PROF_NULL_CELL},
		{"mean_ns", timed && a->count ? prof_cell_real((double)a->ns / (double)a->count)
					      : PROF_NULL_CELL},
		{"line", f && f->line ? prof_cell_int(f->line) : PROF_NULL_CELL}};

	*out = PROF_NULL_CELL;
	return s ? prof_report_object(x->r, o, sizeof(o) / sizeof(o[0]), out, x->e) : 0;
}

static int change(struct contending *x, const struct prof_contention_changes *v,
	const struct prof_contention_change *c, struct prof_cell *out)
{
	struct prof_field o[] = {{"site", prof_cell_str(c->text)},
		{"class", prof_cell_str(prof_str_of(prof_contention_class(x, c->class)))},
		{"list", prof_cell_str(prof_str_of(prof_wait_list_names[c->list]))},
		{"old", PROF_NULL_CELL}, {"new", PROF_NULL_CELL},
		{"waiting_change", v->by_rate ? prof_cell_real(c->change) : PROF_NULL_CELL}};
	int rc = amount(x, &c->sides[PROF_OLD], &o[3].value);

	if (!rc)
		rc = amount(x, &c->sides[PROF_NEW], &o[4].value);
	return rc ? rc : prof_report_object(x->r, o, sizeof(o) / sizeof(o[0]), out, x->e);
}

int prof_contention_change_fields(struct contending *x, const struct prof_contention_changes *v)
{
	PROF_VEC(struct prof_cell) cells = {0};
	struct prof_cell cell;
	int rc = prof_vec_reserve(&x->r->mem, &cells, v->n + 1, x->e);

	for (size_t i = 0; !rc && i < v->n; i++)
		rc = change(x, v, &v->v[i], &cells.v[i]);
	if (!rc)
		rc = prof_report_list(x->r, cells.v, v->n, &cell, x->e);
	prof_vec_fini(&x->r->mem, &cells);
	return rc ? rc : prof_report_field(x->r, "changes", cell, x->e);
}

static const struct prof_table_column columns[COLUMNS] = {{.title = "old", .group = "waiting"},
	{.title = "new", .group = "waiting", .gap = 2},
	{.title = "change", .group = "waiting", .gap = 2},
	{.title = "old", .group = "mean", .gap = 3}, {.title = "new", .group = "mean", .gap = 2},
	{.title = "old", .group = "waits", .gap = 3}, {.title = "new", .group = "waits", .gap = 2},
	{.title = "for", .gap = 3, .left = true},
	{.title = "where", .gap = 2, .left = true, .is_name = true}};

struct row {
	struct prof_cell cells[COLUMNS];
	size_t n;
	int rc;
};

/* What x->b holds becomes the next cell. */
static void end_cell(struct contending *x, struct prof_report *r, struct row *row)
{
	struct prof_str s = {x->b.p ? x->b.p : "", (uint32_t)x->b.n};

	if (!row->rc)
		row->rc = prof_report_keep(r, &s, x->e);
	row->cells[row->n++] = prof_cell_str(s);
	x->b.n = 0;
}

static int put_row(struct contending *x, struct prof_report *r,
	const struct prof_contention_changes *v, const struct prof_contention_change *c)
{
	struct row row = {.n = 0};
	const struct prof_contention_site *site = c->sides[PROF_NEW].site ? c->sides[PROF_NEW].site
									  : c->sides[PROF_OLD].site;

	for (int side = PROF_OLD; side <= PROF_NEW; side++) {
		prof_contention_put_waiting(x, c->sides[side].site ? c->sides[side].waiting : 0);
		end_cell(x, r, &row);
	}
	if (v->by_rate) {
		prof_buf_str(&x->b, c->change > 0 ? "+" : "");
		prof_contention_put_waiting(x, c->change);
	} else {
		prof_buf_char(&x->b, '-');
	}
	end_cell(x, r, &row);
	for (int side = PROF_OLD; side <= PROF_NEW; side++) {
		const struct prof_contention_amount *a = &c->sides[side];

		if (a->count > 0)
			prof_contention_put_ns(x, a->ns / a->count);
		else
			prof_buf_char(&x->b, '-');
		end_cell(x, r, &row);
	}
	for (int side = PROF_OLD; side <= PROF_NEW; side++) {
		prof_buf_i64(&x->b, c->sides[side].count);
		end_cell(x, r, &row);
	}
	prof_buf_str(&x->b, prof_contention_class(x, c->class));
	prof_buf_str(&x->b, site->holder ? " (unlock)" : "");
	end_cell(x, r, &row);
	prof_contention_put_site(x, site);
	end_cell(x, r, &row);
	return row.rc ? row.rc : prof_report_row(r, row.cells, x->e);
}

/* Changes by less are not worth a row. */
static bool is_worth(const struct contending *x, const struct prof_contention_changes *v,
	const struct prof_contention_change *c)
{
	double size = fabs(c->change);
	double all = 0;

	if (c->list == PROF_WAITS_IDLE && !x->k->opts.idle)
		return false;
	if (!v->by_rate)
		return size > 0;
	for (int side = PROF_OLD; side <= PROF_NEW; side++)
		all += c->sides[side].waiting;
	return size >= 0.001 && size >= all / 100;
}

static int put_table(struct contending *x, const struct prof_contention_changes *v,
	const char *title, bool worse)
{
	struct prof_report *r = NULL;
	int64_t most = x->k->opts.row_count, n = 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < v->n; i++) {
		const struct prof_contention_change *c = &v->v[worse ? i : v->n - 1 - i];

		if ((c->change > 0) != worse || !is_worth(x, v, c) || (most && n == most))
			continue;
		if (!n++) {
			r = prof_contention_part(x);
			if (!r)
				return x->e->code;
			r->columns = columns;
			r->n_columns = COLUMNS;
			prof_buf_str(&x->b, title);
			rc = prof_report_head(r, &x->b, x->e);
		}
		if (!rc)
			rc = put_row(x, r, v, c);
	}
	return rc;
}

int prof_contention_change_text(struct contending *x, const struct prof_contention_changes *v)
{
	static const char *const lists[] = {
		" goroutines wait for locks at a time, ", " for the other side, ", " idle"};
	int rc;

	for (int i = 0; v->by_rate && i < PROF_WAIT_LISTS; i++) {
		prof_contention_put_waiting(x, x->sides[PROF_OLD].waiting[i]);
		prof_buf_str(&x->b, " → ");
		prof_contention_put_waiting(x, x->sides[PROF_NEW].waiting[i]);
		prof_buf_str(&x->b, lists[i]);
	}
	if (!v->by_rate)
		prof_buf_str(&x->b,
			"how long the processes were watched is not known of both: waits are "
			"compared by how long they are (two snapshots of each, or --duration, "
			"tell how many goroutines wait)");
	rc = prof_contention_headline(x);
	for (int side = PROF_OLD; !rc && side <= PROF_NEW; side++)
		rc = prof_contention_put_sources(x, (enum prof_side)side);
	if (!rc)
		rc = put_table(x, v, "Worse", true);
	return rc ? rc : put_table(x, v, "Better", false);
}
