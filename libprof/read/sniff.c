#include "libprof/read/sniff.h"

#include <string.h>

#include "libprof/read/dump.h"
#include "libprof/read/folded.h"
#include "libprof/read/godebug.h"
#include "libprof/read/gperftools.h"
#include "libprof/read/text_profile.h"

enum { LOOK_BYTES = 1024, LOOK_LINES_BYTES = 64 << 10 };

const char *prof_kind_name(enum prof_kind kind)
{
	static const char *const names[] = {
		[PROF_KIND_UNKNOWN] = "unknown",
		[PROF_KIND_EMPTY] = "empty",
		[PROF_KIND_PPROF] = "pprof profile",
		[PROF_KIND_TEXT_PROFILE] = "text profile (debug=1)",
		[PROF_KIND_GOROUTINES] = "goroutine dump",
		[PROF_KIND_TRACE] = "execution trace",
		[PROF_KIND_GODEBUG_LOG] = "GODEBUG log",
		[PROF_KIND_BINARY] = "executable",
		[PROF_KIND_SQLITE] = "SQLite database",
		[PROF_KIND_GPERFTOOLS_CPU] = "gperftools CPU profile",
		[PROF_KIND_FOLDED] = "folded stacks",
	};

	return names[kind];
}

bool prof_kind_is_profile(enum prof_kind kind)
{
	return kind == PROF_KIND_PPROF || kind == PROF_KIND_TEXT_PROFILE ||
	       kind == PROF_KIND_GPERFTOOLS_CPU || kind == PROF_KIND_FOLDED ||
	       kind == PROF_KIND_GOROUTINES;
}

static bool starts(const uint8_t *p, size_t n, const char *with)
{
	size_t len = strlen(with);

	return n >= len && memcmp(p, with, len) == 0;
}

static bool holds(const uint8_t *p, size_t n, const char *what)
{
	size_t len = strlen(what);

	for (size_t i = 0; i + len <= n; i++)
		if (p[i] == (uint8_t)what[0] && memcmp(p + i, what, len) == 0)
			return true;
	return false;
}

/* One of the profile's fields with the wire type it has: a Go profile begins with 0x0a. */
static bool is_pprof_tag(uint8_t tag)
{
	unsigned field = tag >> 3, type = tag & 7;
	bool message = field <= 6 || field == 11;

	if (!field || field > 15)
		return false;
	return type == (message ? 2 : 0) || (field == 13 && type == 2);
}

static bool is_text(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] < 0x20 && p[i] != '\n' && p[i] != '\r' && p[i] != '\t' && p[i] != 0x1b)
			return false;
	return true;
}

static enum prof_kind text_kind(const uint8_t *p, size_t n)
{
	if (prof_text_is_profile(p, n))
		return PROF_KIND_TEXT_PROFILE;
	if (prof_dump_is(p, n))
		return PROF_KIND_GOROUTINES;
	if (prof_godebug_is(p, n))
		return PROF_KIND_GODEBUG_LOG;
	return PROF_KIND_UNKNOWN;
}

static enum prof_kind kind_of(const uint8_t *p, size_t n)
{
	static const char *const binaries[] = {"\177ELF", "MZ", "\xfe\xed\xfa\xce",
		"\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe"};

	if (!n)
		return PROF_KIND_EMPTY;
	if (starts(p, n, "go 1.") && holds(p, n < 16 ? n : 16, " trace"))
		return PROF_KIND_TRACE;
	if (starts(p, n, "SQLite format 3"))
		return PROF_KIND_SQLITE;
	for (size_t i = 0; i < sizeof(binaries) / sizeof(binaries[0]); i++)
		if (starts(p, n, binaries[i]))
			return PROF_KIND_BINARY;
	if (is_text(p, n))
		return text_kind(p, n);
	if (prof_gperftools_is_cpu(p, n))
		return PROF_KIND_GPERFTOOLS_CPU;
	return is_pprof_tag(p[0]) ? PROF_KIND_PPROF : PROF_KIND_UNKNOWN;
}

int prof_sniff(struct prof_input *in, enum prof_kind *kind, struct prof_err *e)
{
	int rc = prof_input_fill(in, LOOK_BYTES, e);
	size_t n = (size_t)(in->end - in->p);

	if (rc)
		return rc;
	n = n < LOOK_BYTES ? n : LOOK_BYTES;
	*kind = kind_of(in->p, n);
	if (*kind != PROF_KIND_UNKNOWN || !is_text(in->p, n))
		return 0;
	rc = prof_input_fill(in, LOOK_LINES_BYTES, e);
	n = (size_t)(in->end - in->p);
	if (!rc && prof_godebug_is(in->p, n))
		*kind = PROF_KIND_GODEBUG_LOG;
	else if (!rc && prof_folded_is(in->p, n, in->eof || n < LOOK_LINES_BYTES))
		*kind = PROF_KIND_FOLDED;
	else if (!rc && prof_dump_is(in->p, n))
		*kind = PROF_KIND_GOROUTINES;
	return rc;
}
