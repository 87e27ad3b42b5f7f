/* The frames of a profile as the flat formats know them: a table of different ones, and for each
 * location its own, outermost first, so that a stack is its locations from the last to the first.
 *
 *	by name		functions of one name are one frame
 *	by function	name, file and the line where the function begins
 *	by line		name, file and the line that was executed
 *
 * A location without a function is called after its mapping, "[libc.so.6]", or "<unknown>", as in
 * pprof's reports.
 */
#ifndef PROF_RENDER_PROFILE_FRAMES_H
#define PROF_RENDER_PROFILE_FRAMES_H

#include "libprof/base/buf.h"
#include "libprof/model/profile.h"

enum prof_frames_by { PROF_FRAMES_BY_NAME, PROF_FRAMES_BY_FUNCTION, PROF_FRAMES_BY_LINE };

struct prof_frame {
	uint32_t name, file, object; /* strings of the profile; object: only where name is "" */
	int64_t line; /* 0: not known, or not told apart by it */
	bool inlined; /* into its caller; only told apart where that was asked for */
};

struct prof_frames {
	const struct prof_profile *profile;
	struct prof_mem *mem;
	PROF_VEC(struct prof_frame) v; /* the first is that of an empty stack */
	/* Location l is the frames of.v[start[l] .. start[l + 1]), at least one. */
	uint32_t *start;
	PROF_VEC(uint32_t) of;
};

/* What a writer may use beside the profile itself, within the profile's limit. */
struct prof_mem prof_frames_mem(const struct prof_profile *p);

int prof_frames_init(struct prof_frames *f, const struct prof_profile *p, struct prof_mem *mem,
	enum prof_frames_by by, bool marks, struct prof_err *e) PROF_CHECKED;
void prof_frames_fini(struct prof_frames *f);

/* "name", "name file:line", "[object]" or "<unknown>", as it is. */
void prof_frame_put(const struct prof_frames *f, uint32_t frame, struct prof_buf *b);

/* The same as a folded stack wants it: ';', control characters, and a blank that only a number
 * follows are \xNN, inlined frames end in "_[i]".
 */
void prof_frame_put_folded(const struct prof_frames *f, uint32_t frame, struct prof_buf *b);
void prof_buf_folded(struct prof_buf *b, struct prof_str s);

/* Whether a label is written: our own ("prof::…") only when `flags` say so. */
bool prof_writes_label(
	const struct prof_profile *p, const struct prof_label *l, unsigned flags) PROF_CHECKED;

#endif
