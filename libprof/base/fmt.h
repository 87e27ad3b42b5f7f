/* Numbers and units as pprof prints them (reference: pprof's internal/measurement), and the
 * few forms of our own. Nothing here depends on the locale.
 *
 * Units are names; three families are known, with aliases, any case and an optional plural s:
 *	memory	B kB MB GB TB PB		(factors of 1024)
 *	time	ns us ms s hrs			(no minutes, as pprof)
 *	GCU	n*GCU … P*GCU
 * Other units are kept as they are; count, sample, unit, minimum, auto print as nothing.
 */
#ifndef PROF_BASE_FMT_H
#define PROF_BASE_FMT_H

#include "libprof/base/buf.h"

/* printf's conversion `conv` ('f', 'g' or 'e') with a '.' whatever the locale. At most 32 digits
 * behind the point.
 */
void prof_buf_double(struct prof_buf *b, double v, char conv, int precision);

/* Converts `value` from one unit to another; *unit is the name that belongs to the result, "" when
 * it is not worth printing. `to` may be "auto" or "minimum": the largest unit that gives at
 * least 1. A `to` of another family than `from` gives the default of from's family (s, B, GCU).
 */
double prof_unit_scale(
	int64_t value, struct prof_str from, struct prof_str to, struct prof_str *unit);

/* Whether two units convert into one another: same name, or same family. */
bool prof_unit_compatible(struct prof_str a, struct prof_str b);

/* "1.50s", "2s", "3.91MB", "0": two decimals, .00 dropped. */
void prof_fmt_scaled(struct prof_buf *b, int64_t value, struct prof_str from, struct prof_str to);

/* The same of `value` times `ratio`, truncated, where that is over 0 and not 1: pprof's -divide_by.
 */
void prof_fmt_value(
	struct prof_buf *b, int64_t value, double ratio, struct prof_str from, struct prof_str to);

/* |value / total| as pprof prints it: "  100%", "12.34%", " 0.5%", "    0%" (also for total 0). */
void prof_fmt_percent(struct prof_buf *b, int64_t value, int64_t total);
/* The same without the blanks in front. */
void prof_fmt_share(struct prof_buf *b, int64_t value, int64_t total);

#endif
