#include <stdlib.h>
#include <string.h>

#include "libprof/base/buf.h"
#include "libprof/read/dump_impl.h"

/* Where Go's own buffer for debug=2 ends. */
#define GO_DUMP_BYTES (UINT64_C(64) << 20)

int prof_dump_reader_new(struct prof_input *in, struct prof_dump_reader **out, struct prof_err *e)
{
	struct prof_dump_reader *d = calloc(1, sizeof(*d));

	if (!d)
		return prof_nomem(e);
	d->in = d->lines.in = in;
	d->own.limit = (size_t)in->limits.memory_bytes;
	d->lines.mem = &d->own;
	d->e = e ? e : &d->none;
	*out = d;
	return 0;
}

void prof_dump_reader_free(struct prof_dump_reader *d)
{
	if (!d)
		return;
	prof_dump_drop(d);
	prof_dump_lines_fini(&d->lines);
	free(d);
}

static void broken(struct prof_dump_reader *d, int64_t at)
{
	if (d->pending.half == PROF_HALF_FRAME) {
		d->s->args.n = d->pending.args;
		if (!d->broken++)
			d->broken_at = at;
	}
	d->pending.half = PROF_HALF_NONE;
}

/* "...12 frames elided...", "...additional frames elided..." */
static bool elided(struct prof_dump_reader *d, struct prof_text_line l)
{
	int64_t n = -1;

	if (!prof_text_take(&l, "..."))
		return false;
	if (!prof_text_take(&l, "additional frames elided...") &&
		!(prof_text_int(&l, &n) && prof_text_take(&l, " frames elided...")))
		return false;
	d->open.g.elided = n >= 0 && n < INT32_MAX ? (int32_t)n : -1;
	return true;
}

/* Whether the text looks like the first line of a frame. */
static bool is_call(const struct prof_text_line *l)
{
	return l->p < l->end && !prof_text_is_blank(*l->p) &&
	       (l->end[-1] == ')' || prof_text_starts(l, "created by ") ||
		       prof_text_starts(l, "..."));
}

/* Takes the prefix off, once it is known whether this goroutine's lines have it. False: the line is
 * somebody else's. */
static bool strip(struct prof_dump_reader *d, struct prof_text_line *l)
{
	struct prof_dump_open *o = &d->open;
	struct prof_text_line bare = *l;
	bool first = o->first;

	o->first = false;
	if (!o->prefix.words && !o->prefix.blanks)
		return true;
	if (prof_dump_strip(&o->prefix, &bare) && (!first || !is_call(l) || is_call(&bare))) {
		*l = bare;
		return true;
	}
	if (!first)
		return false;
	if (is_call(l) || prof_text_starts(l, "\t")) {
		o->prefix = (struct prof_dump_prefix){0};
		return true;
	}
	o->first = true; /* somebody else's: the next one will tell */
	return false;
}

/* A line of the open goroutine, without its prefix. *in: it was one; else the goroutine has ended.
 */
static int inside(struct prof_dump_reader *d, struct prof_text_line l, bool *in)
{
	struct prof_dump_open *o = &d->open;

	while (l.end > l.p && l.end[-1] == ' ')
		l.end--;
	*in = true;
	if (l.p == l.end) {
		broken(d, l.at);
		return prof_dump_commit(d);
	}
	if (o->ancestors)
		return 0;
	if (prof_text_starts(&l, "[originating from goroutine ")) {
		o->ancestors = true;
		return 0;
	}
	if (d->pending.half != PROF_HALF_NONE) {
		bool is;
		int rc = prof_dump_place(d, l, &is);

		if (rc || is)
			return rc;
		if (d->pending.half == PROF_HALF_PLAIN) {
			d->pending.half = PROF_HALF_NONE;
			*in = false;
			return 0;
		}
		broken(d, l.at);
	}
	if (prof_text_is_blank(*l.p)) {
		if (prof_text_holds(&l, "stack unavailable"))
			o->g.flags |= PROF_G_NO_STACK;
		return 0;
	}
	if (elided(d, l))
		return 0;
	*in = !o->created;
	return *in ? prof_dump_function(d, l, in) : 0;
}

/* Why a program dumps, at the start of what it writes. */
static const char *reason(const struct prof_text_line *line)
{
	static const char *const marks[] = {"panic: ", "fatal error: ", "SIGQUIT: ", "SIGABRT: ",
		"SIGSEGV: ", "SIGTRAP: ", "SIGBUS: "};
	struct prof_text_line l = *line;

	for (; l.p < l.end; l.p++) {
		if (*l.p != 'p' && *l.p != 'f' && *l.p != 'S')
			continue;
		for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
			if (prof_text_starts(&l, marks[i]))
				return l.p;
	}
	return NULL;
}

/* A line between goroutines. *next: it begins another dump, and is to be read again. */
static int outside(struct prof_dump_reader *d, const struct prof_text_line *l, bool *next)
{
	bool any = d->s && d->s->g.n;
	struct prof_dump_header h;
	const char *why;
	size_t n;
	int rc;

	*next = false;
	if (prof_dump_header(l, &h)) {
		if (any && !d->relay && prof_map64_get(&d->ids, h.id) != PROF_NONE) {
			*next = true;
			return 0;
		}
		rc = d->s ? 0 : prof_dump_start(d);
		return rc ? rc : prof_dump_begin(d, &h, l);
	}
	if (prof_text_holds(l, "-----") && any) {
		d->relay = d->relayed = true;
		return 0;
	}
	why = reason(l);
	if (!why)
		return 0;
	d->asleep |= prof_text_holds(l, "all goroutines are asleep - deadlock!");
	*next = any && !d->relayed;
	d->relayed = false;
	if (*next || d->reason[0])
		return 0;
	n = (size_t)(l->end - why);
	n = n < sizeof(d->reason) ? n : sizeof(d->reason) - 1;
	memcpy(d->reason, why, n);
	d->reason[n] = '\0';
	return 0;
}

/* At the end of the input: whether the open goroutine is all there. */
static int close_last(struct prof_dump_reader *d)
{
	struct prof_dump_open *o = &d->open;
	bool whole = d->pending.half == PROF_HALF_NONE;

	if (!o->is)
		return 0;
	if (whole && !o->created && o->g.id != 1)
		whole = !d->cut_line && d->in->total != GO_DUMP_BYTES;
	if (whole)
		return prof_dump_commit(d);
	o->is = false;
	if (o->g.id) {
		d->cut = 1;
		d->cut_id = o->g.id;
	}
	return 0;
}

/* One line; *next as outside() sets it. */
static int take(struct prof_dump_reader *d, struct prof_text_line l, bool *next)
{
	struct prof_text_line own = l;
	struct prof_dump_header h;
	bool in = false;
	int rc;

	*next = false;
	if (!d->open.is)
		return outside(d, &l, next);
	if (strip(d, &own)) {
		if (!prof_text_starts(&own, "goroutine ")) {
			rc = inside(d, own, &in);
			if (rc || in)
				return rc;
		}
	} else if (!prof_dump_header(&l, &h)) {
		return 0; /* another program's line in between */
	}
	broken(d, l.at);
	rc = prof_dump_commit(d);
	return rc ? rc : outside(d, &l, next);
}

/* Hands the dump over. */
static int hand_over(struct prof_dump_reader *d, struct prof_goroutines **out)
{
	int rc = prof_dump_finish(d, out);

	if (rc)
		return rc;
	(*out)->earlier = d->dumps++;
	return 1;
}

int prof_dump_next(struct prof_dump_reader *d, struct prof_goroutines **out, struct prof_err *e)
{
	struct prof_text_line l;
	bool next = false;
	int rc;

	d->e = e ? e : &d->none;
	while ((rc = prof_dump_line(&d->lines, !d->open.is, &l, d->e)) > 0) {
		d->cut_line = l.cut;
		rc = take(d, l, &next);
		if (rc)
			return rc;
		if (next) {
			d->lines.again = true;
			return hand_over(d, out);
		}
	}
	if (!rc)
		rc = close_last(d);
	return rc || !d->s ? rc : hand_over(d, out);
}

/* Adds the comment that the file holds more. */
static int tell_others(
	struct prof_profile *p, uint64_t n, const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_build b;
	struct prof_buf text;
	int rc;

	prof_buf_init(&text, NULL, NULL);
	prof_buf_printf(&text, "the last of %llu dumps in the file", (unsigned long long)n);
	prof_build_init(&b, p, limits, e);
	rc = text.code ? prof_nomem(e) : prof_build_comment(&b, text.p);
	prof_build_fini(&b);
	prof_buf_fini(&text);
	return rc;
}

int prof_dump_last(struct prof_input *in, struct prof_goroutines **out, struct prof_err *e)
{
	struct prof_dump_reader *d = NULL;
	struct prof_goroutines *s = NULL;
	struct prof_err none = {0};
	int rc;

	e = e ? e : &none;
	rc = prof_dump_reader_new(in, &d, e);
	if (rc)
		return rc;
	do {
		struct prof_goroutines *last = s;

		rc = prof_dump_next(d, &s, e);
		if (rc > 0)
			prof_goroutines_free(last);
	} while (rc > 0);
	prof_dump_reader_free(d);
	if (!rc && !s)
		rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "no goroutine dump in this text");
	if (rc)
		prof_goroutines_free(s);
	else
		*out = s;
	return rc;
}

int prof_dump_decode(struct prof_input *in, struct prof_profile **out, struct prof_err *e)
{
	struct prof_goroutines *s;
	int rc = prof_dump_last(in, &s, e);

	if (rc)
		return rc;
	if (s->earlier)
		rc = tell_others(s->p, s->earlier + 1, &in->limits, e);
	if (rc)
		prof_goroutines_free(s);
	else
		*out = prof_goroutines_profile(s);
	return rc;
}

bool prof_dump_is(const void *p, size_t n)
{
	const char *end = (const char *)p + n;
	struct prof_text_line l = {.p = p, .start = p, .end = end};
	struct prof_dump_header h;

	while (l.p < end) {
		const char *nl = memchr(l.p, '\n', (size_t)(end - l.p));

		l.end = nl ? nl : end;
		if (prof_dump_header(&l, &h) || prof_dump_embedded(&l, &l.start))
			return true;
		l.p = nl ? nl + 1 : end;
	}
	return false;
}
