#define _DEFAULT_SOURCE /* madvise */
#include "libprof/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void *prof_mem_resize(
	struct prof_mem *m, void *p, size_t old_bytes, size_t new_bytes, struct prof_err *e)
{
	void *q;

	if (new_bytes > old_bytes && new_bytes - old_bytes > m->limit - m->used) {
		prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET,
			"needs more than the %zu bytes of memory allowed (--limit memory=…)",
			m->limit);
		return NULL;
	}
	q = realloc(p, new_bytes);
	if (!q) {
		prof_nomem(e);
		return NULL;
	}
	m->used = m->used - old_bytes + new_bytes;
	return q;
}

void prof_mem_free(struct prof_mem *m, void *p, size_t bytes)
{
	free(p);
	m->used -= bytes;
}

static size_t array_bytes(size_t n, size_t size)
{
	if (n > SIZE_MAX / 2 / size)
		return SIZE_MAX / 2;
	return n ? n * size : size;
}

void *prof_mem_zalloc(struct prof_mem *m, size_t n, size_t size, struct prof_err *e)
{
	size_t bytes = array_bytes(n, size);
	void *p = prof_mem_resize(m, NULL, 0, bytes, e);

	return p ? memset(p, 0, bytes) : NULL;
}

void prof_mem_zfree(struct prof_mem *m, void *p, size_t n, size_t size)
{
	if (p)
		prof_mem_free(m, p, array_bytes(n, size));
}

int prof_vec_grow(struct prof_mem *m, void *pointer, size_t n, size_t *cap, size_t more,
	size_t size, struct prof_err *e)
{
	size_t want = *cap + *cap / 2;
	void *v;

	if (more > SIZE_MAX / size / 4 || n > SIZE_MAX / size / 4)
		return prof_nomem(e);
	if (want < n + more)
		want = n + more;
	if (want < 16)
		want = 16;
	memcpy(&v, pointer, sizeof(v));
	v = prof_mem_resize(m, v, *cap * size, want * size, e);
	if (!v)
		return e ? e->code : PROF_ENOMEM;
	memcpy(pointer, &v, sizeof(v));
	*cap = want;
	return 0;
}

void prof_mem_large_pages(void *p, size_t bytes)
{
#ifdef MADV_HUGEPAGE
	size_t page = (size_t)sysconf(_SC_PAGESIZE), skip = (size_t) - (uintptr_t)p % page;

	if (bytes > skip + page)
		madvise((char *)p + skip, (bytes - skip) / page * page, MADV_HUGEPAGE);
#else
	(void)p;
	(void)bytes;
#endif
}
