#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include "libprof/model/profile.h"
#include "libprof/read/sniff.h"

static struct prof_profile *open_text(const char *text, struct prof_err *e)
{
	struct prof_profile *p = NULL;

	*e = (struct prof_err){0};
	if (prof_profile_read(text, strlen(text), NULL, &p, e))
		return NULL;
	assert_null(prof_profile_check(p));
	return p;
}

static struct prof_profile *must_open(const char *text)
{
	struct prof_err e;
	struct prof_profile *p = open_text(text, &e);

	if (!p)
		fail_msg("%d at %lld: %s", e.code, (long long)e.offset, e.msg);
	return p;
}

static void put_label(struct prof_buf *b, const struct prof_profile *p, const struct prof_label *x)
{
	struct prof_str key = prof_profile_str(p, x->key), str = prof_profile_str(p, x->str);

	prof_buf_str(b, " {");
	prof_buf_put(b, key.p, key.len);
	if (x->is_str) {
		prof_buf_char(b, '=');
		prof_buf_put(b, str.p, str.len);
	} else {
		prof_buf_printf(b, "=%lld", (long long)x->num);
	}
	prof_buf_char(b, '}');
}

/* "0x10:f,a.go:1<g,b.go:2 0x20 {k=v}": a stack, leaf first, from its frame `skip` on; its labels.
 */
static void put_sample(struct prof_buf *b, const struct prof_profile *p, size_t i, uint32_t skip)
{
	uint32_t s = p->sample_stack.v[i], l = p->sample_labels.v[i];

	for (uint32_t k = p->stack_start.v[s] + skip; k < p->stack_start.v[s + 1]; k++) {
		const struct prof_location *loc = &p->locations.v[p->stack_loc.v[k]];

		if (k > p->stack_start.v[s] + skip)
			prof_buf_char(b, ' ');
		prof_buf_printf(b, "0x%llx", (unsigned long long)loc->address);
		for (uint32_t j = 0; j < loc->n_lines; j++) {
			const struct prof_line *line = &p->lines.v[loc->first_line + j];
			const struct prof_function *f = &p->functions.v[line->function];
			struct prof_str name = prof_profile_str(p, f->name);
			struct prof_str file = prof_profile_str(p, f->file);

			assert_int_equal(f->name, f->system_name);
			prof_buf_char(b, j ? '<' : ':');
			prof_buf_put(b, name.p, name.len);
			prof_buf_char(b, ',');
			prof_buf_put(b, file.p, file.len);
			prof_buf_printf(b, ":%lld", (long long)line->line);
		}
	}
	for (uint32_t k = p->label_start.v[l]; k < p->label_start.v[l + 1]; k++)
		put_label(b, p, &p->labels.v[k]);
}

/* All samples as "values@stack", a line each. */
static void assert_samples(const char *text, const char *want)
{
	struct prof_profile *p = must_open(text);
	struct prof_buf b;

	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < p->sample_stack.n; i++) {
		for (size_t t = 0; t < p->types.n; t++)
			prof_buf_printf(&b, t ? ",%lld" : "%lld", (long long)p->values.v[t].v[i]);
		prof_buf_char(&b, '@');
		put_sample(&b, p, i, 0);
		prof_buf_char(&b, '\n');
	}
	if (b.n != strlen(want) || (b.n && memcmp(b.p, want, b.n) != 0))
		fail_msg("of\n%s\ncame\n%.*s\nand not\n%s", text, (int)b.n, b.p ? b.p : "", want);
	prof_buf_fini(&b);
	prof_profile_free(p);
}

/* Rows of two profiles of one moment: what Go hides in text is left out of both. */
struct row {
	char *key;
	int64_t v[4];
};

struct rows {
	struct row *v;
	size_t n;
};

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->key, ((const struct row *)b)->key);
}

static bool hidden(const struct prof_profile *p, const struct prof_location *l)
{
	struct prof_str name;

	if (!l->n_lines)
		return true;
	name = prof_profile_str(
		p, p->functions.v[p->lines.v[l->first_line + l->n_lines - 1].function].name);
	return prof_str_has_prefix(name, "runtime.") ||
	       prof_str_has_prefix(name, "internal/runtime/");
}

/* The frames that text leaves unnamed above a stack; of one within the runtime it names all. */
static uint32_t count_hidden(const struct prof_profile *p, uint32_t s)
{
	uint32_t from = p->stack_start.v[s], to = p->stack_start.v[s + 1], k = from;

	while (k < to && hidden(p, &p->locations.v[p->stack_loc.v[k]]))
		k++;
	return k < to ? k - from : 0;
}

/* Go up to 1.23 or so writes labels to profile.proto in any order. */
static void sort_labels(struct prof_profile *p)
{
	for (size_t s = 0; s + 1 < p->label_start.n; s++)
		for (uint32_t i = p->label_start.v[s]; i < p->label_start.v[s + 1]; i++)
			for (uint32_t k = i; k > p->label_start.v[s]; k--) {
				struct prof_label *x = &p->labels.v[k], y = x[-1];

				if (prof_str_cmp(prof_profile_str(p, y.key),
					    prof_profile_str(p, x->key)) <= 0)
					break;
				x[-1] = x[0];
				x[0] = y;
			}
}

static struct rows rows_of(struct prof_profile *p, bool no_runtime)
{
	struct rows r = {calloc(p->sample_stack.n + 1, sizeof(struct row)), 0};
	size_t n = 0;

	assert_non_null(r.v);
	sort_labels(p);
	for (size_t i = 0; i < p->sample_stack.n; i++) {
		struct prof_buf b;
		bool any = false;

		for (size_t t = 0; t < p->types.n; t++)
			any |= p->values.v[t].v[i] != 0;
		if (!any) /* their bytes are unknown in text */
			continue;
		prof_buf_init(&b, NULL, NULL);
		put_sample(&b, p, i, no_runtime ? count_hidden(p, p->sample_stack.v[i]) : 0);
		prof_buf_char(&b, 0);
		for (size_t t = 0; t < p->types.n; t++)
			r.v[r.n].v[t] = p->values.v[t].v[i];
		r.v[r.n++].key = strdup(b.p);
		prof_buf_fini(&b);
	}
	qsort(r.v, r.n, sizeof(*r.v), by_key);
	for (size_t i = 0; i < r.n; i++) {
		if (n && strcmp(r.v[n - 1].key, r.v[i].key) == 0) {
			for (size_t t = 0; t < 4; t++)
				r.v[n - 1].v[t] += r.v[i].v[t];
			free(r.v[i].key);
		} else {
			r.v[n++] = r.v[i];
		}
	}
	r.n = n;
	return r;
}

static void rows_free(struct rows *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].key);
	free(r->v);
}

/* Equal types, stacks (with inlining, lines and addresses), labels and values. Where `grows`, the
 * text was written some time after the other, of a profile that only grows.
 */
static void assert_pair(const char *stem, bool grows)
{
	bool goroutines = strstr(stem, "goroutine") != NULL;
	struct prof_profile *p[2];
	struct rows r[2];
	struct prof_err e = {0};
	char path[2][512];
	size_t k = 0;

	snprintf(path[0], sizeof(path[0]), "%s.debug1.txt", stem);
	snprintf(path[1], sizeof(path[1]), "%s.pb.gz", stem);
	for (int i = 0; i < 2; i++)
		assert_ok(prof_profile_open(path[i], NULL, &p[i], &e), &e);
	assert_int_equal(p[0]->unknown_fields, 0);
	assert_int_equal(p[0]->comments.n, 0);
	assert_int_equal(p[0]->types.n, p[1]->types.n);
	for (size_t t = 0; t < p[0]->types.n; t++) {
		assert_true(prof_str_eq(prof_profile_str(p[0], p[0]->types.v[t].type),
			prof_profile_str(p[1], p[1]->types.v[t].type)));
		assert_true(prof_str_eq(prof_profile_str(p[0], p[0]->types.v[t].unit),
			prof_profile_str(p[1], p[1]->types.v[t].unit)));
	}
	for (int i = 0; i < 2; i++)
		r[i] = rows_of(p[i], goroutines);
	if (!grows)
		assert_int_equal(r[0].n, r[1].n);
	for (size_t i = 0; i < r[1].n; i++, k++) {
		while (grows && k < r[0].n && strcmp(r[0].v[k].key, r[1].v[i].key) < 0)
			k++;
		if (k == r[0].n || strcmp(r[0].v[k].key, r[1].v[i].key) != 0)
			fail_msg("%s: no %s", path[0], r[1].v[i].key);
		for (size_t t = 0; t < p[0]->types.n; t++)
			if (r[0].v[k].v[t] < r[1].v[i].v[t] ||
				(!grows && r[0].v[k].v[t] != r[1].v[i].v[t]))
				fail_msg("%s: %s: %lld is not %lld", path[0], r[1].v[i].key,
					(long long)r[0].v[k].v[t], (long long)r[1].v[i].v[t]);
	}
	for (int i = 0; i < 2; i++) {
		rows_free(&r[i]);
		prof_profile_free(p[i]);
	}
}

static void text_is_what_go_writes_as_proto(void **state)
{
	(void)state;
	assert_pair(TESTDATA "/textgen.heap", false);
	assert_pair(TESTDATA "/textgen.mutex", false);
	assert_pair(TESTDATA "/textgen.block", false);
	assert_pair(TESTDATA "/textgen.goroutine", false);
	assert_pair(TESTDATA "/leaky.goroutine.t3", false);
}

static void all_captures_too(void **state)
{
	static const char *const versions[] = {"1.19", "1.21", "1.23", "1.25", "1.27"};
	const char *packs = getenv("PACKS");
	char stem[400];
	FILE *f;

	(void)state;
	if (!packs || !*packs)
		skip();
	snprintf(stem, sizeof(stem), "%s/captures/README.md", packs);
	f = fopen(stem, "r");
	if (!f)
		skip();
	fclose(f);
	for (size_t v = 0; v < COUNT(versions); v++) {
		for (int t = 0; t < 4; t++) {
			snprintf(stem, sizeof(stem), "%s/captures/go%s/leaky/goroutine.t%d", packs,
				versions[v], t);
			assert_pair(stem, false);
		}
		for (int t = 0; t < 4; t++) {
			snprintf(stem, sizeof(stem), "%s/captures/go%s/contend/%s.t%d", packs,
				versions[v], t & 1 ? "mutex" : "block", t / 2);
			assert_pair(stem, true);
		}
	}
}

/* Without its comments a file is what pprof makes of it. */
static void bare_text_is_what_pprof_reads(void **state)
{
	struct prof_profile *p = must_open(
		"goroutine profile: total 3\n2 @ 0x10 0x20\n\n1 @ 0x10 0x30\n");

	(void)state;
	assert_int_equal(p->types.n, 1);
	assert_str(prof_profile_str(p, p->types.v[0].type), "goroutine");
	assert_str(prof_profile_str(p, p->types.v[0].unit), "count");
	assert_str(prof_profile_str(p, p->period_type.type), "goroutine");
	assert_int_equal(p->period, 1);
	assert_int_equal(p->locations.n, 3);
	assert_int_equal(p->locations.v[0].id, 1);
	assert_int_equal(p->locations.v[0].address, 0xf);
	assert_int_equal(p->locations.v[2].address, 0x2f);
	assert_int_equal(p->mappings.n, 1);
	assert_int_equal(p->mappings.v[0].id, 1);
	assert_int_equal(p->mappings.v[0].start, 0);
	assert_true(p->mappings.v[0].limit == UINT64_MAX);
	assert_int_equal(p->locations.v[2].mapping, 0);
	assert_str(prof_profile_str(p, p->drop_frames),
		"ProfileData::Add|ProfileData::prof_handler|CpuProfiler::prof_handler|"
		"__pthread_sighandler|__restore");
	assert_int_equal(p->keep_frames, 0);
	assert_int_equal(p->unknown_fields, 0);
	assert_int_equal(p->comments.n, 0);
	prof_profile_free(p);
	assert_samples("goroutine profile: total 3\n2 @ 0x10 0x20\n1 @ 0x10 0x30\n",
		"2@0xf 0x1f\n1@0xf 0x2f\n");
	assert_samples("odd name profile: total 0\n", "");
	/* Go's threadcreate has empty stacks, and stacks of zeros. */
	assert_samples("threadcreate profile: total 9\n7 @\n#\t0x0\n\n2 @ 0x0 0x0\n#\t0x0\n",
		"7@\n2@0xffffffffffffffff 0xffffffffffffffff\n");
}

#define ONE "0x14\tmain.f+0x4\ta.go:7"

static void marks_and_line_ends_do_not_matter(void **state)
{
	static const char *const forms[] = {
		"x profile: total 1\n1 @ 0x15\n#\t" ONE "\n",
		"\xef\xbb\xbfx profile: total 1\n1 @ 0x15\n#\t" ONE "\n",
		"x profile: total 1\r\n1 @ 0x15\r\n#\t" ONE "\r\n\r\n",
		"\xef\xbb\xbf\r\nx profile: total 1 \r\n\r\n1 @ 0x15 \r\n# \t " ONE " \r\n",
		"\n\n  x profile: total 1\n  1 @  0x15\n  #\t" ONE "\n",
		("x profile: total 1\n1 @ 0x15\n#\t" ONE),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++) {
		struct prof_err e = {0};
		struct prof_profile *p;
		struct wire w = {0};

		wire_gz(&w, forms[i], strlen(forms[i]));
		assert_ok(prof_profile_read(w.p, w.n, NULL, &p, &e), &e);
		assert_true(p->gzipped);
		assert_int_equal(p->input_bytes, strlen(forms[i]));
		assert_int_equal(p->unknown_fields, 0);
		assert_int_equal(p->comments.n, 0);
		prof_profile_free(p);
		wire_free(&w);
		assert_samples(forms[i], "1@0x14:main.f,a.go:7\n");
	}
}

#define COUNTED "x profile: total 1\n1 @ "
#define F "#\t0x114\tmain.f+0x14\ta.go:1\n"
#define G "#\t0x113\tmain.g+0x13\tb.go:2\n"

static void comments_name_the_frames(void **state)
{
	(void)state;
	/* The runtime above is unknown, its goexit below is gone. */
	assert_samples(COUNTED "0x50 0x115 0x205 0x300\n" F "#\t0x204\tmain.h+0x4\tc.go:3\n",
		"1@0x4f 0x114:main.f,a.go:1 0x204:main.h,c.go:3\n");
	assert_samples("heap profile: 0: 0 [0: 1] @ heap/2\n0: 0 [0: 0] @ 0x50 0x115 0x300\n" F,
		"0,0,0,0@0x114:main.f,a.go:1 {bytes=0}\n");
	/* Not if more than one has no line: then it is no goexit. */
	assert_samples(COUNTED "0x115 0x300 0x400\n" F, "1@0x114:main.f,a.go:1 0x2ff 0x3ff\n");
	/* One entry, two names: inlined. One name: it calls itself. */
	assert_samples(COUNTED "0x115 0x114\n" F G, "1@0x114:main.f,a.go:1<main.g,b.go:2\n");
	assert_samples(COUNTED "0x115 0x115 0x115\n" F F F,
		"1@0x114:main.f,a.go:1 0x114:main.f,a.go:1 0x114:main.f,a.go:1\n");
	assert_samples(COUNTED "0x115 0x114 0x115 0x114 0x114\n" F G F G G,
		"1@0x114:main.f,a.go:1<main.g,b.go:2 0x114:main.f,a.go:1<main.g,b.go:2 "
		"0x113:main.g,b.go:2\n");
	/* A caller that is inlined and has no address. */
	assert_samples(COUNTED "0x115 0x205\n" F G "#\t0x204\tmain.h+0x4\tc.go:3\n",
		"1@0x114:main.f,a.go:1<main.g,b.go:2 0x204:main.h,c.go:3\n");
	/* C: addresses as they are, and all frames of one address. */
	assert_samples(COUNTED "0x900 0x115\n#\t0x900\tc_in+0x900\ta.c:1\n"
			       "#\t0x900\tc_out+0x900\ta.c:2\n" F,
		"1@0x900:c_in,a.c:1<c_out,a.c:2 0x114:main.f,a.go:1\n");
	/* What one record hides, another may name. */
	assert_samples("x profile: total 2\n1 @ 0x50 0x115\n" F
		       "\n1 @ 0x50 0x300\n#\t0x4f\truntime.gopark+0xf\tproc.go:9\n",
		"1@0x4f:runtime.gopark,proc.go:9 0x114:main.f,a.go:1\n"
		"1@0x4f:runtime.gopark,proc.go:9\n");
	/* Names with blanks, colons and plus signs; spaces for tabs. */
	assert_samples(COUNTED "0x115\n#\t0x114\toperator new+0x1(a b)+0x14\tC:\\a b\\c d.go:1\n",
		"1@0x114:operator new+0x1(a b),C:\\a b\\c d.go:1\n");
	assert_samples(COUNTED "0x115\n# 0x114 main.f+0x14 /a.go:1\n", "1@0x114:main.f,/a.go:1\n");
	assert_samples(COUNTED "0x115\n#\t0x114\tmain.f+0x14\t:0\n", "1@0x114:main.f,:0\n");
}

static void labels_are_gos_quoted_strings(void **state)
{
	(void)state;
	assert_samples(COUNTED "0x115\n# labels: {\"k\":\"v\", \"a b\":\"1, {x}:\"}\n" F,
		"1@0x114:main.f,a.go:1 {k=v} {a b=1, {x}:}\n");
	assert_samples(COUNTED "0x115\n# labels: {}\n", "1@0x114\n");
	assert_samples(COUNTED
		"0x115\n# labels: {\"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\":\"\\x01\\xff\\u00e9"
		"\\u20ac\\U0001f600\"}\n",
		"1@0x114 {\a\b\f\n\r\t\v\\\"=\x01\xff\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80}\n");
}

/* Lines that are counted, and what is left. */
static const struct {
	const char *text;
	unsigned unknown;
	const char *comment, *samples;
} odd[] = {
	{"# made by hand\nx profile: total 1\n1 @ 0x15\n", 1, NULL, "1@0x14\n"},
	{COUNTED "0x15\nwhat is this\n", 1, NULL, "1@0x14\n"},
	{COUNTED "0x15\n# what\n#\n#\t0x\n#\t0x14 main.f\n#\t0x14\tf+0x1\ta.go\n", 4, NULL,
		"1@0x14\n"},
	{COUNTED "0x15\n#\t0x9999\tmain.f+0x1\ta.go:1\n", 1, NULL, "1@0x14\n"},
	{COUNTED "0x15\n\n#\t0x14\tmain.f+0x1\ta.go:1\n", 1, NULL, "1@0x14\n"},
	{COUNTED "0x15\n# labels: {\"k\":\"v}\n", 1, NULL, "1@0x14\n"},
	{COUNTED "0x15\n# labels: {\"k\":\"v\"} \n# labels: {\"k\":\"w\"}\n", 1, NULL,
		"1@0x14 {k=v}\n"},
	{COUNTED "0x15\n# labels: {\"k\":\"\\q\"}\n# labels: {\"k\" \"\"}\n"
		 "# labels: {\"k\":\"\\x1\"}\n"
		 "# labels: {\"k\":\"\\U00110000\"}\n# labels: {\"k\":\"v\"\n"
		 "# labels: k\n# labels:\n",
		7, NULL, "1@0x14\n"},
	{COUNTED "0x15\n---\ntail\n", 2, NULL, "1@0x14\n"},
	{COUNTED "0x15\n1 @ 0x1", 0, "the first line says that there are 1, the records hold 2",
		"1@0x14\n1@0x0\n"},
	{COUNTED "0x15\n1 @ 0x", 1, "the file ends inside a record, which is left out", "1@0x14\n"},
	{COUNTED "0x15\n17", 1, "the file ends inside a record, which is left out", "1@0x14\n"},
	{"x profile: total 5\n", 0, "the first line says that there are 5, the records hold 0", ""},
	{"heap profile: 2: 2 [2: 3] @ heap/2\n1: 1 [1: 1] @\n", 0,
		"the first line says that there are 2, the records hold 1", "1,1,1,1@ {bytes=1}\n"},
	{"heap profile: 1: 1 [1: 2] @ heap/2\n1: 1 [1: 1] @\n\n# runtime.MemStats\n# Alloc = 7\n"
	 "# PauseNs = [1 2 3]\n# Stack = 1 / 2\n# DebugGC = true\n# new in 2030\n",
		1, NULL, "1,1,1,1@ {bytes=1}\n"},
	{"--- contention:\ncycles/second=1000000000\nmood=7\n5 1 @ 0x15\nlate=1\n", 2, NULL,
		"1,5@0x14\n"},
	{"--- contention:\ndiscarded samples=2\n5 1 @ 0x15\n", 0, "the program discarded samples",
		"1,5@0x14\n"},
};

static void what_is_not_understood_is_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(odd); i++) {
		struct prof_profile *p = must_open(odd[i].text);

		if (p->unknown_fields != odd[i].unknown)
			fail_msg("row %zu: %llu unknown", i, (unsigned long long)p->unknown_fields);
		assert_int_equal(p->comments.n, odd[i].comment ? 1 : 0);
		if (odd[i].comment)
			assert_str(prof_profile_str(p, p->comments.v[0]), odd[i].comment);
		prof_profile_free(p);
		assert_samples(odd[i].text, odd[i].samples);
	}
}

#define HEAP \
	"heap profile: 1: 1 [1: 1] @ heap/2\n1: 1 [1: 1] @\n\n# runtime.MemStats\n# Alloc = 7\n"

/* Files that end early, and those that do not. */
static const struct {
	const char *text, *damage;
} ends[] = {
	{COUNTED "0x15\n1 @ 0x", "ends inside a record, which is left out"},
	{COUNTED "0x15\n17", "ends inside a record, which is left out"},
	{COUNTED "0x15\n", NULL},
	{HEAP, "ends inside its runtime.MemStats"},
	{HEAP "# Debug", "ends inside its runtime.MemStats"},
	{HEAP "# DebugGC = false", "ends inside its runtime.MemStats"},
	{HEAP "# DebugGC = false\n", NULL},
	{HEAP "# DebugGC = false\n# MaxRSS = 25251840\n", NULL},
	{HEAP "# DebugGC = false\n# MaxRSS = 2525", "ends inside its runtime.MemStats"},
};

static void what_is_cut_off_is_damage(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		struct prof_profile *p = must_open(ends[i].text);
		const char *damage = prof_profile_damage(p);

		if (!damage != !ends[i].damage || (damage && strcmp(damage, ends[i].damage) != 0))
			fail_msg("row %zu: %s", i, damage ? damage : "whole");
		prof_profile_free(p);
	}
}

static const struct {
	const char *text;
	int code;
	int64_t offset;
	const char *msg;
} refused[] = {
	{"x profile: total 1\n1 0x15\n", PROF_EFORMAT, 21,
		"a record with no '@' behind its numbers"},
	{"x profile: total 1\n1 @ 15\n", PROF_EFORMAT, 23, "a record with an address that is none"},
	{"x profile: total 1\n1 @0x15\n", PROF_EFORMAT, 22,
		"a record with an address that is none"},
	{"x profile: total 1\n1 @ 0x15g\n", PROF_EFORMAT, 27,
		"a record with an address that is none"},
	{"x profile: total 1\n1 @ 0x10000000000000000\n", PROF_EFORMAT, 23,
		"a record with an address that is none"},
	{"x profile: total 1\n9223372036854775808 @\n", PROF_EFORMAT, 19,
		"a record with a number that is too large"},
	{"heap profile: 1: 1\n", PROF_EFORMAT, 0,
		"the first line of a heap profile lacks its totals or its form"},
	{"heap profile: 1: 1 [1: 1] @ heap_v3/4\n", PROF_EUNSUPPORTED, 28,
		"a heap profile of the unknown form \"heap_v3\""},
	{"heap profile: 1: 1 [1: 1] @ heap/2\n1: 1\n", PROF_EFORMAT, 39,
		"a record with no [numbers] of what was allocated"},
	{"heap profile: 1: 1 [1: 1] @ heap/2\n1 1 [1: 1] @\n", PROF_EFORMAT, 36,
		"a record with no numbers of objects and bytes"},
	{"heap profile: 1: 1 [1: 1] @ heap/2\n1: 1 [1 1] @\n", PROF_EFORMAT, 42,
		"a record with no numbers of objects and bytes"},
	{"heap profile: 1: 1 [1: 1] @ heap/2\n1: 1 [1: 1 @\n", PROF_EFORMAT, 46,
		"a record with no ']'"},
	{"heap profile: 1: 1 [1: 1] @ heap/2\n0: 1 [1: 1] @\n", PROF_EFORMAT, 46,
		"a record with bytes in no objects"},
	{"--- mutex:\n5 @\n", PROF_EFORMAT, 13,
		"a record with no numbers of cycles and contentions"},
	{"--- mutex:\ncycles/second=fast\n", PROF_EFORMAT, 25, "a number is expected here"},
	{"--- contentionz 1 ---\nformat = java\n", PROF_EUNSUPPORTED, 22,
		"a contention profile of a Java program"},
};

static void broken_records_are_refused_where_they_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct prof_err e;

		if (open_text(refused[i].text, &e))
			fail_msg("row %zu is read", i);
		if (e.offset != refused[i].offset)
			fail_msg("row %zu: at %lld: %s", i, (long long)e.offset, e.msg);
		assert_error(&e, refused[i].code, refused[i].offset, refused[i].msg);
	}
}

static const struct {
	const char *header;
	size_t types;
	int64_t period, values[4];
} heaps[] = {
	{"3: 1024 [7: 4096] @ heap/1024", 4, 512, {10, 6013, 6, 2104}},
	{"3: 1024 [7: 4096] @ heap_v2/512", 4, 512, {10, 6013, 6, 2104}},
	{"3: 1024 [7: 4096] @ heapz_v2/512", 4, 512, {10, 6013, 6, 2104}},
	{"3: 1024 [7: 4096] @ heap", 4, 0, {7, 4096, 3, 1024}},
	{"3: 1024 [7: 4096] @ heapprofile", 4, 1, {7, 4096, 3, 1024}},
	{"  3:   1024 [  3:  1024] @ heap_v2/512", 2, 512, {6, 2104}},
	{"3: 1024 [0: 0] @ heapprofile", 2, 1, {3, 1024}},
	{"3: 1024 [7: 4096] @ growthz", 2, 1, {3, 1024}},
	{"3: 1024 [7: 4096] @ fragmentationz", 2, 1, {3, 1024}},
};

static void heap_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(heaps); i++) {
		struct prof_profile *p;
		char text[200];

		snprintf(text, sizeof(text), "heap profile: %s\n  3: 1024 [7: 4096] @ 0x15\n",
			heaps[i].header);
		p = must_open(text);
		assert_int_equal(p->types.n, heaps[i].types);
		assert_str(prof_profile_str(p, p->types.v[0].type),
			heaps[i].types == 4 ? "alloc_objects" : "objects");
		assert_str(prof_profile_str(p, p->types.v[heaps[i].types - 1].unit), "bytes");
		assert_str(prof_profile_str(p, p->period_type.type), "space");
		assert_int_equal(p->period, heaps[i].period);
		for (size_t t = 0; t < p->types.n; t++)
			if (p->values.v[t].v[0] != heaps[i].values[t])
				fail_msg("%s: column %zu is %lld", heaps[i].header, t,
					(long long)p->values.v[t].v[0]);
		assert_int_equal(p->labels.v[0].num, 341);
		assert_true(prof_str_has_prefix(prof_profile_str(p, p->drop_frames), "calloc|"));
		assert_true(p->keep_frames != 0);
		prof_profile_free(p);
	}
}

static const struct {
	const char *text;
	int64_t count, delay;
} contentions[] = {
	{"--- contention:\ncycles/second=2000000000\n30 2 @ 0x15\n", 2, 15},
	{"--- contention:\n30 2 @ 0x15\n", 2, 30},
	{"--- mutex:\ncycles/second=2000000000\nsampling period=1\n30 2 @ 0x15\n", 2, 15},
	/* All are multiples: Go 1.20 or later. */
	{"--- mutex:\ncycles/second=2000000000\nsampling period=5\n30 10 @ 0x15\n", 10, 15},
	/* One is not: Go 1.19. */
	{"--- mutex:\ncycles/second=2000000000\nsampling period=5\n30 11 @ 0x15\n", 55, 75},
	{"--- mutex:\ncycles/second=2000000000\nsampling period=5\n30 10 @ 0x15\n31 5 @ 0x16\n", 50,
		75},
	/* One is not, but a name tells. */
	{"--- mutex:\ncycles/second=2000000000\nsampling period=5\n30 11 @ 0x15\n"
	 "#\t0x14\tmain.f.gowrap1+0x4\ta.go:1\n",
		11, 15},
	{"--- mutex:\ncycles/second=2000000000\nsampling period=0\n30 11 @ 0x15\n", 11, 15},
	{"--- contentionz 1 ---\ncycles/second = 2000000000\nsampling period = 5\n"
	 "  30  10 @ 0x15\n",
		50, 75},
};

static void contentions_and_their_period(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(contentions); i++) {
		struct prof_profile *p = must_open(contentions[i].text);

		assert_str(prof_profile_str(p, p->types.v[0].type), "contentions");
		assert_str(prof_profile_str(p, p->types.v[1].type), "delay");
		assert_str(prof_profile_str(p, p->types.v[1].unit), "nanoseconds");
		assert_str(prof_profile_str(p, p->period_type.type), "contentions");
		if (p->values.v[0].v[0] != contentions[i].count ||
			p->values.v[1].v[0] != contentions[i].delay)
			fail_msg("row %zu: %lld, %lld", i, (long long)p->values.v[0].v[0],
				(long long)p->values.v[1].v[0]);
		prof_profile_free(p);
	}
}

#define MAPPED "x profile: total 1\n1 @ 0x400101 0x500101 0x7f01 0x9001 0x1\nMAPPED_LIBRARIES:\n"

static void assert_mappings(const char *text, const char *want, unsigned unknown)
{
	struct prof_profile *p = must_open(text);
	struct prof_buf b;

	prof_buf_init(&b, NULL, NULL);
	for (size_t i = 0; i < p->mappings.n; i++) {
		const struct prof_mapping *m = &p->mappings.v[i];
		struct prof_str file = prof_profile_str(p, m->file);
		struct prof_str id = prof_profile_str(p, m->build_id);

		assert_int_equal(m->id, i + 1);
		prof_buf_printf(&b, "%llx-%llx@%llx %.*s %.*s:", (unsigned long long)m->start,
			(unsigned long long)m->limit, (unsigned long long)m->offset, (int)file.len,
			file.p, (int)id.len, id.p);
		for (size_t l = 0; l < p->locations.n; l++)
			if (p->locations.v[l].mapping == i)
				prof_buf_printf(
					&b, " %llx", (unsigned long long)p->locations.v[l].address);
		prof_buf_char(&b, '\n');
	}
	assert_buf(&b, want);
	prof_buf_fini(&b);
	assert_int_equal(p->unknown_fields, unknown);
	prof_profile_free(p);
}

static void mappings_behind_the_records(void **state)
{
	(void)state;
	assert_mappings(MAPPED "00007000-00008000 r-xp 00001000 fe:01 7 /lib/libc.so.6\n"
			       "00400000-00480000 r-xp 00000000 fe:01 9 /bin/x\n"
			       "00480000-00600000 r-xp 00080000 fe:01 9 /bin/x\n"
			       "00600000-00700000 rw-p 00000000 fe:01 9 /bin/x\n",
		"400000-600000@0 /bin/x : 400100 500100\n7000-8000@1000 /lib/libc.so.6 : 7f00\n"
		"0-ffffffffffffffff@0  : 9000\n",
		0);
	assert_mappings(MAPPED "build=/src/b\n what?\n\n"
			       "0x400000 0x600000: $build/x (@FF00) abc\n"
			       "I0102 f.cc:12] 7000-9000 r-xp /lib/l.so.1\nf000-10000 rw /no\n",
		"400000-600000@ff00 /src/b/x abc: 400100 500100\n7000-9000@0 /lib/l.so.1 : 7f00\n"
		"0-ffffffffffffffff@0  : 9000\n",
		1);
	/* The first part is lost; the start went up; huge pages come first. */
	assert_mappings(MAPPED "8000-8800 r-xp 1000 00:00 0 [vdso]\n",
		"7000-8800@0 [vdso] : 7f00\n0-ffffffffffffffff@0  : 400100 500100 9000\n", 0);
	assert_mappings(MAPPED "500000-600000 r-xp 100000 00:00 0 /x\n",
		"400000-600000@0 /x : 400100 500100\n0-ffffffffffffffff@0  : 7f00 9000\n", 0);
	assert_mappings(MAPPED "400000-500000 r-xp 0 00:00 0 /anon_hugepage(deleted)\n"
			       "500000-600000 r-xp 0 00:00 0 /x.so\n",
		"500000-600000@0 /x.so : 500100\n0-ffffffffffffffff@0  : 400100 7f00 9000\n", 0);
	/* Overlapping: the first that has it. */
	assert_mappings(MAPPED "9000-9001 r-xp 0 00:00 0 /a\n0-ffffff r-xp 0 00:00 0 /b\n"
			       "0-ffffffffff r-xp 0 00:00 0 /c\n",
		"9000-9001@0 /a : 9000\n0-ffffff@0 /b : 400100 500100 7f00\n0-ffffffffff@0 /c :\n",
		0);
}

/* Megabytes in a line, stacks with many misses, deep inlining: no quadratic time. */
static void long_lines_and_many_misses(void **state)
{
	struct prof_err e = {0};
	struct prof_profile *p;
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	prof_buf_str(&b, "x profile: total 1\n1 @");
	for (int i = 0; i < 200000; i++)
		prof_buf_printf(&b, " 0x%x", 0x1000 + i * 8);
	prof_buf_char(&b, '\n');
	for (int i = 0; i < 100000; i++)
		prof_buf_str(&b, "#\t0x1\tf+0x9\ta:1\n");
	for (int i = 0; i < 200000; i++)
		prof_buf_printf(&b, "#\t0x%x\tf%d+0x%x\ta:1\n", 0x1000 + i * 8 - 1, i % 3, i);
	prof_buf_str(&b, "# labels: {\"");
	for (int i = 0; i < 100000; i++)
		prof_buf_str(&b, "\\n\\u1234");
	prof_buf_str(&b, "\":\"\"}\n");
	assert_ok(prof_profile_read(b.p, b.n, NULL, &p, &e), &e);
	assert_int_equal(p->unknown_fields, 100000);
	assert_int_equal(p->stack_start.v[1], 200000);
	assert_int_equal(p->functions.n, 3);
	assert_int_equal(p->label_start.n, 3);
	prof_profile_free(p);
	prof_buf_fini(&b);
}

/* Whatever the budget, it ends with that error or well. */
static void every_budget_is_kept(void **state)
{
	static const char text[] =
		"heap profile: 1: 1 [1: 2] @ heap_v2/2\n1: 1 [1: 1] @ 0x115 0x114 0x20\n" F G
		"# labels: {\"k\":\"v\"}\n--- Memory map: ---\nb=c\n10-30 r-xp 0 0:0 0 $b/x\n";
	struct prof_limits limits;
	int rc = PROF_ELIMIT;

	(void)state;
	prof_limits_init(&limits);
	/* The input's window comes out of a budget of its own, of the same size. */
	for (limits.memory_bytes = 512 << 10; rc; limits.memory_bytes += 512) {
		struct prof_err e = {0};
		struct prof_profile *p;

		rc = prof_profile_read(text, sizeof(text) - 1, &limits, &p, &e);
		if (rc)
			assert_int_equal(rc, PROF_ELIMIT);
		else
			prof_profile_free(p);
		assert_int_equal(rc, e.code);
	}
	prof_limits_init(&limits);
	for (limits.strings = 0; limits.strings < 30; limits.strings++) {
		struct prof_err e = {0};
		struct prof_profile *p;

		rc = prof_profile_read(text, sizeof(text) - 1, &limits, &p, &e);
		if (!rc)
			prof_profile_free(p);
		else
			assert_error(&e, PROF_ELIMIT, PROF_NO_OFFSET, "too many strings");
	}
	assert_int_equal(rc, 0);
}

static const struct {
	const char *text;
	enum prof_kind kind;
} kinds[] = {
	{"goroutine profile: total 3\n", PROF_KIND_TEXT_PROFILE},
	{"\xef\xbb\xbfgoroutine profile: total 3\r\n1 @ 0x1\r\n", PROF_KIND_TEXT_PROFILE},
	{"# x\n\n\tgoroutine profile: total 3", PROF_KIND_TEXT_PROFILE},
	{"my own profile: total 3\n", PROF_KIND_TEXT_PROFILE},
	{"heap profile: 1: 2 [3: 4] @ heap/2\n", PROF_KIND_TEXT_PROFILE},
	{"--- mutex:\r\n", PROF_KIND_TEXT_PROFILE},
	{"--- contentionz 1 ---\n", PROF_KIND_TEXT_PROFILE},
	{" profile: total 3\n", PROF_KIND_UNKNOWN},
	{"goroutine profile: total \n", PROF_KIND_UNKNOWN},
	{"the profile: total 3 of them\n", PROF_KIND_UNKNOWN},
	{"goroutine 1 [running]:\nx profile: total 3\n", PROF_KIND_GOROUTINES},
};

static void kinds_of_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct prof_err e = {0};
		struct prof_input in;
		enum prof_kind kind;

		assert_ok(
			prof_input_memory(&in, kinds[i].text, strlen(kinds[i].text), NULL, &e), &e);
		assert_ok(prof_sniff(&in, &kind, &e), &e);
		if (kind != kinds[i].kind)
			fail_msg("row %zu is %s", i, prof_kind_name(kind));
		prof_input_close(&in);
	}
	assert_true(prof_kind_is_profile(PROF_KIND_TEXT_PROFILE));
	assert_false(prof_kind_is_profile(PROF_KIND_GODEBUG_LOG));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_what_go_writes_as_proto),
		cmocka_unit_test(all_captures_too),
		cmocka_unit_test(bare_text_is_what_pprof_reads),
		cmocka_unit_test(marks_and_line_ends_do_not_matter),
		cmocka_unit_test(comments_name_the_frames),
		cmocka_unit_test(labels_are_gos_quoted_strings),
		cmocka_unit_test(what_is_not_understood_is_counted),
		cmocka_unit_test(what_is_cut_off_is_damage),
		cmocka_unit_test(broken_records_are_refused_where_they_are),
		cmocka_unit_test(heap_forms),
		cmocka_unit_test(contentions_and_their_period),
		cmocka_unit_test(mappings_behind_the_records),
		cmocka_unit_test(long_lines_and_many_misses),
		cmocka_unit_test(every_budget_is_kept),
		cmocka_unit_test(kinds_of_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
