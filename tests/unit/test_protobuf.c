/* The oracle: what our decoder reads is what protobuf-c reads, field by field. On the profiles in
 * testdata, on those of the packs (PACKS=DIR), and on messages made at random.
 */
#define _XOPEN_SOURCE 700 /* nftw */
#include "tests/unit/packs.h"
#include "tests/unit/random.h"
#include "tests/unit/unit.h"

#include <zlib.h>

#include "libprof/model/profile.h"
#include "proto/profile.pb-c.h"

typedef Perftools__Profiles__Profile Message;

/* What is being compared, for messages. */
static const char *subject;

#define same(a, b) \
	do { \
		int64_t a_ = (int64_t)(a), b_ = (int64_t)(b); \
		if (a_ != b_) \
			fail_msg("%s: %s is %lld, %s is %lld", subject, #a, (long long)a_, #b, \
				(long long)b_); \
	} while (0)

static void same_str(const struct prof_profile *p, uint32_t id, const Message *m, int64_t index)
{
	struct prof_str s = prof_profile_str(p, id);
	const char *want = m->n_string_table ? m->string_table[index] : "";

	/* protobuf-c ends strings at a NUL. */
	if (strncmp(s.p, want, s.len + 1) != 0)
		fail_msg("%s: \"%s\" is not \"%s\"", subject, s.p, want);
}

static void same_header(const struct prof_profile *p, const Message *m)
{
	same(p->types.n, m->n_sample_type);
	for (size_t i = 0; i < p->types.n; i++) {
		same_str(p, p->types.v[i].type, m, m->sample_type[i]->type);
		same_str(p, p->types.v[i].unit, m, m->sample_type[i]->unit);
	}
	same_str(p, p->period_type.type, m, m->period_type ? m->period_type->type : 0);
	same_str(p, p->period_type.unit, m, m->period_type ? m->period_type->unit : 0);
	same_str(p, p->drop_frames, m, m->drop_frames);
	same_str(p, p->keep_frames, m, m->keep_frames);
	same_str(p, p->default_type, m, m->default_sample_type);
	same_str(p, p->doc_url, m, m->doc_url);
	same(p->time_ns, m->time_nanos);
	same(p->duration_ns, m->duration_nanos);
	same(p->period, m->period);
	same(p->comments.n, m->n_comment);
	for (size_t i = 0; i < p->comments.n; i++)
		same_str(p, p->comments.v[i], m, m->comment[i]);
}

static void same_labels(const struct prof_profile *p, uint32_t set, const Message *m,
	const Perftools__Profiles__Sample *s)
{
	const struct prof_label *l = p->labels.v + p->label_start.v[set];

	same(p->label_start.v[set + 1] - p->label_start.v[set], s->n_label);
	for (size_t i = 0; i < s->n_label; i++) {
		same_str(p, l[i].key, m, s->label[i]->key);
		same_str(p, l[i].str, m, s->label[i]->str);
		same_str(p, l[i].unit, m, s->label[i]->num_unit);
		same(l[i].num, s->label[i]->num);
		same(l[i].is_str, s->label[i]->str != 0);
	}
}

static void same_samples(const struct prof_profile *p, const Message *m)
{
	same(p->sample_stack.n, m->n_sample);
	for (size_t i = 0; i < m->n_sample; i++) {
		const Perftools__Profiles__Sample *s = m->sample[i];
		uint32_t stack = p->sample_stack.v[i];
		const uint32_t *loc = p->stack_loc.v + p->stack_start.v[stack];

		same(p->stack_start.v[stack + 1] - p->stack_start.v[stack], s->n_location_id);
		for (size_t k = 0; k < s->n_location_id; k++)
			same(p->locations.v[loc[k]].id, s->location_id[k]);
		same(p->values.n, s->n_value);
		for (size_t t = 0; t < s->n_value; t++)
			same(p->values.v[t].v[i], s->value[t]);
		same_labels(p, p->sample_labels.v[i], m, s);
	}
}

static void same_mappings(const struct prof_profile *p, const Message *m)
{
	same(p->mappings.n, m->n_mapping);
	for (size_t i = 0; i < m->n_mapping; i++) {
		const Perftools__Profiles__Mapping *x = m->mapping[i];
		const struct prof_mapping *o = &p->mappings.v[i];

		same(o->id, x->id);
		same(o->start, x->memory_start);
		same(o->limit, x->memory_limit);
		same(o->offset, x->file_offset);
		same_str(p, o->file, m, x->filename);
		same_str(p, o->build_id, m, x->build_id);
		same(o->has, x->has_functions | x->has_filenames << 1 | x->has_line_numbers << 2 |
				     x->has_inline_frames << 3);
	}
}

static void same_locations(const struct prof_profile *p, const Message *m)
{
	same(p->locations.n, m->n_location);
	for (size_t i = 0; i < m->n_location; i++) {
		const Perftools__Profiles__Location *x = m->location[i];
		const struct prof_location *o = &p->locations.v[i];

		same(o->id, x->id);
		same(o->address, x->address);
		same(o->folded, x->is_folded);
		same(o->mapping == PROF_NONE ? 0 : p->mappings.v[o->mapping].id, x->mapping_id);
		same(o->n_lines, x->n_line);
		for (size_t k = 0; k < x->n_line; k++) {
			const struct prof_line *l = &p->lines.v[o->first_line + k];

			same(m->function[l->function]->id, x->line[k]->function_id);
			same(l->line, x->line[k]->line);
			same(l->column, x->line[k]->column);
		}
	}
}

static void same_functions(const struct prof_profile *p, const Message *m)
{
	same(p->functions.n, m->n_function);
	for (size_t i = 0; i < m->n_function; i++) {
		const Perftools__Profiles__Function *x = m->function[i];
		const struct prof_function *o = &p->functions.v[i];

		same_str(p, o->name, m, x->name);
		same_str(p, o->system_name, m, x->system_name);
		same_str(p, o->file, m, x->filename);
		same(o->start_line, x->start_line);
	}
}

/* `plain` by protobuf-c against `bytes` (the same, perhaps compressed) by ours. */
static void compare(const struct wire *plain, const struct wire *bytes)
{
	Message *m = perftools__profiles__profile__unpack(NULL, plain->n, plain->p);
	struct prof_profile *p = NULL;
	struct prof_err e = {0};

	if (!m)
		fail_msg("%s: protobuf-c refuses it", subject);
	if (prof_profile_read(bytes->p, bytes->n, NULL, &p, &e))
		fail_msg("%s: %s at %lld", subject, e.msg, (long long)e.offset);
	assert_null(prof_profile_check(p));
	same(p->input_bytes, plain->n);
	same_header(p, m);
	same_samples(p, m);
	same_mappings(p, m);
	same_locations(p, m);
	same_functions(p, m);
	prof_profile_free(p);
	perftools__profiles__profile__free_unpacked(m, NULL);
}

static bool look(const char *path)
{
	struct wire bytes = {0}, plain = {0};
	size_t n = strlen(path);
	char buf[65536];
	gzFile gz;
	FILE *f;
	int got;

	if (n < 6 || strcmp(path + n - 6, ".pb.gz") != 0)
		return false;
	subject = path;
	f = fopen(path, "rb");
	assert_non_null(f);
	while ((got = (int)fread(buf, 1, sizeof(buf), f)) > 0)
		wire_raw(&bytes, buf, (size_t)got);
	fclose(f);
	gz = gzopen(path, "rb");
	assert_non_null(gz);
	while ((got = gzread(gz, buf, sizeof(buf))) > 0)
		wire_raw(&plain, buf, (size_t)got);
	gzclose(gz);
	compare(&plain, &bytes);
	wire_free(&bytes);
	wire_free(&plain);
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

static void made_by_hand(void **state)
{
	struct wire_profile example = wire_example;

	(void)state;
	for (int unpacked = 0; unpacked < 2; unpacked++) {
		struct wire w = {0};

		subject = "wire_example";
		example.unpacked = unpacked;
		wire_profile(&w, &example);
		compare(&w, &w);
		wire_free(&w);
	}
}

static void made_at_random(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5000; seed++) {
		struct wire w = {0}, gz = {0};
		char text[40];

		snprintf(text, sizeof(text), "seed %llu", (unsigned long long)seed);
		subject = text;
		random_profile(&w, seed);
		if (seed % 4 == 0)
			wire_gz(&gz, w.p, w.n);
		compare(&w, gz.n ? &gz : &w);
		wire_free(&w);
		wire_free(&gz);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles_in_testdata),
		cmocka_unit_test(profiles_of_the_packs),
		cmocka_unit_test(made_by_hand),
		cmocka_unit_test(made_at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
