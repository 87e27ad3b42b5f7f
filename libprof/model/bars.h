/* Amounts as bars beside their names, one below the other; a bar is made of parts, which the same
 * series of all bars have in common. A report may have such a chart beside its table.
 */
#ifndef PROF_MODEL_BARS_H
#define PROF_MODEL_BARS_H

#include "libprof/model/report.h"

enum { PROF_BARS_SERIES = 6 }; /* at most: so many colours there are */

struct prof_bar {
	struct prof_str name;
	bool first; /* of a group, which a gap is before */
	int64_t v[PROF_BARS_SERIES]; /* of each series, none below 0 */
};

struct prof_bars {
	struct prof_str title, unit;
	const char *series[PROF_BARS_SERIES]; /* what they are called in the key */
	size_t n_series;
	const struct prof_bar *bars;
	size_t n;
};

#endif
