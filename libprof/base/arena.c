#include "libprof/base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { FIRST_BYTES = 1 << 10, CHUNK_BYTES = 64 << 10, GROWTH = 4 };

struct prof_arena_chunk {
	struct prof_arena_chunk *next;
	size_t bytes;
	_Alignas(max_align_t) char data[];
};

void prof_arena_init(struct prof_arena *a, struct prof_mem *mem)
{
	*a = (struct prof_arena){.mem = mem};
}

void prof_arena_fini(struct prof_arena *a)
{
	struct prof_arena_chunk *c, *next;

	for (c = a->chunks; c; c = next) {
		next = c->next;
		prof_mem_free(a->mem, c, c->bytes);
	}
	a->chunks = NULL;
	a->p = a->end = NULL;
}

/* Room for len bytes at any alignment. A large block gets a chunk of its own, so that what is
 * left of the current one stays in use.
 */
static char *add_chunk(struct prof_arena *a, size_t len, struct prof_err *e)
{
	size_t room = a->room ? a->room : FIRST_BYTES / GROWTH, bytes;
	bool alone = len > CHUNK_BYTES / 4;
	struct prof_arena_chunk *c;

	do
		room *= GROWTH;
	while (len > room / 4 && room < CHUNK_BYTES);
	if (room > CHUNK_BYTES)
		room = CHUNK_BYTES;
	bytes = sizeof(struct prof_arena_chunk) + (alone ? len : room);
	if (len > SIZE_MAX / 4) {
		prof_nomem(e);
		return NULL;
	}
	c = prof_mem_resize(a->mem, NULL, 0, bytes, e);
	if (!c)
		return NULL;
	c->bytes = bytes;
	c->next = a->chunks;
	a->chunks = c;
	if (!alone) {
		a->room = room;
		a->p = c->data + len;
		a->end = c->data + room;
	}
	return c->data;
}

void *prof_arena_alloc(struct prof_arena *a, size_t bytes, struct prof_err *e)
{
	size_t pad = (size_t) - (uintptr_t)a->p % _Alignof(max_align_t);
	char *p;

	if ((size_t)(a->end - a->p) < pad || (size_t)(a->end - a->p) - pad < bytes)
		return add_chunk(a, bytes, e);
	p = a->p + pad;
	a->p = p + bytes;
	return p;
}

char *prof_arena_dup(struct prof_arena *a, const void *p, size_t len, struct prof_err *e)
{
	char *copy;

	if (len == SIZE_MAX) {
		prof_nomem(e);
		return NULL;
	}
	if ((size_t)(a->end - a->p) > len) {
		copy = a->p;
		a->p += len + 1;
	} else {
		copy = add_chunk(a, len + 1, e);
	}
	if (copy) {
		if (len)
			memcpy(copy, p, len);
		copy[len] = '\0';
	}
	return copy;
}
