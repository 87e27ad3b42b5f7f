#include <string.h>

#include "libprof/base/buf.h"
#include "libprof/model/profile.h"

/* pprof's guess at names that a C++ demangler made. Go's generic names look like it, too, but for
 * those of methods on generic types.
 */
static bool looks_demangled(struct prof_str s)
{
	if (prof_str_contains(s, ".<") || prof_str_contains(s, "])."))
		return false;
	for (uint32_t i = 0; i < s.len; i++)
		if (strchr("<>[]", s.p[i]) && s.p[i])
			return true;
	return prof_str_contains(s, "::");
}

/* Takes out what stands between `open` and its `close`, both with it. A `close` too many ends that.
 */
static void remove_matching(struct prof_buf *b, char open, char close)
{
	size_t out = 0, first = 0;
	unsigned depth = 0;

	for (size_t i = 0; i < b->n; i++) {
		char c = b->p[i];

		if (c == close && !depth) {
			memmove(b->p + out, b->p + i, b->n - i);
			out += b->n - i;
			break;
		}
		if (c == open) {
			first = depth ? first : out;
			depth++;
		}
		b->p[out++] = c;
		if (c == close && !--depth)
			out = first;
	}
	b->n = out;
}

int prof_demangle(struct prof_profile *p, struct prof_err *e)
{
	struct prof_buf b;
	int rc = 0;

	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; !rc && i < p->functions.n; i++) {
		struct prof_function *f = &p->functions.v[i];
		struct prof_str s = prof_profile_str(p, f->system_name);

		if (f->name && f->name != f->system_name)
			continue;
		f->name = f->system_name;
		if (!looks_demangled(s))
			continue;
		b.n = 0;
		prof_buf_put(&b, s.p, s.len);
		if (b.code) {
			rc = prof_nomem(e);
			break;
		}
		remove_matching(&b, '(', ')');
		remove_matching(&b, '<', '>');
		rc = prof_strtab_add(&p->strings, b.p, b.n, &f->name, e);
	}
	prof_buf_fini(&b);
	return rc;
}
