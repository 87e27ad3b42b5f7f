/* Writes profile.proto, a message at a time, so that memory stays small. What is read again is the
 * same profile, in the same order: ids of locations and mappings as they are (Go's pprof shows
 * them), functions numbered 1, 2, 3 …, of the strings those in use, in the order of their first
 * use. The string table comes last, as Go's runtime writes it.
 */
#include <libdeflate.h>

#include "libprof/render/profile/frames.h"
#include "proto/profile.pb-c.h"

enum {
	GZIP_LEVEL = 1, /* smaller than zlib's fastest, in half the time */
	MAX_VARINT = 10,
	MOST_FAST = 64 << 10, /* bytes of a message that put_fast moves */
	HEAD_BYTES = 2 * MAX_VARINT, /* more than a tag and a length take */
	LABEL_BYTES = HEAD_BYTES + 4 * (1 + MAX_VARINT),
};

struct writer {
	const struct prof_profile *p;
	unsigned flags;
	struct prof_err *e;
	struct prof_mem mem;
	struct prof_buf b;
	uint32_t *index; /* of each of the profile's strings in the file; 0: not in use yet */
	PROF_VEC(uint32_t) strings; /* of the profile, as the file has them behind the first */
	uint32_t empty; /* index of a second "": of labels that are strings, and empty; 0: none */
	bool location_ids, mapping_ids; /* are kept */

	/* Of the message under way. */
	PROF_VEC(uint64_t) ids;
	PROF_VEC(int64_t) numbers;
	PROF_VEC(Perftools__Profiles__Label) labels;
	PROF_VEC(Perftools__Profiles__Label *) label_of;
	PROF_VEC(Perftools__Profiles__Line) lines;
	PROF_VEC(Perftools__Profiles__Line *) line_of;
};

/* All of it at once: libdeflate's bytes depend on nothing but these. */
static int put_gzip(struct writer *w, prof_write_fn *write, void *ctx)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(GZIP_LEVEL);
	size_t room = c ? libdeflate_gzip_compress_bound(c, w->b.n) : 0;
	char *out = c ? prof_mem_resize(&w->mem, NULL, 0, room, w->e) : NULL;
	int rc = 0;

	if (!out)
		rc = c ? w->e->code : prof_nomem(w->e);
	else if (write(ctx, out, libdeflate_gzip_compress(c, w->b.p, w->b.n, out, room)) != 0)
		rc = prof_fail(w->e, PROF_EIO, PROF_NO_OFFSET, "cannot write the output");
	if (out)
		prof_mem_free(&w->mem, out, room);
	libdeflate_free_compressor(c);
	return rc;
}

/* The index in the file of a string, which is in use from now on. */
static int64_t use(struct writer *w, uint32_t id)
{
	if (!id || w->index[id])
		return w->index[id];
	if (prof_vec_reserve(&w->mem, &w->strings, 1, w->e)) {
		w->b.code = w->e->code;
		return 0;
	}
	w->strings.v[w->strings.n++] = id;
	w->index[id] = (uint32_t)w->strings.n;
	return w->index[id];
}

/* A string label has an index that is not 0, even of "". */
static int64_t use_label(struct writer *w, const struct prof_label *l)
{
	if (l->str || !l->is_str || w->empty)
		return l->str ? use(w, l->str) : l->is_str ? w->empty : 0;
	if (prof_vec_reserve(&w->mem, &w->strings, 1, w->e)) {
		w->b.code = w->e->code;
		return 0;
	}
	w->strings.v[w->strings.n++] = 0;
	w->empty = (uint32_t)w->strings.n;
	return w->empty;
}

static void put_varint(struct writer *w, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		prof_buf_char(&w->b, (char)(v | 0x80));
	prof_buf_char(&w->b, (char)v);
}

static void put_head(struct writer *w, unsigned field, size_t len)
{
	put_varint(w, field << 3 | 2);
	put_varint(w, len);
}

/* The fields of a message, behind what is written; `field` 0: as fields of the profile itself. */
static void put(struct writer *w, unsigned field, const ProtobufCMessage *m)
{
	size_t n = protobuf_c_message_get_packed_size(m);

	if (field)
		put_head(w, field, n);
	if (prof_buf_room(&w->b, n))
		w->b.n += protobuf_c_message_pack(m, (uint8_t *)w->b.p + w->b.n);
}

/* The same for a message that takes at most `most` bytes: to measure it takes as long as to write
 * it, so it is written behind the place of its head, and moved.
 */
static void put_fast(struct writer *w, unsigned field, const ProtobufCMessage *m, size_t most)
{
	uint8_t *body;
	size_t n;

	if (most > MOST_FAST) {
		put(w, field, m);
		return;
	}
	if (!prof_buf_room(&w->b, HEAD_BYTES + most))
		return;
	body = (uint8_t *)w->b.p + w->b.n + HEAD_BYTES;
	n = protobuf_c_message_pack(m, body);
	put_head(w, field, n);
	memmove(w->b.p + w->b.n, body, n);
	w->b.n += n;
}

static void put_types(struct writer *w)
{
	for (size_t t = 0; t < w->p->types.n; t++) {
		Perftools__Profiles__ValueType m = PERFTOOLS__PROFILES__VALUE_TYPE__INIT;

		m.type = use(w, w->p->types.v[t].type);
		m.unit = use(w, w->p->types.v[t].unit);
		put(w, 1, &m.base);
	}
}

static int label_messages(struct writer *w, uint32_t set)
{
	uint32_t begin = w->p->label_start.v[set], end = w->p->label_start.v[set + 1];
	int rc;

	w->labels.n = w->label_of.n = 0;
	if ((rc = prof_vec_reserve(&w->mem, &w->labels, end - begin, w->e)) ||
		(rc = prof_vec_reserve(&w->mem, &w->label_of, end - begin, w->e)))
		return rc;
	for (uint32_t k = begin; k < end; k++) {
		const struct prof_label *l = &w->p->labels.v[k];
		Perftools__Profiles__Label *m = &w->labels.v[w->labels.n];

		if (!prof_writes_label(w->p, l, w->flags))
			continue;
		perftools__profiles__label__init(m);
		m->key = use(w, l->key);
		m->str = use_label(w, l);
		m->num = l->num;
		m->num_unit = use(w, l->unit);
		w->label_of.v[w->labels.n++] = m;
	}
	return 0;
}

static uint64_t location_id(const struct writer *w, uint32_t l)
{
	return w->location_ids ? w->p->locations.v[l].id : (uint64_t)l + 1;
}

static int put_sample(struct writer *w, size_t i)
{
	const struct prof_profile *p = w->p;
	uint32_t begin = p->stack_start.v[p->sample_stack.v[i]];
	uint32_t n = p->stack_start.v[p->sample_stack.v[i] + 1] - begin;
	Perftools__Profiles__Sample m = PERFTOOLS__PROFILES__SAMPLE__INIT;
	int rc = label_messages(w, p->sample_labels.v[i]);

	w->ids.n = w->numbers.n = 0;
	if (rc || (rc = prof_vec_reserve(&w->mem, &w->ids, n, w->e)) ||
		(rc = prof_vec_reserve(&w->mem, &w->numbers, p->values.n, w->e)))
		return rc;
	for (uint32_t k = 0; k < n; k++)
		w->ids.v[k] = location_id(w, p->stack_loc.v[begin + k]);
	for (size_t t = 0; t < p->values.n; t++)
		w->numbers.v[t] = p->values.v[t].v[i];
	m.n_location_id = n;
	m.location_id = w->ids.v;
	m.n_value = p->values.n;
	m.value = w->numbers.v;
	m.n_label = w->labels.n;
	m.label = w->label_of.v;
	put_fast(w, 2, &m.base,
		2 * HEAD_BYTES + MAX_VARINT * ((size_t)n + p->values.n) +
			LABEL_BYTES * w->labels.n);
	return 0;
}

static uint64_t mapping_id(const struct writer *w, uint32_t i)
{
	return w->mapping_ids ? w->p->mappings.v[i].id : (uint64_t)i + 1;
}

static void put_mappings(struct writer *w)
{
	for (uint32_t i = 0; i < w->p->mappings.n; i++) {
		const struct prof_mapping *o = &w->p->mappings.v[i];
		Perftools__Profiles__Mapping m = PERFTOOLS__PROFILES__MAPPING__INIT;

		m.id = mapping_id(w, i);
		m.memory_start = o->start;
		m.memory_limit = o->limit;
		m.file_offset = o->offset;
		m.filename = use(w, o->file);
		m.build_id = use(w, o->build_id);
		m.has_functions = !!(o->has & PROF_HAS_FUNCTIONS);
		m.has_filenames = !!(o->has & PROF_HAS_FILENAMES);
		m.has_line_numbers = !!(o->has & PROF_HAS_LINE_NUMBERS);
		m.has_inline_frames = !!(o->has & PROF_HAS_INLINE_FRAMES);
		put(w, 3, &m.base);
	}
}

static int put_location(struct writer *w, uint32_t i)
{
	const struct prof_location *o = &w->p->locations.v[i];
	Perftools__Profiles__Location m = PERFTOOLS__PROFILES__LOCATION__INIT;
	int rc;

	w->lines.n = w->line_of.n = 0;
	if ((rc = prof_vec_reserve(&w->mem, &w->lines, o->n_lines, w->e)) ||
		(rc = prof_vec_reserve(&w->mem, &w->line_of, o->n_lines, w->e)))
		return rc;
	for (uint32_t k = 0; k < o->n_lines; k++) {
		const struct prof_line *l = &w->p->lines.v[o->first_line + k];

		perftools__profiles__line__init(&w->lines.v[k]);
		w->lines.v[k].function_id = (uint64_t)l->function + 1;
		w->lines.v[k].line = l->line;
		w->lines.v[k].column = l->column;
		w->line_of.v[k] = &w->lines.v[k];
	}
	m.id = location_id(w, i);
	m.mapping_id = o->mapping == PROF_NONE ? 0 : mapping_id(w, o->mapping);
	m.address = o->address;
	m.n_line = o->n_lines;
	m.line = w->line_of.v;
	m.is_folded = o->folded;
	put(w, 4, &m.base);
	return 0;
}

static void put_functions(struct writer *w)
{
	for (size_t i = 0; i < w->p->functions.n; i++) {
		const struct prof_function *o = &w->p->functions.v[i];
		Perftools__Profiles__Function m = PERFTOOLS__PROFILES__FUNCTION__INIT;

		m.id = i + 1;
		m.name = use(w, o->name);
		m.system_name = use(w, o->system_name);
		m.filename = use(w, o->file);
		m.start_line = o->start_line;
		put(w, 5, &m.base);
	}
}

/* All fields of the profile that are one number or one type. */
static int put_header(struct writer *w)
{
	const struct prof_profile *p = w->p;
	Perftools__Profiles__Profile m = PERFTOOLS__PROFILES__PROFILE__INIT;
	Perftools__Profiles__ValueType period = PERFTOOLS__PROFILES__VALUE_TYPE__INIT;
	int rc = prof_vec_reserve(&w->mem, &w->numbers, p->comments.n, w->e);

	if (rc)
		return rc;
	m.drop_frames = use(w, p->drop_frames);
	m.keep_frames = use(w, p->keep_frames);
	m.time_nanos = p->time_ns;
	m.duration_nanos = p->duration_ns;
	m.period = p->period;
	period.type = use(w, p->period_type.type);
	period.unit = use(w, p->period_type.unit);
	if (period.type || period.unit)
		m.period_type = &period;
	for (size_t i = 0; i < p->comments.n; i++)
		w->numbers.v[i] = use(w, p->comments.v[i]);
	m.n_comment = p->comments.n;
	m.comment = w->numbers.v;
	m.default_sample_type = use(w, p->default_type);
	m.doc_url = use(w, p->doc_url);
	put(w, 0, &m.base);
	return 0;
}

/* protobuf-c's strings end at a NUL: these do not. */
static void put_strings(struct writer *w)
{
	put_head(w, 6, 0);
	for (size_t i = 0; i < w->strings.n; i++) {
		struct prof_str s = prof_profile_str(w->p, w->strings.v[i]);

		put_head(w, 6, s.len);
		prof_buf_put(&w->b, s.p, s.len);
	}
}

/* Whether the n ids that the elements of `size` bytes at v begin with are to be kept: they are
 * different, none 0, and not 1, 2, 3 … anyway, which needs no look at them later.
 */
static int keep_ids(struct writer *w, const void *v, size_t n, size_t size, bool *good)
{
	struct prof_map64 seen;
	uint64_t id, last = 0;
	bool rising = true, in_order = true;
	int rc = 0;

	*good = true;
	for (size_t i = 0; i < n; i++) {
		memcpy(&id, (const char *)v + i * size, sizeof(id));
		*good &= id != 0;
		rising &= id > last;
		in_order &= id == i + 1;
		last = id;
	}
	*good &= !in_order;
	if (!*good || rising)
		return 0;
	prof_map64_init(&seen, &w->mem);
	for (size_t i = 0; !rc && *good && i < n; i++) {
		memcpy(&id, (const char *)v + i * size, sizeof(id));
		*good = prof_map64_get(&seen, id) == PROF_NONE;
		if (*good)
			rc = prof_map64_add(&seen, id, 0, w->e);
	}
	prof_map64_fini(&seen);
	return rc;
}

static int put_all(struct writer *w)
{
	const struct prof_profile *p = w->p;
	int rc;

	_Static_assert(offsetof(struct prof_location, id) == 0, "keep_ids");
	_Static_assert(offsetof(struct prof_mapping, id) == 0, "keep_ids");
	w->index = prof_mem_zalloc(&w->mem, p->strings.strs.n, sizeof(*w->index), w->e);
	if (!w->index)
		return w->e->code;
	if ((rc = keep_ids(w, p->locations.v, p->locations.n, sizeof(*p->locations.v),
		     &w->location_ids)) ||
		(rc = keep_ids(
			 w, p->mappings.v, p->mappings.n, sizeof(*p->mappings.v), &w->mapping_ids)))
		return rc;
	put_types(w);
	for (size_t i = 0; !rc && !w->b.code && i < p->sample_stack.n; i++)
		rc = put_sample(w, i);
	put_mappings(w);
	for (uint32_t i = 0; !rc && !w->b.code && i < p->locations.n; i++)
		rc = put_location(w, i);
	put_functions(w);
	if (!rc)
		rc = put_header(w);
	put_strings(w);
	return rc ? rc : prof_buf_done(&w->b, w->e);
}

static void writer_fini(struct writer *w)
{
	prof_mem_zfree(&w->mem, w->index, w->p->strings.strs.n, sizeof(*w->index));
	prof_vec_fini(&w->mem, &w->strings);
	prof_vec_fini(&w->mem, &w->ids);
	prof_vec_fini(&w->mem, &w->numbers);
	prof_vec_fini(&w->mem, &w->labels);
	prof_vec_fini(&w->mem, &w->label_of);
	prof_vec_fini(&w->mem, &w->lines);
	prof_vec_fini(&w->mem, &w->line_of);
	prof_buf_fini(&w->b);
}

int prof_profile_write(const struct prof_profile *p, unsigned flags, prof_write_fn *write,
	void *ctx, struct prof_err *e)
{
	struct prof_err none = {0};
	struct writer w = {.p = p, .flags = flags, .e = e ? e : &none, .mem = prof_frames_mem(p)};
	bool gzip = flags & PROF_WRITE_GZIP;
	int rc;

	prof_buf_init(&w.b, gzip ? NULL : write, ctx);
	rc = put_all(&w);
	if (!rc && gzip)
		rc = put_gzip(&w, write, ctx);
	writer_fini(&w);
	return rc;
}
