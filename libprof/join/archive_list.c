#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/when.h"
#include "libprof/join/archive_open.h"
#include "libprof/model/report.h"
#include "libprof/store/capture.h"

enum {
	C_ID,
	C_TIME,
	C_TIME_NS,
	C_SERVICE,
	C_KIND,
	C_SAMPLES,
	C_TEXT,
	C_BUILD,
	C_LABEL_TEXT,
	C_DURATION,
	C_PERIOD,
	C_SORTED,
	C_BINARY,
	C_BUILD_ID,
	C_SOURCE,
	C_FILE_BYTES,
	C_TOTALS,
	C_LABELS,
	N_COLUMNS
};

enum { BUILD_CHARS = 12 };

static const struct prof_table_column columns[N_COLUMNS] = {
	[C_ID] = {.key = "id", .title = "id"},
	[C_TIME] = {.title = "time", .left = true},
	[C_TIME_NS] = {.key = "time_ns"},
	[C_SERVICE] = {.key = "service", .title = "service", .left = true, .is_name = true},
	[C_KIND] = {.key = "kind", .title = "kind", .left = true},
	[C_SAMPLES] = {.key = "samples", .title = "samples"},
	[C_TEXT] = {.title = "total"},
	[C_BUILD] = {.title = "build", .left = true, .is_name = true},
	[C_LABEL_TEXT] = {.title = "labels", .left = true, .is_name = true},
	[C_DURATION] = {.key = "duration_ns"},
	[C_PERIOD] = {.key = "period"},
	[C_SORTED] = {.key = "reordered"},
	[C_BINARY] = {.key = "binary"},
	[C_BUILD_ID] = {.key = "build_id"},
	[C_SOURCE] = {.key = "source"},
	[C_FILE_BYTES] = {.key = "file_bytes"},
	[C_TOTALS] = {.key = "totals"},
	[C_LABELS] = {.key = "labels"},
};

struct list {
	const struct prof_catalog *c;
	struct prof_report *r;
	struct prof_buf b;
	struct prof_err *e;
};

static struct prof_str text(const struct list *x)
{
	return (struct prof_str){x->b.p, (uint32_t)x->b.n};
}

/* What the buffer holds, as a cell; empties it. */
static int take(struct list *x, struct prof_cell *out)
{
	struct prof_str s = text(x);
	int rc = x->b.code ? prof_nomem(x->e) : prof_report_keep(x->r, &s, x->e);

	*out = prof_cell_str(s);
	x->b.n = 0;
	return rc;
}

static int totals(struct list *x, const struct prof_entry *p, struct prof_cell *out)
{
	PROF_VEC(struct prof_cell) list = {0};
	int rc = prof_vec_reserve(&x->r->mem, &list, p->n_totals, x->e);

	for (size_t i = 0; !rc && i < p->n_totals; i++) {
		const struct prof_entry_total *t = &x->c->totals.v[p->first_total + i];
		const struct prof_field fields[] = {{"type", prof_cell_str(t->type)},
			{"unit", prof_cell_str(t->unit)}, {"total", prof_cell_int(t->value)}};

		rc = prof_report_object(x->r, fields, 3, &list.v[list.n++], x->e);
	}
	if (!rc)
		rc = prof_report_list(x->r, list.v, list.n, out, x->e);
	prof_vec_fini(&x->r->mem, &list);
	return rc;
}

static int labels(struct list *x, const struct prof_entry *p, struct prof_cell *out)
{
	PROF_VEC(struct prof_cell) list = {0};
	int rc = prof_vec_reserve(&x->r->mem, &list, p->n_labels, x->e);

	for (size_t i = 0; !rc && i < p->n_labels; i++) {
		const struct prof_entry_label *l = &x->c->labels.v[p->first_label + i];
		const struct prof_field fields[] = {
			{"key", prof_cell_str(l->key)}, {"value", prof_cell_str(l->value)}};

		rc = prof_report_object(x->r, fields, 2, &list.v[list.n++], x->e);
	}
	if (!rc)
		rc = prof_report_list(x->r, list.v, list.n, out, x->e);
	prof_vec_fini(&x->r->mem, &list);
	return rc;
}

/* Labels that no other column shows. */
static void put_labels(struct list *x, const struct prof_entry *p)
{
	for (size_t i = 0; i < p->n_labels; i++) {
		const struct prof_entry_label *l = &x->c->labels.v[p->first_label + i];

		if (prof_str_eq(l->key, PROF_STR("service")))
			continue;
		if (x->b.n)
			prof_buf_char(&x->b, ' ');
		prof_buf_put(&x->b, l->key.p, l->key.len);
		prof_buf_char(&x->b, '=');
		prof_buf_put(&x->b, l->value.p, l->value.len);
	}
}

static void put_build(struct list *x, const struct prof_entry *p)
{
	struct prof_str s = p->build_id.len ? p->build_id : p->build_label;

	prof_buf_put(&x->b, s.p, s.len < BUILD_CHARS ? s.len : BUILD_CHARS);
}

/* The total of the type that reports show: the last, as most of Go's profiles have it. */
static void put_total(struct list *x, const struct prof_entry *p)
{
	const struct prof_entry_total *t = &x->c->totals.v[p->first_total + p->n_totals - 1];

	if (p->n_totals)
		prof_fmt_scaled(&x->b, t->value, t->unit, PROF_STR("auto"));
}

static struct prof_cell time_or_null(int64_t ns)
{
	return ns ? prof_cell_int(ns) : PROF_NULL_CELL;
}

static struct prof_cell str_or_null(struct prof_str s)
{
	return s.len ? prof_cell_str(s) : PROF_NULL_CELL;
}

static int row(struct list *x, const struct prof_entry *p)
{
	struct prof_cell c[N_COLUMNS];
	int rc;

	c[C_ID] = prof_cell_int(p->id);
	c[C_TIME_NS] = time_or_null(p->time_ns);
	c[C_SERVICE] = prof_cell_str(prof_catalog_service(x->c, p));
	c[C_KIND] = prof_cell_str(p->kind);
	c[C_SAMPLES] = prof_cell_int(p->samples);
	c[C_DURATION] = time_or_null(p->duration_ns);
	c[C_PERIOD] = time_or_null(p->period);
	c[C_SORTED] = prof_cell_bool(p->sorted);
	c[C_BINARY] = str_or_null(p->binary);
	c[C_BUILD_ID] = str_or_null(p->build_id);
	c[C_SOURCE] = prof_cell_str(p->source);
	c[C_FILE_BYTES] = prof_cell_int(p->file_bytes);
	prof_when_put(&x->b, p->time_ns);
	rc = take(x, &c[C_TIME]);
	if (!rc) {
		put_total(x, p);
		rc = take(x, &c[C_TEXT]);
	}
	if (!rc) {
		put_build(x, p);
		rc = take(x, &c[C_BUILD]);
	}
	if (!rc) {
		put_labels(x, p);
		rc = take(x, &c[C_LABEL_TEXT]);
	}
	if (rc || (rc = totals(x, p, &c[C_TOTALS])) || (rc = labels(x, p, &c[C_LABELS])))
		return rc;
	return prof_report_row(x->r, c, x->e);
}

int prof_archive_list(const char *db, const char *query, const struct prof_limits *limits,
	struct prof_report **out, struct prof_err *e)
{
	struct prof_selection s;
	struct list x = {.c = &s.catalog, .e = e};
	int rc = prof_selection_open(&s, db, query, false, limits, e);

	prof_buf_init(&x.b, NULL, NULL);
	if (!rc && !(x.r = prof_report_new("prof.archive.ls/1", e)))
		rc = PROF_ENOMEM;
	if (!rc) {
		x.r->columns = columns;
		x.r->n_columns = N_COLUMNS;
	}
	for (size_t i = 0; !rc && i < s.n; i++)
		rc = row(&x, &s.catalog.entries.v[s.v[i]]);
	if (!rc && !s.n) {
		prof_buf_str(&x.b, "no profile matches");
		rc = prof_report_foot(x.r, &x.b, e);
	}
	prof_buf_fini(&x.b);
	prof_selection_fini(&s);
	if (rc)
		prof_report_free(x.r);
	else
		*out = x.r;
	return rc;
}

static void line(struct list *x, int *rc)
{
	if (!*rc)
		*rc = prof_report_head(x->r, &x->b, x->e);
}

static void named(struct list *x, const char *name, struct prof_str value, int *rc)
{
	if (!value.len)
		return;
	prof_buf_printf(&x->b, "%-10s ", name);
	prof_buf_plain(&x->b, value);
	line(x, rc);
}

/* The lines of `show`: the row's fields, then its labels and totals. */
static int show(struct list *x, const struct prof_entry *p, const struct prof_capture *capture)
{
	int rc = 0;

	prof_buf_printf(&x->b, "%-10s %lld", "id", (long long)p->id);
	line(x, &rc);
	named(x, "service", prof_catalog_service(x->c, p), &rc);
	named(x, "kind", p->kind, &rc);
	named(x, "format", capture->format, &rc);
	if (capture->complete)
		named(x, "complete", PROF_STR("with every transition"), &rc);
	if (capture->damages) {
		prof_buf_printf(&x->b, "%-10s %lld", "damages", (long long)capture->damages);
		line(x, &rc);
	}
	prof_buf_printf(&x->b, "%-10s ", "time");
	prof_when_put(&x->b, p->time_ns);
	line(x, &rc);
	if (p->duration_ns) {
		prof_buf_printf(&x->b, "%-10s ", "duration");
		prof_fmt_scaled(&x->b, p->duration_ns, PROF_STR("ns"), PROF_STR("auto"));
		line(x, &rc);
	}
	named(x, "binary", p->binary, &rc);
	named(x, "build id", p->build_id, &rc);
	named(x, "source", p->source, &rc);
	prof_buf_printf(&x->b, "%-10s %lld bytes", "file", (long long)p->file_bytes);
	line(x, &rc);
	prof_buf_printf(&x->b, "%-10s %lld%s", "samples", (long long)p->samples,
		p->sorted ? ", no longer in the file's order" : "");
	line(x, &rc);
	for (size_t i = 0; i < p->n_totals; i++) {
		const struct prof_entry_total *t = &x->c->totals.v[p->first_total + i];

		prof_buf_printf(&x->b, "%-10s ", i ? "" : "totals");
		prof_buf_plain(&x->b, t->type);
		prof_buf_char(&x->b, ' ');
		prof_fmt_scaled(&x->b, t->value, t->unit, PROF_STR("auto"));
		line(x, &rc);
	}
	for (size_t i = 0; i < p->n_labels; i++) {
		const struct prof_entry_label *l = &x->c->labels.v[p->first_label + i];

		prof_buf_printf(&x->b, "%-10s ", i ? "" : "labels");
		prof_buf_plain(&x->b, l->key);
		prof_buf_char(&x->b, '=');
		prof_buf_plain(&x->b, l->value);
		line(x, &rc);
	}
	return rc;
}

/* With what kind of capture it is. */
static int show_one(struct list *x, struct prof_store *s, const struct prof_entry *p)
{
	struct prof_capture capture = {0};
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	struct prof_strtab strings;
	int rc = prof_strtab_init(&strings, &mem, x->e);

	if (!rc)
		rc = prof_capture_find(s, p->id, &strings, &capture, x->e);
	if (rc >= 0)
		rc = show(x, p, &capture);
	prof_strtab_fini(&strings);
	return rc ? rc : row(x, p);
}

int prof_archive_show(const char *db, const char *query, const struct prof_limits *limits,
	struct prof_report **out, struct prof_err *e)
{
	static const struct prof_table_column hidden[N_COLUMNS];
	struct prof_table_column *keys;
	struct prof_selection s;
	struct list x = {.c = &s.catalog, .e = e};
	int rc = prof_selection_open(&s, db, query, true, limits, e);

	prof_buf_init(&x.b, NULL, NULL);
	if (!rc && !(x.r = prof_report_new("prof.archive.show/1", e)))
		rc = PROF_ENOMEM;
	keys = rc ? NULL : prof_arena_alloc(&x.r->arena, sizeof(hidden), e);
	if (!rc && !keys)
		rc = PROF_ENOMEM;
	if (!rc) {
		/* The table is for JSON alone. */
		for (size_t i = 0; i < N_COLUMNS; i++)
			keys[i] = (struct prof_table_column){.key = columns[i].key};
		x.r->columns = keys;
		x.r->n_columns = N_COLUMNS;
	}
	for (size_t i = 0; !rc && i < s.n; i++) {
		if (i)
			line(&x, &rc);
		if (!rc)
			rc = show_one(&x, s.store, &s.catalog.entries.v[s.v[i]]);
	}
	prof_buf_fini(&x.b);
	prof_selection_fini(&s);
	if (rc)
		prof_report_free(x.r);
	else
		*out = x.r;
	return rc;
}

int prof_archive_added_report(
	const struct prof_archive_added *a, struct prof_report **out, struct prof_err *e)
{
	const struct prof_field fields[] = {{"added", prof_cell_int((int64_t)a->added)},
		{"entries", prof_cell_int((int64_t)a->entries)},
		{"known", prof_cell_int((int64_t)a->known)},
		{"bad", prof_cell_int((int64_t)a->bad)},
		{"reordered", prof_cell_int((int64_t)a->reordered)},
		{"unknown_fields", prof_cell_int((int64_t)a->unknown_fields)},
		{"unmatched", prof_cell_int((int64_t)a->unmatched)},
		{"damaged", prof_cell_int((int64_t)a->damaged)},
		{"bytes", prof_cell_int((int64_t)a->bytes)}};
	struct prof_report *r = prof_report_new("prof.archive.add/1", e);
	struct prof_buf b;
	int rc = 0;

	if (!r)
		return PROF_ENOMEM;
	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; !rc && i < sizeof(fields) / sizeof(fields[0]); i++)
		rc = prof_report_field(r, fields[i].key, fields[i].value, e);
	prof_buf_printf(&b, "%llu added", (unsigned long long)a->added);
	if (a->entries != a->added)
		prof_buf_printf(&b, " as %llu entr%s", (unsigned long long)a->entries,
			a->entries == 1 ? "y" : "ies");
	prof_buf_printf(&b, ", %llu known already", (unsigned long long)a->known);
	if (a->damaged)
		prof_buf_printf(&b, ", %llu damaged", (unsigned long long)a->damaged);
	if (a->bad)
		prof_buf_printf(&b, ", %llu bad", (unsigned long long)a->bad);
	if (!rc)
		rc = prof_report_head(r, &b, e);
	prof_buf_fini(&b);
	if (rc)
		prof_report_free(r);
	else
		*out = r;
	return rc;
}

int prof_count_report(const char *schema, const char *key, uint64_t n, const char *verb,
	struct prof_report **out, struct prof_err *e)
{
	struct prof_report *r = prof_report_new(schema, e);
	struct prof_buf b;
	int rc;

	if (!r)
		return PROF_ENOMEM;
	prof_buf_init(&b, NULL, NULL);
	prof_buf_printf(&b, "%llu %s", (unsigned long long)n, verb);
	rc = prof_report_head(r, &b, e);
	if (!rc)
		rc = prof_report_field(r, key, prof_cell_int((int64_t)n), e);
	prof_buf_fini(&b);
	if (rc)
		prof_report_free(r);
	else
		*out = r;
	return rc;
}
