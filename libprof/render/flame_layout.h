/* Where the boxes of a flame graph go, for one of its sample types: everything between the model
 * and the pixels. libprof/render/web/flame.js does the same for pages; a change here is one there.
 */
#ifndef PROF_RENDER_FLAME_LAYOUT_H
#define PROF_RENDER_FLAME_LAYOUT_H

#include "libprof/base/buf.h"
#include "libprof/model/flame.h"

/* Widths are parts of the root's, x counts from the left. A node's children stand one behind
 * another from its left side on, then its rest; what is left is its own.
 */
struct prof_flame_layout {
	const struct prof_flame *f;
	struct prof_mem mem;
	double *x, *w; /* of each node */
	double *rest; /* its rest's width */
	double *kids; /* SUM of its children's widths */
};

int prof_flame_layout(
	struct prof_flame_layout *l, const struct prof_flame *f, struct prof_err *e) PROF_CHECKED;
void prof_flame_layout_fini(struct prof_flame_layout *l);

/* The class of a box: what it is filled with.
 *
 *	p0 … p24	the colour of its package
 *	d0		differential: no change, or no more than noise
 *	u1 … u4		grown, by under a tenth of the larger side, a quarter, a half, more
 *	n1 … n4		shrunk
 */
void prof_flame_class(const struct prof_flame *f, uint32_t node, struct prof_buf *b);

/* Whether a node of a differential graph is on one side only. */
bool prof_flame_one_sided(const struct prof_flame *f, uint32_t node);

/* As much of a frame's name as `columns` characters hold: the whole, without the package's path,
 * without type arguments, without the package; the last of these cut. Nothing under 3 columns.
 */
void prof_flame_label(const struct prof_flame_frame *frame, unsigned columns, struct prof_buf *b);

/* "1.20s" in the units of the type. */
void prof_flame_value(const struct prof_flame *f, uint32_t type, int64_t value, struct prof_buf *b);

/* "12.34%", trimmed. */
void prof_flame_percent(int64_t value, int64_t total, struct prof_buf *b);

/* The lines that a box shows when one points at it: name, values, whether inlined. Plain text. */
void prof_flame_details(const struct prof_flame *f, uint32_t node, struct prof_buf *b);

#endif
