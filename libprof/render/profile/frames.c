#include "libprof/render/profile/frames.h"

struct prof_mem prof_frames_mem(const struct prof_profile *p)
{
	return (struct prof_mem){.limit = p->mem.limit - p->mem.used};
}

static bool same(const struct prof_frame *a, const struct prof_frame *b)
{
	return a->name == b->name && a->file == b->file && a->object == b->object &&
	       a->line == b->line && a->inlined == b->inlined;
}

/* Appends a frame, which is found again in the index, to `of`. */
static int add(struct prof_frames *f, struct prof_index *index, const struct prof_frame *frame,
	struct prof_err *e)
{
	uint64_t hash = prof_hash_mix(0, (uint64_t)frame->name << 32 | frame->file);
	struct prof_index_it it;
	uint32_t id;
	int rc;

	hash = prof_hash_mix(hash, (uint64_t)frame->object << 1 | frame->inlined);
	hash = prof_hash_mix(hash, (uint64_t)frame->line);
	it = prof_index_first(index, hash);
	while ((id = prof_index_next(index, &it)) != PROF_NONE)
		if (same(&f->v.v[id], frame))
			break;
	if (id == PROF_NONE) {
		id = (uint32_t)f->v.n;
		if ((rc = prof_vec_reserve(f->mem, &f->v, 1, e)) ||
			(rc = prof_index_add(index, hash, id, e)))
			return rc;
		f->v.v[f->v.n++] = *frame;
	}
	rc = prof_vec_reserve(f->mem, &f->of, 1, e);
	if (!rc)
		f->of.v[f->of.n++] = id;
	return rc;
}

static struct prof_frame frame_of(const struct prof_profile *p, const struct prof_location *l,
	uint32_t k, enum prof_frames_by by, bool marks)
{
	const struct prof_line *line = &p->lines.v[l->first_line + k];
	const struct prof_function *fn = &p->functions.v[line->function];
	struct prof_frame frame = {.name = fn->name, .inlined = marks && k + 1 < l->n_lines};

	if (by != PROF_FRAMES_BY_NAME) {
		frame.file = fn->file;
		frame.line = by == PROF_FRAMES_BY_LINE ? line->line : fn->start_line;
	}
	if (!fn->name && l->mapping != PROF_NONE)
		frame.object = p->mappings.v[l->mapping].file;
	return frame;
}

int prof_frames_init(struct prof_frames *f, const struct prof_profile *p, struct prof_mem *mem,
	enum prof_frames_by by, bool marks, struct prof_err *e)
{
	struct prof_index index;
	int rc;

	*f = (struct prof_frames){.profile = p, .mem = mem};
	prof_index_init(&index, mem);
	f->start = prof_mem_zalloc(mem, p->locations.n + 1, sizeof(*f->start), e);
	if (!f->start)
		return e->code;
	rc = add(f, &index, &(struct prof_frame){0}, e);
	for (uint32_t i = 0; !rc && i < p->locations.n; i++) {
		const struct prof_location *l = &p->locations.v[i];
		struct prof_frame none = {0};

		f->start[i] = (uint32_t)f->of.n;
		if (l->mapping != PROF_NONE)
			none.object = p->mappings.v[l->mapping].file;
		if (!l->n_lines)
			rc = add(f, &index, &none, e);
		for (uint32_t k = l->n_lines; !rc && k > 0; k--) {
			struct prof_frame frame = frame_of(p, l, k - 1, by, marks);

			rc = add(f, &index, &frame, e);
		}
		if (!rc && f->of.n >= PROF_NONE)
			rc = prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "too many lines");
	}
	f->start[p->locations.n] = (uint32_t)f->of.n;
	prof_index_fini(&index);
	return rc;
}

void prof_frames_fini(struct prof_frames *f)
{
	if (!f->mem)
		return;
	prof_mem_zfree(f->mem, f->start, f->profile->locations.n + 1, sizeof(*f->start));
	f->start = NULL;
	prof_vec_fini(f->mem, &f->v);
	prof_vec_fini(f->mem, &f->of);
}

void prof_frame_put(const struct prof_frames *f, uint32_t frame, struct prof_buf *b)
{
	const struct prof_frame *x = &f->v.v[frame];
	struct prof_str name = prof_profile_str(f->profile, x->name);
	struct prof_str file = prof_profile_str(f->profile, x->file);
	struct prof_str object = prof_str_base(prof_profile_str(f->profile, x->object));

	if (name.len) {
		prof_buf_put(b, name.p, name.len);
	} else if (x->object) {
		prof_buf_char(b, '[');
		prof_buf_put(b, object.p, object.len);
		prof_buf_char(b, ']');
	} else {
		prof_buf_str(b, "<unknown>");
	}
	if (!file.len)
		return;
	prof_buf_char(b, ' ');
	prof_buf_put(b, file.p, file.len);
	if (x->line) {
		prof_buf_char(b, ':');
		prof_buf_i64(b, x->line);
	}
}

static bool is_number(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	if (p == start)
		return false;
	if (p < end && *p == '.')
		p++;
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p == end;
}

void prof_buf_folded(struct prof_buf *b, struct prof_str s)
{
	const char *end = s.p + s.len, *last = end;

	/* "worker 12" would read as a count in front of the count. */
	while (last > s.p && last[-1] != ' ')
		last--;
	last = last > s.p && is_number(last, end) ? last - 1 : NULL;
	for (const char *p = s.p; p < end; p++) {
		unsigned char c = (unsigned char)*p;

		if (c < 0x20 || c == 0x7f || c == ';' || p == last)
			prof_buf_printf(b, "\\x%02x", c);
		else
			prof_buf_char(b, *p);
	}
}

void prof_frame_put_folded(const struct prof_frames *f, uint32_t frame, struct prof_buf *b)
{
	struct prof_buf text;

	prof_buf_init(&text, NULL, NULL);
	prof_frame_put(f, frame, &text);
	if (text.code)
		b->code = text.code;
	else
		prof_buf_folded(b, (struct prof_str){text.p, (uint32_t)text.n});
	if (f->v.v[frame].inlined)
		prof_buf_str(b, "_[i]");
	prof_buf_fini(&text);
}

bool prof_writes_label(const struct prof_profile *p, const struct prof_label *l, unsigned flags)
{
	return flags & PROF_WRITE_PROF_LABELS ||
	       !prof_str_has_prefix(prof_profile_str(p, l->key), "prof::");
}
