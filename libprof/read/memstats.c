#include "libprof/read/memstats.h"

#include <string.h>

#include "libprof/read/text_lines.h"

enum { SHOWN_BYTES = 200 };

/* The last line that all versions write, and what is told where there is none. */
#define LAST_NAME "DebugGC = "
#define ENDS "the file ends inside its runtime.MemStats"

/* No size is larger, nor a pause; and no time since 1970 is later (2043). */
#define MOST ((int64_t)1 << 59)
#define LATEST ((int64_t)1 << 61)

/* Where the number of a line goes. Of "in use / held" the first is kept. */
struct field {
	const char *name;
	size_t at; /* of struct prof_memstats */
};

#define AT(member) offsetof(struct prof_memstats, member)

static const struct field fields[] = {
	{"TotalAlloc", AT(total_alloc_bytes)},
	{"Sys", AT(sys_bytes)},
	{"Mallocs", AT(mallocs)},
	{"Frees", AT(frees)},
	{"HeapAlloc", AT(heap_bytes)},
	{"HeapInuse", AT(heap_in_use_bytes)},
	{"HeapIdle", AT(heap_idle_bytes)},
	{"HeapReleased", AT(heap_released_bytes)},
	{"HeapObjects", AT(heap_objects)},
	{"Stack", AT(stacks_bytes)},
	{"NextGC", AT(next_goal_bytes)},
	{"LastGC", AT(last_gc_unix_ns)},
	{"NumGC", AT(n_gc)},
	{"NumForcedGC", AT(n_forced)},
	{"MaxRSS", AT(max_rss_bytes)},
};

/* What is larger than anything can be is the largest there is: without a GOGC NextGC is 2^64 - 1.
 */
static bool take_number(struct prof_text_line *l, int64_t *out)
{
	int64_t v = 0;

	if (l->p == l->end || !prof_text_is_digit(*l->p))
		return false;
	for (; l->p < l->end && prof_text_is_digit(*l->p); l->p++)
		v = v > LATEST / 10 ? LATEST + 1 : v * 10 + (*l->p - '0');
	*out = v > LATEST ? INT64_MAX : v;
	return true;
}

/* "[1 2 3]": exactly as many as the runtime keeps. */
static bool take_ring(struct prof_text_line *l, int64_t *ring, int64_t most)
{
	if (!prof_text_take(l, "["))
		return false;
	for (int i = 0; i < PROF_MEMSTATS_RING; i++)
		if ((i && !prof_text_take(l, " ")) || !take_number(l, &ring[i]) || ring[i] > most)
			return false;
	return prof_text_take(l, "]");
}

/* False: the value is none. A name that is not known is passed over. */
static bool take_field(struct prof_text_line *l, struct prof_memstats *s)
{
	if (prof_text_take(l, "PauseNs = "))
		return take_ring(l, s->pause_ns, MOST);
	if (prof_text_take(l, "PauseEnd = "))
		return take_ring(l, s->pause_end_unix_ns, LATEST);
	if (prof_text_take(l, "GCCPUFraction = "))
		return prof_text_real(l, &s->gc_cpu);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct prof_text_line at = *l;
		int64_t v;

		if (!prof_text_take(&at, fields[i].name) || !prof_text_take(&at, " = "))
			continue;
		if (!take_number(&at, &v))
			return false;
		memcpy((char *)s + fields[i].at, &v, sizeof(v));
		l->p = at.p;
		return true;
	}
	l->p = l->end;
	return true;
}

static int add_unreadable(struct prof_timeline *t, struct prof_timeline_source *source,
	const char *text, size_t n, struct prof_err *e)
{
	uint32_t id;
	int rc;

	if (source->unreadable++)
		return 0;
	rc = prof_strtab_add(&t->strings, text, n < SHOWN_BYTES ? n : SHOWN_BYTES, &id, e);
	if (rc)
		return rc;
	source->first_unreadable = prof_strtab_get(&t->strings, id);
	source->first_unreadable_line = source->lines;
	return 0;
}

/* The lines behind "# runtime.MemStats", up to the end of the comments. */
static int read_stats(
	struct prof_input *in, struct prof_timeline *t, struct prof_memstats *s, struct prof_err *e)
{
	struct prof_timeline_source *source = &t->sources.v[s->source];
	struct prof_text_line l;
	bool whole = false;
	int rc;

	while ((rc = prof_text_next(in, &l, e)) > 0) {
		source->lines++;
		if (!prof_text_take(&l, "# "))
			break;
		whole |= prof_text_starts(&l, LAST_NAME);
		if (!l.cut && take_field(&l, s))
			continue;
		rc = add_unreadable(t, source, l.start, (size_t)(l.end - l.start), e);
		if (rc)
			return rc;
	}
	if (rc < 0 || whole || source->unreadable)
		return rc < 0 ? rc : 0;
	source->lines++;
	return add_unreadable(t, source, ENDS, sizeof(ENDS) - 1, e);
}

/* 1: found; 0: there is no such line. */
static int find_stats(
	struct prof_input *in, struct prof_timeline_source *source, struct prof_err *e)
{
	struct prof_text_line l;
	int rc;

	while ((rc = prof_text_next(in, &l, e)) > 0) {
		source->lines++;
		if (prof_text_take(&l, "# runtime.MemStats") && prof_text_ended(&l))
			return 1;
	}
	return rc;
}

int prof_memstats_read(
	struct prof_input *in, struct prof_str name, struct prof_timeline *t, struct prof_err *e)
{
	struct prof_memstats *s;
	int rc = prof_timeline_add_source(t, name, PROF_TIMELINE_HEAP, e);

	if (!rc)
		rc = prof_vec_reserve(&t->mem, &t->memstats, 1, e);
	if (!rc)
		rc = find_stats(in, &t->sources.v[t->sources.n - 1], e);
	if (rc < 0)
		return rc;
	if (!rc)
		return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"no '# runtime.MemStats': only debug=1 heap and allocs profiles have it");
	s = &t->memstats.v[t->memstats.n++];
	prof_memstats_init(s);
	s->source = (uint32_t)(t->sources.n - 1);
	rc = read_stats(in, t, s, e);
	if (!rc && s->n_gc == PROF_ABSENT)
		return prof_fail(e, PROF_EFORMAT, (int64_t)prof_input_offset(in),
			"the runtime.MemStats end before the number of cycles");
	return rc;
}
