/* The lines of a goroutine dump as the program wrote them, out of whatever log holds them.
 *
 * Dumps reach us in what took down standard error: as they are; behind a prefix a line (journald,
 * syslog, `docker compose logs`, `kubectl logs --prefix`, CRI's "TIME stderr F", a time); as one
 * line of JSON a line (docker's json-file, its text in "log"); or whole in one string of a JSON or
 * logfmt line, newlines escaped. The latter two are undone here; prefixes by prof_dump_strip.
 */
#ifndef PROF_READ_DUMP_LINES_H
#define PROF_READ_DUMP_LINES_H

#include "libprof/read/dump_header.h"

struct prof_dump_lines {
	struct prof_input *in;
	struct prof_mem *mem; /* of `text` */
	struct prof_dump_chars text; /* what was escaped in the line at `at` */
	size_t pos; /* of the next line in it */
	int64_t at;
	struct prof_text_line line; /* the last one */
	bool again; /* it is to be given once more */
};

/* The next line: 1, 0 at the end, or an error. `embedded`: the line may hold a whole dump in a
 * string, which is looked for between goroutines only.
 */
int prof_dump_line(struct prof_dump_lines *d, bool embedded, struct prof_text_line *l,
	struct prof_err *e) PROF_CHECKED;
/* Whether the line holds a dump whose lines end in the two characters "\n"; where. */
bool prof_dump_embedded(const struct prof_text_line *line, const char **start);

void prof_dump_lines_fini(struct prof_dump_lines *d);

/* What stands before a goroutine's header: so many words, the last of which is like `last` but for
 * its digits, and blanks. Every line of the goroutine has it, or else none but the first, which is
 * how Go's log package writes several lines.
 */
struct prof_dump_prefix {
	uint32_t words, blanks;
	char last[24]; /* its first characters */
	uint32_t n_last;
};

void prof_dump_prefix_of(
	const struct prof_text_line *l, const char *header, struct prof_dump_prefix *x);

/* Moves l->p behind the prefix; false: the line has none, and is somebody else's. */
bool prof_dump_strip(const struct prof_dump_prefix *x, struct prof_text_line *l);

#endif
