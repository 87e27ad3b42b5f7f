#include <stdlib.h>
#include <string.h>

#include "libprof/base/buf.h"
#include "libprof/base/num.h"
#include "libprof/read/dump_impl.h"

int prof_dump_start(struct prof_dump_reader *d)
{
	static const char *const types[][2] = {{"goroutine", "count"}};
	struct prof_goroutines *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return prof_nomem(d->e);
	s->p = prof_profile_new(&d->in->limits, d->e);
	if (!s->p) {
		free(s);
		return d->e->code;
	}
	d->s = s;
	d->p = s->p;
	d->mem = &s->p->mem;
	d->relay = d->relayed = false;
	d->broken = d->cut = 0;
	prof_build_init(&d->b, s->p, &d->in->limits, d->e);
	rc = prof_dump_stacks_init(d);
	if (!rc)
		rc = prof_build_types(&d->b, types, 1);
	if (rc)
		return rc;
	s->p->period = 1;
	s->p->period_type = s->p->types.v[0];
	return 0;
}

/* Frees what only reading needs. */
static void end(struct prof_dump_reader *d)
{
	prof_build_fini(&d->b);
	prof_dump_stacks_fini(d);
	d->s = NULL;
	d->p = NULL;
	d->mem = NULL;
}

void prof_dump_drop(struct prof_dump_reader *d)
{
	struct prof_goroutines *s = d->s;

	if (!s)
		return;
	end(d);
	prof_goroutines_free(s);
}

int prof_dump_begin(struct prof_dump_reader *d, const struct prof_dump_header *h,
	const struct prof_text_line *l)
{
	struct prof_dump_open *o = &d->open;
	struct prof_text_line labels = h->labels;
	struct prof_str key, value;
	int rc;

	*o = (struct prof_dump_open){.is = true, .first = true, .at = l->at};
	o->g = (struct prof_goroutine){.id = h->id,
		.created_at = PROF_NONE,
		.args = (uint32_t)d->s->args.n,
		.bubble = h->bubble,
		.minutes = h->minutes,
		.flags = h->flags};
	prof_dump_prefix_of(l, h->start, &o->prefix);
	o->state = prof_go_state_of(h->status);
	if (o->state)
		rc = prof_build_text(&d->b, o->state->name, &o->state_text);
	else
		rc = prof_build_string(&d->b, h->status.p, h->status.len, &o->state_text);
	d->labels.n = 0;
	while (!rc && labels.p) {
		struct prof_label label = {.is_str = true};

		rc = prof_dump_label(&labels, d->mem, &d->chars, &key, &value, d->e);
		if (rc <= 0)
			break;
		rc = prof_build_string(&d->b, key.p, key.len, &label.key);
		if (!rc)
			rc = prof_build_string(&d->b, value.p, value.len, &label.str);
		if (!rc)
			rc = prof_vec_reserve(d->mem, &d->labels, 1, d->e);
		if (!rc)
			d->labels.v[d->labels.n++] = label;
	}
	d->pending.half = PROF_HALF_NONE;
	d->last_frame = PROF_NONE;
	d->seq.n = d->seq_start.v[d->stacks.n];
	return rc;
}

/* What the stack says of a state that its name leaves open. */
static int refine(struct prof_dump_reader *d)
{
	struct prof_dump_open *o = &d->open;

	if (o->state && o->state->class != PROF_GO_SEMAPHORE && o->state->class != PROF_GO_UNKNOWN)
		return 0;
	for (size_t i = d->seq_start.v[d->stacks.n]; i < d->seq.n; i++) {
		const struct prof_go_state *s = d->frames.v[d->seq.v[i]].state;

		if (s)
			return prof_build_text(&d->b, s->name, &o->state_text);
	}
	return 0;
}

static int label(struct prof_dump_reader *d, const char *key, uint32_t str, int64_t num)
{
	struct prof_label *l;
	int rc = prof_vec_reserve(d->mem, &d->labels, 1, d->e);

	if (rc)
		return rc;
	l = &d->labels.v[d->labels.n];
	*l = (struct prof_label){.is_str = !num, .str = str, .num = num};
	rc = prof_build_text(&d->b, key, &l->key);
	if (!rc && num)
		rc = prof_build_text(&d->b, "nanoseconds", &l->unit);
	d->labels.n += !rc;
	return rc;
}

static int synthetic_labels(struct prof_dump_reader *d)
{
	const struct prof_dump_open *o = &d->open;
	uint32_t yes;
	int rc = refine(d);

	if (!rc)
		rc = label(d, PROF_LABEL_STATE, o->state_text, 0);
	if (!rc && o->g.minutes)
		rc = label(d, PROF_LABEL_WAIT, 0, o->g.minutes * INT64_C(60000000000));
	if (!rc && o->creator)
		rc = label(d, PROF_LABEL_CREATOR, o->creator, 0);
	if (!rc && o->g.flags & PROF_G_LEAKED) {
		rc = prof_build_text(&d->b, "true", &yes);
		if (!rc)
			rc = label(d, PROF_LABEL_LEAKED, yes, 0);
	}
	return rc;
}

int prof_dump_commit(struct prof_dump_reader *d)
{
	struct prof_dump_open *o = &d->open;
	struct prof_dump_row row = {0};
	uint64_t depth = prof_add(o->last_fp, -o->first_sp);
	uint32_t at;
	int rc;

	o->is = false;
	if (!o->g.id)
		return 0;
	o->g.n_args = (uint32_t)(d->s->args.n - o->g.args);
	if (o->first_sp && o->last_fp > o->first_sp && depth < UINT32_MAX)
		o->g.stack_bytes = (uint32_t)depth;
	rc = synthetic_labels(d);
	if (!rc)
		rc = prof_dump_stack(d, &row.stack);
	if (!rc)
		rc = prof_profile_label_set(d->p, d->labels.v, d->labels.n, &row.labels, d->e);
	if (rc)
		return rc;
	at = prof_map64_get(&d->ids, o->g.id);
	if (at != PROF_NONE) {
		d->s->g.v[at] = o->g;
		d->rows.v[at] = row;
		return 0;
	}
	if ((rc = prof_vec_reserve(d->mem, &d->s->g, 1, d->e)) ||
		(rc = prof_vec_reserve(d->mem, &d->rows, 1, d->e)) ||
		(rc = prof_map64_add(&d->ids, o->g.id, (uint32_t)d->s->g.n, d->e)))
		return rc;
	d->s->g.v[d->s->g.n++] = o->g;
	d->rows.v[d->rows.n++] = row;
	return 0;
}

/* A sample a stack and label set. */
static int samples(struct prof_dump_reader *d)
{
	struct prof_profile *p = d->p;
	const int64_t one = 1;
	struct prof_index index;
	int rc = 0;

	prof_index_init(&index, d->mem);
	for (size_t i = 0; !rc && i < d->rows.n; i++) {
		struct prof_dump_row r = d->rows.v[i];
		uint64_t hash = prof_hash_mix(0, (uint64_t)r.stack << 32 | r.labels);
		struct prof_index_it it = prof_index_first(&index, hash);
		uint32_t id;

		while ((id = prof_index_next(&index, &it)) != PROF_NONE)
			if (p->sample_stack.v[id] == r.stack && p->sample_labels.v[id] == r.labels)
				break;
		if (id == PROF_NONE) {
			id = (uint32_t)p->sample_stack.n;
			rc = prof_build_sample(&d->b, r.stack, r.labels, &one);
			if (!rc)
				rc = prof_index_add(&index, hash, id, d->e);
		} else {
			p->values.v[0].v[id]++;
		}
		d->s->g.v[i].sample = id;
	}
	prof_index_fini(&index);
	return rc;
}

static int damage(struct prof_dump_reader *d)
{
	struct prof_buf b;
	int rc = 0;

	if (!d->cut && !d->broken)
		return 0;
	prof_buf_init(&b, NULL, NULL);
	if (d->cut)
		prof_buf_printf(&b, "ends inside goroutine %llu, which is left out",
			(unsigned long long)d->cut_id);
	if (d->broken)
		prof_buf_printf(&b, "%slacks the place of %llu frames, the first at offset %lld",
			d->cut ? "; " : "", (unsigned long long)d->broken, (long long)d->broken_at);
	rc = b.code ? prof_nomem(d->e) : prof_build_string(&d->b, b.p, b.n, &d->p->damage);
	prof_buf_fini(&b);
	return rc;
}

int prof_dump_finish(struct prof_dump_reader *d, struct prof_goroutines **out)
{
	int rc = samples(d);

	if (!rc)
		rc = damage(d);
	if (!rc && d->reason[0])
		rc = prof_build_comment(&d->b, d->reason);
	if (rc)
		return rc;
	d->reason[0] = '\0';
	d->s->asleep = d->asleep;
	d->asleep = false;
	d->p->input_bytes = d->in->total;
	d->p->gzipped = d->in->gzipped;
	*out = d->s;
	end(d);
	return 0;
}
