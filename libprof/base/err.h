/* Error objects. Fallible functions return 0 or a negative PROF_E… and describe the first failure
 * in a caller-owned struct prof_err (see prof.h); later failures on the same object do not
 * overwrite it. Nothing is allocated, so reporting "out of memory" cannot fail.
 */
#ifndef PROF_BASE_ERR_H
#define PROF_BASE_ERR_H

#include <stdarg.h>

#include "libprof/prof.h"

#define PROF_NO_OFFSET ((int64_t)-1)
#define PROF_CHECKED __attribute__((warn_unused_result))
#define PROF_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Records code, byte offset (PROF_NO_OFFSET: none) and message unless `e` already holds an error;
 * always returns `code`, so that `return prof_fail(…)` reads well. `e` may be NULL.
 */
int prof_fail(struct prof_err *e, int code, int64_t offset, const char *fmt, ...) PROF_PRINTF(4, 5)
	__attribute__((cold));

/* prof_fail for a failed allocation. */
int prof_nomem(struct prof_err *e) __attribute__((cold));

#endif
