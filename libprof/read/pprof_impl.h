/* Shared by the three files of the pprof decoder: pprof.c reads the top level, pprof_messages.c
 * what is in it, pprof_resolve.c turns the file's indices and ids into dense ones.
 */
#ifndef PROF_READ_PPROF_IMPL_H
#define PROF_READ_PPROF_IMPL_H

#include "libprof/base/cursor.h"
#include "libprof/read/ids.h"
#include "libprof/read/pprof.h"

/* Tags as they stand in the file: field number and wire type. */
#define VARINT(field) ((field) << 3)
#define BYTES(field) ((field) << 3 | 2)

/* Everything that is read before the string table is known holds indices into it: `strings` maps
 * them to interned ids at the end. The …_at arrays tell where in the file an entity stood.
 */
struct prof_pprof {
	struct prof_profile *p;
	struct prof_input *in;
	struct prof_err *e;
	struct prof_mem *mem;
	int64_t at; /* offset of the message under way */
	const uint8_t *base; /* its first byte */
	struct prof_ids mappings, functions, locations;
	PROF_VEC(uint32_t) strings;
	PROF_VEC(int64_t) sample_at;
	PROF_VEC(int64_t) location_at;
	PROF_VEC(int64_t) function_at;
	PROF_VEC(int64_t) mapping_at;
	PROF_VEC(struct prof_label) labels; /* of the sample under way */
	PROF_VEC(int64_t) values; /* likewise */
	int64_t header_at; /* of the last top-level field */
	bool has_columns;
};

/* The messages and fields of a Profile, each from a cursor over its bytes. 0 or PROF_E…. */
int prof_pprof_value_type(struct prof_pprof *d, struct prof_rd r, struct prof_value_type *t);
int prof_pprof_sample_type(struct prof_pprof *d, struct prof_rd r);
int prof_pprof_sample(struct prof_pprof *d, struct prof_rd r);
int prof_pprof_mapping(struct prof_pprof *d, struct prof_rd r);
int prof_pprof_location(struct prof_pprof *d, struct prof_rd r);
int prof_pprof_function(struct prof_pprof *d, struct prof_rd r);
int prof_pprof_string(struct prof_pprof *d, struct prof_rd r);

/* An index into the string table, checked for real by prof_pprof_resolve. */
uint32_t prof_pprof_string_ref(struct prof_rd *r);

/* A field of none of the message's own tags: one of a later version is skipped and counted, one of
 * ours (numbers up to `known`) stands with a wire type that it cannot have, which fails the cursor.
 */
void prof_pprof_unknown(struct prof_pprof *d, struct prof_rd *r, uint64_t tag, unsigned known);

/* Ends the decoding: every index and id checked and made dense. */
int prof_pprof_resolve(struct prof_pprof *d);

#endif
