/* A chart as a result: panels above one another over one axis of time, each with layers in one
 * unit. A renderer draws it as a picture or a page and knows nothing of what it shows.
 *
 * Times are ns from the left edge. Memory is the chart's own.
 */
#ifndef PROF_MODEL_CHART_H
#define PROF_MODEL_CHART_H

#include "libprof/base/arena.h"
#include "libprof/base/strtab.h"
#include "libprof/prof.h"

enum prof_chart_unit { PROF_CHART_BYTES, PROF_CHART_NS, PROF_CHART_PART };

enum prof_chart_kind {
	PROF_CHART_LINE, /* straight from point to point; y NAN: a gap */
	PROF_CHART_STEPS, /* y holds until the next point */
	PROF_CHART_AREA, /* steps, filled down to 0 */
	PROF_CHART_STICKS, /* from 0 up to y */
	PROF_CHART_BANDS, /* the whole height from x to y, which is a time, too */
	PROF_CHART_LEVEL, /* one y all along; points[0] */
};

struct prof_chart_point {
	double x, y;
};

struct prof_chart_layer {
	enum prof_chart_kind kind;
	const char *name; /* in the key */
	const char *style; /* class of the style sheet, web/chart.css */
	PROF_VEC(struct prof_chart_point) points; /* by x */
};

enum { PROF_CHART_LAYERS = 6, PROF_CHART_PANELS = 4 };

struct prof_chart_panel {
	const char *title;
	enum prof_chart_unit unit;
	unsigned height; /* px */
	double max; /* of all y */
	struct prof_chart_layer layers[PROF_CHART_LAYERS];
	size_t n_layers;
};

/* What a reader is told at the pointer: of all that is between x and the next label. */
struct prof_chart_label {
	double x;
	struct prof_str text; /* lines by \n */
};

struct prof_chart {
	struct prof_mem mem;
	struct prof_arena arena;
	struct prof_str title;
	PROF_VEC(struct prof_str) about; /* lines below the title */
	double end_ns; /* the right edge */
	struct prof_chart_panel panels[PROF_CHART_PANELS];
	size_t n_panels;
	PROF_VEC(struct prof_chart_label) labels; /* by x */
};

struct prof_chart *prof_chart_new(struct prof_err *e);
/* prof_chart_free is in prof.h. */

/* The panel and the layer are there until the chart is freed. */
struct prof_chart_panel *prof_chart_panel(
	struct prof_chart *c, const char *title, enum prof_chart_unit unit, unsigned height);
struct prof_chart_layer *prof_chart_layer(
	struct prof_chart_panel *p, enum prof_chart_kind kind, const char *name, const char *style);

/* Also raises the panel's max, but for BANDS. */
int prof_chart_point(struct prof_chart *c, struct prof_chart_panel *p, struct prof_chart_layer *l,
	double x, double y, struct prof_err *e) PROF_CHECKED;

/* A line of `about`, and a label; the text is copied. */
int prof_chart_about(struct prof_chart *c, struct prof_str text, struct prof_err *e) PROF_CHECKED;
int prof_chart_label(
	struct prof_chart *c, double x, struct prof_str text, struct prof_err *e) PROF_CHECKED;

#endif
