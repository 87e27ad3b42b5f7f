/* The lines that pprof prints above a report: what the profile is, and how much of it is shown. */
#ifndef PROF_ANALYSE_HEAD_H
#define PROF_ANALYSE_HEAD_H

#include "libprof/model/profile.h"
#include "libprof/model/report.h"

struct prof_head {
	const struct prof_profile *profile;
	uint32_t index; /* sample type */
	bool mean, compact; /* compact: nothing about the profile as a whole */
	bool shows_part; /* the lines about what is shown */
	const struct prof_filter *filter;
	const char *time_text;
	int64_t total, shown; /* SUM |value|; SUM flat of the nodes shown */
	size_t shown_nodes, nodes, dropped_nodes, dropped_edges;
	double node_fraction, edge_fraction;
};

/* Adds the lines to r->head, values in r's units. */
int prof_head_report(
	const struct prof_head *h, struct prof_report *r, struct prof_err *e) PROF_CHECKED;

/* "2006-01-02 15:04:05 UTC" of a time in ns. */
void prof_put_utc(struct prof_buf *b, int64_t ns);

#endif
