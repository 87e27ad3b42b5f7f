/* What GODEBUG=traceallocfree=1 adds: events of spans, objects and stacks, and in batches of the
 * experiment the types of objects, and how ids become addresses. Other experiments are passed over.
 */
#include "libprof/base/cursor.h"
#include "libprof/read/trace2_order.h"

enum { TYPES, LAYOUT }; /* the first byte of a batch */

static int read_types(struct t2 *d, struct prof_rd *r)
{
	struct prof_trace *t = d->t;

	while (prof_rd_left(r)) {
		struct prof_trace_type type;
		uint64_t id = prof_rd_uvarint(r), len;
		const uint8_t *name;
		int rc;

		(void)prof_rd_uvarint(r); /* where the program has it */
		type.bytes = prof_rd_uvarint(r);
		(void)prof_rd_uvarint(r); /* how much of it has pointers */
		len = prof_rd_uvarint(r);
		name = prof_rd_bytes(r, len);
		if (r->why || !id || prof_idtable_get(&t->type_of, id) != PROF_NONE) {
			prof_rd_fail(r, "an id that was given to another type");
			break;
		}
		rc = prof_trace_add_string(t, name, (size_t)len, &type.name, d->e);
		if (!rc)
			rc = prof_vec_reserve(&t->mem, &t->types, 1, d->e);
		if (!rc)
			rc = prof_idtable_set(&t->type_of, id, (uint32_t)t->types.n, d->e);
		if (rc)
			return rc;
		t->types.v[t->types.n++] = type;
	}
	return 0;
}

static void read_layout(struct t2 *d, struct prof_rd *r)
{
	struct prof_trace_layout layout;

	layout.base = prof_rd_uvarint(r);
	layout.page = prof_rd_uvarint(r);
	layout.object = prof_rd_uvarint(r);
	layout.stack = prof_rd_uvarint(r);
	if (prof_rd_left(r))
		prof_rd_fail(r, "more than a layout of memory");
	if (!r->why)
		d->t->layout = layout;
}

int t2_read_memory(struct t2 *d)
{
	int rc = 0;

	prof_idtable_clear(&d->t->type_of);
	d->t->types.n = 0;
	for (size_t i = 0; !rc && i < d->memory.n; i++) {
		const struct t2_batch *b = &d->memory.v[i];
		struct prof_rd r = prof_rd_of(b->p + 1, b->len - 1);

		if (*b->p == TYPES)
			rc = read_types(d, &r);
		else if (*b->p == LAYOUT)
			read_layout(d, &r);
		if (!rc && r.why)
			rc = prof_trace_damaged(d->t, b->offset + 1 + (r.p - r.base), d->generation,
				d->e, "AllocFree: %s", r.why);
	}
	return rc;
}

enum t2_outcome t2_experiment(struct t2 *d, const struct t2_cursor *c, struct t2_thread *th)
{
	struct prof_trace_event *ev;
	uint32_t type;

	if (t2_refuse(d, c->m == PROF_NONE, "it has no thread"))
		return T2_BROKEN;
	ev = t2_emit_event(d, c, th);
	if ((c->type != PROF_EV_HEAP_OBJECT && c->type != PROF_EV_HEAP_OBJECT_ALLOC) || !c->args[1])
		return T2_DONE;
	type = prof_idtable_get(&d->t->type_of, c->args[1]);
	if (type == PROF_NONE)
		d->unknown_ids++;
	else
		ev->name = d->t->types.v[type].name;
	return T2_DONE;
}
