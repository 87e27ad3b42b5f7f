/* Sites of two processes side by side. */
#ifndef PROF_ANALYSE_CONTENTION_COMPARE_H
#define PROF_ANALYSE_CONTENTION_COMPARE_H

#include "libprof/analyse/contention/report.h"

struct prof_contention_amount {
	const struct prof_contention_site *site; /* NULL: there is none on this side */
	double waiting; /* goroutines; NAN: not known */
	int64_t count, ns;
};

struct prof_contention_change {
	uint64_t path; /* what makes it one */
	uint8_t class, list; /* the list that NEW has it on */
	struct prof_str text;
	struct prof_contention_amount sides[2]; /* enum prof_side */
	double change; /* goroutines that wait more; where not by_rate, ns */
};

/* By change, the worst first. */
struct prof_contention_changes {
	struct prof_contention_change *v;
	size_t n, cap;
	bool rates[2]; /* that side's are known of all */
	bool by_rate;
};

/* The changes refer to the sites of both sides. Freed by _fini, also after an error. */
int prof_contention_compare(struct contending *x, struct prof_contention_changes *out) PROF_CHECKED;
void prof_contention_changes_fini(struct contending *x, struct prof_contention_changes *v);

#endif
