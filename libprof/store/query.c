#include "libprof/store/query.h"

#include <stdlib.h>

#include "libprof/base/when.h"

enum { BUILD_PREFIX = 4 };

static int bad(struct prof_err *e, const char *text, const char *why)
{
	return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET, "query \"%.80s\": %s", text, why);
}

static bool is_id(struct prof_str s)
{
	for (uint32_t i = 0; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.len > 0 && s.len < 18;
}

/* A term without "=". */
static int bare(struct prof_query *q, struct prof_str s, const char *text, struct prof_err *e)
{
	int64_t id = 0;
	int rc;

	if (prof_str_eq(s, PROF_STR("latest"))) {
		q->latest = true;
		return 0;
	}
	if (prof_str_eq(s, PROF_STR("all")))
		return 0;
	if (!is_id(s))
		return bad(e, text, "a term is an id, KEY=VALUE, latest or all");
	for (uint32_t i = 0; i < s.len; i++)
		id = id * 10 + (s.p[i] - '0');
	rc = prof_vec_reserve(&q->mem, &q->ids, 1, e);
	if (!rc)
		q->ids.v[q->ids.n++] = id;
	return rc;
}

static int keep(
	struct prof_query *q, const char *p, size_t n, struct prof_str *out, struct prof_err *e)
{
	uint32_t id;
	int rc = prof_strtab_add(&q->strings, p, n, &id, e);

	if (!rc)
		*out = prof_strtab_get(&q->strings, id);
	return rc;
}

/* The value at *p, quoted or not; *p is then at the comma or the end. */
static int value(struct prof_query *q, const char **p, const char *text, struct prof_str *out,
	struct prof_err *e)
{
	struct prof_buf b;
	const char *s = *p;
	int rc;

	if (*s != '"') {
		*p = s + strcspn(s, ",");
		return keep(q, s, (size_t)(*p - s), out, e);
	}
	prof_buf_init(&b, NULL, NULL);
	for (s++; *s && (*s != '"' || s[1] == '"'); s += 1 + (*s == '"'))
		prof_buf_char(&b, *s);
	if (!*s || (s[1] && s[1] != ','))
		rc = bad(e, text, "a quote does not end where its value does");
	else
		rc = b.code ? prof_nomem(e) : keep(q, b.p, b.n, out, e);
	*p = *s ? s + 1 : s;
	prof_buf_fini(&b);
	return rc;
}

static int term(struct prof_query *q, const char **p, const char *text, struct prof_err *e)
{
	struct prof_query_term t = {0};
	size_t n;
	int rc;

	*p += strspn(*p, " ");
	n = strcspn(*p, "=,");
	if ((*p)[n] != '=') {
		struct prof_str s = {*p, (uint32_t)n};

		*p += n;
		return bare(q, s, text, e);
	}
	t.differs = n > 0 && (*p)[n - 1] == '!';
	if (n == (size_t)t.differs)
		return bad(e, text, "a value without its key");
	if ((rc = keep(q, *p, n - t.differs, &t.key, e)))
		return rc;
	*p += n + 1;
	if ((rc = value(q, p, text, &t.value, e)) ||
		(rc = prof_vec_reserve(&q->mem, &q->terms, 1, e)))
		return rc;
	q->terms.v[q->terms.n++] = t;
	return 0;
}

int prof_query_parse(struct prof_query *q, const char *text, struct prof_err *e)
{
	const char *p = text;
	int rc;

	*q = (struct prof_query){.mem = {.limit = SIZE_MAX / 2}};
	if ((rc = prof_strtab_init(&q->strings, &q->mem, e)))
		return rc;
	if (!*p)
		return bad(e, text, "is empty");
	do {
		rc = term(q, &p, text, e);
	} while (!rc && *p++ == ',');
	return rc;
}

void prof_query_fini(struct prof_query *q)
{
	prof_vec_fini(&q->mem, &q->terms);
	prof_vec_fini(&q->mem, &q->ids);
	prof_strtab_fini(&q->strings);
}

static bool has_type(const struct prof_catalog *c, const struct prof_entry *x, struct prof_str v)
{
	for (size_t i = 0; i < x->n_totals; i++)
		if (prof_str_eq(c->totals.v[x->first_total + i].type, v))
			return true;
	return prof_str_eq(x->kind, v);
}

static bool ends_with(struct prof_str s, struct prof_str end)
{
	return s.len >= end.len && end.len > 0 &&
	       memcmp(s.p + s.len - end.len, end.p, end.len) == 0;
}

static bool holds(
	const struct prof_catalog *c, const struct prof_entry *x, const struct prof_query_term *t)
{
	const struct prof_str *label = prof_catalog_label(c, x, t->key);

	if (label && prof_str_eq(*label, t->value))
		return true;
	if (prof_str_eq(t->key, PROF_STR("service")) && !label)
		return prof_str_eq(x->service, t->value);
	if (prof_str_eq(t->key, PROF_STR("type")))
		return has_type(c, x, t->value);
	if (prof_str_eq(t->key, PROF_STR("kind")) && !label)
		return prof_str_eq(x->kind, t->value);
	if (prof_str_eq(t->key, PROF_STR("source")))
		return ends_with(x->source, t->value);
	if (prof_str_eq(t->key, PROF_STR("build")) && t->value.len)
		return t->value.len >= BUILD_PREFIX && x->build_id.len >= t->value.len &&
		       memcmp(x->build_id.p, t->value.p, t->value.len) == 0;
	if (prof_str_eq(t->key, PROF_STR("build")) && x->build_id.len)
		return false;
	return !label && !t->value.len;
}

/* since= and until= are terms of their own: -1 no, 0 yes, 1 it is another term. */
static int in_time(const struct prof_query_term *t, const struct prof_entry *x, int64_t newest,
	bool *yes, struct prof_err *e)
{
	bool since = prof_str_eq(t->key, PROF_STR("since"));
	int64_t when;

	if ((!since && !prof_str_eq(t->key, PROF_STR("until"))) || t->differs)
		return 1;
	if (prof_when_parse_span(t->value, &when))
		when = newest - when;
	else if (!prof_when_parse(t->value, &when))
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"query: \"%.60s\" is neither a time nor a span", t->value.p);
	/* A time that is not known is in no span. */
	*yes = x->time_ns && (since ? x->time_ns >= when : x->time_ns < when);
	return 0;
}

static int matches(const struct prof_query *q, const struct prof_catalog *c,
	const struct prof_entry *x, int64_t newest, bool *yes, struct prof_err *e)
{
	*yes = !q->ids.n;
	for (size_t i = 0; !*yes && i < q->ids.n; i++)
		*yes = q->ids.v[i] == x->id;
	for (size_t i = 0; *yes && i < q->terms.n; i++) {
		const struct prof_query_term *t = &q->terms.v[i];
		int rc = in_time(t, x, newest, yes, e);

		if (rc < 0)
			return rc;
		if (rc)
			*yes = holds(c, x, t) != t->differs;
	}
	return 0;
}

struct place {
	int64_t time_ns, id;
	uint32_t entry;
};

static int by_time(const void *a, const void *b)
{
	const struct place *p = a, *q = b;

	if (p->time_ns != q->time_ns)
		return p->time_ns < q->time_ns ? -1 : 1;
	return p->id < q->id ? -1 : p->id > q->id;
}

/* An entry that was found, by what others it is in a row with. */
struct member {
	struct prof_str service, kind;
	uint32_t at;
};

static int cmp_series(const struct member *p, const struct member *q)
{
	int order = prof_str_cmp(p->service, q->service);

	return order ? order : prof_str_cmp(p->kind, q->kind);
}

static int by_series(const void *a, const void *b)
{
	const struct member *p = a, *q = b;
	int order = cmp_series(p, q);

	return order ? order : (p->at > q->at) - (p->at < q->at);
}

int prof_query_next(
	struct prof_catalog *c, const uint32_t *v, size_t n, uint32_t *next, struct prof_err *e)
{
	struct member *all = prof_mem_zalloc(&c->mem, n + 1, sizeof(*all), e);

	if (!all)
		return PROF_ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		const struct prof_entry *x = &c->entries.v[v[i]];

		all[i] = (struct member){prof_catalog_service(c, x), x->kind, i};
	}
	qsort(all, n, sizeof(*all), by_series);
	for (size_t i = 0; i < n; i++)
		next[all[i].at] = i + 1 < n && !cmp_series(&all[i], &all[i + 1]) ? all[i + 1].at
										 : (uint32_t)n;
	prof_mem_zfree(&c->mem, all, n + 1, sizeof(*all));
	return 0;
}

/* Of those in the order of time, the last of each service and kind. */
static int keep_latest(struct prof_catalog *c, uint32_t *v, size_t *n, struct prof_err *e)
{
	uint32_t *next = prof_mem_zalloc(&c->mem, *n + 1, sizeof(*next), e);
	size_t found = *n, kept = 0;
	int rc = next ? prof_query_next(c, v, found, next, e) : PROF_ENOMEM;

	for (size_t i = 0; !rc && i < found; i++)
		if (next[i] == found)
			v[kept++] = v[i];
	*n = kept;
	prof_mem_zfree(&c->mem, next, found + 1, sizeof(*next));
	return rc;
}

int prof_query_match(const struct prof_query *q, struct prof_catalog *c, uint32_t *out, size_t *n,
	struct prof_err *e)
{
	struct place *places = prof_mem_zalloc(&c->mem, c->entries.n, sizeof(*places), e);
	int64_t newest = 0;
	int rc = places ? 0 : PROF_ENOMEM;

	*n = 0;
	for (size_t i = 0; i < c->entries.n; i++)
		if (c->entries.v[i].time_ns > newest)
			newest = c->entries.v[i].time_ns;
	for (uint32_t i = 0; !rc && i < c->entries.n; i++) {
		const struct prof_entry *x = &c->entries.v[i];
		bool yes;

		rc = matches(q, c, x, newest, &yes, e);
		if (!rc && yes)
			places[(*n)++] = (struct place){x->time_ns, x->id, i};
	}
	if (!rc && *n)
		qsort(places, *n, sizeof(*places), by_time);
	for (size_t i = 0; !rc && i < *n; i++)
		out[i] = places[i].entry;
	if (!rc && q->latest)
		rc = keep_latest(c, out, n, e);
	prof_mem_zfree(&c->mem, places, c->entries.n, sizeof(*places));
	return rc;
}
