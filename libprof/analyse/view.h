/* What every report of pprof begins with: the options applied to a profile, in pprof's order, and
 * the graph that is left, trimmed.
 *
 *	tag frames, [filters when percents are relative], total, [filters], granularity,
 *	values, trimming, edges
 */
#ifndef PROF_ANALYSE_VIEW_H
#define PROF_ANALYSE_VIEW_H

#include "libprof/analyse/trim.h"
#include "libprof/model/report.h"

struct prof_view {
	struct prof_profile *p;
	struct prof_view_opts opts; /* with the report's own defaults filled in */
	struct prof_err *e;
	uint32_t index; /* sample type */
	int64_t total;
	uint32_t *label_units; /* prof_label_units, from before any filter */
	struct prof_graph g;
	struct prof_trimmed t;
	struct prof_str unit, out_unit; /* of the type; how values are shown */
	double ratio;
	bool untrimmed;
	size_t dropped_edges; /* told in the head */
	bool whole_head; /* compact or not */
};

/* Up to the filters. `e` must not be NULL. prof_view_fini is due whatever it returns. */
int prof_view_init(struct prof_view *v, struct prof_profile *p, const struct prof_view_opts *opts,
	unsigned *missed, struct prof_err *e) PROF_CHECKED;
void prof_view_fini(struct prof_view *v);

/* The nodes of the granularity, without values. `objects`: nodes of different binaries and start
 * lines are apart, as in reports that are about addresses.
 */
int prof_view_nodes(struct prof_view *v, bool objects) PROF_CHECKED;

/* Nodes, values, trimming; then the unit of all values. `integers`: one that keeps them whole;
 * `tree`: of paths, with its edges (prof_graph_calltree).
 */
int prof_view_graph(struct prof_view *v, bool objects, bool integers, bool tree) PROF_CHECKED;

/* The steps of it, for what trims otherwise; `fraction`: of prof_graph_calltree. */
int prof_view_values(struct prof_view *v, bool objects, bool tree, double fraction) PROF_CHECKED;
struct prof_trim_opts prof_view_trim_opts(const struct prof_view *v);
void prof_view_choose_unit(struct prof_view *v, bool integers);

/* The JSON fields that all reports have: sample_type, unit, total. */
int prof_view_fields(const struct prof_view *v, struct prof_report *r) PROF_CHECKED;

/* The lines above the report, and the units, into `r`. */
int prof_view_head(const struct prof_view *v, struct prof_report *r) PROF_CHECKED;

/* The same lines without those about what is shown, for reports that show all. */
int prof_view_profile_head(const struct prof_view *v, struct prof_report *r) PROF_CHECKED;

/* A value in the view's units. */
void prof_view_put(const struct prof_view *v, struct prof_buf *b, int64_t value);

#endif
