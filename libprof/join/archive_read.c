#include "libprof/join/archive_read.h"

#include <stdlib.h>

#include "libprof/join/archive_open.h"
#include "libprof/join/open.h"
#include "libprof/read/dump.h"
#include "libprof/read/godebug.h"
#include "libprof/read/memstats.h"
#include "libprof/store/goroutines.h"

enum { READ_BYTES = 64 << 10, SMALL_BYTES = 1 << 20 };

static enum prof_kind kind_of(const struct prof_archive_file *f, const struct prof_limits *limits)
{
	enum prof_kind kind = PROF_KIND_UNKNOWN;
	struct prof_input in;

	if (prof_input_memory(&in, f->bytes, f->n, limits, NULL))
		return kind;
	if (prof_sniff(&in, &kind, NULL))
		kind = PROF_KIND_UNKNOWN;
	prof_input_close(&in);
	return kind;
}

/* Room for what follows: all of the file, where that is known. A large one that may be a trace
 * begins with little: the first bytes tell.
 */
static int grow(struct prof_archive_file *f, size_t *cap, uint64_t size,
	const struct prof_limits *limits, struct prof_err *e)
{
	uint64_t all = size > *cap ? size : *cap ? (uint64_t)*cap * 2 : READ_BYTES;
	uint64_t want = !f->total && all > SMALL_BYTES ? READ_BYTES : all;
	uint8_t *p = want <= limits->memory_bytes ? realloc(f->bytes, (size_t)want) : NULL;

	if (!p)
		return prof_fail(
			e, PROF_ELIMIT, PROF_NO_OFFSET, "is larger than the memory allowed");
	f->bytes = p;
	*cap = (size_t)want;
	return 0;
}

int prof_archive_file_read(struct prof_archive_file *f, const char *path, bool keep,
	const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_source s;
	struct sha256_ctx sha;
	size_t cap = 0, got = 1;
	int rc = prof_query_at(path)
			 ? prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
				   "is in an archive: 'prof archive export' makes it a file")
			 : prof_source_open(&s, path, e);

	if (rc)
		return rc;
	sha256_init(&sha);
	while (!rc && got && (!s.size || f->total < s.size)) {
		if (cap == f->n)
			rc = grow(f, &cap, s.size, limits, e);
		if (!rc)
			rc = prof_source_read(&s, f->bytes + f->n, cap - f->n, &got, e);
		if (rc)
			break;
		sha256_update(&sha, got, f->bytes + f->n);
		f->n += got;
		/* Of a file that is read at once, the kind is seen when it is decoded. */
		f->unseen = !f->total && got == s.size;
		if (!f->total && !f->unseen)
			f->kind = kind_of(f, limits);
		f->total += got;
		f->is_trace = f->kind == PROF_KIND_TRACE;
		if (f->is_trace && !keep)
			f->n = 0;
	}
	sha256_digest(&sha, sizeof(f->sha256), f->sha256);
	prof_source_close(&s);
	if (!rc && f->is_trace && !keep)
		prof_archive_file_drop(f);
	return rc;
}

/* A log of the collector. Where it is only taken for one, it must have cycles: false. */
static int read_log(struct prof_archive_file *f, const struct prof_limits *limits, bool sure,
	bool *is, struct prof_err *e)
{
	struct prof_input in;
	int rc = prof_input_memory(&in, f->bytes, f->n, limits, e);

	if (rc)
		return rc;
	f->log = prof_timeline_new(limits, e);
	rc = f->log ? prof_godebug_read(&in, PROF_STR(""), f->log, e) : PROF_ENOMEM;
	prof_input_close(&in);
	*is = f->is_log = !rc && (sure || f->log->cycles.n);
	if (!rc && *is && !f->profile && !(f->profile = prof_profile_new(limits, e)))
		rc = PROF_ENOMEM;
	if (!*is) {
		prof_timeline_free(f->log);
		f->log = NULL;
	}
	return rc;
}

/* The last dump in a text, as a profile and the rest. */
static int read_dump(
	struct prof_archive_file *f, const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_goroutines *s;
	struct prof_input in;
	int rc = prof_input_memory(&in, f->bytes, f->n, limits, e);

	if (rc)
		return rc;
	rc = prof_input_blame(&in, prof_dump_last(&in, &s, e), e);
	prof_input_close(&in);
	if (rc)
		return rc;
	prof_buf_init(&f->goroutines, NULL, NULL);
	prof_goroutines_encode(s, &f->goroutines);
	f->earlier_dumps = s->earlier;
	f->profile = prof_goroutines_profile(s);
	return f->goroutines.code ? prof_nomem(e) : 0;
}

/* The MemStats below a heap profile; that there are none is no error. */
static int read_memstats(
	struct prof_archive_file *f, const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_err none = {.offset = PROF_NO_OFFSET};
	struct prof_input in;
	int rc = prof_input_memory(&in, f->bytes, f->n, limits, e);

	if (rc)
		return rc;
	f->log = prof_timeline_new(limits, e);
	rc = f->log ? prof_memstats_read(&in, PROF_STR(""), f->log, &none) : PROF_ENOMEM;
	prof_input_close(&in);
	if (rc) {
		prof_timeline_free(f->log);
		f->log = NULL;
	}
	return rc == PROF_ENOMEM ? prof_nomem(e) : 0;
}

static bool may_have_dump(enum prof_kind kind)
{
	return kind == PROF_KIND_GOROUTINES || kind == PROF_KIND_GODEBUG_LOG ||
	       kind == PROF_KIND_UNKNOWN;
}

static int decode(struct prof_archive_file *f, const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_err none = {.offset = PROF_NO_OFFSET}, ignored = {0};
	bool is = false;
	int rc = may_have_dump(f->kind) ? read_dump(f, limits, &ignored) : PROF_EFORMAT;

	if (rc == PROF_EFORMAT)
		rc = prof_profile_read(f->bytes, f->n, limits, &f->profile, &none);
	else if (rc)
		none = ignored;
	ignored = (struct prof_err){0};
	if ((rc == PROF_EFORMAT && f->kind == PROF_KIND_UNKNOWN) ||
		f->kind == PROF_KIND_GODEBUG_LOG) {
		int log = read_log(f, limits, f->kind == PROF_KIND_GODEBUG_LOG, &is, &ignored);

		if (is || log == PROF_ENOMEM)
			return log ? prof_fail(e, log, ignored.offset, "%s", ignored.msg) : 0;
	}
	if (rc)
		return prof_fail(e, rc, none.offset, "%s", none.msg);
	return f->kind == PROF_KIND_TEXT_PROFILE ? read_memstats(f, limits, e) : 0;
}

/* What kind it is; and the profile, where it is one as most are. */
static int see(struct prof_archive_file *f, struct prof_input *in, const struct prof_limits *limits,
	struct prof_err *e)
{
	int rc = prof_input_again(in, f->bytes, f->n, limits, e);

	if (rc)
		return rc;
	if (prof_sniff(in, &f->kind, NULL))
		f->kind = PROF_KIND_UNKNOWN;
	f->is_trace = f->kind == PROF_KIND_TRACE;
	return f->kind == PROF_KIND_PPROF ? prof_profile_from(in, f->kind, &f->profile, e) : 0;
}

int prof_archive_file_decode(struct prof_archive_file *f, struct prof_input *in,
	const struct prof_limits *limits, struct prof_err *e)
{
	int rc = f->unseen ? see(f, in, limits, e) : 0;

	if (rc || f->profile || f->is_trace)
		return rc;
	return decode(f, limits, e);
}

void prof_archive_file_drop(struct prof_archive_file *f)
{
	free(f->bytes);
	f->bytes = NULL;
	f->n = 0;
}

void prof_archive_file_fini(struct prof_archive_file *f)
{
	prof_archive_file_drop(f);
	prof_profile_free(f->profile);
	prof_timeline_free(f->log);
	prof_buf_fini(&f->goroutines);
	*f = (struct prof_archive_file){0};
}
