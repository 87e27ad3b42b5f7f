#include "libprof/base/strtab.h"

#include <string.h>

int prof_strtab_init(struct prof_strtab *t, struct prof_mem *mem, struct prof_err *e)
{
	uint32_t id;

	*t = (struct prof_strtab){0};
	prof_arena_init(&t->arena, mem);
	prof_index_init(&t->index, mem);
	return prof_strtab_add(t, "", 0, &id, e);
}

void prof_strtab_fini(struct prof_strtab *t)
{
	if (!t->arena.mem)
		return;
	prof_vec_fini(t->arena.mem, &t->strs);
	prof_index_fini(&t->index);
	prof_arena_fini(&t->arena);
}

int prof_strtab_reserve(struct prof_strtab *t, size_t more, struct prof_err *e)
{
	int rc = prof_vec_reserve(t->arena.mem, &t->strs, more, e);

	return rc ? rc : prof_index_reserve(&t->index, more, e);
}

static uint32_t find(const struct prof_strtab *t, struct prof_str s, uint64_t hash)
{
	struct prof_index_it it = prof_index_first(&t->index, hash);
	uint32_t id;

	while ((id = prof_index_next(&t->index, &it)) != PROF_NONE)
		if (prof_str_eq(t->strs.v[id], s))
			return id;
	return PROF_NONE;
}

uint32_t prof_strtab_find(const struct prof_strtab *t, struct prof_str s)
{
	return find(t, s, prof_hash_bytes(s.p, s.len));
}

int prof_strtab_add(
	struct prof_strtab *t, const char *p, size_t len, uint32_t *id, struct prof_err *e)
{
	uint64_t hash = prof_hash_bytes(p, len);
	struct prof_str s = {.p = p, .len = (uint32_t)len};
	uint32_t old;
	int rc;

	if (len >= UINT32_MAX || t->strs.n >= PROF_NONE)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "too many strings");
	old = find(t, s, hash);
	if (old != PROF_NONE) {
		*id = old;
		return 0;
	}
	s.p = len ? prof_arena_dup(&t->arena, p, len, e) : "";
	if (!s.p)
		return e ? e->code : PROF_ENOMEM;
	if ((rc = prof_vec_reserve(t->arena.mem, &t->strs, 1, e)) ||
		(rc = prof_index_add(&t->index, hash, (uint32_t)t->strs.n, e)))
		return rc;
	*id = (uint32_t)t->strs.n;
	t->strs.v[t->strs.n++] = s;
	return 0;
}

struct prof_str prof_str_of(const char *c)
{
	return (struct prof_str){.p = c, .len = (uint32_t)strlen(c)};
}

bool prof_str_eq(struct prof_str a, struct prof_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

int prof_str_cmp(struct prof_str a, struct prof_str b)
{
	uint32_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.len > b.len) - (a.len < b.len);
}

bool prof_str_has_prefix(struct prof_str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.len >= n && memcmp(s.p, prefix, n) == 0;
}

bool prof_str_contains(struct prof_str s, const char *part)
{
	size_t n = strlen(part);

	for (size_t i = 0; i + n <= s.len; i++)
		if (memcmp(s.p + i, part, n) == 0)
			return true;
	return false;
}

struct prof_str prof_str_base(struct prof_str path)
{
	uint32_t end = path.len, start;

	if (!end)
		return PROF_STR(".");
	while (end > 0 && path.p[end - 1] == '/')
		end--;
	if (!end)
		return PROF_STR("/");
	for (start = end; start > 0 && path.p[start - 1] != '/'; start--)
		;
	return (struct prof_str){.p = path.p + start, .len = end - start};
}
