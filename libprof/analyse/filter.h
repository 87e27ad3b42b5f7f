/* prof_filter and prof_filter_uninteresting of prof.h. Both edit the stacks in place: each
 * location is marked once, then every stack is narrowed by its locations' marks.
 */
#ifndef PROF_ANALYSE_FILTER_H
#define PROF_ANALYSE_FILTER_H

#include "libprof/model/profile.h"

/* Drops the samples i with dead[i], n_samples of them in all. */
void prof_drop_samples(struct prof_profile *p, const bool *dead);

/* The filters over labels, of labels.c: tag_focus and tag_ignore, tag_show and tag_hide. */
int prof_filter_labels(struct prof_profile *p, const struct prof_filter *f, unsigned *missed,
	struct prof_err *e) PROF_CHECKED;

/* The unit of each numeric label's key, as pprof infers it: the first that a sample has; else
 * "bytes" for "alignment" and "request", else the key itself. units[key] is a string, 0 where there
 * is none; free it with prof_label_units_free.
 */
int prof_label_units(struct prof_profile *p, uint32_t **units, struct prof_err *e) PROF_CHECKED;
void prof_label_units_free(struct prof_profile *p, uint32_t *units);

/* Adds pseudo frames for the values of the labels named in `root` and `leaf` (keys by commas; NULL
 * or "": none): the first key outermost. Numbers are shown in `unit`.
 */
int prof_add_label_frames(struct prof_profile *p, const char *root, const char *leaf,
	const char *unit, unsigned *missed, struct prof_err *e) PROF_CHECKED;

/* pprof loses numeric labels that are 0 and have no unit when it reads a profile; reports do so
 * too. */
static inline bool prof_label_counts(const struct prof_label *l)
{
	return l->is_str || l->num || l->unit;
}

#endif
