/* The dictionaries as pages, and back. */
#include "libprof/store/dict.h"

enum { PAGE_ENTRIES = 16384, PAGE_BYTES = 64 << 10 };

static const char *const names[PROF_SERIES] = {"strings", "functions", "locations", "label sets",
	"headers", "modules", "mappings", "stacks", "start lines", "addresses"};

const char *prof_dict_name(enum prof_series s)
{
	return names[s];
}

/* A column after the other: what is alike stands together. */
static size_t encode_records(
	const struct prof_strtab *t, size_t first, size_t end, struct prof_buf *out)
{
	size_t last = first, bytes = 0;

	while (last < end && bytes < PAGE_BYTES)
		bytes += t->strs.v[last++].len;
	prof_put_uvarint(out, last - first);
	for (size_t i = first; i < last; i++)
		prof_put_uvarint(out, t->strs.v[i].len);
	for (size_t i = first; i < last; i++)
		prof_buf_put(out, t->strs.v[i].p, t->strs.v[i].len);
	return last - first;
}

static void encode_nodes(const struct prof_dict *d, size_t first, size_t end, struct prof_buf *out)
{
	const struct prof_node *v = d->nodes.v;

	prof_put_uvarint(out, end - first);
	for (size_t i = first; i < end; i++)
		prof_put_uvarint(out, i - v[i].parent);
	for (size_t i = first; i < end; i++)
		prof_put_varint(out, (int64_t)v[i].loc - (i > first ? v[i - 1].loc : 0));
}

static void encode_build_funcs(
	const struct prof_dict_build *b, size_t first, size_t end, struct prof_buf *out)
{
	const struct prof_build_func *v = b->funcs.v;

	prof_put_uvarint(out, end - first);
	for (size_t i = first; i < end; i++)
		prof_put_varint(out, (int64_t)v[i].func - (i > first ? v[i - 1].func : 0));
	for (size_t i = first; i < end; i++)
		prof_put_uvarint(out, v[i].dup);
	for (size_t i = first; i < end; i++)
		prof_put_varint(out, v[i].start_line);
}

static void encode_build_locs(
	const struct prof_dict_build *b, size_t first, size_t end, struct prof_buf *out)
{
	const struct prof_build_loc *v = b->locs.v;

	prof_put_uvarint(out, end - first);
	for (size_t i = first; i < end; i++)
		prof_put_varint(out, (int64_t)v[i].loc - (i > first ? v[i - 1].loc : 0));
	for (size_t i = first; i < end; i++)
		prof_put_uvarint(out, v[i].dup);
	for (size_t i = first; i < end; i++)
		prof_put_uvarint(out, v[i].module);
	for (size_t i = first; i < end; i++)
		prof_put_varint(out, (int64_t)(v[i].address - (i > first ? v[i - 1].address : 0)));
}

static void put_func(const struct prof_dict_func *f, struct prof_buf *out)
{
	prof_put_uvarint(out, f->name);
	prof_put_varint(out, (int64_t)f->system_name - f->name);
	prof_put_uvarint(out, f->file);
	prof_put_uvarint(out, f->variant);
}

static void put_loc(const struct prof_dict *d, const struct prof_dict_loc *l, struct prof_buf *out)
{
	prof_put_uvarint(out, (uint64_t)l->n_lines << 1 | l->folded);
	for (uint32_t i = 0; i < l->n_lines; i++) {
		const struct prof_dict_line *line = &d->lines.v[l->first_line + i];

		prof_put_uvarint(out, line->func);
		prof_put_varint(out, line->rel_line);
		prof_put_varint(out, line->column);
	}
	prof_put_uvarint(out, l->variant);
}

/* As encode_records, of what is kept taken apart. */
static size_t encode_code(const struct prof_dict *d, enum prof_series s, size_t first, size_t end,
	struct prof_buf *out)
{
	struct prof_buf lens, bytes;
	size_t last = first;

	prof_buf_init(&lens, NULL, NULL);
	prof_buf_init(&bytes, NULL, NULL);
	while (last < end && bytes.n < PAGE_BYTES && !bytes.code) {
		size_t before = bytes.n;

		if (s == PROF_FUNC)
			put_func(&d->funcs.v[last++], &bytes);
		else
			put_loc(d, &d->locs.v[last++], &bytes);
		prof_put_uvarint(&lens, bytes.n - before);
	}
	prof_put_uvarint(out, last - first);
	prof_buf_put(out, lens.p, lens.n);
	prof_buf_put(out, bytes.p, bytes.n);
	if (lens.code || bytes.code)
		out->code = PROF_ENOMEM;
	prof_buf_fini(&lens);
	prof_buf_fini(&bytes);
	return last - first;
}

int prof_dict_encode(const struct prof_dict *d, enum prof_series s, uint32_t build, size_t first,
	struct prof_buf *out, size_t *n, bool *full, struct prof_err *e)
{
	size_t count = prof_dict_count(d, s, build), end = count;

	if (end - first > PAGE_ENTRIES)
		end = first + PAGE_ENTRIES;
	*n = end - first;
	if (s == PROF_FUNC || s == PROF_LOC)
		*n = encode_code(d, s, first, end, out);
	else if (s < PROF_TABLES)
		*n = encode_records(&d->tables[s], first, end, out);
	else if (s == PROF_NODE)
		encode_nodes(d, first, end, out);
	else if (s == PROF_BUILD_FUNC)
		encode_build_funcs(d->builds.v[build], first, end, out);
	else
		encode_build_locs(d->builds.v[build], first, end, out);
	*full = *n == PAGE_ENTRIES || out->n >= PAGE_BYTES;
	return out->code ? prof_nomem(e) : 0;
}

static int decode_records(
	struct prof_dict *d, enum prof_series s, struct prof_rd *r, size_t n, struct prof_err *e)
{
	struct prof_strtab *t = &d->tables[s];
	struct prof_rd lens = *r;
	bool skip = !t->strs.n;

	for (size_t i = 0; i < n; i++)
		prof_rd_uvarint(r);
	for (size_t i = 0; i < n; i++) {
		uint64_t len = prof_rd_uvarint(&lens);
		const uint8_t *p = prof_rd_bytes(r, len);
		uint32_t id;
		int rc;

		if (r->why)
			return 0;
		rc = prof_strtab_add(t, (const char *)p, (size_t)len, &id, e);
		if (rc)
			return rc;
		if (id != t->strs.n - 1 || skip) {
			prof_rd_fail(r, "a record stands twice");
			return 0;
		}
	}
	return 0;
}

static int take_func(struct prof_dict *d, struct prof_rd *r, struct prof_err *e)
{
	struct prof_dict_func f = {.name = prof_rd_id(r, PROF_NONE)};
	int64_t system_name = (int64_t)f.name + prof_rd_varint(r);
	int rc = prof_vec_reserve(&d->mem, &d->funcs, 1, e);

	if (system_name < 0 || system_name >= PROF_NONE)
		prof_rd_fail(r, "an id is out of range");
	f.system_name = (uint32_t)system_name;
	f.file = prof_rd_id(r, PROF_NONE);
	f.variant = prof_rd_id(r, PROF_NONE);
	if (!rc)
		d->funcs.v[d->funcs.n++] = f;
	return rc;
}

static int take_loc(struct prof_dict *d, struct prof_rd *r, struct prof_err *e)
{
	uint64_t head = prof_rd_uvarint(r);
	struct prof_dict_loc l = {.folded = head & 1, .first_line = (uint32_t)d->lines.n};
	int rc = prof_vec_reserve(&d->mem, &d->locs, 1, e);

	if (head >> 1 > prof_rd_left(r) / 3 || d->lines.n + (head >> 1) >= PROF_NONE)
		prof_rd_fail(r, "a count is more than what follows");
	else
		l.n_lines = (uint32_t)(head >> 1);
	if (!rc)
		rc = prof_vec_reserve(&d->mem, &d->lines, l.n_lines, e);
	for (uint32_t i = 0; !rc && i < l.n_lines; i++) {
		struct prof_dict_line *line = &d->lines.v[d->lines.n++];

		line->func = prof_rd_id(r, PROF_NONE);
		line->rel_line = prof_rd_varint(r);
		line->column = prof_rd_varint(r);
	}
	l.variant = prof_rd_id(r, PROF_NONE);
	if (!rc)
		d->locs.v[d->locs.n++] = l;
	return rc;
}

static int decode_code(
	struct prof_dict *d, enum prof_series s, struct prof_rd *r, size_t n, struct prof_err *e)
{
	struct prof_rd lens = *r;

	for (size_t i = 0; i < n; i++)
		prof_rd_uvarint(r);
	if (prof_dict_count(d, s, 0) + n >= PROF_NONE)
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "has too many functions");
	for (size_t i = 0; i < n && !r->why; i++) {
		uint64_t len = prof_rd_uvarint(&lens);
		const uint8_t *p = prof_rd_bytes(r, len);
		struct prof_rd record = prof_rd_of(p, r->why ? 0 : (size_t)len);
		int rc;

		if (r->why)
			return 0;
		rc = s == PROF_FUNC ? take_func(d, &record, e) : take_loc(d, &record, e);
		if (rc)
			return rc;
		if (record.why || record.p != record.end)
			prof_rd_fail(r, record.why ? record.why : "more than it says");
	}
	return 0;
}

static int decode_nodes(struct prof_dict *d, struct prof_rd *r, size_t n, struct prof_err *e)
{
	size_t first = d->nodes.n;
	int rc = prof_vec_reserve(&d->mem, &d->nodes, n, e);
	uint32_t loc = 0;

	if (rc)
		return rc;
	if (first + n >= PROF_NONE)
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "has too many stacks");
	for (size_t i = first; i < first + n; i++) {
		uint64_t back = prof_rd_uvarint(r);

		if (!back || back > i)
			prof_rd_fail(r, "a node's parent is out of range");
		d->nodes.v[i].parent = (uint32_t)(i - back);
	}
	for (size_t i = first; i < first + n; i++) {
		loc += (uint32_t)prof_rd_varint(r);
		d->nodes.v[i].loc = loc;
	}
	if (!r->why)
		d->nodes.n += n;
	return 0;
}

static int decode_build_funcs(struct prof_dict *d, struct prof_dict_build *b, struct prof_rd *r,
	size_t n, struct prof_err *e)
{
	int rc = prof_vec_reserve(&d->mem, &b->funcs, n + 1, e);
	struct prof_build_func *v = b->funcs.v + b->funcs.n;
	uint32_t func = 0;

	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++) {
		func += (uint32_t)prof_rd_varint(r);
		v[i] = (struct prof_build_func){.func = func};
	}
	for (size_t i = 0; i < n; i++)
		v[i].dup = prof_rd_id(r, PROF_NONE);
	for (size_t i = 0; i < n; i++)
		v[i].start_line = prof_rd_varint(r);
	if (!r->why)
		b->funcs.n += n;
	return 0;
}

static int decode_build_locs(struct prof_dict *d, struct prof_dict_build *b, struct prof_rd *r,
	size_t n, struct prof_err *e)
{
	int rc = prof_vec_reserve(&d->mem, &b->locs, n + 1, e);
	struct prof_build_loc *v = b->locs.v + b->locs.n;
	uint64_t address = 0;
	uint32_t loc = 0;

	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++) {
		loc += (uint32_t)prof_rd_varint(r);
		v[i] = (struct prof_build_loc){.loc = loc};
	}
	for (size_t i = 0; i < n; i++)
		v[i].dup = prof_rd_id(r, PROF_NONE);
	for (size_t i = 0; i < n; i++)
		v[i].module = prof_rd_id(r, PROF_NONE);
	for (size_t i = 0; i < n; i++)
		v[i].address = address += (uint64_t)prof_rd_varint(r);
	if (!r->why)
		b->locs.n += n;
	return 0;
}

int prof_dict_decode(struct prof_dict *d, enum prof_series s, uint32_t build, const void *p,
	size_t len, struct prof_err *e)
{
	static const size_t least[] = {
		[PROF_NODE] = 2, [PROF_BUILD_FUNC] = 3, [PROF_BUILD_LOC] = 4};
	struct prof_rd r = prof_rd_of(p, len);
	size_t n = (size_t)prof_rd_count(&r, s < PROF_TABLES ? 1 : least[s]);
	int rc;

	if (s > PROF_NODE && build >= d->builds.n)
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			"is damaged: %s of a build that is not there", names[s]);
	if (s == PROF_FUNC || s == PROF_LOC)
		rc = decode_code(d, s, &r, n, e);
	else if (s < PROF_TABLES)
		rc = decode_records(d, s, &r, n, e);
	else if (s == PROF_NODE)
		rc = decode_nodes(d, &r, n, e);
	else if (s == PROF_BUILD_FUNC)
		rc = decode_build_funcs(d, d->builds.v[build], &r, n, e);
	else
		rc = decode_build_locs(d, d->builds.v[build], &r, n, e);
	if (!rc)
		prof_rd_end(&r, "more than it says");
	if (!rc && r.why)
		return prof_fail(
			e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: %s: %s", names[s], r.why);
	return rc;
}
