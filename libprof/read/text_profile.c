#include "libprof/read/text_impl.h"

#include <string.h>

#include "libprof/base/num.h"

enum state { HEAD, RECORDS, TAIL, MAPS };

static int value_type(struct prof_text *t, const char *type, const char *unit)
{
	int rc = prof_build_text(&t->b, type, &t->p->period_type.type);

	return rc ? rc : prof_build_text(&t->b, unit, &t->p->period_type.unit);
}

/* "NAME profile: total N", all of the line. */
static bool count_header(
	const struct prof_text_line *line, struct prof_text_line *name, int64_t *total)
{
	static const char middle[] = " profile: total ";
	const size_t n = sizeof(middle) - 1;
	struct prof_text_line l = *line;

	while (l.end > l.p && prof_text_is_blank(l.end[-1]))
		l.end--;
	for (l.p = l.end; l.p > line->p && prof_text_is_digit(l.p[-1]); l.p--)
		;
	if ((size_t)(l.p - line->p) <= n || memcmp(l.p - n, middle, n) != 0)
		return false;
	*name = *line;
	name->end = l.p - n;
	return prof_text_int(&l, total) && name->p < name->end;
}

static int count_profile(struct prof_text *t, struct prof_text_line name)
{
	struct prof_profile *p = t->p;
	struct prof_value_type type;
	int rc = prof_build_string(&t->b, name.p, (size_t)(name.end - name.p), &type.type);

	if (!rc)
		rc = prof_build_text(&t->b, "count", &type.unit);
	if (!rc)
		rc = prof_vec_reserve(t->mem, &p->types, 1, t->e);
	if (rc)
		return rc;
	p->types.v[p->types.n++] = p->period_type = type;
	p->period = 1;
	t->kind = PROF_TEXT_COUNT;
	t->has_total = true;
	rc = prof_profile_columns(p, 1, t->e);
	return rc ? rc : prof_text_legacy_frames(&t->b, false, false);
}

/* Behind "heap profile:": "3: 4096 [8: 9999] @ heap/1048576". The name of the form and its rate. */
static bool heap_header(
	struct prof_text_line l, int64_t v[4], struct prof_text_line *form, int64_t *rate)
{
	static const char *const before[] = {"", ":", "[", ":"};

	for (int i = 0; i < 4; i++) {
		prof_text_blanks(&l);
		if (!prof_text_take(&l, before[i]))
			return false;
		prof_text_blanks(&l);
		if (!prof_text_int(&l, &v[i]))
			return false;
	}
	prof_text_blanks(&l);
	if (!prof_text_take(&l, "]"))
		return false;
	prof_text_blanks(&l);
	if (!prof_text_take(&l, "@"))
		return false;
	prof_text_blanks(&l);
	*form = l;
	while (l.p < l.end && *l.p != '/' && !prof_text_is_blank(*l.p))
		l.p++;
	form->end = l.p;
	*rate = 0;
	return !prof_text_take(&l, "/") || prof_text_int(&l, rate);
}

static bool form_is(struct prof_text_line form, const char *name)
{
	return prof_text_take(&form, name) && form.p == form.end;
}

static int heap_profile(struct prof_text *t, struct prof_text_line line, struct prof_text_line l)
{
	static const char *const four[][2] = {{"alloc_objects", "count"}, {"alloc_space", "bytes"},
		{"inuse_objects", "count"}, {"inuse_space", "bytes"}};
	static const char *const two[][2] = {{"objects", "count"}, {"space", "bytes"}};
	struct prof_text_line form;
	int64_t v[4], rate;
	int rc;

	if (!heap_header(l, v, &form, &rate))
		return prof_fail(t->e, PROF_EFORMAT, line.at,
			"the first line of a heap profile lacks its totals or its form");
	t->all_columns = (v[2] != v[0] && v[2]) || (v[3] != v[1] && v[3]);
	t->p->period = rate;
	t->sampled = true;
	if (form_is(form, "heap")) {
		t->p->period = rate / 2; /* what C++ once wrote, and Go after it */
		t->has_total = true;
		t->total = v[0];
	} else if (form_is(form, "heapprofile")) {
		t->sampled = false;
		t->p->period = 1;
	} else if (form_is(form, "growth") || form_is(form, "growthz") ||
		   form_is(form, "fragmentation") || form_is(form, "fragmentationz")) {
		t->all_columns = t->sampled = false;
		t->p->period = 1;
	} else if (!form_is(form, "heap_v2") && !form_is(form, "heapz_v2")) {
		return prof_fail(t->e, PROF_EUNSUPPORTED, prof_text_offset(&form),
			"a heap profile of the unknown form \"%.*s\"",
			form.end - form.p < 40 ? (int)(form.end - form.p) : 40, form.p);
	}
	t->kind = PROF_TEXT_HEAP;
	t->rate = t->p->period;
	rc = value_type(t, "space", "bytes");
	if (!rc)
		rc = t->all_columns ? prof_build_types(&t->b, four, 4)
				    : prof_build_types(&t->b, two, 2);
	return rc ? rc : prof_text_legacy_frames(&t->b, true, false);
}

static int contention_profile(struct prof_text *t)
{
	static const char *const types[][2] = {{"contentions", "count"}, {"delay", "nanoseconds"}};
	int rc = value_type(t, "contentions", "count");

	t->kind = PROF_TEXT_CONTENTION;
	t->p->period = 1;
	if (!rc)
		rc = prof_build_types(&t->b, types, 2);
	return rc ? rc : prof_text_legacy_frames(&t->b, false, true);
}

/* Where "heap profile:" ends in the line; NULL: nowhere. */
static const char *behind_heap(const struct prof_text_line *line)
{
	struct prof_text_line l = *line;

	while (l.p < l.end && (l.p = memchr(l.p, 'h', (size_t)(l.end - l.p)))) {
		if (prof_text_take(&l, "heap profile:"))
			return l.p;
		l.p++;
	}
	return NULL;
}

static bool is_contention(const struct prof_text_line *l)
{
	return prof_text_starts(l, "--- contention:") || prof_text_starts(l, "--- mutex:") ||
	       prof_text_starts(l, "--- contentionz ");
}

static int header(struct prof_text *t, struct prof_text_line l)
{
	struct prof_text_line name, heap = l;

	if (count_header(&l, &name, &t->total))
		return count_profile(t, name);
	t->go_mutex = prof_text_starts(&l, "--- mutex:");
	if (is_contention(&l))
		return contention_profile(t);
	heap.p = behind_heap(&l);
	if (heap.p)
		return heap_profile(t, l, heap);
	return prof_fail(t->e, PROF_EFORMAT, l.at, "not the first line of a text profile");
}

static int head_line(struct prof_text *t, struct prof_text_line l, enum state *state)
{
	if (*l.p == '#') {
		t->p->unknown_fields++;
		return 0;
	}
	*state = RECORDS;
	return header(t, l);
}

/* "cycles/second=2596121492". 1: it was one; 0: no; or an error. */
static int attribute(struct prof_text *t, struct prof_text_line l)
{
	const char *eq = l.p < l.end ? memchr(l.p, '=', (size_t)(l.end - l.p)) : NULL;
	struct prof_text_line name = l;
	int64_t v = 0;

	if (t->kind != PROF_TEXT_CONTENTION || t->records.n || !eq)
		return 0;
	name.end = eq;
	while (name.end > name.p && prof_text_is_blank(name.end[-1]))
		name.end--;
	if (form_is(name, "format") || form_is(name, "resolution"))
		return prof_fail(
			t->e, PROF_EUNSUPPORTED, l.at, "a contention profile of a Java program");
	l.p = eq + 1;
	prof_text_blanks(&l);
	if (!prof_text_int(&l, &v) || !prof_text_ended(&l))
		return prof_fail(
			t->e, PROF_EFORMAT, prof_text_offset(&l), "a number is expected here");
	if (form_is(name, "cycles/second"))
		t->hz = v;
	else if (form_is(name, "sampling period"))
		t->p->period = v;
	else if (form_is(name, "ms since reset"))
		t->p->duration_ns = (int64_t)((uint64_t)v * 1000000);
	else if (!form_is(name, "discarded samples"))
		return 0;
	else if (v)
		return (v = prof_build_comment(&t->b, "the program discarded samples")) ? (int)v
											: 1;
	return 1;
}

static bool is_maps_header(const struct prof_text_line *l)
{
	return prof_text_holds(l, "MAPPED_LIBRARIES:") || prof_text_holds(l, "--- Memory map: ---");
}

static int records_line(struct prof_text *t, struct prof_text_line l, enum state *state)
{
	int rc;

	if (*l.p == '#')
		return prof_text_comment(t, l);
	if (is_maps_header(&l)) {
		*state = MAPS;
		return 0;
	}
	if (prof_text_starts(&l, "---")) {
		*state = TAIL;
		t->p->unknown_fields++;
		return 0;
	}
	if (prof_text_is_digit(*l.p) || *l.p == '-')
		return prof_text_record(t, l);
	rc = attribute(t, l);
	if (rc < 0)
		return rc;
	t->p->unknown_fields += !rc;
	return 0;
}

static int lines(struct prof_text *t)
{
	struct prof_text_vars vars = {0};
	enum state state = HEAD;
	struct prof_text_line l;
	bool known;
	int rc;

	while ((rc = prof_text_next(t->in, &l, t->e)) > 0) {
		prof_text_blanks(&l);
		known = true;
		if (l.p == l.end)
			t->open = false;
		else if (state == HEAD)
			rc = head_line(t, l, &state);
		else if (state == RECORDS)
			rc = records_line(t, l, &state);
		else if (state == MAPS)
			rc = prof_text_maps_line(&t->b, &vars, l, &known);
		else if (is_maps_header(&l))
			state = MAPS;
		else
			known = false;
		if (rc < 0)
			return rc;
		t->p->unknown_fields += !known;
	}
	if (!rc && state == HEAD)
		return prof_fail(t->e, PROF_EFORMAT, PROF_NO_OFFSET, "is empty");
	return rc;
}

int prof_text_decode(struct prof_input *in, struct prof_profile **out, struct prof_err *e)
{
	struct prof_text t = {.in = in, .e = e};
	struct prof_err none = {0};
	int rc;

	if (!e)
		t.e = &none;
	t.p = prof_profile_new(&in->limits, t.e);
	if (!t.p)
		return t.e->code;
	t.mem = &t.p->mem;
	prof_build_init(&t.b, t.p, &in->limits, t.e);
	rc = lines(&t);
	if (!rc)
		rc = prof_text_build(&t);
	t.p->input_bytes = in->total;
	t.p->gzipped = in->gzipped;
	prof_build_fini(&t.b);
	prof_vec_fini(t.mem, &t.records);
	prof_vec_fini(t.mem, &t.addrs);
	prof_vec_fini(t.mem, &t.frames);
	prof_vec_fini(t.mem, &t.labels);
	prof_vec_fini(t.mem, &t.chars);
	if (rc)
		prof_profile_free(t.p);
	else
		*out = t.p;
	return rc;
}

bool prof_text_is_profile(const void *p, size_t n)
{
	struct prof_text_line l = {.p = p, .start = p, .end = (const char *)p + n}, name;
	const char *end = l.end;
	int64_t total;

	prof_text_take(&l, "\xef\xbb\xbf");
	for (;;) {
		const char *nl = l.p < end ? memchr(l.p, '\n', (size_t)(end - l.p)) : NULL;

		l.end = nl ? nl : end;
		prof_text_blanks(&l);
		if (l.p < l.end && *l.p != '#')
			break;
		if (!nl)
			return false;
		l.p = nl + 1;
	}
	return count_header(&l, &name, &total) || is_contention(&l) || behind_heap(&l);
}
