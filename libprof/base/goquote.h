/* Strings as Go's %q writes them. */
#ifndef PROF_BASE_GOQUOTE_H
#define PROF_BASE_GOQUOTE_H

#include "libprof/base/buf.h"

/* With double quotes; what is not printable, and bytes that are not UTF-8, become escapes. Of
 * characters that no version of Unicode has assigned Go escapes some more.
 */
void prof_buf_go_quote(struct prof_buf *b, struct prof_str s);

#endif
