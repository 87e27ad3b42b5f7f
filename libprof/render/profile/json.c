/* A whole profile as JSON, schema prof.profile/1 (prof-convert(1) has its keys). References between
 * its arrays are indices; what the file does not say is null.
 */
#include "libprof/base/escape.h"
#include "libprof/render/profile/frames.h"

/* `"key": `, with what separates it from the one before it. */
static void key(struct prof_buf *b, const char *before, const char *name)
{
	prof_buf_str(b, before);
	prof_buf_char(b, '"');
	prof_buf_str(b, name);
	prof_buf_str(b, "\": ");
}

static void put_str(struct prof_buf *b, const struct prof_profile *p, const char *before,
	const char *name, uint32_t s)
{
	key(b, before, name);
	if (s)
		prof_buf_json(b, prof_profile_str(p, s));
	else
		prof_buf_str(b, "null");
}

/* A number of which 0 means that the file has none. */
static void put_some(struct prof_buf *b, const char *before, const char *name, int64_t v)
{
	key(b, before, name);
	if (v)
		prof_buf_i64(b, v);
	else
		prof_buf_str(b, "null");
}

static void put_u64(struct prof_buf *b, const char *before, const char *name, uint64_t v)
{
	key(b, before, name);
	prof_buf_u64(b, v);
}

static void put_bool(struct prof_buf *b, const char *before, const char *name, bool v)
{
	key(b, before, name);
	prof_buf_str(b, v ? "true" : "false");
}

static void put_type(
	struct prof_buf *b, const struct prof_profile *p, const struct prof_value_type *t)
{
	key(b, "{", "type");
	prof_buf_json(b, prof_profile_str(p, t->type));
	key(b, ", ", "unit");
	prof_buf_json(b, prof_profile_str(p, t->unit));
	prof_buf_char(b, '}');
}

static void put_header(struct prof_buf *b, const struct prof_profile *p)
{
	key(b, "{", "schema");
	prof_buf_str(b, "\"prof.profile/1\"");
	key(b, ",\n", "sample_types");
	prof_buf_char(b, '[');
	for (size_t t = 0; t < p->types.n; t++) {
		prof_buf_str(b, t ? ", " : "");
		put_type(b, p, &p->types.v[t]);
	}
	prof_buf_char(b, ']');
	put_str(b, p, ",\n", "default_type", p->default_type);
	key(b, ",\n", "period_type");
	if (p->period_type.type || p->period_type.unit)
		put_type(b, p, &p->period_type);
	else
		prof_buf_str(b, "null");
	put_some(b, ",\n", "period", p->period);
	put_some(b, ",\n", "time_ns", p->time_ns);
	put_some(b, ",\n", "duration_ns", p->duration_ns);
	put_str(b, p, ",\n", "drop_frames", p->drop_frames);
	put_str(b, p, ",\n", "keep_frames", p->keep_frames);
	put_str(b, p, ",\n", "doc_url", p->doc_url);
	key(b, ",\n", "comments");
	prof_buf_char(b, '[');
	for (size_t i = 0; i < p->comments.n; i++) {
		prof_buf_str(b, i ? ", " : "");
		prof_buf_json(b, prof_profile_str(p, p->comments.v[i]));
	}
	prof_buf_char(b, ']');
}

static void put_mappings(struct prof_buf *b, const struct prof_profile *p)
{
	static const char *const has[] = {
		"has_functions", "has_filenames", "has_line_numbers", "has_inline_frames"};

	key(b, ",\n", "mappings");
	prof_buf_char(b, '[');
	for (size_t i = 0; i < p->mappings.n; i++) {
		const struct prof_mapping *m = &p->mappings.v[i];

		put_u64(b, i ? ",\n{" : "\n{", "id", m->id);
		put_u64(b, ", ", "start", m->start);
		put_u64(b, ", ", "limit", m->limit);
		put_u64(b, ", ", "offset", m->offset);
		put_str(b, p, ", ", "file", m->file);
		put_str(b, p, ", ", "build_id", m->build_id);
		for (unsigned k = 0; k < sizeof(has) / sizeof(has[0]); k++)
			put_bool(b, ", ", has[k], m->has >> k & 1);
		prof_buf_char(b, '}');
	}
	prof_buf_char(b, ']');
}

static void put_functions(struct prof_buf *b, const struct prof_profile *p)
{
	key(b, ",\n", "functions");
	prof_buf_char(b, '[');
	for (size_t i = 0; i < p->functions.n; i++) {
		const struct prof_function *f = &p->functions.v[i];

		put_str(b, p, i ? ",\n{" : "\n{", "name", f->name);
		put_str(b, p, ", ", "system_name", f->system_name);
		put_str(b, p, ", ", "file", f->file);
		put_some(b, ", ", "start_line", f->start_line);
		prof_buf_char(b, '}');
	}
	prof_buf_char(b, ']');
}

static void put_locations(struct prof_buf *b, const struct prof_profile *p)
{
	key(b, ",\n", "locations");
	prof_buf_char(b, '[');
	for (size_t i = 0; i < p->locations.n; i++) {
		const struct prof_location *l = &p->locations.v[i];

		put_u64(b, i ? ",\n{" : "\n{", "id", l->id);
		key(b, ", ", "mapping");
		if (l->mapping == PROF_NONE)
			prof_buf_str(b, "null");
		else
			prof_buf_u64(b, l->mapping);
		key(b, ", ", "address");
		if (l->address)
			prof_buf_u64(b, l->address);
		else
			prof_buf_str(b, "null");
		put_bool(b, ", ", "folded", l->folded);
		key(b, ", ", "lines");
		prof_buf_char(b, '[');
		for (uint32_t k = 0; k < l->n_lines; k++) {
			const struct prof_line *n = &p->lines.v[l->first_line + k];

			put_u64(b, k ? ", {" : "{", "function", n->function);
			put_some(b, ", ", "line", n->line);
			put_some(b, ", ", "column", n->column);
			prof_buf_char(b, '}');
		}
		prof_buf_str(b, "]}");
	}
	prof_buf_char(b, ']');
}

static void put_labels(
	struct prof_buf *b, const struct prof_profile *p, uint32_t set, unsigned flags)
{
	bool any = false;

	key(b, ", ", "labels");
	prof_buf_char(b, '[');
	for (uint32_t k = p->label_start.v[set]; k < p->label_start.v[set + 1]; k++) {
		const struct prof_label *l = &p->labels.v[k];

		if (!prof_writes_label(p, l, flags))
			continue;
		key(b, any ? ", {" : "{", "key");
		any = true;
		prof_buf_json(b, prof_profile_str(p, l->key));
		key(b, ", ", l->is_str ? "str" : "num");
		if (l->is_str) {
			prof_buf_json(b, prof_profile_str(p, l->str));
		} else {
			prof_buf_i64(b, l->num);
			put_str(b, p, ", ", "unit", l->unit);
		}
		prof_buf_char(b, '}');
	}
	prof_buf_char(b, ']');
}

static void put_samples(struct prof_buf *b, const struct prof_profile *p, unsigned flags)
{
	key(b, ",\n", "samples");
	prof_buf_char(b, '[');
	for (size_t i = 0; !b->code && i < p->sample_stack.n; i++) {
		uint32_t s = p->sample_stack.v[i], first = p->stack_start.v[s];

		key(b, i ? ",\n{" : "\n{", "values");
		prof_buf_char(b, '[');
		for (size_t t = 0; t < p->values.n; t++) {
			prof_buf_str(b, t ? "," : "");
			prof_buf_i64(b, p->values.v[t].v[i]);
		}
		prof_buf_char(b, ']');
		key(b, ", ", "stack");
		prof_buf_char(b, '[');
		for (uint32_t k = first; k < p->stack_start.v[s + 1]; k++) {
			if (k > first)
				prof_buf_char(b, ',');
			prof_buf_u64(b, p->stack_loc.v[k]);
		}
		prof_buf_char(b, ']');
		put_labels(b, p, p->sample_labels.v[i], flags);
		prof_buf_char(b, '}');
	}
	prof_buf_str(b, "]}\n");
}

int prof_profile_json(const struct prof_profile *p, unsigned flags, prof_write_fn *write, void *ctx,
	struct prof_err *e)
{
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, write, ctx);
	put_header(&b, p);
	put_mappings(&b, p);
	put_functions(&b, p);
	put_locations(&b, p);
	put_samples(&b, p, flags);
	rc = prof_buf_done(&b, e);
	prof_buf_fini(&b);
	return rc;
}
