/* Renderers of a report. Each escapes at its own edge. 0, or PROF_EIO / PROF_ENOMEM from the
 * buffer. */
#ifndef PROF_RENDER_RENDER_H
#define PROF_RENDER_RENDER_H

#include "libprof/model/report.h"

/* Head lines, aligned table, foot lines. */
void prof_render_text(const struct prof_report *r, struct prof_buf *b);

/* {"schema": …, fields…, "rows": [{…}, …]} on several lines, a row a line. */
void prof_render_json(const struct prof_report *r, struct prof_buf *b);

/* The body of a report that is a tree, as text and as JSON (behind the head and the fields). */
void prof_render_tree(const struct prof_report *r, struct prof_buf *b);
void prof_render_tree_json(const struct prof_report *r, struct prof_buf *b);

#endif
