/* What is written decodes to the same profile, field by field. On the profiles in testdata, on
 * those of the packs (PACKS=DIR), and on messages made at random; by our decoder and by protobuf-c.
 */
#define _XOPEN_SOURCE 700 /* nftw */
#include "tests/unit/packs.h"
#include "tests/unit/random.h"
#include "tests/unit/unit.h"

#include "libprof/model/profile.h"
#include "proto/profile.pb-c.h"

/* What is being compared, for messages. */
static const char *subject;

#define same(a, b) \
	do { \
		int64_t a_ = (int64_t)(a), b_ = (int64_t)(b); \
		if (a_ != b_) \
			fail_msg("%s: %s is %lld, %s is %lld", subject, #a, (long long)a_, #b, \
				(long long)b_); \
	} while (0)

/* Two profiles whose strings have other ids. */
static const struct prof_profile *old, *new;

#define same_str(a, b) \
	do { \
		struct prof_str s_ = prof_profile_str(old, a), t_ = prof_profile_str(new, b); \
		if (!prof_str_eq(s_, t_)) \
			fail_msg("%s: %s is \"%.*s\", %s is \"%.*s\"", subject, #a, (int)s_.len, \
				s_.p, #b, (int)t_.len, t_.p); \
	} while (0)

static void same_header(void)
{
	same(old->types.n, new->types.n);
	for (size_t i = 0; i < old->types.n; i++) {
		same_str(old->types.v[i].type, new->types.v[i].type);
		same_str(old->types.v[i].unit, new->types.v[i].unit);
	}
	same_str(old->period_type.type, new->period_type.type);
	same_str(old->period_type.unit, new->period_type.unit);
	same_str(old->drop_frames, new->drop_frames);
	same_str(old->keep_frames, new->keep_frames);
	same_str(old->default_type, new->default_type);
	same_str(old->doc_url, new->doc_url);
	same(old->time_ns, new->time_ns);
	same(old->duration_ns, new->duration_ns);
	same(old->period, new->period);
	same(old->comments.n, new->comments.n);
	for (size_t i = 0; i < old->comments.n; i++)
		same_str(old->comments.v[i], new->comments.v[i]);
	same(new->unknown_fields, 0);
}

static void same_labels(uint32_t s, uint32_t t)
{
	const struct prof_label *l = old->labels.v + old->label_start.v[s];
	const struct prof_label *m = new->labels.v + new->label_start.v[t];
	uint32_t n = old->label_start.v[s + 1] - old->label_start.v[s];

	same(n, new->label_start.v[t + 1] - new->label_start.v[t]);
	for (uint32_t i = 0; i < n; i++) {
		same_str(l[i].key, m[i].key);
		same_str(l[i].str, m[i].str);
		same_str(l[i].unit, m[i].unit);
		same(l[i].is_str, m[i].is_str);
		same(l[i].num, m[i].num);
	}
}

static void same_samples(void)
{
	same(old->sample_stack.n, new->sample_stack.n);
	same(old->values.n, new->values.n);
	for (size_t i = 0; i < old->sample_stack.n; i++) {
		uint32_t s = old->sample_stack.v[i], t = new->sample_stack.v[i];
		const uint32_t *l = old->stack_loc.v + old->stack_start.v[s];
		const uint32_t *m = new->stack_loc.v + new->stack_start.v[t];
		uint32_t n = old->stack_start.v[s + 1] - old->stack_start.v[s];

		same(n, new->stack_start.v[t + 1] - new->stack_start.v[t]);
		for (uint32_t k = 0; k < n; k++)
			same(l[k], m[k]);
		for (size_t k = 0; k < old->values.n; k++)
			same(old->values.v[k].v[i], new->values.v[k].v[i]);
		same_labels(old->sample_labels.v[i], new->sample_labels.v[i]);
	}
}

static void same_lines(const struct prof_location *o, const struct prof_location *n)
{
	same(o->n_lines, n->n_lines);
	for (uint32_t k = 0; k < o->n_lines; k++) {
		const struct prof_line *l = &old->lines.v[o->first_line + k];
		const struct prof_line *m = &new->lines.v[n->first_line + k];

		same(l->function, m->function);
		same(l->line, m->line);
		same(l->column, m->column);
	}
}

static void same_tables(bool ids)
{
	same(old->mappings.n, new->mappings.n);
	for (size_t i = 0; i < old->mappings.n; i++) {
		const struct prof_mapping *o = &old->mappings.v[i], *n = &new->mappings.v[i];

		same(ids ? o->id : i + 1, n->id);
		same(o->start, n->start);
		same(o->limit, n->limit);
		same(o->offset, n->offset);
		same(o->has, n->has);
		same_str(o->file, n->file);
		same_str(o->build_id, n->build_id);
	}
	same(old->locations.n, new->locations.n);
	for (size_t i = 0; i < old->locations.n; i++) {
		const struct prof_location *o = &old->locations.v[i], *n = &new->locations.v[i];

		same(ids ? o->id : i + 1, n->id);
		same(o->address, n->address);
		same(o->mapping, n->mapping);
		same(o->folded, n->folded);
		same_lines(o, n);
	}
	same(old->functions.n, new->functions.n);
	for (size_t i = 0; i < old->functions.n; i++) {
		const struct prof_function *o = &old->functions.v[i], *n = &new->functions.v[i];

		same_str(o->name, n->name);
		same_str(o->system_name, n->system_name);
		same_str(o->file, n->file);
		same(o->start_line, n->start_line);
	}
}

static int append(void *ctx, const char *p, size_t n)
{
	wire_raw(ctx, p, n);
	return 0;
}

static void written(const struct prof_profile *p, unsigned flags, struct wire *w)
{
	struct prof_err e = {0};

	assert_ok(prof_profile_write(p, flags, append, w, &e), &e);
}

static struct prof_profile *decoded(const struct wire *w)
{
	struct prof_profile *p = NULL;
	struct prof_err e = {0};

	if (prof_profile_read(w->p, w->n, NULL, &p, &e))
		fail_msg("%s: %s at %lld", subject, e.msg, (long long)e.offset);
	assert_null(prof_profile_check(p));
	return p;
}

/* p, written and read, is p; and written once more the same bytes. */
static void there_and_back(const struct prof_profile *p, unsigned flags, bool ids)
{
	struct wire w = {0}, again = {0};
	struct prof_profile *q;

	written(p, flags, &w);
	q = decoded(&w);
	old = p;
	new = q;
	same_header();
	same_samples();
	same_tables(ids);
	same(new->gzipped, flags & PROF_WRITE_GZIP);
	written(q, flags, &again);
	same(w.n, again.n);
	assert_memory_equal(w.p, again.p, w.n);
	if (!(flags & PROF_WRITE_GZIP)) {
		Perftools__Profiles__Profile *m = perftools__profiles__profile__unpack(
			NULL, w.n, w.p);

		if (!m)
			fail_msg("%s: protobuf-c refuses it", subject);
		same(m->n_sample, p->sample_stack.n);
		perftools__profiles__profile__free_unpacked(m, NULL);
	}
	prof_profile_free(q);
	wire_free(&w);
	wire_free(&again);
}

static void plain_and_gzip(const struct wire *w)
{
	struct prof_profile *p = decoded(w);

	there_and_back(p, 0, true);
	there_and_back(p, PROF_WRITE_GZIP | PROF_WRITE_PROF_LABELS, true);
	prof_profile_free(p);
}

static bool look(const char *path)
{
	struct prof_profile *p = NULL;
	struct prof_err e = {0};

	if (strstr(path, "/fuzz/") || prof_profile_open(path, NULL, &p, &e))
		return false;
	subject = path;
	there_and_back(p, PROF_WRITE_PROF_LABELS, true);
	there_and_back(p, PROF_WRITE_GZIP | PROF_WRITE_PROF_LABELS, true);
	prof_profile_free(p);
	return true;
}

static void profiles_in_testdata(void **state)
{
	(void)state;
	each_in_testdata(look);
}

static void profiles_of_the_packs(void **state)
{
	(void)state;
	each_of_the_packs(look);
}

static void described(const char *name, const struct wire_profile *p)
{
	struct wire w = {0};

	subject = name;
	wire_profile(&w, p);
	plain_and_gzip(&w);
	wire_free(&w);
}

static void made_by_hand(void **state)
{
	const struct wire_profile nothing = {.types = {{"samples", "count"}}};
	const struct wire_profile huge = {.types = {{"samples", "count"}},
		.samples = {{{UINT64_MAX, UINT64_C(1) << 31}, {INT64_MIN}}, {{3}, {INT64_MAX}}},
		.mappings = {{UINT64_MAX - 1, "/bin/x"}, {2, "/bin/y"}},
		.locations = {{UINT64_C(1) << 31, {{UINT32_MAX, INT64_MIN, INT64_MAX}},
				      UINT64_MAX - 1, UINT64_MAX},
			{UINT64_MAX, {{UINT64_C(1) << 40, 2}, {UINT32_MAX, 1}}}, {3}},
		.functions = {{UINT64_C(1) << 40, "big", "", INT64_MIN}, {UINT32_MAX, "max"}}};

	(void)state;
	described("the example", &wire_example);
	described("no samples", &nothing);
	described("huge ids", &huge);
}

static void made_at_random(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5000; seed++) {
		struct wire w = {0};
		char text[40];

		snprintf(text, sizeof(text), "seed %llu", (unsigned long long)seed);
		subject = text;
		random_profile(&w, seed);
		plain_and_gzip(&w);
		wire_free(&w);
	}
}

/* A message of the biggest kind, and strings that hold what C strings cannot. */
static void large_and_odd(void **state)
{
	static const char with_nul[] = "a\0b";
	uint64_t *ids = calloc(100000, sizeof(*ids));
	struct wire w = {0};
	size_t m;

	(void)state;
	subject = "a deep stack";
	assert_non_null(ids);
	for (size_t i = 0; i < 100000; i++)
		ids[i] = UINT64_MAX;
	m = wire_begin(&w, 1);
	wire_field_varint(&w, 1, 1);
	wire_end(&w, m);
	m = wire_begin(&w, 2);
	wire_packed(&w, 1, ids, 100000);
	wire_field_varint(&w, 2, 7);
	wire_end(&w, m);
	m = wire_begin(&w, 4);
	wire_field_varint(&w, 1, UINT64_MAX);
	wire_end(&w, m);
	wire_field_bytes(&w, 6, "", 0);
	wire_field_bytes(&w, 6, with_nul, sizeof(with_nul) - 1);
	plain_and_gzip(&w);
	wire_free(&w);
	free(ids);
}

/* A label may be the empty string, which is another thing than a number. */
static void empty_string_labels(void **state)
{
	struct wire w = {0};
	struct prof_profile *p;
	size_t m, l;

	(void)state;
	subject = "empty string labels";
	m = wire_begin(&w, 1);
	wire_end(&w, m);
	for (uint64_t i = 0; i < 2; i++) {
		m = wire_begin(&w, 2);
		wire_field_varint(&w, 2, 7);
		l = wire_begin(&w, 3);
		wire_field_varint(&w, 1, 1);
		wire_field_varint(&w, 2, 2);
		wire_field_varint(&w, 3, i);
		wire_end(&w, l);
		wire_end(&w, m);
	}
	wire_field_str(&w, 6, "");
	wire_field_str(&w, 6, "key");
	wire_field_str(&w, 6, "");
	p = decoded(&w);
	assert_int_equal(p->labels.n, 2);
	assert_true(p->labels.v[0].is_str && !p->labels.v[0].str);
	prof_profile_free(p);
	plain_and_gzip(&w);
	wire_free(&w);
}

static void only_strings_in_use(void **state)
{
	static const char *const want[] = {"", "samples", "count", "k", "v", "f", "z", "y"};
	const struct wire_profile source = {.types = {{"samples", "count"}},
		.samples = {{{1}, {1}, {{"k", "v"}}}, {{1}, {1}, {{"prof::wait", "", 3, "u"}}}},
		.locations = {{1, {{1}}}},
		.functions = {{1, "f"}},
		.comments = {"z"},
		.doc_url = "y"};
	Perftools__Profiles__Profile *m;
	struct prof_profile *p;
	struct prof_err e = {0};
	struct wire w = {0};

	(void)state;
	p = wire_open(&source, &e);
	assert_non_null(p);
	written(p, 0, &w);
	m = perftools__profiles__profile__unpack(NULL, w.n, w.p);
	assert_non_null(m);
	assert_int_equal(m->n_string_table, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++)
		assert_string_equal(m->string_table[i], want[i]);
	assert_int_equal(m->sample[0]->n_label, 1);
	assert_int_equal(m->sample[1]->n_label, 0); /* "prof::" is ours */
	perftools__profiles__profile__free_unpacked(m, NULL);
	w.n = 0;
	written(p, PROF_WRITE_PROF_LABELS, &w);
	m = perftools__profiles__profile__unpack(NULL, w.n, w.p);
	assert_non_null(m);
	assert_int_equal(m->sample[1]->n_label, 1);
	assert_int_equal(m->sample[1]->label[0]->num, 3);
	perftools__profiles__profile__free_unpacked(m, NULL);
	prof_profile_free(p);
	wire_free(&w);
}

/* Ids that no file could have are numbered anew. */
static void ids_are_renumbered(void **state)
{
	struct prof_err e = {0};

	(void)state;
	subject = "renumbered";
	for (int i = 0; i < 2; i++) {
		struct prof_profile *p = wire_open(&wire_example, &e);

		assert_non_null(p);
		p->locations.v[1].id = i ? p->locations.v[0].id : 0;
		p->mappings.v[1].id = i ? p->mappings.v[0].id : 0;
		there_and_back(p, 0, false);
		prof_profile_free(p);
	}
}

static void gzip_head_has_no_clock(void **state)
{
	static const uint8_t head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0};
	struct prof_err e = {0};
	struct prof_profile *p = wire_open(&wire_example, &e);
	struct wire w = {0};

	(void)state;
	assert_non_null(p);
	written(p, PROF_WRITE_GZIP, &w);
	assert_memory_equal(w.p, head, sizeof(head));
	prof_profile_free(p);
	wire_free(&w);
}

static int left;

static int full_disk(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
	return left-- <= 0;
}

static void writing_fails(void **state)
{
	struct prof_err e = {0};
	struct prof_profile *p = NULL;
	int rc;

	(void)state;
	assert_ok(prof_profile_open(TESTDATA "/checkout.after.cpu.pb.gz", NULL, &p, &e), &e);
	for (unsigned flags = 0; flags < 2; flags++) {
		for (int i = 0; i < 10; i++) {
			struct prof_err f = {0};

			left = i;
			rc = prof_profile_write(p, flags, full_disk, NULL, &f);
			if (!rc)
				break;
			assert_error(&f, PROF_EIO, PROF_NO_OFFSET, "cannot write the output");
		}
		assert_int_equal(rc, 0);
		left = 0;
		assert_int_equal(prof_profile_write(p, flags, full_disk, NULL, NULL), PROF_EIO);
	}
	prof_profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles_in_testdata),
		cmocka_unit_test(profiles_of_the_packs),
		cmocka_unit_test(made_by_hand),
		cmocka_unit_test(made_at_random),
		cmocka_unit_test(large_and_odd),
		cmocka_unit_test(empty_string_labels),
		cmocka_unit_test(only_strings_in_use),
		cmocka_unit_test(ids_are_renumbered),
		cmocka_unit_test(gzip_head_has_no_clock),
		cmocka_unit_test(writing_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
