/* Memory with a budget. Every growing structure that holds what came out of a file charges its
 * bytes to a struct prof_mem; past the limit an allocation fails with PROF_ELIMIT, so no input can
 * make a process eat more than it was allowed.
 *
 *	struct prof_mem mem = {.limit = limits->memory_bytes};
 *	PROF_VEC(uint32_t) ids = {0};
 *	if (prof_vec_reserve(&mem, &ids, 1, e))
 *		return e->code;
 *	ids.v[ids.n++] = 7;
 *	prof_vec_fini(&mem, &ids);
 */
#ifndef PROF_BASE_MEM_H
#define PROF_BASE_MEM_H

#include <stddef.h>

#include "libprof/base/err.h"

struct prof_mem {
	size_t used, limit; /* bytes; used <= limit */
};

/* Resizes `p` from `old_bytes` to `new_bytes` and charges the difference. Returns NULL with `e` set
 * (and leaves `p` as it was) when memory or the budget is exhausted; new_bytes must not be 0.
 */
void *prof_mem_resize(
	struct prof_mem *m, void *p, size_t old_bytes, size_t new_bytes, struct prof_err *e);
void prof_mem_free(struct prof_mem *m, void *p, size_t bytes);

/* A zeroed array of n elements; n == 0 gives a valid pointer. */
void *prof_mem_zalloc(struct prof_mem *m, size_t n, size_t size, struct prof_err *e);
void prof_mem_zfree(struct prof_mem *m, void *p, size_t n, size_t size);

/* A vector: n elements in use, cap allocated. All zero is an empty one. */
#define PROF_VEC(type) \
	struct { \
		type *v; \
		size_t n, cap; \
	}

/* Makes room for `more` elements behind n. 0, PROF_ENOMEM or PROF_ELIMIT. */
#define prof_vec_reserve(mem, vec, more, e) \
	((vec)->cap - (vec)->n >= (size_t)(more) \
			? 0 \
			: prof_vec_grow((mem), &(vec)->v, (vec)->n, &(vec)->cap, (more), \
				  sizeof(*(vec)->v), (e)))
#define prof_vec_fini(mem, vec) \
	(prof_mem_free((mem), (vec)->v, (vec)->cap * sizeof(*(vec)->v)), (vec)->v = NULL, \
		(vec)->n = (vec)->cap = 0)

/* Behind prof_vec_reserve: `pointer` is the address of the vector's element pointer. */
int prof_vec_grow(struct prof_mem *m, void *pointer, size_t n, size_t *cap, size_t more,
	size_t size, struct prof_err *e) PROF_CHECKED;

/* Asks the system to map a large array in large pages as it is filled, where it can: faults for
 * small ones cost as much as decoding what goes there. Only for arrays that will not be moved.
 */
void prof_mem_large_pages(void *p, size_t bytes);

/* Asks for a line of memory that will be written to soon. */
static inline void prof_prefetch(const void *p)
{
#if defined(__GNUC__)
	__builtin_prefetch(p, 1);
#else
	(void)p;
#endif
}

#endif
