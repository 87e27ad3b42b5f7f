#include "libprof/base/cursor.h"
#include "libprof/read/trace2_impl.h"

enum {
	ALLOC_FREE = 1, /* the experiment whose batches are kept */
	HEADER_BYTES = 2 + 10 * 4, /* at most */
	CHUNK_BYTES = 1 << 20,
	WRAPPED_GENERATION = 4, /* the runtime's counter goes on here behind its largest number */
};

/* What stands before a batch's data. */
struct frame {
	uint8_t type;
	uint64_t experiment, generation, thread, time, size;
	size_t header; /* bytes */
};

/* Whether a batch, or the end of a generation, can begin with this byte. */
static bool is_start(const struct t2 *d, uint8_t b)
{
	return b == PROF_EV_EVENT_BATCH ||
	       (b == PROF_EV_EXPERIMENTAL_BATCH && d->t->version >= 23) ||
	       (b == PROF_EV_END_OF_GENERATION && d->t->version >= 26);
}

/* NULL, or why there is no batch at p. */
static const char *parse(const struct t2 *d, const uint8_t *p, const uint8_t *end, struct frame *f)
{
	struct prof_rd r = prof_rd_of(p, (size_t)(end - p));

	f->type = *r.p++;
	f->experiment = 0;
	if (!is_start(d, f->type) || f->type == PROF_EV_END_OF_GENERATION)
		return "neither a batch nor the end of a generation";
	if (f->type == PROF_EV_EXPERIMENTAL_BATCH && r.p < r.end)
		f->experiment = *r.p++;
	f->generation = prof_rd_uvarint(&r);
	f->thread = prof_rd_uvarint(&r);
	f->time = prof_rd_uvarint(&r);
	f->size = prof_rd_uvarint(&r);
	f->header = (size_t)(r.p - p);
	if (r.why)
		return r.why;
	if (!f->generation)
		return "a batch of generation 0";
	return f->size > T2_MAX_BATCH ? "a batch of more than 64 KiB" : NULL;
}

/* Makes n bytes available where there are so many. Where the gzip around the trace is damaged, the
 * trace ends there.
 */
static int fill(struct t2 *d, size_t n)
{
	struct prof_err e = {0};
	int rc = prof_input_fill(d->in, n, &e);

	if (!rc)
		return 0;
	if (rc != PROF_EFORMAT) {
		if (d->e && !d->e->code)
			*d->e = e;
		return rc;
	}
	d->in->eof = true;
	return prof_trace_damaged(d->t, e.offset, d->generation, d->e, "%s", e.msg);
}

static size_t left(const struct t2 *d)
{
	return (size_t)(d->in->end - d->in->p);
}

/* Room for n bytes and those that may be read behind them. */
static uint8_t *room(struct t2 *d, size_t n)
{
	struct t2_chunk *c = d->chunks.n ? &d->chunks.v[d->chunk] : NULL;

	n += T2_MAX_EVENT;
	if (c && c->cap - c->n < n && d->chunk + 1 < d->chunks.n)
		c = &d->chunks.v[++d->chunk];
	if (!c || c->cap - c->n < n) {
		struct t2_chunk new = {.cap = CHUNK_BYTES};

		if (prof_vec_reserve(&d->t->mem, &d->chunks, 1, d->e))
			return NULL;
		new.p = prof_mem_resize(&d->t->mem, NULL, 0, new.cap, d->e);
		if (!new.p)
			return NULL;
		d->chunk = d->chunks.n;
		c = &d->chunks.v[d->chunks.n++];
		*c = new;
	}
	c->n += n;
	return c->p + c->n - n;
}

/* The cursor of the batch's thread. */
static int cursor_of(struct t2 *d, uint64_t thread, struct t2_cursor **out)
{
	uint32_t i = prof_idmap_get(&d->cursor_of, thread);
	int rc;

	if (i == PROF_NONE) {
		i = (uint32_t)d->cursors.n;
		rc = prof_vec_reserve(&d->t->mem, &d->cursors, 1, d->e);
		if (!rc)
			rc = prof_idmap_add(&d->cursor_of, thread, i, d->e);
		if (rc)
			return rc;
		d->cursors.v[d->cursors.n++] = (struct t2_cursor){.batch = PROF_NONE};
		d->cursors.v[i].m = PROF_NONE;
		if (thread != T2_NO_THREAD) {
			d->cursors.v[i].m = t2_thread_slot(d, thread);
			if (d->rc)
				return d->rc;
		}
	}
	*out = &d->cursors.v[i];
	return 0;
}

static bool is_structural(const struct t2 *d, uint8_t type)
{
	return type == PROF_EV_STRINGS || type == PROF_EV_STACKS || type == PROF_EV_CPU_SAMPLES ||
	       type == (d->t->version >= 25 ? PROF_EV_SYNC : PROF_EV_FREQUENCY);
}

/* Takes n bytes of the input as the data of a batch. */
static int store(struct t2 *d, const struct frame *f, size_t n)
{
	struct t2_batch b = {.time = f->time, .next = PROF_NONE, .len = (uint32_t)n};
	const uint8_t *from = d->in->p + f->header;
	struct t2_cursor *c;
	uint8_t *p;
	int rc;

	d->t->wire_count[f->type]++;
	if (f->time < d->min_time || !d->min_time)
		d->min_time = f->time;
	b.offset = (int64_t)(prof_input_offset(d->in) + f->header);
	if (f->experiment) {
		rc = t2_count_dump(d, f->type, NULL);
		if (rc || f->experiment != ALLOC_FREE || !n)
			return rc;
	}
	p = room(d, n);
	if (!p)
		return d->e ? d->e->code : PROF_ENOMEM;
	memcpy(p, from, n);
	memset(p + n, 0, T2_MAX_EVENT);
	b.p = p;
	if (f->experiment) {
		rc = prof_vec_reserve(&d->t->mem, &d->memory, 1, d->e);
		if (!rc)
			d->memory.v[d->memory.n++] = b;
		return rc;
	}
	rc = t2_count_dump(d, f->type, &b);
	if (rc)
		return rc;
	if (n && is_structural(d, *p)) {
		rc = prof_vec_reserve(&d->t->mem, &d->structural, 1, d->e);
		if (!rc)
			d->structural.v[d->structural.n++] = b;
		return rc;
	}
	rc = prof_vec_reserve(&d->t->mem, &d->batches, 1, d->e);
	if (!rc)
		rc = cursor_of(d, f->thread, &c);
	if (rc)
		return rc;
	if (c->batch == PROF_NONE)
		c->batch = (uint32_t)d->batches.n;
	else
		d->batches.v[c->last_batch].next = (uint32_t)d->batches.n;
	c->last_batch = (uint32_t)d->batches.n;
	d->batches.v[d->batches.n++] = b;
	return 0;
}

static bool is_next(const struct t2 *d, uint64_t generation)
{
	return generation == d->generation + 1 ||
	       (generation == WRAPPED_GENERATION &&
		       (d->generation == UINT64_MAX || d->generation == UINT32_MAX));
}

/* Whether a batch that belongs here stands at p: what is sought behind bytes that make no sense. */
static bool is_likely(struct t2 *d, const uint8_t *p, const uint8_t *end)
{
	struct frame f;

	if (*p == PROF_EV_END_OF_GENERATION && d->t->version >= 26)
		return p + 1 == end || *(p + 1) == PROF_EV_EVENT_BATCH;
	if (parse(d, p, end, &f) || f.size > (size_t)(end - p) - f.header || !f.size)
		return false;
	if (d->generation && f.generation != d->generation && !is_next(d, f.generation))
		return false;
	if (f.thread != T2_NO_THREAD && prof_idmap_get(&d->thread_of, f.thread) == PROF_NONE &&
		d->generation)
		return false;
	p += f.header + f.size;
	return p == end || is_start(d, *p);
}

/* How far the next likely batch is from `from`, or all that is left. Fills the window as it goes.
 */
static int seek(struct t2 *d, size_t from, size_t most, size_t *out)
{
	size_t at = from;
	int rc;

	for (;; at++) {
		if (left(d) < at + HEADER_BYTES + T2_MAX_BATCH + 1) {
			rc = fill(d, at + HEADER_BYTES + T2_MAX_BATCH + 1);
			if (rc)
				return rc;
		}
		if (at >= left(d) || at >= most ||
			(is_start(d, d->in->p[at]) && is_likely(d, d->in->p + at, d->in->end)))
			break;
	}
	*out = at < left(d) ? at : left(d);
	return 0;
}

/* Passes over what is no batch. */
static int resync(struct t2 *d, const char *why)
{
	int64_t offset = (int64_t)prof_input_offset(d->in);
	uint64_t skipped = 0;
	size_t n, from = 1;
	int rc;

	do {
		rc = seek(d, from, T2_MAX_BATCH, &n);
		if (rc)
			return rc;
		d->in->p += n;
		skipped += n;
		from = 0;
	} while (n == T2_MAX_BATCH);
	return prof_trace_damaged(d->t, offset, d->generation, d->e, "%s: %llu bytes are skipped",
		why, (unsigned long long)skipped);
}

/* The batch at in->p, which may be cut by the end of the file, or say more bytes than it has. */
static int take(struct t2 *d, const struct frame *f)
{
	size_t n = (size_t)f->size;
	int64_t offset = (int64_t)prof_input_offset(d->in);
	int rc = fill(d, f->header + n + 1);

	if (rc)
		return rc;
	if (left(d) < f->header + n) {
		n = left(d) - f->header;
		rc = prof_trace_damaged(d->t, offset, f->generation, d->e,
			"the trace ends inside a batch: %zu of %llu bytes are there", n,
			(unsigned long long)f->size);
	} else if (left(d) > f->header + n && !is_start(d, d->in->p[f->header + n])) {
		size_t at;

		rc = seek(d, f->header, f->header + n, &at);
		if (!rc && at < f->header + n) {
			rc = prof_trace_damaged(d->t, offset, f->generation, d->e,
				"a batch of %llu bytes has only %zu", (unsigned long long)f->size,
				at - f->header);
			n = at - f->header;
		}
	}
	if (!rc)
		rc = store(d, f, n);
	d->in->p += f->header + n;
	return rc;
}

/* A batch of another generation amid those of this one: its number is wrong when the batch behind
 * it is of this one again. 1, 0, or an error.
 */
static int is_stray(struct t2 *d, const struct frame *f)
{
	size_t n = f->header + (size_t)f->size;
	struct frame next;
	int rc = fill(d, n + HEADER_BYTES);

	if (rc)
		return rc;
	return left(d) > n && !parse(d, d->in->p + n, d->in->end, &next) &&
	       next.generation == d->generation;
}

static void begin_generation(struct t2 *d)
{
	d->batches.n = d->structural.n = d->memory.n = d->cursors.n = d->samples.n = d->sample = 0;
	d->chunk = 0;
	for (size_t i = 0; i < d->chunks.n; i++)
		d->chunks.v[i].n = 0;
	prof_idmap_clear(&d->cursor_of);
	d->min_time = 0;
}

/* The batch that begins a generation. */
static int number_generation(struct t2 *d, uint64_t generation)
{
	uint64_t last = d->generation;
	bool follows = !last || is_next(d, generation);

	d->generation = generation;
	d->offset = (int64_t)prof_input_offset(d->in);
	if (follows)
		return 0;
	d->gap = true;
	return prof_trace_damaged(d->t, (int64_t)prof_input_offset(d->in), generation, d->e,
		"generation %llu follows on %llu: what is between them is lost",
		(unsigned long long)generation, (unsigned long long)last);
}

/* The end of a generation by anything but its mark, which go 1.26 and later write. */
static int end_unmarked(struct t2 *d, const char *by)
{
	if (d->t->version < 26)
		return 0;
	return prof_trace_damaged(d->t, (int64_t)prof_input_offset(d->in), d->generation, d->e,
		"the generation has no end: %s", by);
}

/* What stands at in->p. 1: the generation is whole; 0: there is more; or an error. */
static int step(struct t2 *d, bool *have)
{
	const char *why;
	struct frame f;
	int rc;

	if (*d->in->p == PROF_EV_END_OF_GENERATION && d->t->version >= 26) {
		d->in->p++;
		d->t->wire_count[PROF_EV_END_OF_GENERATION]++;
		if (*have)
			return 1;
		d->gap = true;
		return prof_trace_damaged(d->t, (int64_t)prof_input_offset(d->in) - 1,
			d->generation, d->e, "a generation without a batch");
	}
	why = parse(d, d->in->p, d->in->end, &f);
	if (why)
		return resync(d, why);
	if (*have && f.generation != d->generation) {
		if (is_next(d, f.generation)) {
			rc = end_unmarked(d, "the next one begins");
			return rc ? rc : 1;
		}
		rc = is_stray(d, &f);
		if (rc <= 0)
			return rc ? rc : 1;
		rc = prof_trace_damaged(d->t, (int64_t)prof_input_offset(d->in), d->generation,
			d->e, "a batch says it is of generation %llu",
			(unsigned long long)f.generation);
	} else {
		rc = *have ? 0 : number_generation(d, f.generation);
	}
	*have = true;
	return rc ? rc : take(d, &f);
}

int t2_read_generation(struct t2 *d)
{
	bool have = false;
	int rc = 0;

	begin_generation(d);
	while (!rc) {
		rc = fill(d, HEADER_BYTES);
		if (rc)
			return rc;
		if (!left(d)) {
			if (have)
				rc = end_unmarked(d, "the trace does");
			return rc ? rc : have;
		}
		rc = step(d, &have);
	}
	return rc;
}
