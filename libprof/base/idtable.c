#include "libprof/base/idtable.h"

void prof_idtable_init(struct prof_idtable *t, struct prof_mem *mem)
{
	*t = (struct prof_idtable){.mem = mem};
	prof_idmap_init(&t->sparse, mem);
}

void prof_idtable_fini(struct prof_idtable *t)
{
	prof_vec_fini(t->mem, &t->dense);
	prof_idmap_fini(&t->sparse);
}

void prof_idtable_clear(struct prof_idtable *t)
{
	t->dense.n = 0;
	prof_idmap_clear(&t->sparse);
}

int prof_idtable_set(struct prof_idtable *t, uint64_t id, uint32_t value, struct prof_err *e)
{
	int rc;

	if (id >= PROF_IDTABLE_DENSE)
		return prof_idmap_add(&t->sparse, id, value, e);
	if (id >= t->dense.n) {
		rc = prof_vec_reserve(t->mem, &t->dense, id + 1 - t->dense.n, e);
		if (rc)
			return rc;
		while (t->dense.n <= id)
			t->dense.v[t->dense.n++] = PROF_NONE;
	}
	t->dense.v[id] = value;
	return 0;
}
