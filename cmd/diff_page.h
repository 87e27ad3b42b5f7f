/* profdiff as a page, and as a picture: the differential flame graph of what was compared. */
#ifndef CMD_DIFF_PAGE_H
#define CMD_DIFF_PAGE_H

#include "cmd/cmd.h"

/* What both sides hold, by enum prof_side; the lists are malloc'd. */
struct diff_profiles {
	struct prof_profile **v[2];
	size_t n[2];
};

void diff_profiles_fini(struct diff_profiles *p);

/* Writes the page or the picture that was asked for. `r` is the comparison (a picture needs none),
 * of `sample_type`. Takes the profiles out of *p. Returns the exit status.
 */
int diff_put_page(const struct prof_report *r, const struct prof_diff_opts *opts,
	const char *sample_type, struct diff_profiles *p);

#endif
