/* What kind of capture the first bytes belong to: by content, never by name. */
#ifndef PROF_READ_SNIFF_H
#define PROF_READ_SNIFF_H

#include "libprof/read/input.h"

enum prof_kind {
	PROF_KIND_UNKNOWN,
	PROF_KIND_EMPTY,
	PROF_KIND_PPROF, /* profile.proto */
	PROF_KIND_TEXT_PROFILE, /* debug=1 of a Go profile, gperftools' heap */
	PROF_KIND_GOROUTINES, /* a goroutine dump: debug=2, panic, SIGQUIT */
	PROF_KIND_TRACE, /* an execution trace */
	PROF_KIND_GODEBUG_LOG, /* gctrace, schedtrace */
	PROF_KIND_BINARY, /* ELF, Mach-O, PE */
	PROF_KIND_SQLITE,
	PROF_KIND_GPERFTOOLS_CPU, /* binary, of gperftools' CPU profiler */
	PROF_KIND_FOLDED, /* "root;leaf 12" */
};

/* "goroutine dump" … */
const char *prof_kind_name(enum prof_kind kind);

/* Whether prof_profile_from reads it. */
bool prof_kind_is_profile(enum prof_kind kind);

/* Looks at what prof_input_fill gives of the first KiB (of text of no other kind: 64 KiB, for
 * stacks are long lines); consumes nothing.
 */
int prof_sniff(struct prof_input *in, enum prof_kind *kind, struct prof_err *e) PROF_CHECKED;

#endif
