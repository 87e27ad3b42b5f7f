/* An arena: many small allocations, freed together, charged to a budget. */
#ifndef PROF_BASE_ARENA_H
#define PROF_BASE_ARENA_H

#include "libprof/base/mem.h"

struct prof_arena_chunk;

struct prof_arena {
	struct prof_mem *mem;
	struct prof_arena_chunk *chunks;
	char *p, *end; /* what is left of the newest chunk */
	size_t room; /* of that chunk; the next has four times as much, up to a limit */
};

void prof_arena_init(struct prof_arena *a, struct prof_mem *mem);
void prof_arena_fini(struct prof_arena *a);

/* `bytes` bytes, aligned for any type, not cleared; NULL with `e` set on failure. */
void *prof_arena_alloc(struct prof_arena *a, size_t bytes, struct prof_err *e);

/* A copy of the len bytes at p with a NUL behind it. */
char *prof_arena_dup(struct prof_arena *a, const void *p, size_t len, struct prof_err *e);

#endif
