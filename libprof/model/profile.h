/* A profile as dense columns.
 *
 *	sample i	stack sample_stack[i], label set sample_labels[i], and values.v[t].v[i],
 *			one a type t
 *	stack s		locations stack_loc[stack_start[s] .. stack_start[s + 1]), leaf first
 *	location	lines [first_line, first_line + n_lines): innermost inlined function
 *			first, the function that holds the address last; none when it was never
 *			symbolised
 *	label set s	labels [label_start[s] .. label_start[s + 1]), in file order; set 0 is
 *			empty
 *
 * All ids are dense indices into these arrays; strings are ids of `strings`, 0 being "". Ids that
 * the file used are kept where reports print them. Values are signed (a diff has negative ones);
 * times are ns since 1970 UTC, 0 when the file has none.
 *
 * A decoder fills a profile from prof_profile_new; everything is charged to `mem` and freed by
 * prof_profile_free. Analyses may narrow a profile in place (filters), never grow it.
 */
#ifndef PROF_MODEL_PROFILE_H
#define PROF_MODEL_PROFILE_H

#include <stdbool.h>

#include "libprof/base/strtab.h"

struct prof_value_type {
	uint32_t type, unit; /* strings */
};

struct prof_label {
	uint32_t key, str, unit; /* strings; unit 0: none */
	bool is_str; /* str counts, else num and unit */
	int64_t num;
};

enum prof_mapping_has {
	PROF_HAS_FUNCTIONS = 1,
	PROF_HAS_FILENAMES = 2,
	PROF_HAS_LINE_NUMBERS = 4,
	PROF_HAS_INLINE_FRAMES = 8,
};

struct prof_mapping {
	uint64_t id, start, limit, offset;
	uint32_t file, build_id; /* strings */
	unsigned has; /* enum prof_mapping_has */
};

struct prof_function {
	uint32_t name, system_name, file; /* strings */
	int64_t start_line;
};

struct prof_line {
	uint32_t function;
	int64_t line, column;
};

struct prof_location {
	uint64_t id, address;
	uint32_t mapping; /* PROF_NONE: none */
	uint32_t first_line, n_lines;
	bool folded;
};

struct prof_column {
	int64_t *v;
	size_t n, cap;
};

struct prof_profile {
	struct prof_mem mem;
	struct prof_strtab strings;

	PROF_VEC(struct prof_value_type) types;
	PROF_VEC(struct prof_column) values; /* one a type, each of sample_stack.n */
	PROF_VEC(uint32_t) sample_stack;
	PROF_VEC(uint32_t) sample_labels;

	PROF_VEC(uint32_t) stack_start; /* one more than there are stacks */
	PROF_VEC(uint32_t) stack_loc;
	PROF_VEC(uint32_t) label_start; /* one more than there are sets */
	PROF_VEC(struct prof_label) labels;
	struct prof_index label_index; /* over the sets */

	PROF_VEC(struct prof_mapping) mappings; /* the first is the main binary */
	PROF_VEC(struct prof_location) locations;
	PROF_VEC(struct prof_line) lines;
	PROF_VEC(struct prof_function) functions;
	PROF_VEC(uint32_t) comments; /* strings */

	int64_t time_ns, duration_ns, period;
	struct prof_value_type period_type;
	uint32_t default_type, drop_frames, keep_frames, doc_url; /* strings */
	uint32_t damage; /* string: what is missing because the file is damaged; 0: nothing */
	uint64_t unknown_fields; /* skipped while decoding */
	uint64_t input_bytes; /* inflated */
	bool gzipped;
};

/* An empty profile with stack_start and label_start begun; NULL with `e` set. */
struct prof_profile *prof_profile_new(const struct prof_limits *limits, struct prof_err *e);

/* Sets the number of value columns, once, before the first sample is added. */
int prof_profile_columns(struct prof_profile *p, size_t n, struct prof_err *e) PROF_CHECKED;

/* The id of the set of n labels, equal sets (in the same order) sharing one. */
int prof_profile_label_set(struct prof_profile *p, const struct prof_label *labels, size_t n,
	uint32_t *id, struct prof_err *e) PROF_CHECKED;

static inline struct prof_str prof_profile_str(const struct prof_profile *p, uint32_t id)
{
	return p->strings.strs.v[id];
}

/* The column that `name` asks for, by pprof's rules: NULL or "" is the default type, else the last;
 * a number is an index; else a type's name, also without a leading "inuse_". PROF_EUSAGE otherwise.
 */
int prof_profile_sample_index(const struct prof_profile *p, const char *name, uint32_t *index,
	struct prof_err *e) PROF_CHECKED;

/* Every index in range, every array of the length it should have: what decoders promise and tests
 * check. NULL, or what is wrong.
 */
const char *prof_profile_check(const struct prof_profile *p);

#endif
