/* Any bytes as an archive: as an SQLite file, which is read as prof reads one, or as pages without
 * their seals, which are what a checksum does not protect from somebody who means harm:
 *
 *	series (SAMPLES: a profile; or a part of another capture; SEALED: a blob with its seal),
 *	build, length, and so many bytes; and so on
 *
 * It fails with an error, or gives consistent profiles, which can be packed and sealed again.
 */
#include "libprof/analyse/gc/gc.h"
#include "libprof/analyse/gc/snapshots.h"
#include "libprof/join/archive_open.h"
#include "libprof/join/trace_kept.h"
#include "libprof/join/trace_moments.h"
#include "libprof/join/trace_waits.h"
#include "libprof/model/build.h"
#include "libprof/store/capture_rows.h"
#include "libprof/store/columns.h"
#include "libprof/store/goroutines.h"
#include "libprof/store/hists.h"
#include "libprof/store/lined.h"
#include "libprof/store/sum.h"
#include "tests/fuzz/archive_bytes.h"
#include "tests/fuzz/capture_check.h"

enum { SAMPLES = 255, SUMMARY = 254, TIMELINE = 253, GOROUTINES = 252, MOMENTS = 251, WAITS = 250 };
enum { INDEX = 249, STRINGS = 248, SEALED = 247, TIMES = 246, WHO = 245 };
enum { ROWS = 200 }; /* + enum prof_rows */
enum { BUILDS = 4, MEMORY = 64 << 20, STACKS = 300 };

static void failed(int rc, const struct prof_err *e)
{
	must(rc < 0 && e->code == rc && e->msg[0]);
}

/* A profile that came out is one, and goes in again. */
static void again(struct prof_dict *d, struct prof_profile *p)
{
	uint8_t sha256[32];
	struct prof_packed k;
	struct prof_buf out;
	struct prof_err e = {0};
	int rc;

	must(prof_profile_check(p) == NULL);
	prof_packed_init(&k, MEMORY);
	prof_buf_init(&out, NULL, NULL);
	rc = prof_pack(d, 0, p, &k, &e);
	if (!rc)
		rc = prof_samples_sizes(d, &k, &e);
	if (!rc)
		rc = prof_samples_encode(&k, PROF_ORDER_CHEAP, 1000, &out, sha256, &e);
	if (rc)
		failed(rc, &e);
	prof_buf_fini(&out);
	prof_packed_fini(&k);
	prof_profile_free(p);
}

/* Added to itself, as several profiles of a build and of several are. */
static void summed(
	const struct prof_dict *d, const struct prof_packed *k, struct prof_limits *limits)
{
	const uint32_t builds[] = {k->build, 0};
	struct prof_profile *p = NULL;
	struct prof_err e = {0};
	struct prof_sum s;
	int rc = 0;

	prof_sum_init(&s, d, MEMORY);
	for (int i = 0; !rc && i < 2; i++)
		rc = prof_sum_add(&s, k, &e);
	prof_sum_end(&s);
	if (!rc)
		rc = prof_unpack_functions(d, &s.packed, builds, 2, limits, &p, &e);
	if (rc)
		failed(rc, &e);
	must(!p || prof_profile_check(p) == NULL);
	prof_profile_free(p);
	prof_sum_fini(&s);
}

/* Added up by lines, of its build and of the first one. */
static void lined(
	const struct prof_dict *d, uint32_t build, struct prof_rd r, struct prof_limits *limits)
{
	const uint32_t builds[] = {build, 0}, one = 0;
	struct prof_profile *p = NULL;
	struct prof_err e = {0};
	struct prof_lined x;
	struct prof_sum s;
	int rc = prof_lined_init(&x, d, MEMORY, &e);

	prof_sum_init(&s, &x.to, MEMORY);
	for (int i = 0; !rc && i < 2; i++) {
		struct prof_packed k;

		prof_packed_init(&k, MEMORY);
		rc = prof_samples_decode(r.p, prof_rd_left(&r), d, &k, &e);
		k.build = builds[i];
		if (!rc)
			rc = prof_lined_samples(&x, &k, &e);
		if (!rc)
			rc = prof_sum_add(&s, &k, &e);
		prof_packed_fini(&k);
	}
	prof_sum_end(&s);
	if (!rc)
		rc = prof_unpack_functions(&x.to, &s.packed, &one, 1, limits, &p, &e);
	if (rc)
		failed(rc, &e);
	must(!p || prof_profile_check(p) == NULL);
	prof_profile_free(p);
	prof_sum_fini(&s);
	prof_lined_fini(&x);
}

static void samples(struct prof_dict *d, uint32_t build, struct prof_rd r)
{
	struct prof_limits limits;
	struct prof_packed k;
	struct prof_profile *p;
	struct prof_err e = {0};
	int rc;

	prof_limits_init(&limits);
	limits.memory_bytes = MEMORY;
	prof_packed_init(&k, MEMORY);
	rc = prof_samples_decode(r.p, prof_rd_left(&r), d, &k, &e);
	k.build = build;
	if (!rc)
		summed(d, &k, &limits);
	if (!rc)
		lined(d, build, r, &limits);
	if (!rc)
		rc = prof_unpack(d, &k, &limits, &p, &e);
	if (rc)
		failed(rc, &e);
	else
		again(d, p);
	prof_packed_fini(&k);
}

/* A trace's summary is one that can be printed. */
static void summary(struct prof_rd r)
{
	struct prof_limits limits;
	struct prof_trace_opts opts;
	struct prof_report *report;
	struct prof_trace *t;
	struct prof_err e = {0};
	int rc;

	prof_limits_init(&limits);
	limits.memory_bytes = MEMORY;
	prof_trace_opts_init(&opts);
	rc = prof_trace_kept_decode(r.p, prof_rd_left(&r), &limits, &t, &e);
	if (rc) {
		failed(rc, &e);
		return;
	}
	rc = prof_trace_summary(t, &opts, &report, &e);
	if (rc)
		failed(rc, &e);
	else
		prof_report_free(report);
	prof_trace_free(t);
}

/* A timeline is one that can be looked into. */
static void timeline(struct prof_rd r)
{
	struct prof_limits limits;
	struct prof_timeline *t;
	struct prof_gc *gc;
	struct prof_err e = {0};
	int rc;

	prof_limits_init(&limits);
	limits.memory_bytes = MEMORY;
	t = prof_timeline_new(&limits, &e);
	must(t != NULL);
	rc = prof_timeline_decode(r.p, prof_rd_left(&r), PROF_STR("x"), t, &e);
	if (rc) {
		failed(rc, &e);
	} else {
		must(prof_timeline_check(t) == NULL);
		same_timeline(t, &limits);
		rc = prof_gc_join_snapshots(t, &e);
		if (!rc)
			rc = prof_gc_derive(t, PROF_ABSENT, 0, &gc, &e);
		if (rc)
			failed(rc, &e);
		else
			prof_gc_drop(gc);
	}
	prof_timeline_free(t);
}

/* Goroutines refer to what their profile has. */
static void goroutines(struct prof_rd r)
{
	struct prof_goroutines s = {0};
	struct prof_limits limits;
	struct prof_err e = {0};
	int rc;

	prof_limits_init(&limits);
	limits.memory_bytes = MEMORY;
	s.p = prof_profile_new(&limits, &e);
	must(s.p != NULL);
	rc = prof_goroutines_decode(r.p, prof_rd_left(&r), &s, &e);
	if (rc)
		failed(rc, &e);
	for (size_t i = 0; i < s.g.n; i++)
		must(s.g.v[i].sample < s.p->sample_stack.n &&
			(uint64_t)s.g.v[i].args + s.g.v[i].n_args <= s.args.n);
	prof_vec_fini(&s.p->mem, &s.g);
	prof_vec_fini(&s.p->mem, &s.args);
	prof_profile_free(s.p);
}

static int moment(void *ctx, const struct prof_trace *t, const struct prof_trace_moment *m,
	struct prof_err *e)
{
	(void)e;
	must(++*(int *)ctx <= PROF_TRACE_MOST_MOMENTS);
	for (size_t i = 0; i < m->n; i++)
		must(m->v[i].id > 0 && m->v[i].stack < t->stack_start.n - 1 &&
			m->v[i].created < t->stack_start.n - 1 &&
			m->v[i].reason < t->strings.strs.n);
	return 0;
}

/* A trace out of an archive, with stacks. */
static struct prof_trace *some_trace(void)
{
	static const int64_t one = 1;
	static const char *const types[][2] = {{"running", "count"}};
	struct prof_limits limits;
	struct prof_profile *p;
	struct prof_trace *t;
	struct prof_build b;
	struct prof_err e = {0};
	struct prof_line line = {.line = 7};
	uint32_t name, location, stack;
	int rc;

	prof_limits_init(&limits);
	limits.memory_bytes = MEMORY;
	p = prof_profile_new(&limits, &e);
	t = prof_trace_new(&limits, &e);
	must(p && t);
	prof_build_init(&b, p, &limits, &e);
	rc = prof_build_types(&b, types, 1);
	if (!rc)
		rc = prof_build_text(&b, "main.main", &name);
	if (!rc)
		rc = prof_build_function(&b, name, name, 0, &line.function);
	for (unsigned i = 0; !rc && i < STACKS; i++) {
		rc = prof_build_location(&b, i, PROF_NONE, &line, 1, &location);
		if (!rc)
			rc = prof_build_stack(&b, &location, 1, &stack);
		if (!rc)
			rc = prof_build_sample(&b, stack, 0, &one);
	}
	prof_build_fini(&b);
	if (!rc)
		rc = prof_trace_kept_stacks(t, p, &e);
	must(rc == 0);
	prof_profile_free(p);
	return t;
}

/* Moments refer to stacks that their profile has. */
static void moments(struct prof_rd r)
{
	struct prof_trace *t = some_trace();
	struct prof_err e = {0};
	int n = 0, rc = prof_moments_read(r.p, prof_rd_left(&r), t, moment, &n, &e);

	if (rc)
		failed(rc, &e);
	prof_trace_free(t);
}

/* Waits are such as can be reported. */
static void waits(struct prof_rd r)
{
	struct prof_contention_opts opts;
	struct prof_contention_trace x = {0};
	struct prof_contention_input in = {0};
	struct prof_contention *k;
	struct prof_report *report;
	struct prof_trace *t = some_trace();
	struct prof_err e = {0};
	int rc;

	prof_contention_opts_init(&opts);
	must(prof_contention_new(&opts, &k, &e) == 0);
	k->mem.limit = MEMORY;
	rc = prof_waits_decode(r.p, prof_rd_left(&r), k, t, &x, &e);
	if (rc)
		prof_contention_trace_fini(k, &x);
	else
		rc = prof_contention_push_trace(k, &x, in, &e);
	if (!rc)
		rc = prof_contention_report(k, &report, &e);
	if (rc)
		failed(rc, &e);
	else
		prof_report_free(report);
	prof_contention_free(k);
	prof_trace_free(t);
}

/* A page of rows: what comes of it goes in again, and comes back. */
static void rows(enum prof_rows table, struct prof_rd r)
{
	enum { CELLS = PROF_ROWS_WIDEST * PROF_COLUMNS_ROWS };
	int64_t *cells = malloc(2 * CELLS * sizeof(*cells)), *v[2][PROF_ROWS_WIDEST];
	struct prof_buf b;
	size_t n, again_n;

	must(cells != NULL);
	for (size_t c = 0; c < 2 * PROF_ROWS_WIDEST; c++)
		v[c / PROF_ROWS_WIDEST][c % PROF_ROWS_WIDEST] = cells + c * PROF_COLUMNS_ROWS;
	prof_buf_init(&b, NULL, NULL);
	prof_capture_page_get(&r, table, STACKS, v[0], &n);
	must(!r.why == (n > 0) && n <= PROF_COLUMNS_ROWS);
	if (n) {
		prof_capture_page_put(table, v[0], n, &b);
		r = prof_rd_of(b.p, b.n);
		prof_capture_page_get(&r, table, STACKS, v[1], &again_n);
		must(!r.why && again_n == n);
		for (size_t c = 0; prof_rows_tables[table].columns[c]; c++)
			must(memcmp(v[0][c], v[1][c], n * sizeof(*cells)) == 0);
	}
	prof_buf_fini(&b);
	free(cells);
}

static void strings(struct prof_rd r)
{
	struct prof_mem mem = {.limit = MEMORY};
	struct prof_strtab t;
	struct prof_err e = {0};
	int rc = prof_strtab_init(&t, &mem, &e);

	must(rc == 0);
	rc = prof_capture_strings_get(&r, &t, &e);
	if (rc)
		failed(rc, &e);
	prof_strtab_fini(&t);
}

/* A part, whose histograms may be apart. */
static void with_hists(void (*part)(struct prof_rd), struct prof_rd r)
{
	const struct prof_mem mem = {.limit = MEMORY};
	struct prof_err e = {0};
	struct prof_buf b;
	int rc;

	if (!prof_hists_are_apart(r.p, prof_rd_left(&r))) {
		part(r);
		return;
	}
	prof_buf_init(&b, NULL, NULL);
	rc = prof_hists_join(r.p, prof_rd_left(&r), &mem, &b, &e);
	if (rc)
		failed(rc, &e);
	else
		part(prof_rd_of(b.p, b.n));
	prof_buf_fini(&b);
}

/* The small pages in it are of their tables. */
static void capture_index(struct prof_rd r)
{
	struct prof_capture_index x;

	prof_capture_index_get(&r, &x);
	if (r.why)
		return;
	strings(x.first);
	for (unsigned t = 0; t < PROF_ROWS_TABLES; t++)
		rows((enum prof_rows)t, x.last[t]);
}

/* A sealed blob is refused, or gives contents, which can be sealed and come back. */
static void sealed(struct prof_rd r)
{
	const struct prof_seal_context context = {{0}};
	const struct prof_mem mem = {.limit = MEMORY};
	struct prof_sealer sealers[3] = {{.effort = PROF_SEAL_FAST}, {.effort = PROF_SEAL_HARD},
		{.effort = PROF_SEAL_TIGHT}};
	size_t n = prof_rd_left(&r);
	struct prof_buf b, back;
	struct prof_err e = {0};
	int rc;

	prof_buf_init(&b, NULL, NULL);
	prof_buf_init(&back, NULL, NULL);
	rc = prof_unseal(&sealers[0], &context, r.p, n, &mem, &back, &e);
	if (rc)
		failed(rc, &e);
	for (unsigned i = 0; i < 3; i++, b.n = 0) {
		must(prof_seal(&sealers[i], &context, r.p, n, &b, &e) == 0);
		must(prof_unseal(&sealers[i], &context, b.p, b.n, &mem, &back, &e) == 0);
		must(back.n == n && (!n || memcmp(back.p, r.p, n) == 0));
		prof_sealer_fini(&sealers[i]);
	}
	prof_buf_fini(&b);
	prof_buf_fini(&back);
}

static void pages(const uint8_t *data, size_t size)
{
	struct prof_rd r = prof_rd_of(data, size);
	struct prof_dict d;
	struct prof_err e = {0};
	bool ready = false;
	int rc = prof_dict_init(&d, MEMORY, &e);

	must(rc == 0);
	for (unsigned i = 0; !rc && i < BUILDS; i++)
		rc = prof_dict_add_build(&d, &e);
	while (!rc && r.p < r.end) {
		uint64_t series = prof_rd_uvarint(&r), build = prof_rd_uvarint(&r) % BUILDS;
		struct prof_rd sub = prof_rd_sub(&r, prof_rd_uvarint(&r));

		if (series == SUMMARY) {
			with_hists(summary, sub);
		} else if (series == TIMELINE) {
			timeline(sub);
		} else if (series == GOROUTINES) {
			goroutines(sub);
		} else if (series == MOMENTS) {
			moments(sub);
		} else if (series == WAITS) {
			with_hists(waits, sub);
		} else if (series == INDEX) {
			capture_index(sub);
		} else if (series == STRINGS) {
			strings(sub);
		} else if (series == SEALED) {
			sealed(sub);
		} else if (series == TIMES) {
			times_come_back(sub, MEMORY);
		} else if (series == WHO) {
			goroutines_are_in_pages(sub, MEMORY, 1 + (uint32_t)build * 85);
		} else if (series >= ROWS && series < ROWS + PROF_ROWS_TABLES) {
			rows((enum prof_rows)(series - ROWS), sub);
		} else if (series == SAMPLES) {
			if (!ready && !(rc = prof_dict_ready(&d, &e)))
				rc = prof_dict_builds_ready(&d, &e);
			ready = true;
			if (!rc)
				samples(&d, (uint32_t)build, sub);
		} else if (!ready && series < PROF_SERIES) {
			rc = prof_dict_decode(&d, (enum prof_series)series, (uint32_t)build, sub.p,
				prof_rd_left(&sub), &e);
		}
	}
	if (rc)
		failed(rc, &e);
	prof_dict_fini(&d);
}

/* Rows are such as their strings can be looked up. */
static void capture_rows(struct prof_store *s, int64_t id, enum prof_rows table)
{
	struct prof_mem mem = {.limit = MEMORY};
	struct prof_capture_rows r;
	struct prof_strtab t;
	struct prof_err e = {0};
	int rc = prof_strtab_init(&t, &mem, &e), opened;

	must(rc == 0);
	rc = prof_capture_strings(s, id, &t, &e);
	if (rc)
		failed(rc, &e);
	e = (struct prof_err){0};
	opened = prof_capture_rows_open(&r, s, id, table, &e);
	while (!opened && (opened = prof_capture_rows_next(&r, &e)) > 0) {
		opened = 0;
		for (size_t c = 0; !rc && prof_rows_tables[table].columns[c]; c++)
			for (size_t i = 0; prof_rows_tables[table].columns[c] == 's' && i < r.n;
				i++)
				must(r.v[c][i] == PROF_ABSENT || (uint64_t)r.v[c][i] < t.strs.n);
	}
	if (opened)
		failed(opened, &e);
	prof_capture_rows_fini(&r);
	prof_strtab_fini(&t);
}

/* Each page and its goroutines can be asked for. */
static void capture_transitions(struct prof_store *s, int64_t id)
{
	struct prof_mem mem = {.limit = MEMORY};
	struct prof_transitions x;
	struct prof_err e = {0};
	int rc = prof_transitions_init(&x, s, NULL, id, &mem, &e);

	for (uint32_t number = 0; !rc && number < x.pages; number++) {
		struct prof_transition_page *page;
		uint32_t with = number;

		rc = prof_transitions_page(&x, number, &page, &e);
		if (rc)
			break;
		must(page->n > 0 && page->n <= PROF_COLUMNS_ROWS);
		for (uint32_t i = 0; i < page->n; i++) {
			uint32_t row = prof_transition_first(
				page, page->v[PROF_TRANSITION_GOROUTINE][i]);

			while (row < i)
				row = prof_transition_next(page, row);
			must(row == i);
		}
		rc = prof_transitions_with(&x, page->v[PROF_TRANSITION_GOROUTINE][0], &with, &e);
		must(rc || (with >= number && with <= x.pages));
		prof_transitions_give_back(page);
	}
	if (rc)
		failed(rc, &e);
	prof_transitions_fini(&x);
	must(mem.used == 0);
}

/* What an archive has of a capture besides its profile. */
static void capture(struct prof_store *s, int64_t id)
{
	static void (*const parts[])(struct prof_rd) = {[PROF_CAPTURE_SUMMARY] = summary,
		[PROF_CAPTURE_TIMELINE] = timeline,
		[PROF_CAPTURE_GOROUTINES] = goroutines,
		[PROF_CAPTURE_MOMENTS] = moments,
		[PROF_CAPTURE_WAITS] = waits};
	struct prof_buf b;

	prof_buf_init(&b, NULL, NULL);
	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct prof_err e = {0};
		int rc = prof_capture_get(s, id, (enum prof_capture_part)i, &b, &e);

		if (rc)
			failed(rc, &e);
		else
			parts[i](prof_rd_of(b.p, b.n));
	}
	prof_buf_fini(&b);
	for (unsigned t = 0; t < PROF_ROWS_TABLES; t++)
		capture_rows(s, id, (enum prof_rows)t);
	capture_transitions(s, id);
}

/* What is damaged in the files of entries is told. */
static void damage(struct prof_store *s, struct prof_catalog *c)
{
	const struct prof_selection all = {.store = s, .catalog = *c, .v = (uint32_t[]){0}, .n = 1};
	struct prof_limits limits;
	struct prof_profile *p;
	struct prof_err e = {0};
	int rc;

	prof_limits_init(&limits);
	p = prof_profile_new(&limits, &e);
	must(p != NULL);
	rc = prof_selection_damage(&all, 0, 1, p, &e);
	if (rc)
		failed(rc, &e);
	prof_profile_free(p);
}

static int problem(void *ctx, const char *text)
{
	must(text[0]);
	return ++*(int *)ctx > 100;
}

static int profiles(struct prof_store *s, struct prof_err *e)
{
	struct prof_catalog c;
	int rc = prof_catalog_read(&c, s->h, 0, MEMORY, e);

	if (!rc && c.entries.n)
		damage(s, &c);
	for (size_t i = 0; !rc && i < c.entries.n && i < 8; i++) {
		struct prof_profile *p;

		capture(s, c.entries.v[i].id);
		rc = prof_store_load(s, &c.entries.v[i], &p, e);
		if (!rc) {
			must(prof_profile_check(p) == NULL);
			prof_profile_free(p);
		}
	}
	prof_catalog_fini(&c);
	return rc;
}

static void database(const uint8_t *data, size_t size)
{
	sqlite3 *h = archive_of(data, size);
	struct prof_db_guard guard;
	struct prof_limits limits;
	struct prof_store *s;
	struct prof_err e = {0};
	int rc, problems = 0;

	prof_limits_init(&limits);
	limits.memory_bytes = MEMORY;
	prof_db_guard(&guard, h, size);
	rc = prof_db_check(h, &e);
	if (!rc)
		rc = prof_store_borrow(&s, h, &limits, &e);
	if (!rc) {
		rc = profiles(s, &e);
		if (!rc)
			rc = prof_store_verify(s, problem, &problems, &e);
		prof_store_close(s);
	}
	if (rc)
		failed(rc, &e);
	must(sqlite3_close(h) == SQLITE_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (is_archive(data, size))
		database(data, size);
	else
		pages(data, size);
	return 0;
}
