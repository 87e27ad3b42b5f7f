/* Samples of several builds by the lines that their code stood on, without addresses: what a report
 * by line tells apart. The nodes of the service's tree, whose lines move from build to build,
 * become those of dictionaries of their own, in which builds share all that has the same lines.
 */
#ifndef PROF_STORE_LINED_H
#define PROF_STORE_LINED_H

#include "libprof/store/code.h"
#include "libprof/store/pack.h"

/* What one of the service's ids is in `to`; right for the build of that stamp. */
struct prof_lined_id {
	uint32_t to, stamp;
};

struct prof_lined {
	const struct prof_dict *d;
	struct prof_dict to; /* its tables are those of d; one build */
	struct prof_dict_build *code; /* to.builds.v[0] */
	uint32_t build, stamp; /* of d, whose samples come: 0: none yet */
	bool unlike; /* builds differ by more than lines: code without names, other files */
	int64_t *start_line; /* of the service's functions, in that build */
	uint32_t *module; /* of its modules: the first one of the same file */
	uint32_t *loc_module; /* of its locations: that of their module; PROF_NONE: nowhere yet */
	struct prof_lined_id *funcs, *locs, *nodes;
	PROF_VEC(uint32_t)
	older; /* of each of to's nodes: what the service's was before; 0: none */
	PROF_VEC(uint32_t) path; /* scratch */
	PROF_VEC(struct prof_dict_line) lines; /* scratch */
	PROF_VEC(uint32_t) line_funcs; /* scratch */
};

/* `d`: ready, and not to change until prof_lined_fini. */
int prof_lined_init(struct prof_lined *x, const struct prof_dict *d, uint64_t memory_bytes,
	struct prof_err *e) PROF_CHECKED;
void prof_lined_fini(struct prof_lined *x);

/* Turns the nodes of *k into those of x->to, and its build into the one there. PROF_EFORMAT when it
 * does not fit the dictionaries.
 */
int prof_lined_samples(
	struct prof_lined *x, struct prof_packed *k, struct prof_err *e) PROF_CHECKED;

#endif
