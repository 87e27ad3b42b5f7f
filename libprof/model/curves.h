/* Counts over time as a result: lines over the same points. A report may have one beside its table.
 */
#ifndef PROF_MODEL_CURVES_H
#define PROF_MODEL_CURVES_H

#include "libprof/model/report.h"

/* How much a line matters: its colour. */
enum prof_curves_tone { PROF_TONE_BAD, PROF_TONE_WARN, PROF_TONE_NOTE, PROF_TONE_PLAIN };

struct prof_curve {
	struct prof_str name, about; /* about: what stands behind the name, "leaking" */
	enum prof_curves_tone tone;
	const int64_t *v; /* one a point, none below 0; in parts of 1/scale */
};

struct prof_curves {
	struct prof_str title;
	const struct prof_curve *lines;
	size_t n_lines;
	const int64_t *times; /* ns; NULL: not known, points are evenly spaced */
	struct prof_str span; /* from the first to the last, for people; "": not known */
	size_t n; /* points, at least 1 */
	unsigned scale; /* 0: 1 */
	bool no_last; /* points are no snapshots: the last one is not worth a word */
};

#endif
