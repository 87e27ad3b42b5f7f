/* The tables of a trace, and what its events tell late. */
#include <stdio.h>
#include <stdlib.h>

#include "libprof/read/trace1_scan.h"

int t1_scan_string(struct t1_scan *s, struct t1_record *r)
{
	struct t1 *d = s->d;
	uint64_t id = prof_rd_uvarint(&r->args), len = prof_rd_uvarint(&r->args);
	const uint8_t *p = prof_rd_bytes(&r->args, len);
	uint32_t string;
	int rc;

	if (!p || !id || prof_idtable_get(&d->strings, id) != PROF_NONE)
		return prof_trace_damaged(d->t, (int64_t)t1_scan_offset(s), 0, d->e,
			"an id that was given to another string");
	rc = prof_trace_add_string(d->t, p, (size_t)len, &string, d->e);
	return rc ? rc : prof_idtable_set(&d->strings, id, string, d->e);
}

/* *missing: a string that a frame names. */
static uint32_t frame_string(const struct t1 *d, uint64_t id, bool *missing)
{
	uint32_t string = id ? prof_idtable_get(&d->strings, id) : 0;

	*missing |= string == PROF_NONE;
	return string == PROF_NONE ? 0 : string;
}

int t1_name_frame(struct t1 *d, struct prof_trace_frame *f)
{
	char name[2 + 16 + 1];
	int n = snprintf(name, sizeof(name), "0x%llx", (unsigned long long)f->pc);

	return prof_trace_add_string(d->t, name, (size_t)n, &f->function, d->e);
}

/* A stack; *missing: not all of its strings are known. */
static int read_stack(struct t1_scan *s, struct prof_rd *r, bool *missing, const char **why)
{
	struct t1 *d = s->d;
	uint64_t id = prof_rd_uvarint(r), n = prof_rd_uvarint(r);
	uint32_t stack;
	int rc = 0;

	if (n > T1_MAX_FRAMES)
		prof_rd_fail(r, "a stack of more than 1000 frames");
	*missing = false;
	for (uint64_t i = 0; i < n && !r->why; i++) {
		s->frames[i] = (struct prof_trace_frame){.pc = prof_rd_uvarint(r)};
		if (d->old && !rc)
			rc = t1_name_frame(d, &s->frames[i]);
		if (d->old)
			continue;
		s->frames[i].function = frame_string(d, prof_rd_uvarint(r), missing);
		s->frames[i].file = frame_string(d, prof_rd_uvarint(r), missing);
		s->frames[i].line = prof_rd_uvarint(r);
	}
	if (rc)
		return rc;
	if (!r->why && prof_rd_left(r))
		prof_rd_fail(r, "a stack that is longer than its frames");
	if (!r->why && prof_idtable_get(&d->stacks, id) != PROF_NONE)
		prof_rd_fail(r, "an id that was given to another stack");
	*why = r->why;
	if (r->why || *missing || !id)
		return 0;
	rc = prof_trace_add_stack(d->t, s->frames, (size_t)n, &stack, d->e);
	return rc ? rc : prof_idtable_set(&d->stacks, id, stack, d->e);
}

int t1_scan_stack(struct t1_scan *s, struct t1_record *r)
{
	const char *why;
	bool missing;
	int rc = read_stack(s, &r->args, &missing, &why);

	if (!rc && why)
		return prof_trace_damaged(
			s->d->t, (int64_t)t1_scan_offset(s), 0, s->d->e, "Stack: %s", why);
	if (rc || !missing)
		return rc;
	rc = prof_vec_reserve(&s->d->t->mem, &s->late, 1, s->d->e);
	if (!rc)
		s->late.v[s->late.n++] = t1_scan_offset(s);
	return rc;
}

/* Stacks whose strings were read after them, or are lost. */
int t1_scan_late_stacks(struct t1_scan *s)
{
	struct t1 *d = s->d;
	size_t lost = 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < s->late.n; i++) {
		const char *why;
		struct t1_record r;
		bool missing;

		s->p = s->end = s->buf;
		s->read = s->late.v[i];
		rc = t1_scan_look(s, &r, &why);
		if (rc || why)
			return rc;
		rc = read_stack(s, &r.args, &missing, &why);
		if (rc || why || !missing)
			continue;
		/* With what there is of it: addresses at least. */
		if (!lost++)
			rc = prof_trace_damaged(d->t, (int64_t)s->late.v[i], 0, d->e,
				"frames name strings that are not there");
		r.args.p = r.args.base;
		if (!rc && prof_rd_uvarint(&r.args)) {
			uint64_t n = prof_rd_uvarint(&r.args);
			uint32_t stack;

			rc = prof_trace_add_stack(d->t, s->frames, (size_t)n, &stack, d->e);
			r.args.p = r.args.base;
			if (!rc)
				rc = prof_idtable_set(
					&d->stacks, prof_rd_uvarint(&r.args), stack, d->e);
		}
	}
	return rc;
}

int t1_scan_exit(struct t1 *d, struct prof_rd *r)
{
	struct t1_exit x = {0};
	uint64_t seq, ticks;
	int rc;

	if (d->old)
		prof_rd_uvarint(r);
	prof_rd_uvarint(r);
	x.g = prof_rd_uvarint(r);
	seq = prof_rd_uvarint(r);
	ticks = prof_rd_uvarint(r);
	x.key = (int64_t)(d->old ? seq : ticks);
	x.other = d->old ? ticks : seq;
	if (!ticks)
		return 0;
	rc = prof_vec_reserve(&d->t->mem, &d->exits, 1, d->e);
	if (!rc)
		d->exits.v[d->exits.n++] = x;
	return rc;
}

int t1_scan_sample(struct t1 *d, struct prof_rd *r)
{
	struct t1_sample x = {.order = (uint32_t)d->samples.n};
	int rc;

	prof_rd_uvarint(r);
	x.ticks = prof_rd_uvarint(r);
	x.p = prof_rd_uvarint(r);
	x.g = prof_rd_uvarint(r);
	x.stack = prof_rd_uvarint(r);
	d->t->wire_count[PROF_EV1_CPU_SAMPLE]++;
	rc = prof_vec_reserve(&d->t->mem, &d->samples, 1, d->e);
	if (!rc)
		d->samples.v[d->samples.n++] = x;
	return rc;
}

int t1_scan_timer(struct t1 *d, struct prof_rd *r)
{
	uint64_t g = prof_rd_uvarint(r);

	if (!d->t->as_go || prof_idmap_get(&d->view.timers, g) != PROF_NONE)
		return 0;
	return prof_idmap_add(&d->view.timers, g, 0, d->e);
}

static int by_key(const void *a, const void *b)
{
	const struct t1_exit *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->g != y->g)
		return x->g < y->g ? -1 : 1;
	return x->other < y->other ? -1 : x->other > y->other;
}

static int by_time(const void *a, const void *b)
{
	const struct t1_sample *x = a, *y = b;

	if (x->ticks != y->ticks)
		return (int64_t)x->ticks < (int64_t)y->ticks ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void t1_scan_sort(struct t1 *d)
{
	if (d->exits.n)
		qsort(d->exits.v, d->exits.n, sizeof(*d->exits.v), by_key);
	if (d->samples.n)
		qsort(d->samples.v, d->samples.n, sizeof(*d->samples.v), by_time);
}
