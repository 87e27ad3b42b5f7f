/* The line that begins a goroutine in a dump, of Go 1.5 to 1.27:
 *
 *	goroutine N[ gp=0x.. m=M|nil[ mp=0x..]] [STATUS[ (leaked)][ (scan)][ (durable)][, K minutes]
 *		[, locked to thread][, synctest bubble B][ labels:{"k": "v"}]]
 *		[ {k: v, tenant: "a b"}]:
 *
 * gp, m and mp since 1.22 at GOTRACEBACK=system and in crashes; synctest's number was called a
 * group in 1.24, and its durable states ended in (synctest); labels inside the brackets are 1.26's,
 * behind them 1.27's.
 */
#ifndef PROF_READ_DUMP_HEADER_H
#define PROF_READ_DUMP_HEADER_H

#include "libprof/read/text_lines.h"

struct prof_dump_header {
	const char *start; /* of "goroutine" in the line: what stands before is a log's prefix */
	uint64_t id;
	struct prof_str status; /* without what follows it */
	int32_t minutes;
	uint32_t bubble;
	unsigned flags; /* enum prof_goroutine_flags */
	struct prof_text_line labels; /* what is inside their braces; p NULL: none */
};

/* Finds one in `l`, anywhere in the line but up to its end; `l` stays as it is. */
bool prof_dump_header(const struct prof_text_line *l, struct prof_dump_header *h);

/* The next label of h->labels, unquoted behind what `chars` holds (*key and *value point there
 * until the next call). 1, 0 at the end or where they are broken, PROF_ENOMEM, PROF_ELIMIT.
 */
struct prof_dump_chars {
	PROF_VEC(char) v;
};
int prof_dump_label(struct prof_text_line *labels, struct prof_mem *mem,
	struct prof_dump_chars *chars, struct prof_str *key, struct prof_str *value,
	struct prof_err *e) PROF_CHECKED;

/* Appends the character or escape of Go or JSON at l->p (which moves): \n, \t, \xNN, \uNNNN … */
int prof_dump_unescape(struct prof_text_line *l, struct prof_mem *mem,
	struct prof_dump_chars *chars, struct prof_err *e) PROF_CHECKED;

#endif
