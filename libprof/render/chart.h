/* Charts as SVG, and as the pages that hold one: the same picture with a pointer that tells values,
 * and zoom. Both are well-formed XML, load nothing, and run nothing but the page's own script.
 *
 * Each panel is a nested <svg> whose viewBox is 0 … 1000000 wide, the whole of the time: to zoom is
 * to change it.
 */
#ifndef PROF_RENDER_CHART_H
#define PROF_RENDER_CHART_H

#include "libprof/base/buf.h"
#include "libprof/model/chart.h"

enum { PROF_CHART_UNITS = 1000000 };

/* The <svg> element. `alone`: a file of its own, with styles. */
void prof_chart_put_svg(const struct prof_chart *c, bool alone, struct prof_buf *b);

/* "1.5 s", "300 MB", "5 %" for a tick of a step. */
void prof_chart_put_tick(struct prof_buf *b, enum prof_chart_unit unit, double v);

#endif
