#include "libprof/read/folded.h"

#include <string.h>

#include "libprof/base/buf.h"
#include "libprof/model/build.h"
#include "libprof/read/text_lines.h"

enum { LOOK_LINES = 64 };

struct folded {
	struct prof_build b;
	struct prof_profile *p;
	struct prof_err *e;
	PROF_VEC(struct prof_line) lines; /* of the location under way, outermost first */
	PROF_VEC(uint32_t) stack; /* of the line under way, root first */
	uint64_t stacks, two_counts, skipped;
	int64_t skipped_at; /* the first */
};

/* A line taken apart. */
struct entry {
	const char *stack, *stack_end;
	const char *count, *count_end;
};

/* Moves `end` in front of the number that ends at it and of the blanks before that; false when
 * there is none. Blanks must stand before it, but perhaps nothing before these.
 */
static bool take_count(const char *start, const char **end, struct entry *x)
{
	const char *p = *end, *digits;
	bool point = false;

	while (p > start && (prof_text_is_digit(p[-1]) || (p[-1] == '.' && !point)))
		point |= *--p == '.';
	digits = p;
	if (p > start && p[-1] == '-')
		p--;
	if (digits == *end || *digits == '.' || p == start || !prof_text_is_blank(p[-1]))
		return false;
	x->count = p;
	x->count_end = *end;
	while (p > start && prof_text_is_blank(p[-1]))
		p--;
	*end = p;
	return true;
}

static bool parse(const char *p, const char *end, struct entry *x)
{
	while (end > p && prof_text_is_blank(end[-1]))
		end--;
	if (!take_count(p, &end, x))
		return false;
	x->stack = p;
	x->stack_end = end;
	return true;
}

static bool is_silent(const char *p, const char *end)
{
	while (p < end && prof_text_is_blank(*p))
		p++;
	return p == end || *p == '#';
}

bool prof_folded_is(const void *bytes, size_t n, bool whole)
{
	const char *p = bytes, *end = n ? p + n : p, *nl;
	unsigned lines = 0, good = 0, deep = 0;
	struct entry x;

	for (; p < end && lines < LOOK_LINES; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl && !whole)
			break;
		nl = nl ? nl : end;
		if (parse(p, nl, &x)) {
			good++;
			deep += x.stack < x.stack_end &&
				memchr(x.stack, ';', (size_t)(x.stack_end - x.stack));
		} else if (is_silent(p, nl)) {
			continue;
		}
		lines++;
	}
	return 2 * good > lines && 2 * deep > good;
}

/* Rounds as "%.0f" does; false when it does not fit. */
static bool count_of(const struct entry *x, int64_t *v)
{
	const char *p = x->count, *end = x->count_end;
	bool negative = *p == '-', up = false;
	uint64_t n = 0, max = INT64_MAX;

	for (p += negative; p < end && *p != '.'; p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	if (p < end && ++p < end && *p >= '5') {
		up = *p > '5' || n % 2;
		for (p++; !up && p < end; p++)
			up = *p != '0';
	}
	if (up && n == max)
		return false;
	n += up;
	*v = negative ? -(int64_t)n : (int64_t)n;
	return true;
}

/* Ends the location under way, if there is one. Its lines are to be innermost first. */
static int end_location(struct folded *f)
{
	size_t n = f->lines.n;
	uint32_t id;
	int rc;

	for (size_t i = 0; i < n / 2; i++) {
		struct prof_line l = f->lines.v[i];

		f->lines.v[i] = f->lines.v[n - 1 - i];
		f->lines.v[n - 1 - i] = l;
	}
	f->lines.n = 0;
	if ((rc = prof_build_location(&f->b, 0, PROF_NONE, f->lines.v, n, &id)) ||
		(rc = prof_vec_reserve(&f->p->mem, &f->stack, 1, f->e)))
		return rc;
	f->stack.v[f->stack.n++] = id;
	return 0;
}

static int add_frame(struct folded *f, const char *name, const char *end)
{
	bool inlined = end - name > 4 && memcmp(end - 4, "_[i]", 4) == 0;
	struct prof_line line = {0};
	uint32_t id;
	int rc = 0;

	if (f->lines.n && !inlined)
		rc = end_location(f);
	if (rc)
		return rc;
	if (name == end)
		return end_location(f);
	if (inlined)
		end -= 4;
	if ((rc = prof_build_string(&f->b, name, (size_t)(end - name), &id)) ||
		(rc = prof_build_function(&f->b, id, 0, 0, &line.function)) ||
		(rc = prof_vec_reserve(&f->p->mem, &f->lines, 1, f->e)))
		return rc;
	f->lines.v[f->lines.n++] = line;
	return 0;
}

static int add_stack(struct folded *f, const struct entry *x, int64_t count)
{
	const char *p = x->stack, *end = x->stack_end, *semicolon;
	uint32_t id;
	int rc = 0;

	f->stack.n = 0;
	while (end > p && end[-1] == ';')
		end--;
	for (; !rc && p < end; p = semicolon + 1) {
		semicolon = memchr(p, ';', (size_t)(end - p));
		if (!semicolon)
			semicolon = end;
		rc = add_frame(f, p, semicolon);
	}
	if (!rc && f->lines.n)
		rc = end_location(f);
	for (size_t i = 0; !rc && i < f->stack.n / 2; i++) {
		uint32_t l = f->stack.v[i];

		f->stack.v[i] = f->stack.v[f->stack.n - 1 - i];
		f->stack.v[f->stack.n - 1 - i] = l;
	}
	if (!rc)
		rc = prof_build_stack(&f->b, f->stack.v, f->stack.n, &id);
	return rc ? rc : prof_build_sample(&f->b, id, 0, &count);
}

static int add_line(struct folded *f, const struct prof_text_line *l)
{
	struct entry x, other;
	const char *end;
	int64_t count;

	if (!parse(l->p, l->end, &x)) {
		if (!is_silent(l->p, l->end) && !f->skipped++)
			f->skipped_at = l->at;
		return 0;
	}
	if (!count_of(&x, &count))
		return prof_fail(f->e, PROF_EFORMAT, l->at + (x.count - l->start),
			"a count that does not fit into 64 bits");
	end = x.stack_end;
	f->two_counts += take_count(x.stack, &end, &other) && end > x.stack;
	f->stacks++;
	return add_stack(f, &x, count);
}

/* What was left out is told. */
static int tell(struct folded *f)
{
	struct prof_profile *p = f->p;
	struct prof_buf text;
	uint32_t id;
	int rc;

	if (!f->skipped)
		return 0;
	p->unknown_fields = f->skipped;
	prof_buf_init(&text, NULL, NULL);
	prof_buf_str(&text, "skipped lines that are no folded stacks: ");
	prof_buf_u64(&text, f->skipped);
	prof_buf_str(&text, ", the first at offset ");
	prof_buf_i64(&text, f->skipped_at);
	rc = text.code ? prof_nomem(f->e) : prof_build_string(&f->b, text.p, text.n, &id);
	prof_buf_fini(&text);
	if (!rc)
		rc = prof_vec_reserve(&p->mem, &p->comments, 1, f->e);
	if (!rc)
		p->comments.v[p->comments.n++] = id;
	return rc;
}

static int decode(struct folded *f, struct prof_input *in)
{
	static const char *const types[][2] = {{"samples", "count"}};
	struct prof_text_line l;
	int rc = prof_build_types(&f->b, types, 1);

	while (!rc && (rc = prof_text_next(in, &l, f->e)) > 0)
		rc = add_line(f, &l);
	if (rc)
		return rc;
	if (!f->stacks)
		return prof_fail(f->e, PROF_EFORMAT, f->skipped_at, "no line is a folded stack");
	if (f->two_counts == f->stacks)
		return prof_fail(f->e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"folded stacks with two counts each: compare the two profiles instead "
			"(prof diff)");
	f->p->input_bytes = in->total;
	f->p->gzipped = in->gzipped;
	return tell(f);
}

int prof_folded_decode(struct prof_input *in, struct prof_profile **out, struct prof_err *e)
{
	struct prof_err none = {0};
	struct folded f = {.e = e ? e : &none};
	int rc;

	f.p = prof_profile_new(&in->limits, f.e);
	if (!f.p)
		return f.e->code;
	prof_build_init(&f.b, f.p, &in->limits, f.e);
	rc = decode(&f, in);
	prof_vec_fini(&f.p->mem, &f.lines);
	prof_vec_fini(&f.p->mem, &f.stack);
	prof_build_fini(&f.b);
	if (rc)
		prof_profile_free(f.p);
	else
		*out = f.p;
	return rc;
}
