#include "libprof/analyse/leak/leak.h"

#include "libprof/base/escape.h"
#include "libprof/join/open.h"
#include "libprof/read/dump.h"
#include "libprof/read/trace.h"

static void tell(struct prof_leak *k, const char *path, const char *what)
{
	if (k->damage.n) {
		k->damage.n--;
		prof_buf_str(&k->damage, "; ");
	}
	prof_buf_plain(&k->damage, prof_str_of(path));
	prof_buf_str(&k->damage, ": ");
	prof_buf_str(&k->damage, what);
	prof_buf_char(&k->damage, '\0');
}

static int take(struct prof_leak *k, const struct prof_goroutines *s, const char *path,
	int64_t file_ns, struct prof_err *e)
{
	if (s->p->damage)
		tell(k, path, prof_profile_damage(s->p));
	if (k->damage.code)
		return prof_nomem(e);
	return prof_leak_take(k, s, path, file_ns, e);
}

/* Every dump that a text holds is a snapshot. *n: how many there were. */
static int dumps(struct prof_leak *k, struct prof_input *in, const char *path, int64_t file_ns,
	size_t *n, struct prof_err *e)
{
	struct prof_dump_reader *d = NULL;
	struct prof_goroutines *s;
	int rc = prof_dump_reader_new(in, &d, e), more = 1;

	for (*n = 0; !rc && (more = prof_dump_next(d, &s, e)) > 0; ++*n) {
		rc = take(k, s, path, file_ns, e);
		prof_goroutines_free(s);
	}
	prof_dump_reader_free(d);
	return rc ? rc : more;
}

/* `in` is a trace. What is damaged in it is told once it was read. */
static int trace(struct prof_leak *k, struct prof_input *in, const char *path, int64_t file_ns,
	struct prof_err *e)
{
	struct prof_trace *t;
	int rc = prof_trace_from(in, &t, e);

	if (rc)
		return rc;
	rc = prof_leak_take_trace(k, t, path, file_ns, e);
	if (!rc && t->damage.n)
		tell(k, path, t->damage.v[0].what);
	prof_trace_free(t);
	return !rc && k->damage.code ? prof_nomem(e) : rc;
}

static int any(struct prof_leak *k, struct prof_input *in, const char *path, int64_t file_ns,
	struct prof_err *e)
{
	struct prof_goroutines s = {0};
	enum prof_kind kind;
	size_t n;
	int rc = prof_sniff(in, &kind, e);

	if (rc)
		return rc;
	if (kind == PROF_KIND_GOROUTINES || kind == PROF_KIND_UNKNOWN ||
		kind == PROF_KIND_GODEBUG_LOG) {
		rc = dumps(k, in, path, file_ns, &n, e);
		if (!rc && !n)
			rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				"neither a goroutine profile nor a text with goroutines (%s)",
				prof_kind_name(kind));
		return prof_input_blame(in, rc, e);
	}
	if (kind == PROF_KIND_TRACE)
		return trace(k, in, path, file_ns, e);
	rc = prof_profile_from(in, kind, &s.p, e);
	if (!rc)
		rc = take(k, &s, path, file_ns, e);
	prof_profile_free(s.p);
	return rc;
}

int prof_leak_add(struct prof_leak *k, const char *path, int64_t file_ns,
	const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_input in;
	int rc = prof_input_open(&in, path, limits, e);

	if (rc)
		return rc;
	rc = any(k, &in, path, file_ns, e);
	prof_input_close(&in);
	return rc;
}
