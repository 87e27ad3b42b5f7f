/* CSV (RFC 4180, lines end in \n): a row a sample, in the profile's order. The columns are the
 * sample types ("cpu/nanoseconds"), "labels" ("key=value;key=64 bytes") and "stack" (root first,
 * joined by
 * ';'). Keys, values and frames are written as in folded stacks, so that a ';' of their own is
 * \x3b.
 */
#include "libprof/render/profile/frames.h"

struct csv {
	const struct prof_profile *p;
	struct prof_frames frames;
	struct prof_mem mem;
	struct prof_arena arena;
	struct prof_str *labels; /* of each set: a field, as it is written */
	struct prof_str *location; /* of each: its frames, joined */
	bool *quoted; /* whether that asks for quotes around its field */
	struct prof_buf b, field;
};

/* A field may stand as it is when it is one word in any reader's eyes. */
static bool plain(struct prof_str s)
{
	for (uint32_t i = 0; i < s.len; i++)
		if (s.p[i] == '"' || s.p[i] == ',' || s.p[i] == '\n' || s.p[i] == '\r')
			return false;
	return !s.len || (s.p[0] != ' ' && s.p[s.len - 1] != ' ');
}

/* What stands between the quotes of a field. */
static void put_inner(struct prof_buf *b, struct prof_str s)
{
	for (uint32_t i = 0; i < s.len; i++) {
		prof_buf_char(b, s.p[i]);
		if (s.p[i] == '"')
			prof_buf_char(b, '"');
	}
}

static void put_field(struct prof_buf *b, struct prof_str s)
{
	if (plain(s)) {
		prof_buf_put(b, s.p ? s.p : "", s.len);
		return;
	}
	prof_buf_char(b, '"');
	put_inner(b, s);
	prof_buf_char(b, '"');
}

static struct prof_str held(const struct prof_buf *b)
{
	return (struct prof_str){b->p ? b->p : "", (uint32_t)b->n};
}

static int keep(struct csv *c, const struct prof_buf *b, struct prof_str *to, struct prof_err *e)
{
	if (b->code)
		return prof_nomem(e);
	to->len = (uint32_t)b->n;
	to->p = prof_arena_dup(&c->arena, b->p ? b->p : "", b->n, e);
	return to->p ? 0 : e->code;
}

static int label_text(struct csv *c, uint32_t set, unsigned flags, struct prof_err *e)
{
	const struct prof_profile *p = c->p;
	struct prof_buf text;
	int rc;

	prof_buf_init(&text, NULL, NULL);
	c->field.n = 0;
	for (uint32_t k = p->label_start.v[set]; k < p->label_start.v[set + 1]; k++) {
		const struct prof_label *l = &p->labels.v[k];
		struct prof_str unit = prof_profile_str(p, l->unit);

		if (!prof_writes_label(p, l, flags))
			continue;
		if (c->field.n)
			prof_buf_char(&c->field, ';');
		prof_buf_folded(&c->field, prof_profile_str(p, l->key));
		prof_buf_char(&c->field, '=');
		if (l->is_str) {
			prof_buf_folded(&c->field, prof_profile_str(p, l->str));
			continue;
		}
		prof_buf_i64(&c->field, l->num);
		if (unit.len) {
			prof_buf_char(&c->field, ' ');
			prof_buf_folded(&c->field, unit);
		}
	}
	put_field(&text, held(&c->field));
	text.code = text.code ? text.code : c->field.code;
	rc = keep(c, &text, &c->labels[set], e);
	prof_buf_fini(&text);
	return rc;
}

static int location_text(struct csv *c, uint32_t l, struct prof_err *e)
{
	struct prof_buf text;
	int rc;

	prof_buf_init(&text, NULL, NULL);
	c->field.n = 0;
	for (uint32_t k = c->frames.start[l]; k < c->frames.start[l + 1]; k++) {
		if (k > c->frames.start[l])
			prof_buf_char(&c->field, ';');
		prof_frame_put_folded(&c->frames, c->frames.of.v[k], &c->field);
	}
	c->quoted[l] = !plain(held(&c->field));
	put_inner(&text, held(&c->field));
	text.code = text.code ? text.code : c->field.code;
	rc = keep(c, &text, &c->location[l], e);
	prof_buf_fini(&text);
	return rc;
}

static int make_texts(struct csv *c, unsigned flags, struct prof_err *e)
{
	const struct prof_profile *p = c->p;
	int rc = 0;

	c->labels = prof_mem_zalloc(&c->mem, p->label_start.n, sizeof(*c->labels), e);
	c->location = prof_mem_zalloc(&c->mem, p->locations.n, sizeof(*c->location), e);
	c->quoted = prof_mem_zalloc(&c->mem, p->locations.n, sizeof(*c->quoted), e);
	if (!c->labels || !c->location || !c->quoted)
		return e->code;
	for (uint32_t s = 0; !rc && s + 1 < p->label_start.n; s++)
		rc = label_text(c, s, flags, e);
	for (uint32_t l = 0; !rc && l < p->locations.n; l++)
		rc = location_text(c, l, e);
	return rc;
}

static void put_sample(struct csv *c, size_t i)
{
	const struct prof_profile *p = c->p;
	struct prof_str labels = c->labels[p->sample_labels.v[i]];
	uint32_t s = p->sample_stack.v[i], first = p->stack_start.v[s];
	uint32_t last = p->stack_start.v[s + 1];
	bool quotes = false;

	for (size_t t = 0; t < p->values.n; t++) {
		prof_buf_i64(&c->b, p->values.v[t].v[i]);
		prof_buf_char(&c->b, ',');
	}
	prof_buf_put(&c->b, labels.p, labels.len);
	prof_buf_char(&c->b, ',');
	for (uint32_t k = first; k < last; k++)
		quotes |= c->quoted[p->stack_loc.v[k]];
	if (quotes)
		prof_buf_char(&c->b, '"');
	for (uint32_t k = last; k > first; k--) {
		struct prof_str text = c->location[p->stack_loc.v[k - 1]];

		if (k < last)
			prof_buf_char(&c->b, ';');
		prof_buf_put(&c->b, text.p, text.len);
	}
	prof_buf_str(&c->b, quotes ? "\"\n" : "\n");
}

static void put_head(struct csv *c)
{
	const struct prof_profile *p = c->p;

	for (size_t t = 0; t < p->types.n; t++) {
		struct prof_str type = prof_profile_str(p, p->types.v[t].type);
		struct prof_str unit = prof_profile_str(p, p->types.v[t].unit);

		c->field.n = 0;
		prof_buf_put(&c->field, type.p, type.len);
		prof_buf_char(&c->field, '/');
		prof_buf_put(&c->field, unit.p, unit.len);
		put_field(&c->b, held(&c->field));
		prof_buf_char(&c->b, ',');
	}
	if (c->field.code)
		c->b.code = c->field.code;
	prof_buf_str(&c->b, "labels,stack\n");
}

int prof_profile_csv(const struct prof_profile *p, unsigned flags, prof_write_fn *write, void *ctx,
	struct prof_err *e)
{
	struct prof_err none = {0};
	struct csv c = {.p = p, .mem = prof_frames_mem(p)};
	int rc;

	e = e ? e : &none;
	prof_arena_init(&c.arena, &c.mem);
	prof_buf_init(&c.b, write, ctx);
	prof_buf_init(&c.field, NULL, NULL);
	rc = prof_frames_init(&c.frames, p, &c.mem,
		flags & PROF_WRITE_LINES ? PROF_FRAMES_BY_LINE : PROF_FRAMES_BY_NAME, false, e);
	if (!rc)
		rc = make_texts(&c, flags, e);
	if (!rc) {
		put_head(&c);
		for (size_t i = 0; !c.b.code && i < p->sample_stack.n; i++)
			put_sample(&c, i);
		rc = prof_buf_done(&c.b, e);
	}
	prof_mem_zfree(&c.mem, c.labels, p->label_start.n, sizeof(*c.labels));
	prof_mem_zfree(&c.mem, c.location, p->locations.n, sizeof(*c.location));
	prof_mem_zfree(&c.mem, c.quoted, p->locations.n, sizeof(*c.quoted));
	prof_frames_fini(&c.frames);
	prof_arena_fini(&c.arena);
	prof_buf_fini(&c.field);
	prof_buf_fini(&c.b);
	return rc;
}
