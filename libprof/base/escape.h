/* Escaping: one function per syntax, used where text leaves the library. Names come from files and
 * are hostile: bytes of any value, not always UTF-8.
 */
#ifndef PROF_BASE_ESCAPE_H
#define PROF_BASE_ESCAPE_H

#include "libprof/base/buf.h"

/* A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, one for each. */
void prof_buf_json(struct prof_buf *b, struct prof_str s);

/* For a terminal or a log line: control characters, bytes that are not UTF-8 and characters that
 * reorder or hide text (U+200B-200F, U+202A-202E, U+2060-2069, U+FEFF) are shown as \xNN or
 * \u{NNNN}; all else is as it was.
 */
void prof_buf_plain(struct prof_buf *b, struct prof_str s);

/* The same as text or an attribute's value in HTML and XML (in double or single quotes): < > & " '
 * become references, and the two characters that XML forbids (U+FFFE, U+FFFF) are shown.
 */
void prof_buf_xml(struct prof_buf *b, struct prof_str s);

/* The same as a JSON string, with its quotes, that may stand in a <script> of HTML and of XML: < >
 * & ' become \u00NN.
 */
void prof_buf_script(struct prof_buf *b, struct prof_str s);

/* Inside of a quoted string of DOT: what prof_buf_plain makes of `s`, but for newlines, which end a
 * left-aligned line. References to characters (&amp;) are text.
 */
void prof_buf_dot(struct prof_buf *b, struct prof_str s);

/* Markdown (GitHub's and its relatives'), of what prof_buf_plain makes of `s`: as code, in a table
 * too; and as prose, where each word that could mean something (markup, HTML, @someone, #1, a link)
 * is code. Neither notifies anyone, for mentions and references in code are none. "" gives "".
 */
void prof_buf_md_code(struct prof_buf *b, struct prof_str s);
void prof_buf_md_prose(struct prof_buf *b, struct prof_str s);

/* Length of the well-formed UTF-8 sequence at p (1 to 4), or 0. *c is its character. */
unsigned prof_utf8_at(const char *p, size_t len, uint32_t *c);

/* Columns that prof_buf_plain's text takes, a character counting as one. */
size_t prof_plain_width(struct prof_str s);

#endif
