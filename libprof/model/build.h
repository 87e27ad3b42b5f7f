/* A builder over struct prof_profile, for decoders of formats that have no ids of their own:
 * strings, functions, locations and stacks are found again by what they are. Ids are dense, in
 * order of first use; a location's and a mapping's `id` is its index + 1.
 *
 *	static const char *const types[][2] = {{"samples", "count"}};
 *
 *	prof_build_init(&b, p, &in->limits, e);
 *	if ((rc = prof_build_types(&b, types, 1)) ||
 *	    (rc = prof_build_text(&b, "main.f", &name)) ||
 *	    (rc = prof_build_function(&b, name, file, 0, &line.function)) ||
 *	    (rc = prof_build_location(&b, address, PROF_NONE, &line, 1, &loc)) ||
 *	    (rc = prof_build_stack(&b, &loc, 1, &stack)) ||
 *	    (rc = prof_build_sample(&b, stack, 0, values)))
 *		goto out;
 *
 * Samples are not merged: each call is a row. The profile owns what is built and is charged for it;
 * the builder owns only its indices. Functions return 0, PROF_ENOMEM or PROF_ELIMIT.
 */
#ifndef PROF_MODEL_BUILD_H
#define PROF_MODEL_BUILD_H

#include "libprof/model/profile.h"

struct prof_build {
	struct prof_profile *p;
	const struct prof_limits *limits;
	struct prof_err *e;
	struct prof_index functions, locations, stacks;
};

/* Borrows all three; `p` is empty, as prof_profile_new made it. */
void prof_build_init(struct prof_build *b, struct prof_profile *p, const struct prof_limits *limits,
	struct prof_err *e);
void prof_build_fini(struct prof_build *b);

/* The sample types, once, before the first sample: n pairs of type and unit. */
int prof_build_types(struct prof_build *b, const char *const (*types)[2], size_t n) PROF_CHECKED;

/* Interns a string, within limits->strings and limits->string_bytes. */
int prof_build_string(struct prof_build *b, const char *s, size_t len, uint32_t *id) PROF_CHECKED;
int prof_build_text(struct prof_build *b, const char *s, uint32_t *id) PROF_CHECKED;

/* Appends a comment: what the file's reader should know about it. */
int prof_build_comment(struct prof_build *b, const char *text) PROF_CHECKED;

/* Appends a mapping. */
int prof_build_mapping(
	struct prof_build *b, const struct prof_mapping *m, uint32_t *id) PROF_CHECKED;

/* `name` (which is the system name, too) and `file` are strings of the profile. */
int prof_build_function(struct prof_build *b, uint32_t name, uint32_t file, int64_t start_line,
	uint32_t *id) PROF_CHECKED;

/* Locations of one address are apart where their mapping or lines differ. */
int prof_build_location(struct prof_build *b, uint64_t address, uint32_t mapping,
	const struct prof_line *lines, size_t n, uint32_t *id) PROF_CHECKED;

/* Locations, leaf first. */
int prof_build_stack(
	struct prof_build *b, const uint32_t *locations, size_t n, uint32_t *id) PROF_CHECKED;

/* `labels` is of prof_profile_label_set; one value a sample type. */
int prof_build_sample(
	struct prof_build *b, uint32_t stack, uint32_t labels, const int64_t *values) PROF_CHECKED;

#endif
