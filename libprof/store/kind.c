/* What kind of profile it is: Go's block and mutex profiles have the same header, and only the
 * functions on top of their stacks tell whether somebody waited or was waited for.
 */
#include "libprof/store/store.h"

static bool has_type(const struct prof_profile *p, const char *name)
{
	for (size_t t = 0; t < p->types.n; t++)
		if (prof_str_eq(prof_profile_str(p, p->types.v[t].type), prof_str_of(name)))
			return true;
	return false;
}

static bool is_unlock(struct prof_str name)
{
	static const char *const names[] = {"sync.(*Mutex).Unlock", "sync.(*RWMutex).Unlock",
		"sync.(*RWMutex).RUnlock", "internal/sync.(*Mutex).Unlock", "runtime.unlock",
		"runtime._LostContendedRuntimeLock"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (prof_str_eq(name, prof_str_of(names[i])))
			return true;
	return false;
}

/* Whether the leaf of some stack is an unlock. */
static bool has_unlock(const struct prof_profile *p)
{
	for (size_t s = 0; s + 1 < p->stack_start.n; s++) {
		const struct prof_location *l;

		if (p->stack_start.v[s] == p->stack_start.v[s + 1])
			continue;
		l = &p->locations.v[p->stack_loc.v[p->stack_start.v[s]]];
		for (uint32_t i = 0; i < l->n_lines; i++) {
			uint32_t f = p->lines.v[l->first_line + i].function;

			if (is_unlock(prof_profile_str(p, p->functions.v[f].name)))
				return true;
		}
	}
	return false;
}

struct prof_str prof_store_kind(const struct prof_profile *p)
{
	static const char *const plain[] = {"cpu", "goroutine", "goroutineleak", "threadcreate"};
	uint32_t t;

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (has_type(p, plain[i]))
			return prof_str_of(plain[i]);
	if (has_type(p, "inuse_space") || has_type(p, "alloc_space"))
		return prof_str_has_prefix(prof_profile_str(p, p->default_type), "alloc_")
			       ? PROF_STR("allocs")
			       : PROF_STR("heap");
	if (has_type(p, "contentions"))
		return has_unlock(p) ? PROF_STR("mutex") : PROF_STR("block");
	if (prof_profile_sample_index(p, NULL, &t, NULL))
		return PROF_STR("");
	return prof_profile_str(p, p->types.v[t].type);
}
