/* Pages of HTML that need nothing but themselves: styles, scripts and data are in the file, and its
 * policy lets the browser load nothing and run only these scripts, whatever stands in a name.
 * They are well-formed XML, too.
 *
 *	prof_html_begin(b, title);
 *	… prof_html_flame(f, b, e) …
 *	prof_html_end(b);
 */
#ifndef PROF_RENDER_HTML_H
#define PROF_RENDER_HTML_H

#include "libprof/base/buf.h"
#include "libprof/model/flame.h"

/* From the doctype to the start of the body. */
void prof_html_begin(struct prof_buf *b, struct prof_str title);
void prof_html_end(struct prof_buf *b);

/* A flame graph with its switches, its table and its script: once a page. */
int prof_html_flame(
	const struct prof_flame *f, struct prof_buf *b, struct prof_err *e) PROF_CHECKED;

#endif
