/* speedscope's file format: the frames once, and a profile of type "sampled" for each sample type.
 * https://www.speedscope.app/file-format-schema.json
 */
#include "libprof/base/escape.h"
#include "libprof/base/num.h"
#include "libprof/render/profile/frames.h"

struct scope {
	const struct prof_profile *p;
	struct prof_frames frames;
	struct prof_buf b;
};

/* What speedscope calls a unit; "none" for all that it does not know. */
static const char *unit_name(struct prof_str unit)
{
	static const char *const names[][4] = {{"nanoseconds", "nanosecond", "ns"},
		{"microseconds", "microsecond", "us"}, {"milliseconds", "millisecond", "ms"},
		{"seconds", "second", "s"}, {"bytes", "byte", "B"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (size_t k = 0; names[i][k]; k++)
			if (prof_str_eq(unit, prof_str_of(names[i][k])))
				return names[i][0];
	return "none";
}

static void put_frames(struct scope *s)
{
	struct prof_buf text, *b = &s->b;

	prof_buf_init(&text, NULL, NULL);
	prof_buf_str(b, "\"shared\": {\"frames\": [");
	for (uint32_t i = 0; i < s->frames.v.n; i++) {
		struct prof_frame frame = s->frames.v.v[i];
		struct prof_str file = prof_profile_str(s->p, frame.file);

		text.n = 0;
		s->frames.v.v[i].file = 0;
		prof_frame_put(&s->frames, i, &text);
		s->frames.v.v[i].file = frame.file;
		if (text.code)
			break;
		prof_buf_str(b, i ? ",\n{\"name\": " : "\n{\"name\": ");
		prof_buf_json(b, (struct prof_str){text.p, (uint32_t)text.n});
		if (file.len) {
			prof_buf_str(b, ", \"file\": ");
			prof_buf_json(b, file);
		}
		if (frame.line > 0) {
			prof_buf_str(b, ", \"line\": ");
			prof_buf_i64(b, frame.line);
		}
		prof_buf_char(b, '}');
	}
	if (text.code)
		b->code = text.code;
	prof_buf_str(b, "\n]},\n\"profiles\": [");
	prof_buf_fini(&text);
}

/* The frames of a stack, root first. */
static void put_stack(struct scope *s, uint32_t stack)
{
	const struct prof_profile *p = s->p;
	bool any = false;

	prof_buf_char(&s->b, '[');
	for (uint32_t k = p->stack_start.v[stack + 1]; k > p->stack_start.v[stack]; k--) {
		uint32_t l = p->stack_loc.v[k - 1];

		for (uint32_t j = s->frames.start[l]; j < s->frames.start[l + 1]; j++) {
			if (any)
				prof_buf_char(&s->b, ',');
			any = true;
			prof_buf_u64(&s->b, s->frames.of.v[j]);
		}
	}
	prof_buf_char(&s->b, ']');
}

static void put_type(struct scope *s, size_t t)
{
	const struct prof_profile *p = s->p;
	const int64_t *v = p->values.v[t].v;
	struct prof_buf *b = &s->b;
	int64_t total = 0;
	bool any = false;

	for (size_t i = 0; i < p->sample_stack.n; i++)
		total = prof_add(total, v[i]);
	prof_buf_str(b, t ? ",\n" : "\n");
	prof_buf_str(b, "{\"type\": \"sampled\", \"name\": ");
	prof_buf_json(b, prof_profile_str(p, p->types.v[t].type));
	prof_buf_printf(b, ", \"unit\": \"%s\", \"startValue\": 0, \"endValue\": ",
		unit_name(prof_profile_str(p, p->types.v[t].unit)));
	prof_buf_i64(b, total);
	prof_buf_str(b, ",\n\"samples\": [");
	for (size_t i = 0; !b->code && i < p->sample_stack.n; i++) {
		if (!v[i])
			continue;
		prof_buf_str(b, any ? ",\n" : "\n");
		any = true;
		put_stack(s, p->sample_stack.v[i]);
	}
	prof_buf_str(b, "],\n\"weights\": [");
	any = false;
	for (size_t i = 0; i < p->sample_stack.n; i++) {
		if (!v[i])
			continue;
		prof_buf_str(b, any ? "," : "");
		any = true;
		prof_buf_i64(b, v[i]);
	}
	prof_buf_str(b, "]}");
}

/* The widths of a picture. */
static int check_values(const struct prof_profile *p, struct prof_err *e)
{
	for (size_t t = 0; t < p->types.n; t++) {
		struct prof_str name = prof_profile_str(p, p->types.v[t].type);

		for (size_t i = 0; i < p->sample_stack.n; i++)
			if (p->values.v[t].v[i] < 0)
				return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
					"has negative values (%.*s), which speedscope cannot show",
					name.len < 80 ? (int)name.len : 80, name.p);
	}
	return 0;
}

int prof_profile_speedscope(const struct prof_profile *p, const char *sample_index, unsigned flags,
	prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_err none = {0};
	struct prof_mem mem = prof_frames_mem(p);
	struct scope s = {.p = p};
	uint32_t active = 0;
	int rc;

	e = e ? e : &none;
	if ((rc = prof_profile_sample_index(p, sample_index, &active, e)) ||
		(rc = check_values(p, e)))
		return rc;
	prof_buf_init(&s.b, write, ctx);
	rc = prof_frames_init(&s.frames, p, &mem,
		flags & PROF_WRITE_LINES ? PROF_FRAMES_BY_LINE : PROF_FRAMES_BY_FUNCTION, false, e);
	if (!rc) {
		prof_buf_str(&s.b, "{\"$schema\": "
				   "\"https://www.speedscope.app/file-format-schema.json\",\n"
				   "\"exporter\": \"libprof\",\n");
		if (p->mappings.n && p->mappings.v[0].file) {
			prof_buf_str(&s.b, "\"name\": ");
			prof_buf_json(
				&s.b, prof_str_base(prof_profile_str(p, p->mappings.v[0].file)));
			prof_buf_str(&s.b, ",\n");
		}
		prof_buf_printf(&s.b, "\"activeProfileIndex\": %u,\n", active);
		put_frames(&s);
		for (size_t t = 0; t < p->types.n; t++)
			put_type(&s, t);
		prof_buf_str(&s.b, "\n]}\n");
		rc = prof_buf_done(&s.b, e);
	}
	prof_frames_fini(&s.frames);
	prof_buf_fini(&s.b);
	return rc;
}
