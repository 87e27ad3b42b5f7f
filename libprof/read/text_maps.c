#include "libprof/read/text_maps.h"

#include <stdlib.h>
#include <string.h>

#include "libprof/base/buf.h"

/* "I0102 03:04:05.678 9 file.cc:12] ": nothing bracketed before it, a line number in it. */
static void skip_log_prefix(struct prof_text_line *l)
{
	const char *p = l->p, *digits;

	while (p < l->end && *p != '[' && *p != ']')
		p++;
	if (p == l->end || *p != ']' || p + 1 == l->end || !prof_text_is_blank(p[1]))
		return;
	for (digits = p; digits > l->p && prof_text_is_digit(digits[-1]); digits--)
		;
	if (digits < p && digits - l->p >= 2 && digits[-1] == ':')
		l->p = p + 2;
}

/* "400000-4f3000", "0x400000 0x4f3000:" */
static bool range(struct prof_text_line *l, struct prof_mapping *m)
{
	struct prof_text_line s = *l;

	prof_text_blanks(&s);
	prof_text_take(&s, "0x");
	if (!prof_text_hex(&s, &m->start))
		return false;
	if (!prof_text_take(&s, "-") && (!prof_text_blanks(&s) || s.p == s.end))
		return false;
	prof_text_blanks(&s);
	prof_text_take(&s, "0x");
	if (!prof_text_hex(&s, &m->limit))
		return false;
	prof_text_take(&s, ":");
	if (!prof_text_blanks(&s))
		return false;
	*l = s;
	return true;
}

/* "r-xp", if that comes next; what it says of execution. */
static bool permissions(struct prof_text_line *l, bool *executable)
{
	struct prof_text_line s = *l, w = prof_text_word(&s);
	bool x = false;

	for (const char *p = w.p; p < w.end; p++) {
		if (!memchr("-rwxp", *p, 5))
			return false;
		x |= *p == 'x';
	}
	if (w.p == w.end)
		return false;
	prof_text_blanks(&s);
	*executable = x;
	*l = s;
	return true;
}

/* "00000000 fe:01 3415 ", the offset being optional. */
static bool proc_fields(struct prof_text_line *l, uint64_t *offset)
{
	struct prof_text_line s = *l;
	uint64_t n;
	int64_t inode;

	*offset = 0;
	if (!prof_text_hex(&s, &n))
		return false;
	if (prof_text_blanks(&s)) {
		*offset = n;
		if (!prof_text_hex(&s, &n))
			return false;
	}
	if (!prof_text_take(&s, ":") || !prof_text_hex(&s, &n) || !prof_text_blanks(&s) ||
		!prof_text_int(&s, &inode) || !prof_text_blanks(&s))
		return false;
	*l = s;
	return true;
}

static int file_name(struct prof_build *b, const struct prof_text_vars *vars,
	struct prof_text_line w, uint32_t *id)
{
	struct prof_buf name;
	int rc;

	for (size_t i = 0; i < vars->n && w.p < w.end && *w.p == '$'; i++) {
		struct prof_str var = prof_profile_str(b->p, vars->v[i].name);
		struct prof_str value = prof_profile_str(b->p, vars->v[i].value);

		if ((size_t)(w.end - w.p) - 1 < var.len || memcmp(w.p + 1, var.p, var.len) != 0)
			continue;
		prof_buf_init(&name, NULL, NULL);
		prof_buf_put(&name, value.p, value.len);
		prof_buf_put(&name, w.p + 1 + var.len, (size_t)(w.end - w.p) - 1 - var.len);
		rc = prof_buf_done(&name, b->e);
		if (!rc)
			rc = prof_build_string(b, name.p, name.n, id);
		prof_buf_fini(&name);
		return rc;
	}
	return prof_build_string(b, w.p, (size_t)(w.end - w.p), id);
}

/* "name=value" */
static int variable(
	struct prof_build *b, struct prof_text_vars *vars, struct prof_text_line l, bool *known)
{
	const char *eq = l.p < l.end ? memchr(l.p, '=', (size_t)(l.end - l.p)) : NULL;
	struct prof_text_line name = l, value = l;
	int rc;

	*known = eq && vars->n < PROF_TEXT_MAX_VARS;
	if (!*known)
		return 0;
	name.end = eq;
	value.p = eq + 1;
	prof_text_blanks(&name);
	prof_text_blanks(&value);
	name = prof_text_word(&name);
	value = prof_text_word(&value);
	*known = name.p < name.end;
	if (!*known)
		return 0;
	rc = prof_build_string(b, name.p, (size_t)(name.end - name.p), &vars->v[vars->n].name);
	if (!rc)
		rc = prof_build_string(
			b, value.p, (size_t)(value.end - value.p), &vars->v[vars->n].value);
	vars->n += !rc;
	return rc;
}

int prof_text_maps_line(
	struct prof_build *b, struct prof_text_vars *vars, struct prof_text_line l, bool *known)
{
	struct prof_mapping m = {0};
	struct prof_text_line id = {0};
	bool executable = true;
	uint32_t index;
	int rc;

	skip_log_prefix(&l);
	if (!range(&l, &m))
		return variable(b, vars, l, known);
	*known = true;
	permissions(&l, &executable);
	if (!executable)
		return 0;
	if (proc_fields(&l, &m.offset)) {
		rc = file_name(b, vars, prof_text_word(&l), &m.file);
	} else {
		struct prof_text_line file = prof_text_word(&l), at;

		prof_text_blanks(&l);
		at = l;
		if (prof_text_take(&at, "(@") && prof_text_hex(&at, &m.offset) &&
			prof_text_take(&at, ")")) {
			prof_text_blanks(&at);
			l = at;
		}
		id = prof_text_word(&l);
		rc = file_name(b, vars, file, &m.file);
		if (!rc && id.p < id.end)
			rc = prof_build_string(b, id.p, (size_t)(id.end - id.p), &m.build_id);
	}
	return rc ? rc : prof_build_mapping(b, &m, &index);
}

/* Two parts of one mapping, side by side. */
static bool adjacent(const struct prof_mapping *a, const struct prof_mapping *b)
{
	if ((a->file && b->file && a->file != b->file) ||
		(a->build_id && b->build_id && a->build_id != b->build_id))
		return false;
	return a->limit == b->start &&
	       (!a->offset || !b->offset || a->offset + (a->limit - a->start) == b->offset);
}

static void join_adjacent(struct prof_profile *p)
{
	struct prof_mapping *m = p->mappings.v;
	size_t n = 0;

	for (size_t i = 0; i < p->mappings.n; i++) {
		if (!n || !adjacent(&m[n - 1], &m[i])) {
			m[n++] = m[i];
			continue;
		}
		m[n - 1].limit = m[i].limit;
		if (m[i].file)
			m[n - 1].file = m[i].file;
		if (m[i].build_id)
			m[n - 1].build_id = m[i].build_id;
	}
	p->mappings.n = n;
}

/* ".so" at the end, or ".so." or ".so_" and a digit anywhere. */
static bool is_library(struct prof_str file)
{
	for (uint32_t i = 0; i + 3 <= file.len; i++) {
		if (memcmp(file.p + i, ".so", 3) != 0)
			continue;
		if (i + 3 == file.len)
			return true;
		if (i + 4 < file.len && (file.p[i + 3] == '.' || file.p[i + 3] == '_') &&
			prof_text_is_digit(file.p[i + 4]))
			return true;
	}
	return false;
}

static void main_binary_first(struct prof_profile *p)
{
	struct prof_mapping *m = p->mappings.v;

	for (size_t i = 0; i < p->mappings.n; i++) {
		struct prof_str file = prof_profile_str(p, m[i].file);
		struct prof_mapping first = m[0];

		if (!file.len || file.p[0] == '[' || is_library(file) ||
			prof_str_eq(file, PROF_STR("(deleted)")))
			continue;
		m[0] = m[i];
		m[i] = first;
		return;
	}
}

/* The loader's tricks with the first mapping: huge pages in front of the binary, and a segment
 * whose start went up by its offset.
 */
static void mend_first(struct prof_profile *p)
{
	const uint64_t usual_start = 0x400000;
	struct prof_mapping *m = p->mappings.v;

	if (p->mappings.n > 1 && m[0].limit == m[1].start &&
		prof_str_has_prefix(prof_profile_str(p, m[0].file), "/anon_hugepage"))
		memmove(m, m + 1, --p->mappings.n * sizeof(*m));
	if (p->mappings.n && m[0].start - m[0].offset == usual_start) {
		m[0].start = usual_start;
		m[0].offset = 0;
	}
}

/* Locations in order of address. `next` leads past those that have a mapping: however mappings
 * overlap, each location is visited once for the one that it gets.
 */
struct unmapped {
	struct place {
		uint64_t address;
		uint32_t location, next;
	} * v;
	uint32_t n;
};

static int by_address(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

/* The first place from i on that has no mapping yet. */
static uint32_t follow(struct unmapped *u, uint32_t i)
{
	uint32_t to = i, next;

	while (to < u->n && u->v[to].next != to)
		to = u->v[to].next;
	for (; i < u->n && i != to; i = next) {
		next = u->v[i].next;
		u->v[i].next = to;
	}
	return to;
}

/* Gives `mapping` to all without one in [from, to); whether there were any. */
static bool give(
	struct prof_profile *p, struct unmapped *u, uint32_t mapping, uint64_t from, uint64_t to)
{
	uint32_t low = 0, high = u->n, i;
	bool any = false;

	from += !from; /* address 0 is in no mapping */
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (u->v[mid].address < from)
			low = mid + 1;
		else
			high = mid;
	}
	for (i = follow(u, low); i < u->n && u->v[i].address < to; i = follow(u, i + 1)) {
		p->locations.v[u->v[i].location].mapping = mapping;
		u->v[i].next = i + 1;
		any = true;
	}
	return any;
}

static int give_all(struct prof_build *b)
{
	struct prof_profile *p = b->p;
	size_t n = p->locations.n;
	struct unmapped u = {.n = (uint32_t)n};

	u.v = prof_mem_zalloc(&p->mem, n, sizeof(*u.v), b->e);
	if (!u.v)
		return b->e ? b->e->code : PROF_ENOMEM;
	for (uint32_t i = 0; i < u.n; i++)
		u.v[i] = (struct place){.address = p->locations.v[i].address, .location = i};
	qsort(u.v, n, sizeof(*u.v), by_address);
	for (uint32_t i = 0; i < u.n; i++)
		u.v[i].next = i;
	for (uint32_t i = 0; i < p->mappings.n; i++)
		give(p, &u, i, p->mappings.v[i].start, p->mappings.v[i].limit);
	/* Old handlers lose the first part of a mapping that is split. */
	for (uint32_t i = 0; i < p->mappings.n; i++) {
		struct prof_mapping *m = &p->mappings.v[i];

		if (m->offset && m->offset <= m->start &&
			give(p, &u, i, m->start - m->offset, m->start)) {
			m->start -= m->offset;
			m->offset = 0;
		}
	}
	prof_mem_zfree(&p->mem, u.v, n, sizeof(*u.v));
	return 0;
}

int prof_text_maps_attach(struct prof_build *b)
{
	const struct prof_mapping any = {.limit = UINT64_MAX};
	struct prof_profile *p = b->p;
	uint32_t made_up = PROF_NONE;
	int rc = 0;

	if (p->mappings.n) {
		join_adjacent(p);
		main_binary_first(p);
		mend_first(p);
		rc = give_all(b);
	}
	for (size_t i = 0; i < p->mappings.n; i++)
		p->mappings.v[i].id = i + 1;
	for (size_t i = 0; !rc && i < p->locations.n; i++) {
		struct prof_location *l = &p->locations.v[i];

		if (l->mapping != PROF_NONE || !l->address)
			continue;
		if (made_up == PROF_NONE)
			rc = prof_build_mapping(b, &any, &made_up);
		l->mapping = made_up;
	}
	return rc;
}
