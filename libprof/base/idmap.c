#include "libprof/base/idmap.h"

enum {
	MIN_BITS = 6,
	MAX_RUN = 4096, /* at half load no run gets this long by chance */
};

void prof_idmap_init(struct prof_idmap *m, struct prof_mem *mem)
{
	*m = (struct prof_idmap){.mem = mem};
}

void prof_idmap_fini(struct prof_idmap *m)
{
	if (m->slots)
		prof_mem_free(m->mem, m->slots, ((size_t)m->mask + 1) * sizeof(*m->slots));
	m->slots = NULL;
	m->n = 0;
}

/* A free slot is one whose value is PROF_NONE and whose key is 0: a search for key 0 ends there,
 * too.
 */
void prof_idmap_clear(struct prof_idmap *m)
{
	if (!m->slots || !m->n)
		return;
	for (size_t i = 0; i <= m->mask; i++)
		m->slots[i] = (struct prof_idmap_slot){.value = PROF_NONE};
	m->n = 0;
}

static int grow(struct prof_idmap *m, struct prof_err *e)
{
	struct prof_idmap old = *m;
	unsigned bits = old.slots ? 64 - old.shift + 1 : MIN_BITS;
	size_t n = (size_t)1 << bits;

	if (bits > 31)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "too many ids at one time");
	m->slots = prof_mem_resize(m->mem, NULL, 0, n * sizeof(*m->slots), e);
	if (!m->slots) {
		*m = old;
		return e ? e->code : PROF_ENOMEM;
	}
	m->mask = (uint32_t)n - 1;
	m->shift = 64 - bits;
	for (size_t i = 0; i < n; i++)
		m->slots[i] = (struct prof_idmap_slot){.value = PROF_NONE};
	for (size_t i = 0; old.slots && i <= old.mask; i++) {
		uint32_t at = prof_idmap_place(m, old.slots[i].key);

		if (old.slots[i].value == PROF_NONE)
			continue;
		while (m->slots[at].value != PROF_NONE)
			at = (at + 1) & m->mask;
		m->slots[at] = old.slots[i];
	}
	prof_idmap_fini(&old);
	return 0;
}

int prof_idmap_add(struct prof_idmap *m, uint64_t key, uint32_t value, struct prof_err *e)
{
	uint32_t at, run = 0;
	int rc;

	if (!m->slots || m->n > m->mask / 2) {
		rc = grow(m, e);
		if (rc)
			return rc;
	}
	for (at = prof_idmap_place(m, key); m->slots[at].value != PROF_NONE; run++) {
		if (run == MAX_RUN)
			return prof_fail(
				e, PROF_ELIMIT, PROF_NO_OFFSET, "ids were made to be slow to find");
		at = (at + 1) & m->mask;
	}
	m->slots[at] = (struct prof_idmap_slot){key, value};
	m->n++;
	return 0;
}

void prof_idmap_remove(struct prof_idmap *m, uint64_t key)
{
	uint32_t hole, at;

	if (prof_idmap_get(m, key) == PROF_NONE)
		return;
	for (hole = prof_idmap_place(m, key); m->slots[hole].key != key;)
		hole = (hole + 1) & m->mask;
	/* What stands behind moves up, unless it would then be before its place. */
	for (at = (hole + 1) & m->mask; m->slots[at].value != PROF_NONE; at = (at + 1) & m->mask) {
		uint32_t place = prof_idmap_place(m, m->slots[at].key);

		if (((at - place) & m->mask) < ((at - hole) & m->mask))
			continue;
		m->slots[hole] = m->slots[at];
		hole = at;
	}
	m->slots[hole] = (struct prof_idmap_slot){.value = PROF_NONE};
	m->n--;
}
