/* Shared by the files of the text decoder: text_profile.c reads headers and tells the lines apart,
 * text_record.c reads records with their comments, text_build.c makes the profile of them once
 * all names and values are known.
 */
#ifndef PROF_READ_TEXT_IMPL_H
#define PROF_READ_TEXT_IMPL_H

#include "libprof/model/build.h"
#include "libprof/read/text_lines.h"
#include "libprof/read/text_maps.h"
#include "libprof/read/text_profile.h"

enum prof_text_kind { PROF_TEXT_COUNT, PROF_TEXT_HEAP, PROF_TEXT_CONTENTION };

/* A comment line with a name in it. */
struct prof_text_frame {
	uint64_t pc, entry; /* entry 0: unknown */
	int64_t line;
	uint32_t function;
};

/* An address as the record has it; its frames, innermost first, are frames[first .. first + n). */
struct prof_text_addr {
	uint64_t pc;
	uint32_t first, n;
	bool shown; /* a comment line is about it */
};

struct prof_text_record {
	int64_t values[4];
	int64_t block_bytes;
	size_t first_addr;
	uint32_t n_addrs, labels;
};

struct prof_text {
	struct prof_input *in;
	struct prof_profile *p;
	struct prof_mem *mem;
	struct prof_err *e;
	struct prof_build b;
	enum prof_text_kind kind;

	PROF_VEC(struct prof_text_record) records;
	PROF_VEC(struct prof_text_addr) addrs;
	PROF_VEC(struct prof_text_frame) frames;
	PROF_VEC(struct prof_label) labels; /* scratch */
	PROF_VEC(char) chars; /* likewise */

	bool open; /* comments are about the last record */
	size_t at; /* its address that the last comment was about; SIZE_MAX: none yet */
	unsigned misses; /* comments about none of its addresses */

	bool sampled; /* heap: at `rate`, values are to be scaled */
	int64_t rate;
	bool all_columns; /* heap: allocated and in use */
	bool mem_stats; /* the comments from here on are runtime.MemStats */
	bool whole_stats; /* as far as the last that all versions have */
	int64_t hz;
	bool go_mutex, modern; /* --- mutex:; a version from 1.20 on wrote it */
	int64_t total, sum; /* what the header says, what the records hold */
	bool has_total, cut;
};

/* A line that begins with a digit or a minus, and one that begins with '#'. */
int prof_text_record(struct prof_text *t, struct prof_text_line l) PROF_CHECKED;
int prof_text_comment(struct prof_text *t, struct prof_text_line l) PROF_CHECKED;

/* Ends the decoding. */
int prof_text_build(struct prof_text *t) PROF_CHECKED;

/* Sets drop_frames and keep_frames as pprof does for profiles without them. */
int prof_text_legacy_frames(struct prof_build *b, bool heap, bool contention) PROF_CHECKED;

#endif
