/* A flame graph as the JSON that libprof/render/web/flame.js reads, safe inside a <script>:
 *
 *	title, what, head [lines], ratio, diff, share, width, byCum, byName, inverted, cut, nRows
 *	types	[{name, unit, total: [new, old], steps: [[factor, unit], …]}], type
 *	frames	[[name, package], or [name, package, function, file, line]], by number
 *	packages, colours	names; which of the palette each has
 *	nodes	{frame, kids, self: [a column], rest: [a column], inlined: "012…", changed:
 *		[a type]}, level by level: a node's children are the next kids[i] that have no
 *		parent yet
 *	rows	{frame, flat: [a column], cum: [a column]}
 *
 * A column is a type, or where two sides are compared new and old of a type.
 */
#ifndef PROF_RENDER_FLAME_DATA_H
#define PROF_RENDER_FLAME_DATA_H

#include "libprof/base/buf.h"
#include "libprof/model/flame.h"

int prof_flame_data(
	const struct prof_flame *f, struct prof_buf *b, struct prof_err *e) PROF_CHECKED;

#endif
