/* What goes into an archive comes out again: export(add(x)) = x, as protobuf-c reads both, ids
 * renumbered and repeated fields sorted. On the profiles of testdata and of the packs (PACKS=DIR),
 * and on messages made at random.
 */
#define _XOPEN_SOURCE 700 /* nftw, mkdtemp */
#include "tests/unit/random.h"
#include "tests/unit/unit.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "libprof/join/archive_open.h"
#include "proto/profile.pb-c.h"

typedef Perftools__Profiles__Profile Message;

static const char *subject; /* what is being compared, for messages */
static char dir[] = "/tmp/prof-test-archive-XXXXXX";

/* A message as numbers that do not depend on its ids: hashes of what its entities say. */
struct canon {
	uint64_t header, *functions, *locations, *samples;
	size_t n_functions, n_locations, n_samples;
};

static uint64_t mix_str(uint64_t h, const Message *m, int64_t id)
{
	const char *s = m->n_string_table ? m->string_table[id] : "";

	return prof_hash_mix(h, prof_hash_bytes(s, strlen(s)));
}

static uint64_t function(const Message *m, const Perftools__Profiles__Function *f)
{
	uint64_t h = mix_str(mix_str(mix_str(1, m, f->name), m, f->system_name), m, f->filename);

	return prof_hash_mix(h, (uint64_t)f->start_line);
}

static uint64_t mapping(const Message *m, size_t i)
{
	const Perftools__Profiles__Mapping *x = m->mapping[i];
	uint64_t h = prof_hash_mix(i, x->memory_start);

	h = prof_hash_mix(prof_hash_mix(h, x->memory_limit), x->file_offset);
	h = mix_str(mix_str(h, m, x->filename), m, x->build_id);
	return prof_hash_mix(h, (uint64_t)(x->has_functions | x->has_filenames << 1 |
					   x->has_line_numbers << 2 | x->has_inline_frames << 3));
}

/* Ids to places, by looking: the last of several. */
static struct prof_map64 functions, locations, mappings;
static struct prof_mem mem = {.limit = SIZE_MAX / 2};

static void index_ids(const Message *m)
{
	prof_map64_init(&functions, &mem);
	prof_map64_init(&locations, &mem);
	prof_map64_init(&mappings, &mem);
	for (uint32_t i = 0; i < m->n_function; i++)
		assert_int_equal(prof_map64_add(&functions, m->function[i]->id, i, NULL), 0);
	for (uint32_t i = 0; i < m->n_location; i++)
		assert_int_equal(prof_map64_add(&locations, m->location[i]->id, i, NULL), 0);
	for (uint32_t i = 0; i < m->n_mapping; i++)
		assert_int_equal(prof_map64_add(&mappings, m->mapping[i]->id, i, NULL), 0);
}

static void forget_ids(void)
{
	prof_map64_fini(&functions);
	prof_map64_fini(&locations);
	prof_map64_fini(&mappings);
}

static uint64_t location(const Message *m, const struct canon *c, size_t i)
{
	const Perftools__Profiles__Location *x = m->location[i];
	uint64_t h = prof_hash_mix(x->address, (uint64_t)x->is_folded);

	if (x->mapping_id)
		h = prof_hash_mix(h, mapping(m, prof_map64_get(&mappings, x->mapping_id)));
	for (size_t k = 0; k < x->n_line; k++) {
		h = prof_hash_mix(
			h, c->functions[prof_map64_get(&functions, x->line[k]->function_id)]);
		h = prof_hash_mix(h, (uint64_t)x->line[k]->line);
		h = prof_hash_mix(h, (uint64_t)x->line[k]->column);
	}
	return h;
}

static uint64_t sample(const Message *m, const struct canon *c, size_t i)
{
	const Perftools__Profiles__Sample *x = m->sample[i];
	uint64_t h = x->n_location_id;

	for (size_t k = 0; k < x->n_location_id; k++)
		h = prof_hash_mix(h, c->locations[prof_map64_get(&locations, x->location_id[k])]);
	for (size_t k = 0; k < x->n_value; k++)
		h = prof_hash_mix(h, (uint64_t)x->value[k]);
	for (size_t k = 0; k < x->n_label; k++) {
		const Perftools__Profiles__Label *l = x->label[k];

		h = mix_str(mix_str(mix_str(h, m, l->key), m, l->str), m, l->num_unit);
		h = prof_hash_mix(h, (uint64_t)l->num << 1 | (l->str != 0));
	}
	return h;
}

static uint64_t header(const Message *m)
{
	uint64_t h = 0;

	for (size_t i = 0; i < m->n_sample_type; i++)
		h = mix_str(mix_str(h, m, m->sample_type[i]->type), m, m->sample_type[i]->unit);
	h = mix_str(mix_str(h, m, m->drop_frames), m, m->keep_frames);
	h = prof_hash_mix(prof_hash_mix(h, (uint64_t)m->time_nanos), (uint64_t)m->duration_nanos);
	h = mix_str(h, m, m->period_type ? m->period_type->type : 0);
	h = mix_str(h, m, m->period_type ? m->period_type->unit : 0);
	h = prof_hash_mix(h, (uint64_t)m->period);
	for (size_t i = 0; i < m->n_comment; i++)
		h = mix_str(h, m, m->comment[i]);
	h = mix_str(mix_str(h, m, m->default_sample_type), m, m->doc_url);
	for (size_t i = 0; i < m->n_mapping; i++)
		h = prof_hash_mix(h, mapping(m, i));
	return h;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *p = a, *q = b;

	return *p < *q ? -1 : *p > *q;
}

static uint64_t *numbers(size_t n)
{
	uint64_t *v = calloc(n + 1, sizeof(*v));

	assert_non_null(v);
	return v;
}

static void canon_init(struct canon *c, const struct wire *w)
{
	Message *m = perftools__profiles__profile__unpack(NULL, w->n, w->p);

	if (!m)
		fail_msg("%s: protobuf-c refuses it", subject);
	index_ids(m);
	*c = (struct canon){.header = header(m),
		.n_functions = m->n_function,
		.n_locations = m->n_location,
		.n_samples = m->n_sample,
		.functions = numbers(m->n_function),
		.locations = numbers(m->n_location),
		.samples = numbers(m->n_sample)};
	for (size_t i = 0; i < m->n_function; i++)
		c->functions[i] = function(m, m->function[i]);
	for (size_t i = 0; i < m->n_location; i++)
		c->locations[i] = location(m, c, i);
	for (size_t i = 0; i < m->n_sample; i++)
		c->samples[i] = sample(m, c, i);
	forget_ids();
	perftools__profiles__profile__free_unpacked(m, NULL);
	qsort(c->functions, c->n_functions, sizeof(*c->functions), by_value);
	qsort(c->locations, c->n_locations, sizeof(*c->locations), by_value);
}

static void canon_fini(struct canon *c)
{
	free(c->functions);
	free(c->locations);
	free(c->samples);
}

static void same_list(const char *what, const uint64_t *a, size_t n, const uint64_t *b, size_t m)
{
	if (n != m)
		fail_msg("%s: %zu %s, then %zu", subject, n, what, m);
	if (n && memcmp(a, b, n * sizeof(*a)) != 0)
		fail_msg("%s: other %s", subject, what);
}

/* `sorted`: the order of samples may be another. */
static void same_messages(const struct wire *old, const struct wire *new, bool sorted)
{
	struct canon a, b;

	canon_init(&a, old);
	canon_init(&b, new);
	if (a.header != b.header)
		fail_msg("%s: another header", subject);
	same_list("functions", a.functions, a.n_functions, b.functions, b.n_functions);
	same_list("locations", a.locations, a.n_locations, b.locations, b.n_locations);
	if (sorted) {
		qsort(a.samples, a.n_samples, sizeof(*a.samples), by_value);
		qsort(b.samples, b.n_samples, sizeof(*b.samples), by_value);
	}
	same_list("samples", a.samples, a.n_samples, b.samples, b.n_samples);
	canon_fini(&a);
	canon_fini(&b);
}

/* The bytes of a file, inflated. */
static void slurp(const char *path, struct wire *w)
{
	gzFile f = gzopen(path, "rb");
	char buf[65536];
	int n;

	assert_non_null(f);
	while ((n = gzread(f, buf, sizeof(buf))) > 0)
		wire_raw(w, buf, (size_t)n);
	gzclose(f);
}

static int append(void *ctx, const char *p, size_t n)
{
	wire_raw(ctx, p, n);
	return 0;
}

static void written(const struct prof_profile *p, struct wire *w)
{
	struct prof_err e = {0};

	assert_ok(prof_profile_write(p, PROF_WRITE_PROF_LABELS, append, w, &e), &e);
}

/* A file that is no protobuf is compared with what is written of it. */
static void source_bytes(const char *path, struct wire *w)
{
	struct prof_profile *p;
	struct prof_err e = {0};
	Message *m;

	slurp(path, w);
	m = perftools__profiles__profile__unpack(NULL, w->n, w->p);
	if (m && m->n_sample_type) {
		perftools__profiles__profile__free_unpacked(m, NULL);
		return;
	}
	if (m)
		perftools__profiles__profile__free_unpacked(m, NULL);
	w->n = 0;
	assert_ok(prof_profile_open(path, NULL, &p, &e), &e);
	written(p, w);
	prof_profile_free(p);
}

static uint64_t refused; /* that prof_profile_open refuses as well */

static int told(void *ctx, const char *path, enum prof_archive_outcome outcome, int64_t id,
	const struct prof_err *err)
{
	struct prof_profile *p = NULL;

	(void)ctx;
	(void)id;
	if (outcome != PROF_ARCHIVE_BAD)
		return 0;
	if (prof_profile_open(path, NULL, &p, NULL) == 0)
		fail_msg("%s is a profile, but: %s", path, err->msg);
	refused++;
	return 0;
}

/* Adds what is below `path` to an archive, and compares each profile in it with its file. */
static void there_and_back(const char *path, const char *name, int jobs, int keep_order)
{
	struct prof_archive_add_opts opts;
	struct prof_archive_added added;
	struct prof_selection s;
	struct prof_err e = {0};
	char db[4096];

	snprintf(db, sizeof(db), "%s/%s.db", dir, name);
	prof_archive_add_opts_init(&opts);
	opts.jobs = jobs;
	opts.keep_order = keep_order;
	opts.file = told;
	refused = 0;
	assert_ok(prof_archive_add(db, &path, 1, &opts, NULL, &added, &e), &e);
	assert_int_equal(added.bad, refused);
	assert_int_not_equal(added.added, 0);
	if (keep_order)
		assert_int_equal(added.reordered, 0);
	assert_ok(prof_selection_open(&s, db, NULL, true, NULL, &e), &e);
	assert_int_equal(s.n, added.added);
	for (size_t i = 0; i < s.n; i++) {
		const struct prof_entry *x = &s.catalog.entries.v[s.v[i]];
		struct wire old = {0}, new = {0};
		struct prof_profile *p;

		/* Their profiles have the stacks of all states, and none. */
		if (prof_str_eq(x->kind, PROF_STR("trace")) ||
			prof_str_eq(x->kind, PROF_STR("gctrace")))
			continue;
		subject = x->source.p;
		if (prof_store_load(s.store, x, &p, &e))
			fail_msg("%s: %s", subject, e.msg);
		assert_null(prof_profile_check(p));
		written(p, &new);
		prof_profile_free(p);
		source_bytes(subject, &old);
		same_messages(&old, &new, x->sorted);
		wire_free(&old);
		wire_free(&new);
	}
	print_message("%s: %llu profiles, %llu known, %llu reordered, %llu bad\n", name,
		(unsigned long long)added.added, (unsigned long long)added.known,
		(unsigned long long)added.reordered, (unsigned long long)added.bad);
	prof_selection_fini(&s);
	/* All of it is known the second time. */
	assert_ok(prof_archive_add(db, &path, 1, &opts, NULL, &added, &e), &e);
	assert_int_equal(added.added, 0);
	unlink(db);
}

static void profiles_in_testdata(void **state)
{
	(void)state;
	there_and_back(TESTDATA, "testdata", 1, 0);
	there_and_back(TESTDATA, "in-order", 3, 1);
}

static void profiles_of_the_packs(void **state)
{
	static const char *const below[] = {"captures", "nightly", "conformance/pprof/inputs"};
	const char *packs = getenv("PACKS");
	char path[4096], name[16];

	(void)state;
	if (!packs || !*packs)
		skip();
	for (size_t i = 0; i < COUNT(below); i++) {
		snprintf(path, sizeof(path), "%s/%s", packs, below[i]);
		snprintf(name, sizeof(name), "pack%zu", i);
		there_and_back(path, name, 2, 0);
	}
}

static void made_at_random(void **state)
{
	char path[4096];

	(void)state;
	snprintf(path, sizeof(path), "%s/random", dir);
	assert_int_equal(mkdir(path, 0777), 0);
	for (uint64_t seed = 1; seed <= 2000; seed++) {
		struct wire w = {0};
		FILE *f;

		random_profile(&w, seed);
		snprintf(path, sizeof(path), "%s/random/%llu", dir, (unsigned long long)seed);
		f = fopen(path, "wb");
		assert_non_null(f);
		assert_int_equal(fwrite(w.p, 1, w.n, f), w.n);
		fclose(f);
		wire_free(&w);
	}
	snprintf(path, sizeof(path), "%s/random", dir);
	there_and_back(path, "random1", 2, 0);
	there_and_back(path, "random2", 4, 1);
}

enum change { NOTHING, REVERSED, ONE_MORE };

static void reverse(void *v, size_t n, size_t size)
{
	char *p = v, swap[8];

	for (size_t i = 0; i < n / 2; i++) {
		memcpy(swap, p + i * size, size);
		memcpy(p + i * size, p + (n - 1 - i) * size, size);
		memcpy(p + (n - 1 - i) * size, swap, size);
	}
}

static void change(struct prof_profile *p, enum change what)
{
	size_t n = p->sample_stack.n;

	if (what == ONE_MORE)
		p->values.v[p->values.n - 1].v[n / 2] ^= 1;
	if (what != REVERSED)
		return;
	reverse(p->sample_stack.v, n, sizeof(*p->sample_stack.v));
	reverse(p->sample_labels.v, n, sizeof(*p->sample_labels.v));
	for (size_t t = 0; t < p->values.n; t++)
		reverse(p->values.v[t].v, n, sizeof(*p->values.v[t].v));
}

/* The digest of a changed profile's content, however its samples are kept. false: it has none. */
static bool digest(struct prof_dict *d, const struct wire *w, enum change what, uint8_t sha256[32])
{
	static const enum prof_keep_order orders[] = {PROF_ORDER_CHEAP, PROF_ORDER_ALWAYS};
	struct prof_profile *p;
	struct prof_packed k;
	struct prof_err e = {0};
	bool any;

	assert_ok(prof_profile_read(w->p, w->n, NULL, &p, &e), &e);
	any = p->sample_stack.n && p->values.n;
	if (any)
		change(p, what);
	prof_packed_init(&k, SIZE_MAX / 2);
	assert_ok(prof_pack(d, 0, p, &k, &e), &e);
	assert_ok(prof_samples_sizes(d, &k, &e), &e);
	assert_ok(prof_samples_digest(&k, sha256, &e), &e);
	for (size_t i = 0; i < COUNT(orders); i++) {
		struct prof_buf out;
		uint8_t same[32];

		prof_buf_init(&out, NULL, NULL);
		assert_ok(prof_samples_encode(&k, orders[i], 0, &out, same, &e), &e);
		assert_memory_equal(same, sha256, 32);
		prof_buf_fini(&out);
	}
	prof_packed_fini(&k);
	prof_profile_free(p);
	return any;
}

/* The order of samples makes no other content, any value does. Twins are numbered as samples name
 * them, so they do not count here.
 */
static void digests(void **state)
{
	struct prof_err e = {0};
	unsigned compared = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 500; seed++) {
		uint8_t a[32], b[32], c[32];
		struct wire w = {0};
		struct prof_dict d;

		random_profile(&w, seed);
		assert_ok(prof_dict_init(&d, SIZE_MAX / 2, &e), &e);
		assert_ok(prof_dict_add_build(&d, &e), &e);
		if (digest(&d, &w, NOTHING, a)) {
			digest(&d, &w, REVERSED, b);
			digest(&d, &w, ONE_MORE, c);
			assert_memory_not_equal(a, c, 32);
			if (!d.builds.v[0]->twins) {
				assert_memory_equal(a, b, 32);
				compared++;
			}
		}
		prof_dict_fini(&d);
		wire_free(&w);
	}
	assert_true(compared > 100);
}

static int begin(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int end(void **state)
{
	(void)state;
	return nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles_in_testdata),
		cmocka_unit_test(profiles_of_the_packs),
		cmocka_unit_test(made_at_random),
		cmocka_unit_test(digests),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
