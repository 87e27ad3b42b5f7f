/* What a series differs by on each day of the week: traffic of weekdays is not that of weekends,
 * and shares of code follow it, often by more than a step that is looked for.
 */
#ifndef PROF_ANALYSE_STATS_SEASON_H
#define PROF_ANALYSE_STATS_SEASON_H

#include <stddef.h>
#include <stdint.h>

#include "libprof/base/mem.h"

/* factor[n]: what y[n] >= 0 is multiplied by on its day of the week, about 1 in the mean; day[n]
 * rising numbers of days. A weekday's is the middle of its values, each over the mean of the week
 * around it; since factors that are only chance would add to the noise they are drawn to 1 by what
 * chance makes of seven means (James and Stein's estimate, never beyond 1). All 1 where fewer than
 * four weeks are there.
 */
int prof_season_find(double *factor, const double *y, const int64_t *day, size_t n,
	struct prof_mem *mem, struct prof_err *e) PROF_CHECKED;

#endif
