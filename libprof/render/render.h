/* Renderers of a report. Each escapes at its own edge. 0, or PROF_EIO / PROF_ENOMEM from the
 * buffer. */
#ifndef PROF_RENDER_RENDER_H
#define PROF_RENDER_RENDER_H

#include "libprof/model/report.h"

/* Head lines, aligned table, foot lines. */
void prof_render_text(const struct prof_report *r, struct prof_buf *b);

/* {"schema": …, fields…, "rows": [{…}, …]} on several lines, a row a line. */
void prof_render_json(const struct prof_report *r, struct prof_buf *b);

/* For a comment in a code review: a hidden line to find it again by ("<!-- prof.diff/1 cpu -->"),
 * the headline, the table's main columns, and the text of all of it folded away.
 */
void prof_render_markdown(const struct prof_report *r, struct prof_buf *b);

/* A report that has a diagram, in DOT; and its nodes and edges as JSON (behind the fields). */
void prof_render_dot(const struct prof_report *r, struct prof_buf *b);
void prof_render_diagram_json(const struct prof_report *r, struct prof_buf *b);

/* A number or a truth value as programs read it. False: it is none, or not finite. */
bool prof_render_number(struct prof_buf *b, const struct prof_cell *c);

/* A cell as text shows it, alone in `b`. */
void prof_render_cell(const struct prof_report *r, const struct prof_table_column *col,
	const struct prof_cell *c, struct prof_buf *b);

/* Whether the table is for people, too: one without titles is for programs only. */
bool prof_render_has_titles(const struct prof_report *r);

/* Lines over time as an <svg>, to stand alone or in a page. */
struct prof_curves;
void prof_render_curves(const struct prof_curves *s, bool titled, struct prof_buf *b);

/* Bars, likewise; and how high that is, px. */
struct prof_bars;
void prof_render_bars(const struct prof_bars *s, struct prof_buf *b);
int prof_bars_height(const struct prof_bars *s);

/* The body of a report that is a tree, as text and as JSON (behind the head and the fields). */
void prof_render_tree(const struct prof_report *r, struct prof_buf *b);
void prof_render_tree_json(const struct prof_report *r, struct prof_buf *b);

#endif
