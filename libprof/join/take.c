#include "libprof/join/take.h"

#include "libprof/base/escape.h"
#include "libprof/join/open.h"
#include "libprof/read/dump.h"
#include "libprof/read/trace.h"

static void begin_damage(const struct prof_taker *x)
{
	if (x->damage->n) {
		x->damage->n--;
		prof_buf_str(x->damage, "; ");
	}
	prof_buf_plain(x->damage, prof_str_of(x->path));
	prof_buf_str(x->damage, ": ");
}

static int end_damage(const struct prof_taker *x, const char *what, struct prof_err *e)
{
	prof_buf_str(x->damage, what);
	prof_buf_char(x->damage, '\0');
	return x->damage->code ? prof_nomem(e) : 0;
}

int prof_take_damage(const struct prof_taker *x, const struct prof_trace *t, struct prof_err *e)
{
	const struct prof_trace_damage *list;

	if (!prof_trace_damage(t, &list))
		return 0;
	begin_damage(x);
	prof_buf_printf(x->damage, "offset %lld: ", (long long)list[0].offset);
	return end_damage(x, list[0].what, e);
}

int prof_take_goroutines(
	const struct prof_taker *x, const struct prof_goroutines *s, struct prof_err *e)
{
	const char *damage = prof_profile_damage(s->p);
	int rc = 0;

	if (damage) {
		begin_damage(x);
		rc = end_damage(x, damage, e);
	}
	return rc ? rc : x->goroutines(x->ctx, s, e);
}

int prof_take_trace(const struct prof_taker *x, struct prof_trace *t, struct prof_err *e)
{
	int rc = x->trace(x->ctx, t, e);

	if (!rc)
		rc = prof_take_damage(x, t, e);
	prof_trace_free(t);
	return rc;
}

static int dumps(
	const struct prof_taker *x, struct prof_input *in, enum prof_kind kind, struct prof_err *e)
{
	struct prof_dump_reader *d = NULL;
	struct prof_goroutines *s;
	size_t n = 0;
	int rc = prof_dump_reader_new(in, &d, e), more = 1;

	for (; !rc && (more = prof_dump_next(d, &s, e)) > 0; n++) {
		rc = prof_take_goroutines(x, s, e);
		prof_goroutines_free(s);
	}
	prof_dump_reader_free(d);
	if (!rc && !more && !n)
		rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			"%s nor a text with goroutines (%s)", x->wanted, prof_kind_name(kind));
	return rc ? rc : more;
}

static int trace(const struct prof_taker *x, struct prof_input *in, struct prof_err *e)
{
	struct prof_trace *t;
	int rc = prof_trace_from(in, &t, e);

	return rc ? rc : prof_take_trace(x, t, e);
}

static int profile(
	const struct prof_taker *x, struct prof_input *in, enum prof_kind kind, struct prof_err *e)
{
	struct prof_goroutines s = {0};
	int rc = prof_profile_from(in, kind, &s.p, e);

	if (!rc)
		rc = prof_take_goroutines(x, &s, e);
	prof_profile_free(s.p);
	return rc;
}

int prof_take_input(const struct prof_taker *x, struct prof_input *in, struct prof_err *e)
{
	enum prof_kind kind;
	int rc = prof_sniff(in, &kind, e);

	if (rc)
		return rc;
	switch (kind) {
	case PROF_KIND_GOROUTINES:
	case PROF_KIND_UNKNOWN:
	case PROF_KIND_GODEBUG_LOG:
		return prof_input_blame(in, dumps(x, in, kind, e), e);
	case PROF_KIND_TRACE:
		return prof_input_blame(in, trace(x, in, e), e);
	default:
		return profile(x, in, kind, e);
	}
}
