/* Points in time and spans of it, as people write them. UTC where no zone is given. */
#ifndef PROF_BASE_WHEN_H
#define PROF_BASE_WHEN_H

#include <stdbool.h>

#include "libprof/base/buf.h"

/* ns since 1970 UTC of "2026-11-21", "2026-11-21T03:00:00Z", "2026-11-21 03:00:00.5+01:00",
 * "20261121", "20261121T030000" (also with _ or - between, or nothing), and of integers of 9 to 19
 * digits since 1970: seconds (9 to 11 digits), ms (12, 13), us (15, 16), ns (18, 19). False when it
 * is none of these.
 */
bool prof_when_parse(struct prof_str s, int64_t *ns);

/* ns of "36h", "180d", "4w", "1y" (365 days), "90m", "30s"; parts add up: "1d12h". */
bool prof_when_parse_span(struct prof_str s, int64_t *ns);

/* "2026-11-21 03:00:00", in UTC; "-" for 0. */
void prof_when_put(struct prof_buf *b, int64_t ns);

#endif
