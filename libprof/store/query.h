/* Which profiles of an archive somebody means. A query is terms joined by commas, all of which must
 * hold:
 *
 *	17			the profile with that id; several ids: any of them
 *	service=checkout	the service's name
 *	kind=cpu		the kind
 *	type=cpu		the kind, or a sample type that it has
 *	build=ab12		label "build", or how the build id begins (4 characters at least)
 *	KEY=VALUE, KEY!=VALUE	a label; KEY= where there is none
 *	source=PATH		the file that was added: its path or how that ends
 *	since=TIME until=TIME	taken then or later, before then; a span (30d): before the newest
 *	latest			of what the rest leaves, the newest of each service and kind
 *	all			everything
 *
 * A value with a comma stands in double quotes, where "" is a quote: host="a,b".
 */
#ifndef PROF_STORE_QUERY_H
#define PROF_STORE_QUERY_H

#include "libprof/store/catalog.h"

struct prof_query_term {
	struct prof_str key, value;
	bool differs; /* != */
};

struct prof_query {
	struct prof_mem mem;
	struct prof_strtab strings;
	PROF_VEC(struct prof_query_term) terms;
	PROF_VEC(int64_t) ids;
	bool latest;
};

/* PROF_EUSAGE tells what is wrong. */
int prof_query_parse(struct prof_query *q, const char *text, struct prof_err *e) PROF_CHECKED;
void prof_query_fini(struct prof_query *q);

/* Sets *n places of c->entries in `out`, which has room for all of them, in the order of time.
 * PROF_EUSAGE for a time that is none.
 */
int prof_query_match(const struct prof_query *q, struct prof_catalog *c, uint32_t *out, size_t *n,
	struct prof_err *e) PROF_CHECKED;

/* Of n such places, which of them has the next entry of the same service and kind: one of `v`; n
 * where it is the last. Into `next`, which has room for n.
 */
int prof_query_next(struct prof_catalog *c, const uint32_t *v, size_t n, uint32_t *next,
	struct prof_err *e) PROF_CHECKED;

#endif
