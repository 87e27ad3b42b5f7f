/* Which goroutines of a dump wait for which lock, and who holds it, as far as arguments show that.
 *
 * A goroutine that waits has the lock's address as the argument of sync.(*Mutex).lockSlow or the
 * like. The lock is mostly part of what its caller is a method of. So a goroutine that has either
 * address among its arguments, and does not wait for this lock itself, is likely to hold it; it is
 * told only where there is just one. (Since 1.17 arguments come in registers, and a dump has what
 * was last spilled of them: it may have none, or an old one.)
 */
#ifndef PROF_ANALYSE_LOCKS_H
#define PROF_ANALYSE_LOCKS_H

#include "libprof/model/goroutine.h"

struct prof_lock {
	uint64_t address; /* 0: not known, only the object */
	uint64_t object; /* of which it is part, if that is known; 0: not */
	uint32_t holder; /* index of a goroutine; PROF_NONE: none, or not known */
	bool several; /* goroutines that may hold it */
	bool rw; /* an RWMutex */
};

struct prof_locks {
	struct prof_mem *mem;
	PROF_VEC(struct prof_lock) v;
	uint32_t *wanted; /* by goroutine: its lock, or PROF_NONE */
	size_t n; /* goroutines */
};

/* Fills x, all zero before, of which _fini frees what there is, also after an error. */
int prof_locks_find(struct prof_locks *x, const struct prof_goroutines *s, struct prof_mem *mem,
	struct prof_err *e) PROF_CHECKED;
void prof_locks_fini(struct prof_locks *x);

/* The goroutine that holds what goroutine i waits for; PROF_NONE: not known. */
static inline uint32_t prof_locks_holder(const struct prof_locks *x, uint32_t i)
{
	return x->wanted[i] == PROF_NONE ? PROF_NONE : x->v.v[x->wanted[i]].holder;
}

#endif
