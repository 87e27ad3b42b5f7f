/* Many files into an archive. Threads read, decode and seal, in any order; one at a time packs and
 * inserts, in the order of the files: so the same files make the same archive, however many threads
 * there are. The caller's thread does that, and helps with the rest while it waits.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libprof/analyse/trace/keep.h"
#include "libprof/base/when.h"
#include "libprof/join/archive_add.h"
#include "libprof/join/archive_capture.h"
#include "libprof/join/archive_read.h"

enum {
	MOST_JOBS = 64,
	AHEAD = 8, /* files under way, for each thread */
	AHEAD_BYTES = 2 << 20, /* of those that are decoded, likewise; then one more */
	BATCH_FILES = 2048,
	BATCH_BYTES = 256 << 20,
	FEW_FILES = 64, /* fewer are no batch, however much memory their services take */
	YIELD_NS = 5000000, /* between batches, for other writers */
};

enum state { IDLE, DECODE, DECODING, DECODED, PACKED, SEALING, SEALED };

/* A file under way. */
struct job {
	const char *path;
	enum state state;
	enum prof_archive_outcome outcome;
	struct prof_err err; /* of PROF_ARCHIVE_BAD; of what is damaged, where it was added */
	struct prof_archive_file file;
	struct prof_path_labels labels;
	int64_t told_ns; /* when it was taken; 0: not told */
	struct prof_store_item item;
	uint64_t unknown_fields, further; /* further: entries besides the item */
	uint64_t ahead; /* its part of the adder's */
	bool damaged; /* the profile */
};

struct adder {
	struct prof_store *store;
	const struct prof_archive_add_opts *opts;
	struct prof_limits limits;
	struct prof_regex *from;
	int64_t time_ns; /* of opts->time */
	unsigned columns; /* of opts->profiles */
	struct prof_paths paths;
	struct prof_archive_added total, safe; /* safe: as of the last commit */
	struct prof_err *e;

	pthread_mutex_t lock; /* of all below, and of the states of jobs */
	pthread_mutex_t db; /* of the store */
	pthread_cond_t work, done;
	struct job *ring;
	size_t window; /* of the ring */
	size_t begun, decoding, packed, inserted; /* files so far, in their order */
	uint64_t ahead; /* bytes of the files that are decoded and not inserted */
	bool stop;
	unsigned threads;
	pthread_t thread[MOST_JOBS];
};

/* What a thread works with. */
struct worker {
	struct prof_sealer sealer;
	struct prof_input in;
};

static void worker_fini(struct worker *w)
{
	prof_sealer_fini(&w->sealer);
	prof_input_close(&w->in);
}

static struct job *job_at(struct adder *a, size_t file)
{
	return &a->ring[file % a->window];
}

/* Reads and decodes, unless the archive has these bytes. */
static void decode(struct adder *a, struct job *j, struct prof_input *in)
{
	bool keep = a->opts->keep_raw || strcmp(j->path, "-") == 0;
	int64_t id = 0;
	int rc;

	if (j->outcome == PROF_ARCHIVE_BAD)
		return;
	rc = prof_archive_file_read(&j->file, j->path, keep, &a->limits, &j->err);
	if (!rc) {
		pthread_mutex_lock(&a->db);
		rc = prof_store_find(a->store, j->file.sha256, j->told_ns, &id, &j->err);
		pthread_mutex_unlock(&a->db);
	}
	if (!rc && id) {
		j->outcome = PROF_ARCHIVE_KNOWN;
		j->item.id = id;
		return;
	}
	if (!rc && !j->file.is_trace)
		rc = prof_archive_file_decode(&j->file, in, &a->limits, &j->err);
	if (rc)
		j->outcome = PROF_ARCHIVE_BAD;
	if (!keep && !j->file.earlier_dumps)
		prof_archive_file_drop(&j->file);
}

static void seal(struct adder *a, struct job *j, struct prof_sealer *sealer)
{
	(void)a;
	if (prof_store_seal(&j->item, sealer, &j->err))
		j->outcome = PROF_ARCHIVE_BAD;
	prof_profile_free(j->file.profile);
	j->file.profile = NULL;
}

/* The pieces of work, of which each is done if there is one; they hold the lock before and after.
 */
static bool seal_one(struct adder *a, struct worker *w)
{
	for (size_t i = a->inserted; i < a->packed; i++) {
		struct job *j = job_at(a, i);

		if (j->state != PACKED)
			continue;
		j->state = SEALING;
		pthread_mutex_unlock(&a->lock);
		seal(a, j, &w->sealer);
		pthread_mutex_lock(&a->lock);
		j->state = SEALED;
		pthread_cond_signal(&a->done);
		return true;
	}
	return false;
}

static bool decode_one(struct adder *a, struct worker *w)
{
	struct job *j;

	if (a->decoding == a->begun || a->ahead > (uint64_t)AHEAD_BYTES * (a->threads + 1))
		return false;
	j = job_at(a, a->decoding++);
	j->state = DECODING;
	pthread_mutex_unlock(&a->lock);
	decode(a, j, &w->in);
	pthread_mutex_lock(&a->lock);
	j->state = DECODED;
	j->ahead = j->file.profile ? j->file.total : 0;
	a->ahead += j->ahead;
	pthread_cond_signal(&a->done);
	return true;
}

static bool work_once(struct adder *a, struct worker *w)
{
	return seal_one(a, w) || decode_one(a, w);
}

static void *work(void *ctx)
{
	struct worker w = {0};
	struct adder *a = ctx;

	pthread_mutex_lock(&a->lock);
	while (!a->stop)
		if (!work_once(a, &w))
			pthread_cond_wait(&a->work, &a->lock);
	pthread_mutex_unlock(&a->lock);
	worker_fini(&w);
	return NULL;
}

/* Of the caller's errors, those that belong to the file alone. */
static bool is_of_file(int rc)
{
	return rc == PROF_EFORMAT || rc == PROF_ELIMIT || rc == PROF_EUNSUPPORTED;
}

/* A trace goes in as it is read. */
static int add_trace(struct adder *a, struct job *j)
{
	const struct prof_capture_options opts = {.complete = a->opts->full, .columns = a->columns};
	struct prof_err damage = {0}, err = {.offset = PROF_NO_OFFSET};
	struct prof_input in;
	int rc = j->file.bytes ? prof_input_memory(&in, j->file.bytes, j->file.n, &a->limits, &err)
			       : prof_input_open(&in, j->path, &a->limits, &err);

	if (!rc) {
		rc = prof_capture_trace(a->store, &j->item, &in, &opts, &damage, &err);
		rc = prof_input_blame(&in, rc, &err);
		prof_input_close(&in);
	}
	j->err = rc ? err : damage;
	if (!rc && j->item.known)
		j->outcome = PROF_ARCHIVE_KNOWN;
	return rc;
}

/* Of a text with several goroutine dumps those before the last. */
static int add_dumps(struct adder *a, struct job *j)
{
	struct prof_store_item item = j->item;
	struct prof_input in;
	int rc = prof_input_memory(&in, j->file.bytes, j->file.n, &a->limits, a->e);

	if (rc)
		return rc;
	item.kind = prof_str_of(a->opts->kind ? a->opts->kind : "");
	rc = prof_capture_dumps(
		a->store, &item, &in, j->file.earlier_dumps, &j->further, &j->err, a->e);
	prof_input_close(&in);
	if (!a->opts->keep_raw)
		prof_archive_file_drop(&j->file);
	return rc;
}

/* Whether a file goes into the archive as it is packed: what comes before it is to be in by then.
 */
static bool goes_at_once(const struct job *j)
{
	return j->file.is_trace || j->file.earlier_dumps;
}

static int pack(struct adder *a, struct job *j)
{
	struct prof_store_item *item = &j->item;
	int rc = 0;

	if (j->outcome != PROF_ARCHIVE_ADDED)
		return 0;
	item->source = prof_str_of(j->path);
	item->file_bytes = j->file.total;
	item->sha256 = j->file.sha256;
	item->labels = j->labels.v.v;
	item->n_labels = j->labels.v.n;
	item->time_ns = j->told_ns;
	item->by_time = !j->file.earlier_dumps;
	item->kind = prof_str_of(a->opts->kind ? a->opts->kind : j->file.is_log ? "gctrace" : "");
	/* Goroutines of a dump name samples by their places. */
	item->keep_order = a->opts->keep_order || j->file.goroutines.n ? PROF_ORDER_ALWAYS
								       : PROF_ORDER_CHEAP;
	if (a->opts->keep_raw)
		item->raw = (struct prof_str){(const char *)j->file.bytes, (uint32_t)j->file.n};
	if (j->file.is_trace) {
		rc = add_trace(a, j);
	} else {
		j->unknown_fields = j->file.profile->unknown_fields;
		j->damaged = j->file.profile->damage != 0;
		if (j->damaged)
			(void)prof_fail(&j->err, PROF_EFORMAT, PROF_NO_OFFSET, "%s",
				prof_profile_damage(j->file.profile));
		if (j->file.earlier_dumps && (rc = add_dumps(a, j)))
			return rc;
		rc = prof_store_pack(a->store, item, j->file.profile, &j->err);
	}
	if (rc)
		j->outcome = PROF_ARCHIVE_BAD;
	return rc && !is_of_file(rc) ? prof_fail(a->e, rc, j->err.offset, "%s", j->err.msg) : 0;
}

static int report(struct adder *a, const struct job *j)
{
	a->total.bytes += j->file.total;
	a->total.entries += j->further + (j->outcome == PROF_ARCHIVE_ADDED && !j->item.known);
	switch (j->outcome) {
	case PROF_ARCHIVE_ADDED:
		a->total.added++;
		a->total.damaged += j->err.code != 0;
		a->total.reordered += j->item.packed.sorted;
		a->total.unknown_fields += j->unknown_fields;
		a->total.unmatched += a->from && !j->labels.matched;
		break;
	case PROF_ARCHIVE_KNOWN:
		a->total.known++;
		break;
	default:
		a->total.bad++;
	}
	if (a->opts->file && a->opts->file(a->opts->ctx, j->path, j->outcome, j->item.id, &j->err))
		return prof_fail(a->e, PROF_EIO, PROF_NO_OFFSET, "stopped");
	if (a->opts->progress &&
		a->opts->progress(a->opts->ctx, &a->total, a->inserted + 1, a->paths.n))
		return prof_fail(a->e, PROF_EIO, PROF_NO_OFFSET, "stopped");
	return 0;
}

static void job_fini(struct job *j)
{
	prof_store_item_fini(&j->item);
	prof_path_labels_fini(&j->labels);
	prof_archive_file_fini(&j->file);
	*j = (struct job){0};
}

static int insert(struct adder *a, struct job *j)
{
	const struct prof_archive_file *f = &j->file;
	const struct prof_capture_text text = {.log = f->log,
		.goroutines = &f->goroutines,
		.damages = j->damaged,
		.dump = f->earlier_dumps ? f->earlier_dumps + 1 : 0,
		.dumps = f->earlier_dumps + 1};
	int rc = 0;

	if (j->outcome == PROF_ARCHIVE_ADDED && !f->is_trace) {
		rc = f->log || f->goroutines.n ? prof_capture_text(a->store, &j->item, &text, a->e)
					       : prof_store_insert(a->store, &j->item, a->e);
		if (!rc && j->item.known && !j->further)
			j->outcome = PROF_ARCHIVE_KNOWN;
	}
	return rc ? rc : report(a, j);
}

static void begin_file(struct adder *a, struct job *j, const char *path)
{
	*j = (struct job){.path = path, .state = DECODE};
	j->err.offset = PROF_NO_OFFSET;
	if (prof_path_labels_init(
		    &j->labels, a->opts->labels, a->opts->n_labels, a->from, path, &j->err))
		j->outcome = PROF_ARCHIVE_BAD;
	j->told_ns = a->time_ns ? a->time_ns : j->labels.time_ns;
}

/* Begins files until the window is full. A thread alone does one stage for all of a window before
 * the next stage: so what a stage looks up stays in the processor's caches.
 */
static void begin_files(struct adder *a)
{
	if (!a->threads && a->begun > a->inserted)
		return;
	for (; a->begun < a->paths.n && a->begun - a->inserted < a->window; a->begun++)
		begin_file(a, job_at(a, a->begun), a->paths.v[a->begun]);
	pthread_cond_broadcast(&a->work);
}

/* Packs or inserts what is next, if it is ready; holds the lock before and after. 1: it did. */
static int advance(struct adder *a, size_t end)
{
	struct job *j;
	uint64_t ahead;
	int rc = 0;

	if (a->inserted < a->packed && (j = job_at(a, a->inserted))->state == SEALED) {
		pthread_mutex_unlock(&a->lock);
		pthread_mutex_lock(&a->db);
		rc = insert(a, j);
		pthread_mutex_unlock(&a->db);
		ahead = j->ahead;
		job_fini(j);
		pthread_mutex_lock(&a->lock);
		a->ahead -= ahead;
		a->inserted++;
		begin_files(a);
		return rc ? rc : 1;
	}
	if (a->packed < a->decoding && a->packed < end &&
		(j = job_at(a, a->packed))->state == DECODED) {
		if (goes_at_once(j) && a->inserted < a->packed)
			return 0;
		pthread_mutex_unlock(&a->lock);
		pthread_mutex_lock(&a->db);
		rc = pack(a, j);
		pthread_mutex_unlock(&a->db);
		pthread_mutex_lock(&a->lock);
		j->state = j->outcome == PROF_ARCHIVE_ADDED && !j->file.is_trace ? PACKED : SEALED;
		a->packed++;
		pthread_cond_signal(&a->work);
		return rc ? rc : 1;
	}
	return 0;
}

/* Whether services take so much memory that they are to be let go of, which a commit allows. */
static bool is_crowded(const struct adder *a)
{
	return prof_store_memory(a->store) > a->limits.memory_bytes / 4;
}

/* The files up to `end`, or to where a batch is large enough. */
static int batch(struct adder *a, struct worker *w)
{
	size_t first = a->inserted, end = first + BATCH_FILES;
	uint64_t bytes = a->total.bytes;
	int rc = 0;

	if (end > a->paths.n)
		end = a->paths.n;
	pthread_mutex_lock(&a->lock);
	begin_files(a);
	while (rc >= 0 && a->inserted < end) {
		if (a->total.bytes - bytes > BATCH_BYTES ||
			(a->inserted - first >= FEW_FILES && is_crowded(a)))
			end = a->packed; /* what is packed belongs to this batch */
		if (!a->threads && decode_one(a, w))
			continue;
		rc = advance(a, end);
		if (!rc && a->inserted < end && !work_once(a, w))
			pthread_cond_wait(&a->done, &a->lock);
	}
	pthread_mutex_unlock(&a->lock);
	return rc < 0 ? rc : 0;
}

static int all_batches(struct adder *a)
{
	const struct timespec yield = {0, YIELD_NS};
	struct worker w = {0};
	int rc = 0;

	do {
		if (a->inserted)
			nanosleep(&yield, NULL);
		pthread_mutex_lock(&a->db);
		rc = prof_store_begin(a->store, a->e);
		pthread_mutex_unlock(&a->db);
		if (!rc)
			rc = batch(a, &w);
		pthread_mutex_lock(&a->db);
		if (!rc)
			rc = prof_store_commit(a->store, a->e);
		if (rc)
			prof_store_rollback(a->store);
		else
			a->safe = a->total;
		if (!rc && is_crowded(a))
			prof_store_forget_services(a->store);
		pthread_mutex_unlock(&a->db);
	} while (!rc && a->inserted < a->paths.n);
	worker_fini(&w);
	return rc;
}

static int start(struct adder *a)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned jobs = a->opts->jobs > 0 ? (unsigned)a->opts->jobs
			: processors > 0  ? (unsigned)processors
					  : 1;

	if (jobs > MOST_JOBS)
		jobs = MOST_JOBS;
	a->window = (size_t)jobs * AHEAD;
	a->ring = calloc(a->window, sizeof(*a->ring));
	if (!a->ring)
		return prof_nomem(a->e);
	pthread_mutex_init(&a->lock, NULL);
	pthread_mutex_init(&a->db, NULL);
	pthread_cond_init(&a->work, NULL);
	pthread_cond_init(&a->done, NULL);
	/* Fewer threads than asked for do the same. */
	while (a->threads + 1 < jobs && pthread_create(&a->thread[a->threads], NULL, work, a) == 0)
		a->threads++;
	return 0;
}

static void finish(struct adder *a)
{
	if (!a->ring)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_broadcast(&a->work);
	pthread_mutex_unlock(&a->lock);
	for (unsigned i = 0; i < a->threads; i++)
		pthread_join(a->thread[i], NULL);
	for (size_t i = 0; i < a->window; i++)
		job_fini(&a->ring[i]);
	pthread_mutex_destroy(&a->lock);
	pthread_mutex_destroy(&a->db);
	pthread_cond_destroy(&a->work);
	pthread_cond_destroy(&a->done);
	free(a->ring);
}

/* What the options say is looked at before the archive is. */
static int check_options(struct adder *a)
{
	struct prof_path_labels l;
	int rc = a->opts->labels_from ? prof_regex_new(a->opts->labels_from, &a->from, a->e) : 0;

	if (!rc && a->from && !prof_regex_has_groups(a->from))
		rc = prof_fail(a->e, PROF_EUSAGE, PROF_NO_OFFSET,
			"expression \"%.80s\" has no named group, as (?P<rev>…)",
			a->opts->labels_from);
	if (!rc && a->opts->time && !prof_when_parse(prof_str_of(a->opts->time), &a->time_ns))
		rc = prof_fail(a->e, PROF_EUSAGE, PROF_NO_OFFSET,
			"\"%.60s\" is no time that prof knows", a->opts->time);
	if (!rc)
		rc = prof_trace_keep_choose(a->opts->profiles, &a->columns, a->e);
	if (rc)
		return rc;
	rc = prof_path_labels_init(&l, a->opts->labels, a->opts->n_labels, NULL, "", a->e);
	prof_path_labels_fini(&l);
	return rc;
}

void prof_archive_add_opts_init(struct prof_archive_add_opts *opts)
{
	*opts = (struct prof_archive_add_opts){0};
}

int prof_archive_add(const char *db, const char *const *paths, size_t n,
	const struct prof_archive_add_opts *opts, const struct prof_limits *limits,
	struct prof_archive_added *out, struct prof_err *e)
{
	struct prof_err none = {0};
	struct adder a = {.opts = opts, .e = e ? e : &none};
	int rc = check_options(&a);

	if (limits)
		a.limits = *limits;
	else
		prof_limits_init(&a.limits);
	prof_paths_leave_out(&a.paths, db);
	for (size_t i = 0; !rc && i < n; i++)
		rc = prof_paths_add(&a.paths, paths[i], a.e);
	if (!rc)
		rc = prof_store_open(
			&a.store, db, PROF_DB_CREATE, opts->rollback_journal, &a.limits, a.e);
	if (!rc)
		rc = start(&a);
	if (!rc)
		rc = all_batches(&a);
	finish(&a);
	prof_store_close(a.store);
	prof_regex_free(a.from);
	prof_paths_fini(&a.paths);
	*out = a.safe;
	return rc;
}
