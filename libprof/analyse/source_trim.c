#include "libprof/analyse/source_trim.h"

#include <string.h>

const char *prof_path_list(const char *list)
{
	return list && *list ? list : NULL;
}

bool prof_path_list_next(const char **list, struct prof_str *out)
{
	size_t n;

	if (!*list)
		return false;
	n = strcspn(*list, ":");
	*out = (struct prof_str){*list, (uint32_t)n};
	*list = (*list)[n] ? *list + n + 1 : NULL;
	return true;
}

static struct prof_str after(struct prof_str s, size_t n)
{
	return (struct prof_str){s.p + n, s.len - (uint32_t)n};
}

/* What is behind "/BASE/" in s, where BASE is the last part of `dir`. */
static bool cut_at_base(struct prof_str *s, struct prof_str dir)
{
	struct prof_str base = prof_str_base(dir);

	for (uint32_t i = 0; i < s->len; i++) {
		struct prof_str rest = after(*s, i + 1);

		if (s->p[i] == '/' && rest.len > base.len &&
			memcmp(rest.p, base.p, base.len) == 0 && rest.p[base.len] == '/') {
			*s = after(rest, base.len + 1);
			return true;
		}
	}
	return false;
}

bool prof_path_cut_prefix(struct prof_str *s, struct prof_str prefix)
{
	bool slash = prefix.len && prefix.p[prefix.len - 1] == '/';
	uint32_t n = prefix.len + !slash;

	if (s->len < n || memcmp(s->p, prefix.p, prefix.len) != 0 || s->p[n - 1] != '/')
		return false;
	*s = after(*s, n);
	return true;
}

struct prof_str prof_source_trim(
	struct prof_str path, const char *trim_path, const char *source_path)
{
	const char *trims = prof_path_list(trim_path), *dirs = prof_path_list(source_path);
	struct prof_str one;

	if (!trims)
		while (prof_path_list_next(&dirs, &one))
			if (cut_at_base(&path, one))
				return path;
	while (prof_path_list_next(&trims, &one))
		if (prof_path_cut_prefix(&path, one))
			return path;
	if (!prof_path_cut_prefix(&path, PROF_STR("/proc/self/cwd/./")))
		prof_path_cut_prefix(&path, PROF_STR("/proc/self/cwd/"));
	return path;
}

int prof_source_trim_files(
	struct prof_profile *p, const char *trim_path, const char *source_path, struct prof_err *e)
{
	size_t n = p->strings.strs.n;
	uint32_t *trimmed = prof_mem_zalloc(&p->mem, n, sizeof(*trimmed), e);
	int rc = trimmed ? 0 : e->code;

	for (size_t i = 0; !rc && i < p->functions.n; i++) {
		uint32_t *file = &p->functions.v[i].file, id = *file;
		struct prof_str s, rest;

		if (!trimmed[id]) {
			s = prof_profile_str(p, id);
			rest = prof_source_trim(s, trim_path, source_path);
			trimmed[id] = id;
			if (rest.len != s.len)
				rc = prof_strtab_add(
					&p->strings, rest.p, rest.len, &trimmed[id], e);
		}
		*file = trimmed[id];
	}
	if (trimmed)
		prof_mem_zfree(&p->mem, trimmed, n, sizeof(*trimmed));
	return rc;
}
