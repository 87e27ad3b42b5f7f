/* Before go 1.26 the events of experiments are in no version's table: Go's own dump of the records
 * (go tool trace -d=wire) ends at the first one. What it has counted until then is counted here, in
 * the order of the file, from the first batch of an experiment on.
 */
#include "libprof/base/cursor.h"
#include "libprof/read/trace2_impl.h"

/* A record in a batch. */
static void skip_record(struct prof_rd *r, const struct prof_wire *row, uint8_t type)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < row->n_args; i++)
		n = prof_rd_uvarint(r);
	if (type == PROF_EV_STRING)
		prof_rd_bytes(r, prof_rd_uvarint(r));
	if (type == PROF_EV_STACK)
		for (n = n < T2_MAX_FRAMES ? n * 4 : 0; n; n--)
			prof_rd_uvarint(r);
}

static void count_batch(struct t2 *d, const struct t2_batch *b)
{
	struct prof_rd r = prof_rd_of(b->p, b->len);

	while (!d->dump_ended && prof_rd_left(&r)) {
		uint8_t type = *r.p++;

		d->dump_ended = type >= prof_wire2_count(d->t->version) || !prof_wire2[type].name;
		if (d->dump_ended)
			break;
		skip_record(&r, &prof_wire2[type], type);
		d->dump_ended = r.why != NULL;
		d->t->dump_count[type] += !d->dump_ended;
	}
}

/* What was counted so far is of generations that are over, and of frames of batches. */
static int begin(struct t2 *d)
{
	d->t->dump_count = prof_mem_zalloc(
		&d->t->mem, PROF_TRACE_WIRE_TYPES, sizeof(*d->t->dump_count), d->e);
	if (!d->t->dump_count)
		return d->e ? d->e->code : PROF_ENOMEM;
	memcpy(d->t->dump_count, d->t->wire_count, sizeof(d->t->wire_count));
	for (size_t i = 0; i < d->batches.n; i++)
		count_batch(d, &d->batches.v[i]);
	for (size_t i = 0; i < d->structural.n; i++)
		count_batch(d, &d->structural.v[i]);
	return 0;
}

int t2_count_dump(struct t2 *d, uint8_t type, const struct t2_batch *b)
{
	if (d->dump_ended || d->t->version >= 26)
		return 0;
	if (!d->t->dump_count)
		return type == PROF_EV_EXPERIMENTAL_BATCH ? begin(d) : 0;
	d->t->dump_count[type]++;
	if (b)
		count_batch(d, b);
	return 0;
}
