#include "libprof/analyse/info.h"

#include <stdlib.h>

#include "libprof/analyse/head.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

enum { C_TYPE, C_UNIT, C_TOTAL, C_TEXT, C_NONZERO, C_DEFAULT, C_MARK, N_COLUMNS };

static const struct prof_table_column columns[N_COLUMNS] = {
	[C_TYPE] = {.key = "type", .title = "sample type", .left = true},
	[C_UNIT] = {.key = "unit", .title = "unit", .left = true, .gap = 2},
	[C_TOTAL] = {.key = "total"},
	[C_TEXT] = {.title = "total", .gap = 2},
	[C_NONZERO] = {.key = "nonzero", .title = "not zero", .gap = 2},
	[C_DEFAULT] = {.key = "default"},
	[C_MARK] = {.title = "", .left = true, .gap = 2},
};

int prof_info_begin(struct prof_info *x, const char *file, struct prof_err *e)
{
	*x = (struct prof_info){.r = prof_report_new("prof.info/1", e), .e = e};
	if (!x->r)
		return e ? e->code : PROF_ENOMEM;
	prof_buf_init(&x->b, NULL, NULL);
	prof_info_text(x, "file", "file", prof_str_of(file));
	return 0;
}

void prof_info_head(struct prof_info *x)
{
	if (!x->rc)
		x->rc = prof_report_head(x->r, &x->b, x->e);
}

void prof_info_field(struct prof_info *x, const char *key, struct prof_cell c)
{
	if (!x->rc)
		x->rc = prof_report_field(x->r, key, c, x->e);
}

void prof_info_text(struct prof_info *x, const char *label, const char *key, struct prof_str s)
{
	prof_info_field(x, key, s.len ? prof_cell_str(s) : PROF_NULL_CELL);
	if (!s.len)
		return;
	prof_buf_printf(&x->b, "%-10s ", label);
	prof_buf_plain(&x->b, s);
	prof_info_head(x);
}

int prof_info_end(struct prof_info *x, struct prof_report **out)
{
	prof_buf_fini(&x->b);
	if (x->rc)
		prof_report_free(x->r);
	else
		*out = x->r;
	return x->rc;
}

/* All of them as lines of one field, for JSON has each key once. */
static void comments(struct prof_info *x, const struct prof_profile *p)
{
	struct prof_buf all;

	prof_buf_init(&all, NULL, NULL);
	for (size_t i = 0; i < p->comments.n; i++) {
		struct prof_str s = prof_profile_str(p, p->comments.v[i]);

		prof_buf_put(&all, s.p, s.len);
		prof_buf_char(&all, '\n');
		prof_buf_printf(&x->b, "%-10s ", "comment");
		prof_buf_plain(&x->b, s);
		prof_info_head(x);
	}
	if (!x->rc && all.code)
		x->rc = prof_nomem(x->e);
	prof_info_field(x, "comments",
		all.n ? prof_cell_str((struct prof_str){all.p, (uint32_t)all.n - 1})
		      : PROF_NULL_CELL);
	prof_buf_fini(&all);
}

static void times(struct prof_info *x, const struct prof_profile *p)
{
	const struct prof_str automatic = PROF_STR("auto");

	prof_info_field(x, "time_ns", p->time_ns ? prof_cell_int(p->time_ns) : PROF_NULL_CELL);
	prof_info_field(
		x, "duration_ns", p->duration_ns ? prof_cell_int(p->duration_ns) : PROF_NULL_CELL);
	prof_info_field(x, "period", p->period ? prof_cell_int(p->period) : PROF_NULL_CELL);
	prof_info_field(x, "period_type", prof_cell_str(prof_profile_str(p, p->period_type.type)));
	prof_info_field(x, "period_unit", prof_cell_str(prof_profile_str(p, p->period_type.unit)));
	if (p->time_ns) {
		prof_buf_printf(&x->b, "%-10s ", "taken");
		prof_put_utc(&x->b, p->time_ns);
		prof_info_head(x);
	}
	if (p->duration_ns) {
		prof_buf_printf(&x->b, "%-10s ", "duration");
		prof_fmt_scaled(&x->b, p->duration_ns, PROF_STR("ns"), automatic);
		prof_info_head(x);
	}
	if (p->period) {
		prof_buf_printf(&x->b, "%-10s ", "period");
		prof_buf_plain(&x->b, prof_profile_str(p, p->period_type.type));
		prof_buf_char(&x->b, ' ');
		prof_fmt_scaled(
			&x->b, p->period, prof_profile_str(p, p->period_type.unit), automatic);
		prof_info_head(x);
	}
}

static void counts(struct prof_info *x, const struct prof_profile *p)
{
	size_t depth = 0;
	const struct {
		const char *key, *label;
		size_t n;
	} all[] = {
		{"samples", "samples", p->sample_stack.n},
		{"functions", "functions", p->functions.n},
		{"locations", "locations", p->locations.n},
		{"mappings", "mappings", p->mappings.n},
		{"strings", "strings", p->strings.strs.n},
		{"label_sets", "label sets", p->label_start.n - 2},
	};

	prof_buf_printf(&x->b, "%-10s ", "holds");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		prof_info_field(x, all[i].key, prof_cell_int((int64_t)all[i].n));
		prof_buf_printf(&x->b, "%s%zu %s", i ? ", " : "", all[i].n, all[i].label);
	}
	prof_info_head(x);
	for (size_t s = 0; s + 1 < p->stack_start.n; s++)
		if (p->stack_start.v[s + 1] - p->stack_start.v[s] > depth)
			depth = p->stack_start.v[s + 1] - p->stack_start.v[s];
	prof_info_field(x, "deepest_stack", prof_cell_int((int64_t)depth));
	prof_buf_printf(&x->b, "%-10s %zu locations", "deepest", depth);
	prof_info_head(x);
	prof_info_field(x, "unknown_fields", prof_cell_int((int64_t)p->unknown_fields));
	if (p->unknown_fields) {
		prof_buf_printf(&x->b, "%-10s %llu fields of a newer format skipped", "unknown",
			(unsigned long long)p->unknown_fields);
		prof_info_head(x);
	}
}

/* The keys of labels, each once, in order of their first use. */
static void label_keys(struct prof_info *x, const struct prof_profile *p)
{
	bool *seen = calloc(p->strings.strs.n + 1, sizeof(*seen));
	bool any = false;

	if (!seen) {
		x->rc = prof_nomem(x->e);
		return;
	}
	for (size_t i = 0; i < p->labels.n; i++) {
		if (seen[p->labels.v[i].key])
			continue;
		seen[p->labels.v[i].key] = true;
		if (any)
			prof_buf_str(&x->b, ", ");
		else
			prof_buf_printf(&x->b, "%-10s ", "labels");
		prof_buf_plain(&x->b, prof_profile_str(p, p->labels.v[i].key));
		any = true;
	}
	free(seen);
	if (any)
		prof_info_head(x);
}

static void types(struct prof_info *x, const struct prof_profile *p)
{
	uint32_t index = 0;

	x->r->columns = columns;
	x->r->n_columns = N_COLUMNS;
	if (!x->rc && p->types.n)
		x->rc = prof_profile_sample_index(p, NULL, &index, x->e);
	for (uint32_t t = 0; !x->rc && t < p->types.n; t++) {
		struct prof_str unit = prof_profile_str(p, p->types.v[t].unit);
		struct prof_cell c[N_COLUMNS] = {0};
		int64_t sum = 0, nonzero = 0;

		for (size_t i = 0; i < p->values.v[t].n; i++) {
			sum = prof_add(sum, p->values.v[t].v[i]);
			nonzero += p->values.v[t].v[i] != 0;
		}
		prof_fmt_scaled(&x->b, sum, unit, PROF_STR("auto"));
		c[C_TYPE] = prof_cell_str(prof_profile_str(p, p->types.v[t].type));
		c[C_UNIT] = prof_cell_str(unit);
		c[C_TOTAL] = prof_cell_int(sum);
		c[C_TEXT] = prof_cell_str((struct prof_str){x->b.p, (uint32_t)x->b.n});
		c[C_NONZERO] = prof_cell_int(nonzero);
		c[C_DEFAULT] = prof_cell_bool(t == index);
		c[C_MARK] = prof_cell_str(prof_str_of(t == index ? "shown by default" : ""));
		x->rc = prof_report_row(x->r, c, x->e);
		x->b.n = 0;
	}
}

int prof_info_profile(const struct prof_profile *p, const char *name, const char *kind,
	struct prof_report **out, struct prof_err *e)
{
	struct prof_info x;

	if (prof_info_begin(&x, name, e))
		return e->code;
	prof_buf_printf(&x.b, "%-10s %s, %llu bytes%s", "kind", kind,
		(unsigned long long)p->input_bytes, p->gzipped ? " inflated" : "");
	prof_info_head(&x);
	prof_info_field(&x, "kind", prof_cell_str(prof_str_of(kind)));
	prof_info_field(&x, "gzip", prof_cell_bool(p->gzipped));
	prof_info_field(&x, "bytes", prof_cell_int((int64_t)p->input_bytes));
	if (p->mappings.n) {
		prof_info_text(&x, "binary", "binary", prof_profile_str(p, p->mappings.v[0].file));
		prof_info_text(
			&x, "build id", "build_id", prof_profile_str(p, p->mappings.v[0].build_id));
	}
	comments(&x, p);
	prof_info_text(&x, "damage", "damage", prof_profile_str(p, p->damage));
	x.r->damage = prof_profile_str(p, p->damage);
	if (!x.rc)
		x.rc = prof_report_keep(x.r, &x.r->damage, e);
	prof_info_text(&x, "doc", "doc_url", prof_profile_str(p, p->doc_url));
	prof_info_field(&x, "drop_frames",
		p->drop_frames ? prof_cell_str(prof_profile_str(p, p->drop_frames))
			       : PROF_NULL_CELL);
	times(&x, p);
	counts(&x, p);
	label_keys(&x, p);
	prof_info_head(&x);
	types(&x, p);
	return prof_info_end(&x, out);
}

int prof_info_other(const char *name, const char *kind, struct prof_str version,
	struct prof_report **out, struct prof_err *e)
{
	struct prof_info x;

	if (prof_info_begin(&x, name, e))
		return e->code;
	prof_info_text(&x, "kind", "kind", prof_str_of(kind));
	prof_info_text(&x, "version", "version", version);
	return prof_info_end(&x, out);
}
