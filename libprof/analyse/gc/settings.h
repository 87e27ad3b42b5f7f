/* Settings that a user asks what-if to try. */
#ifndef PROF_ANALYSE_GC_SETTINGS_H
#define PROF_ANALYSE_GC_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "libprof/base/err.h"

struct prof_gc_setting {
	double gogc; /* percent; INFINITY: off */
	double limit_bytes; /* INFINITY: none */
	bool has_gogc, has_limit; /* else as in the run */
};

/* The settings that "gogc=50,200+gomemlimit=1GiB" lists: all combinations. At most 64. PROF_EUSAGE.
 */
enum { PROF_GC_MAX_SETTINGS = 64 };
int prof_gc_settings(
	const char *text, struct prof_gc_setting *out, size_t *n, struct prof_err *e) PROF_CHECKED;

#endif
