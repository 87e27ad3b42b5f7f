/* Shared by the files of the dump decoder: dump.c tells lines apart, dump_stack.c makes stacks of
 * frames, dump_build.c a goroutine and, at the end, a profile of what was read.
 */
#ifndef PROF_READ_DUMP_IMPL_H
#define PROF_READ_DUMP_IMPL_H

#include "libprof/model/build.h"
#include "libprof/read/dump.h"
#include "libprof/read/dump_lines.h"

/* A frame as its two lines name it. Most goroutines have the stack of one before, so a frame is
 * first compared with the one that followed its callee the last time.
 */
struct prof_dump_frame {
	struct prof_str function, place; /* place: "FILE:LINE"; in the reader's arena */
	uint32_t function_id, file_id; /* strings of the profile */
	int64_t line;
	uint32_t next; /* the frame that followed it last, or PROF_NONE */
	const struct prof_go_state *state; /* that a goroutine with it is in; NULL: any */
	bool inlined;
};

/* What is known so far of the goroutine that lines are about. */
struct prof_dump_open {
	bool is; /* there is one */
	bool created; /* "created by" and its place have been read */
	bool ancestors; /* what follows is about others */
	bool first; /* no line behind the header yet */
	struct prof_dump_prefix prefix;
	struct prof_goroutine g;
	const struct prof_go_state *state; /* NULL: not known by name */
	uint32_t state_text, creator; /* strings; creator 0: none */
	int64_t at; /* offset of the header */
	uint64_t first_sp, last_fp;
};

/* The first line of a frame waits for its second one. */
enum prof_dump_half { PROF_HALF_NONE, PROF_HALF_FRAME, PROF_HALF_CREATOR, PROF_HALF_PLAIN };

struct prof_dump_pending {
	enum prof_dump_half half;
	uint32_t guess; /* a frame whose function it is, or PROF_NONE: then `function` is set */
	uint32_t function;
	bool inlined;
	size_t args; /* of the snapshot, without its own */
};

struct prof_dump_row {
	uint32_t stack, labels;
};

struct prof_dump_reader {
	struct prof_dump_lines lines;
	struct prof_input *in;
	struct prof_err *e;
	struct prof_err none;
	struct prof_mem own; /* of `lines` */

	/* Of the dump that is being read; NULL between two. */
	struct prof_goroutines *s;
	struct prof_profile *p;
	struct prof_mem *mem; /* of p */
	struct prof_build b;
	struct prof_arena arena;
	struct prof_index frame_index, stack_index;
	struct prof_map64 ids; /* goroutine id -> its row */
	PROF_VEC(struct prof_dump_frame) frames;
	PROF_VEC(uint32_t) seq; /* the frames of all stacks */
	PROF_VEC(uint32_t) seq_start; /* of each stack in it; one more than there are */
	PROF_VEC(uint32_t) stacks; /* of each, its id in the profile */
	PROF_VEC(struct prof_dump_row) rows; /* beside s->g */
	PROF_VEC(struct prof_label) labels; /* scratch, as are these */
	PROF_VEC(uint32_t) locations;
	PROF_VEC(struct prof_line) stack_lines;
	struct prof_dump_chars chars;
	uint32_t first_frame; /* of the goroutine before */

	struct prof_dump_open open;
	struct prof_dump_pending pending;
	uint32_t last_frame; /* of the open goroutine, or PROF_NONE */
	bool relay; /* each thread tells of itself: ids come again */
	bool relayed; /* the next reason is such a thread's */
	bool asleep; /* "all goroutines are asleep" stood in front */
	uint64_t dumps; /* handed over */

	uint64_t broken, cut; /* frames without a second line; goroutines left out at the end */
	int64_t broken_at;
	bool cut_line; /* the last line has no end */
	uint64_t cut_id;
	char reason[160]; /* why the program wrote it: "panic: …" */
};

/* Begins and ends the structures that a dump's stacks are found in. */
int prof_dump_stacks_init(struct prof_dump_reader *d) PROF_CHECKED;
void prof_dump_stacks_fini(struct prof_dump_reader *d);

/* The first and the second line of a frame. *is: it was one. */
int prof_dump_function(struct prof_dump_reader *d, struct prof_text_line l, bool *is) PROF_CHECKED;
int prof_dump_place(struct prof_dump_reader *d, struct prof_text_line l, bool *is) PROF_CHECKED;

/* The open goroutine's stack, an id of the profile; empties what was gathered. */
int prof_dump_stack(struct prof_dump_reader *d, uint32_t *stack) PROF_CHECKED;

/* Begins a goroutine, and takes the open one up into the dump. */
int prof_dump_begin(struct prof_dump_reader *d, const struct prof_dump_header *h,
	const struct prof_text_line *l) PROF_CHECKED;
int prof_dump_commit(struct prof_dump_reader *d) PROF_CHECKED;

/* Begins and ends a dump; *out is the caller's. */
int prof_dump_start(struct prof_dump_reader *d) PROF_CHECKED;
int prof_dump_finish(struct prof_dump_reader *d, struct prof_goroutines **out) PROF_CHECKED;
void prof_dump_drop(struct prof_dump_reader *d);

#endif
