#include "libprof/read/text_impl.h"

#include <math.h>
#include <string.h>

#include "libprof/base/num.h"

enum {
	/* A record's comments follow its addresses; one that is about none costs a walk over all,
	 * and a file of nothing else shall not cost their product.
	 */
	MAX_MISSES = 16,
};

/* A broken record is an error, except where the file was cut off in it. */
static int broken(struct prof_text *t, const struct prof_text_line *l, const char *why)
{
	if (l->cut) {
		t->p->unknown_fields++;
		t->cut = true;
		t->open = false;
		return 0;
	}
	return prof_fail(t->e, PROF_EFORMAT, prof_text_offset(l), "a record with %s", why);
}

/* " 0x4885ca 0x41701c" to the end of the line. 1: yes; 0: no; or an error. */
static int addresses(struct prof_text *t, struct prof_text_line *l)
{
	while (!prof_text_ended(l)) {
		struct prof_text_addr a = {0};
		int rc;

		if (!prof_text_blanks(l) || !prof_text_0x(l, &a.pc))
			return 0;
		rc = prof_vec_reserve(t->mem, &t->addrs, 1, t->e);
		if (rc)
			return rc;
		t->addrs.v[t->addrs.n++] = a;
	}
	return 1;
}

/* What is behind the values: the stack. Appends the record. */
static int stack(struct prof_text *t, struct prof_text_line *l, struct prof_text_record r)
{
	int rc;

	prof_text_blanks(l);
	if (!prof_text_take(l, "@"))
		return broken(t, l, "no '@' behind its numbers");
	r.first_addr = t->addrs.n;
	rc = addresses(t, l);
	if (rc < 0)
		return rc;
	if (!rc) {
		t->addrs.n = r.first_addr;
		return broken(t, l, "an address that is none");
	}
	if (t->addrs.n - r.first_addr >= PROF_NONE)
		return prof_fail(t->e, PROF_ELIMIT, l->at, "too many addresses");
	r.n_addrs = (uint32_t)(t->addrs.n - r.first_addr);
	rc = prof_vec_reserve(t->mem, &t->records, 1, t->e);
	if (rc)
		return rc;
	t->records.v[t->records.n++] = r;
	t->open = true;
	t->at = SIZE_MAX;
	t->misses = 0;
	return 0;
}

/* The expected numbers for what was sampled: each object of n bytes was with a probability of
 * 1 - exp(-n / rate).
 */
static void unsample(int64_t rate, int64_t *count, int64_t *bytes)
{
	double scale;

	if (!*count || !*bytes) {
		*count = *bytes = 0;
		return;
	}
	if (rate <= 1) /* all objects, or nobody knows */
		return;
	scale = 1 / (1 - exp(-((double)*bytes / (double)*count) / (double)rate));
	*count = prof_to_i64((double)*count * scale);
	*bytes = prof_to_i64((double)*bytes * scale);
}

static bool heap_pair(struct prof_text_line *l, int64_t v[2])
{
	if (!prof_text_int(l, &v[0]) || !prof_text_take(l, ":"))
		return false;
	prof_text_blanks(l);
	return prof_text_int(l, &v[1]);
}

/* "3: 4096 [8: 9999] @ …": in use, allocated. */
static int heap_record(struct prof_text *t, struct prof_text_line l)
{
	struct prof_text_record r = {0};
	int64_t pairs[2][2]; /* allocated, in use */

	if (!heap_pair(&l, pairs[1]))
		return broken(t, &l, "no numbers of objects and bytes");
	prof_text_blanks(&l);
	if (!prof_text_take(&l, "["))
		return broken(t, &l, "no [numbers] of what was allocated");
	prof_text_blanks(&l);
	if (!heap_pair(&l, pairs[0]))
		return broken(t, &l, "no numbers of objects and bytes");
	prof_text_blanks(&l);
	if (!prof_text_take(&l, "]"))
		return broken(t, &l, "no ']'");
	t->sum = prof_add(t->sum, pairs[1][0]);
	for (int i = !t->all_columns; i < 2; i++) {
		int64_t *v = &r.values[t->all_columns ? i * 2 : 0];

		v[0] = pairs[i][0];
		v[1] = pairs[i][1];
		if (!v[0] && v[1])
			return broken(t, &l, "bytes in no objects");
		if (!v[0])
			continue;
		r.block_bytes = prof_div(v[1], v[0]);
		if (t->sampled)
			unsample(t->rate, &v[0], &v[1]);
	}
	return stack(t, &l, r);
}

int prof_text_record(struct prof_text *t, struct prof_text_line l)
{
	struct prof_text_record r = {0};

	if (t->kind == PROF_TEXT_HEAP)
		return heap_record(t, l);
	if (t->kind == PROF_TEXT_CONTENTION) {
		if (!prof_text_int(&l, &r.values[1]) || !prof_text_blanks(&l) ||
			!prof_text_int(&l, &r.values[0]))
			return broken(t, &l, "no numbers of cycles and contentions");
		return stack(t, &l, r);
	}
	if (!prof_text_int(&l, &r.values[0]))
		return broken(t, &l, "a number that is too large");
	t->sum = prof_add(t->sum, r.values[0]);
	return stack(t, &l, r);
}

static int put(struct prof_text *t, const char *p, size_t n)
{
	int rc = prof_vec_reserve(t->mem, &t->chars, n, t->e);

	for (size_t i = 0; !rc && i < n; i++)
		t->chars.v[t->chars.n++] = p[i];
	return rc;
}

/* The n hexadecimal digits of \xNN, \uNNNN and \UNNNNNNNN. */
static bool digits(struct prof_text_line *l, unsigned n, uint64_t *v)
{
	struct prof_text_line s = *l;

	if ((size_t)(l->end - l->p) < n)
		return false;
	s.end = s.p + n;
	if (!prof_text_hex(&s, v) || s.p != s.end)
		return false;
	l->p = s.p;
	return true;
}

static int put_character(struct prof_text *t, uint64_t c)
{
	char u[4];

	if (c < 0x80) {
		u[0] = (char)c;
		return put(t, u, 1);
	}
	if (c < 0x800) {
		u[0] = (char)(0xc0 | c >> 6);
		u[1] = (char)(0x80 | (c & 0x3f));
		return put(t, u, 2);
	}
	if (c < 0x10000) {
		u[0] = (char)(0xe0 | c >> 12);
		u[1] = (char)(0x80 | (c >> 6 & 0x3f));
		u[2] = (char)(0x80 | (c & 0x3f));
		return put(t, u, 3);
	}
	u[0] = (char)(0xf0 | c >> 18);
	u[1] = (char)(0x80 | (c >> 12 & 0x3f));
	u[2] = (char)(0x80 | (c >> 6 & 0x3f));
	u[3] = (char)(0x80 | (c & 0x3f));
	return put(t, u, 4);
}

/* What is behind a backslash. 1: yes; 0: no; or an error. */
static int escape(struct prof_text *t, struct prof_text_line *l)
{
	static const char names[] = "abfnrtv\\\"'", meant[] = "\a\b\f\n\r\t\v\\\"'";
	uint64_t c;
	char k;
	int rc;

	if (l->p == l->end)
		return 0;
	k = *l->p++;
	for (size_t i = 0; names[i]; i++)
		if (k == names[i])
			return (rc = put(t, &meant[i], 1)) ? rc : 1;
	if (k == 'x') {
		if (!digits(l, 2, &c))
			return 0;
		k = (char)c;
		return (rc = put(t, &k, 1)) ? rc : 1;
	}
	if (!(k == 'u' && digits(l, 4, &c)) && !(k == 'U' && digits(l, 8, &c) && c <= 0x10ffff))
		return 0;
	return (rc = put_character(t, c)) ? rc : 1;
}

/* A string as Go's %q has it, interned. 1: yes; 0: no; or an error. */
static int quoted(struct prof_text *t, struct prof_text_line *l, uint32_t *id)
{
	int rc = 1;

	t->chars.n = 0;
	if (!prof_text_take(l, "\""))
		return 0;
	while (rc == 1 && l->p < l->end && *l->p != '"') {
		const char *from = l->p;

		while (l->p < l->end && *l->p != '"' && *l->p != '\\')
			l->p++;
		rc = put(t, from, (size_t)(l->p - from));
		if (!rc)
			rc = prof_text_take(l, "\\") ? escape(t, l) : 1;
	}
	if (rc != 1)
		return rc;
	if (!prof_text_take(l, "\""))
		return 0;
	rc = prof_build_string(&t->b, t->chars.n ? t->chars.v : "", t->chars.n, id);
	return rc ? rc : 1;
}

/* {"key":"value", "key":"value"}. 1: yes; 0: no; or an error. */
static int label_list(struct prof_text *t, struct prof_text_line *l)
{
	int rc;

	t->labels.n = 0;
	if (!prof_text_take(l, "{"))
		return 0;
	while (!prof_text_take(l, "}")) {
		struct prof_label label = {.is_str = true};

		if (t->labels.n && !prof_text_take(l, ", "))
			return 0;
		rc = quoted(t, l, &label.key);
		if (rc == 1)
			rc = prof_text_take(l, ":") ? quoted(t, l, &label.str) : 0;
		if (rc != 1)
			return rc;
		rc = prof_vec_reserve(t->mem, &t->labels, 1, t->e);
		if (rc)
			return rc;
		t->labels.v[t->labels.n++] = label;
	}
	return prof_text_ended(l);
}

static int labels(struct prof_text *t, struct prof_text_line *l)
{
	struct prof_text_record *r = &t->records.v[t->records.n - 1];
	int rc;

	prof_text_blanks(l);
	rc = label_list(t, l);
	if (rc != 1)
		return rc;
	if (r->labels)
		return 0;
	rc = prof_profile_label_set(t->p, t->labels.v, t->labels.n, &r->labels, t->e);
	return rc ? rc : 1;
}

/* "main.f+0x35	shop/main.go:51": names may hold any character, blanks and colons, too. */
static bool parse_frame(struct prof_text_line l, struct prof_text_frame *f,
	struct prof_text_line *name, struct prof_text_line *file)
{
	uint64_t offset = 0;
	bool found = false;

	*name = l;
	while (!found && l.p < l.end && (l.p = memchr(l.p, '+', (size_t)(l.end - l.p)))) {
		struct prof_text_line s = l;

		name->end = s.p;
		found = prof_text_take(&s, "+") && prof_text_0x(&s, &offset) &&
			prof_text_blanks(&s);
		l.p = found ? s.p : l.p + 1;
	}
	if (!found || name->p == name->end)
		return false;
	while (l.end > l.p && prof_text_is_blank(l.end[-1]))
		l.end--;
	*file = l;
	while (file->end > file->p && prof_text_is_digit(file->end[-1]))
		file->end--;
	l.p = file->end;
	f->entry = offset == f->pc ? 0 : f->pc - offset;
	return file->end > file->p && *--file->end == ':' && prof_text_int(&l, &f->line);
}

static int add_frame(struct prof_text *t, struct prof_text_addr *a, struct prof_text_frame f,
	struct prof_text_line name, struct prof_text_line file)
{
	uint32_t name_id, file_id;
	int rc = prof_build_string(&t->b, name.p, (size_t)(name.end - name.p), &name_id);

	if (!rc)
		rc = prof_build_string(&t->b, file.p, (size_t)(file.end - file.p), &file_id);
	if (!rc)
		rc = prof_build_function(&t->b, name_id, file_id, 0, &f.function);
	if (!rc && t->frames.n >= PROF_NONE)
		rc = prof_fail(t->e, PROF_ELIMIT, name.at, "too many frames");
	if (!rc)
		rc = prof_vec_reserve(t->mem, &t->frames, 1, t->e);
	if (rc)
		return rc;
	if (!a->n)
		a->first = (uint32_t)t->frames.n;
	a->n++;
	t->frames.v[t->frames.n++] = f;
	/* Wrappers got these names in 1.21 and 1.22; sync moved its mutex in 1.24. */
	t->modern |= prof_text_holds(&name, ".gowrap") || prof_text_holds(&name, ".deferwrap") ||
		     prof_text_starts(&name, "internal/sync.") ||
		     prof_text_starts(&name, "internal/runtime/") ||
		     prof_text_starts(&name, "runtime._LostContended");
	return 1;
}

/* The first address from `from` on that a comment with this pc can be about: call addresses were
 * written one higher, addresses of function entries and those of C are as they were.
 */
static size_t find(const struct prof_text *t, size_t from, size_t end, uint64_t pc)
{
	for (uint64_t more = 2; more-- > 0;)
		for (size_t i = from; i < end; i++)
			if (t->addrs.v[i].pc == pc + more)
				return i;
	return end;
}

/* The address of the last record that the comment is about, which then is t->at; or SIZE_MAX. */
static size_t about(struct prof_text *t, uint64_t pc, uint64_t entry)
{
	const struct prof_text_record *r = &t->records.v[t->records.n - 1];
	size_t end = r->first_addr + r->n_addrs;
	size_t next = t->at == SIZE_MAX ? r->first_addr : t->at + 1, i;
	const struct prof_text_addr *now = t->at == SIZE_MAX ? NULL : &t->addrs.v[t->at];

	if (next < end && t->addrs.v[next].pc - pc <= 1)
		return t->at = next;
	/* C code gives all frames that are inlined at an address the same pc; Go names callers that
	 * are inlined but have no address in the stack.
	 */
	if (now && now->n &&
		(t->frames.v[now->first].pc == pc ||
			(entry && t->frames.v[now->first].entry == entry &&
				t->misses >= MAX_MISSES)))
		return t->at;
	if (t->misses >= MAX_MISSES)
		return SIZE_MAX;
	i = find(t, next, end, pc);
	if (i < end)
		return t->at = i;
	t->misses++;
	return now && now->n && entry && t->frames.v[now->first].entry == entry ? t->at : SIZE_MAX;
}

/* "	0x698655	main.f+0x35	file:51", or the pc alone. 1: yes; 0: no; or an error. */
static int symbol(struct prof_text *t, struct prof_text_line *l)
{
	struct prof_text_frame f = {0};
	struct prof_text_line name = *l, file = *l;
	bool named;
	size_t i;

	if (!t->open || !prof_text_0x(l, &f.pc) || !prof_text_blanks(l))
		return 0;
	named = l->p < l->end;
	if (!named && !f.pc) /* Go's line for a stack without any function */
		return 1;
	if (named && !parse_frame(*l, &f, &name, &file))
		return 0;
	i = about(t, f.pc, f.entry);
	if (i == SIZE_MAX)
		return 0;
	t->addrs.v[i].shown = true;
	return named ? add_frame(t, &t->addrs.v[i], f, name, file) : 1;
}

int prof_text_comment(struct prof_text *t, struct prof_text_line l)
{
	int rc = 0;

	prof_text_take(&l, "#");
	prof_text_blanks(&l);
	if (l.p == l.end)
		return 0;
	if (prof_text_take(&l, "runtime.MemStats") && prof_text_ended(&l)) {
		t->mem_stats = true;
		t->open = false;
		rc = 1;
	} else if (t->mem_stats) {
		t->whole_stats |= prof_text_starts(&l, "DebugGC = ");
		t->whole_stats &= !l.cut;
		rc = prof_text_holds(&l, " = ");
	} else if (prof_text_starts(&l, "0x")) {
		rc = symbol(t, &l);
	} else if (t->open && prof_text_take(&l, "labels:")) {
		rc = labels(t, &l);
	}
	if (rc < 0)
		return rc;
	t->p->unknown_fields += !rc;
	return 0;
}
