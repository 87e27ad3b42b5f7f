#include "libprof/base/cursor.h"
#include "libprof/read/trace1_impl.h"

enum { WINDOW_BYTES = 32 << 10 };

static uint64_t long_varint(const uint8_t **p)
{
	const uint8_t *q = *p;
	uint64_t v = *q & 0x7f;

	for (unsigned shift = 7; *q++ >= 0x80 && shift < 64; shift += 7)
		v |= (uint64_t)(*q & 0x7f) << shift;
	*p = q;
	return v;
}

/* At most eleven bytes are read, of those that may be; none that are sensible are longer. */
static inline uint64_t varint(const uint8_t **p)
{
	const uint8_t *q = *p;

	if (q[0] < 0x80) {
		*p = q + 1;
		return q[0];
	}
	if (q[1] < 0x80) {
		*p = q + 2;
		return (q[0] & 0x7fu) | (unsigned)q[1] << 7;
	}
	return long_varint(p);
}

static void *failed(struct t1 *d, int rc)
{
	d->rc = d->rc ? d->rc : rc;
	return NULL;
}

/* Makes n bytes of the batch available where it has so many; those up to T1_MAX_EVENT behind them
 * may be read, too.
 */
static bool fill(struct t1 *d, struct t1_cursor *c, size_t n)
{
	uint64_t behind = d->batches.v[c->batch].end - c->read, more;
	size_t left = (size_t)(c->p_end - c->p_next), want;

	if (left >= n || !behind)
		return true;
	want = left + behind < WINDOW_BYTES ? left + (size_t)behind : WINDOW_BYTES;
	want = want > n ? want : n;
	if (want + T1_MAX_EVENT > c->cap) {
		size_t at = c->buf ? (size_t)(c->p_next - c->buf) : 0;
		uint8_t *buf = prof_mem_resize(
			&d->t->mem, c->buf, c->cap, want + T1_MAX_EVENT, d->e);

		if (!buf)
			return failed(d, d->e ? d->e->code : PROF_ENOMEM);
		c->buf = buf;
		c->cap = want + T1_MAX_EVENT;
		c->p_next = buf + at;
	}
	memmove(c->buf, c->p_next, left);
	more = c->cap - T1_MAX_EVENT - left;
	more = more < behind ? more : behind;
	d->rc = prof_spool_read(&d->spool, c->read, c->buf + left, (size_t)more, d->e);
	c->p_next = c->buf;
	c->p_end = c->buf + left + more;
	memset(c->buf + left + more, 0, T1_MAX_EVENT);
	c->read += more;
	return !d->rc;
}

/* Passes over n bytes, or up to the batch's end. */
static void skip(struct t1 *d, struct t1_cursor *c, uint64_t n)
{
	uint64_t left = (uint64_t)(c->p_end - c->p_next), end = d->batches.v[c->batch].end;

	if (n <= left) {
		c->p_next += n;
		return;
	}
	c->p_next = c->p_end;
	c->read = n - left < end - c->read ? c->read + (n - left) : end;
}

/* What is lost between records and those that follow, as much a byte as there was before. */
static uint64_t lost(uint64_t from, uint64_t to, uint64_t bytes, uint64_t of_bytes)
{
	double rate = of_bytes ? (double)(to - from) / (double)of_bytes : 0;

	return to > from && rate * (double)bytes < (double)T1_FAR ? (uint64_t)(rate * (double)bytes)
								  : 0;
}

/* When the next batch of the proc that tells its time was begun. */
static uint64_t latest(const struct t1 *d, const struct t1_cursor *c)
{
	uint32_t next = d->batches.v[c->batch].next;
	uint64_t ticks;

	while (next != PROF_NONE && d->batches.v[next].goes_on)
		next = d->batches.v[next].next;
	ticks = next == PROF_NONE ? 0 : d->batches.v[next].ticks;
	return ticks >= c->ticks && ticks && ticks < UINT64_MAX - T1_NEAR ? ticks + T1_NEAR
									  : UINT64_MAX;
}

/* Makes `batch` the one at hand. */
static void open_batch(struct t1 *d, struct t1_cursor *c, uint32_t batch)
{
	const struct t1_batch *b = &d->batches.v[batch];
	uint64_t end = d->batches.v[c->batch].end, bytes = b->offset - end;

	if (b->goes_on) {
		c->ticks += lost(c->from.ticks, c->ticks, bytes, end - c->from.offset);
		c->seq += lost(c->from.seq, c->seq, bytes, end - c->from.offset);
	} else {
		c->ticks = b->ticks;
		c->seq = b->seq;
		c->from = *b;
	}
	c->batch = batch;
	c->latest = latest(d, c);
	c->p_next = c->p_end = c->buf;
	c->read = b->offset;
}

/* Tables, and what the first pass had of interest. */
static bool skip_record(struct t1 *d, struct t1_cursor *c, unsigned type)
{
	struct prof_rd r = prof_rd_of(c->p_next + 1, (size_t)(c->p_end - c->p_next) - 1);
	uint64_t len;

	if (type == PROF_EV1_STRING) {
		prof_rd_uvarint(&r);
		len = prof_rd_uvarint(&r);
	} else if (type == PROF_EV1_STACK || type == PROF_EV1_CPU_SAMPLE) {
		len = prof_rd_uvarint(&r);
		if (type == PROF_EV1_CPU_SAMPLE) /* its time counts */
			c->ticks += prof_rd_uvarint(&(struct prof_rd){r.p, r.end, r.p, NULL});
	} else {
		len = 0;
		for (unsigned n = d->n_args[type]; n; n--)
			prof_rd_uvarint(&r);
	}
	skip(d, c, (uint64_t)(r.p - c->p_next) + len);
	return !r.why;
}

/* A log's message, which stands behind its arguments at p. */
static bool read_message(struct t1 *d, struct t1_cursor *c, const uint8_t **p)
{
	size_t at = (size_t)(*p - c->p_next);
	uint64_t len;
	struct prof_rd r;
	const uint8_t *text;

	if (!fill(d, c, at + 10))
		return false;
	r = prof_rd_of(c->p_next + at, (size_t)(c->p_end - c->p_next) - at);
	len = prof_rd_uvarint(&r);
	at = (size_t)(r.p - c->p_next);
	if (len > T1_MAX_STRING || !fill(d, c, at + (size_t)len))
		return false;
	r = prof_rd_of(c->p_next + at, (size_t)(c->p_end - c->p_next) - at);
	text = prof_rd_bytes(&r, len);
	if (!text)
		return false;
	d->rc = prof_trace_add_string(d->t, text, (size_t)len, &c->text, d->e);
	*p = r.p;
	return !d->rc;
}

/* What versions before had not yet. */
static void complete(struct t1_cursor *c)
{
	switch (c->type) {
	case PROF_EV1_GC_START:
		c->args[1] = c->args[0];
		c->args[0] = 0;
		break;
	case PROF_EV1_GO_UNBLOCK:
		c->args[2] = c->args[1];
		c->args[1] = 0;
		break;
	default:
		break;
	}
}

/* Decodes the event at c->p_next, of which all bytes are there: false when its arguments are not
 * what its type has, which the first pass has told of.
 */
static bool decode(struct t1 *d, struct t1_cursor *c)
{
	const uint8_t *p = c->p_next, *end = NULL;
	uint64_t dt;
	unsigned n = (*p >> 6) + 1u + d->old, want = d->n_args[*p & 63] - 1u - d->old;

	c->type = *p++ & 63;
	if (n >= 4u + d->old) {
		uint64_t len = varint(&p);

		if (p > c->p_end || len > (uint64_t)(c->p_end - p)) {
			c->p_next = c->p_end;
			return false;
		}
		end = p + len;
	}
	if (d->old)
		c->seq += varint(&p);
	dt = varint(&p);
	memset(c->args, 0, sizeof(c->args));
	if (want > 0)
		c->args[0] = varint(&p);
	if (want > 1)
		c->args[1] = varint(&p);
	for (unsigned i = 2; i < want; i++)
		c->args[i] = varint(&p);
	if (p > c->p_end || (end && p != end)) {
		c->p_next = end ? end : c->p_end;
		return false;
	}
	if (c->type == PROF_EV1_LOG && !read_message(d, c, &p)) {
		c->p_next = c->p_end;
		return false;
	}
	c->p_next = p;
	if (dt >= T1_FAR) {
		t1_contradicts(d, c, "its time is far away", true);
		return false;
	}
	if (c->ticks + dt > c->latest)
		t1_contradicts(d, c, "its time cannot be", false);
	else
		c->ticks += dt;
	if (d->old)
		complete(c);
	c->key = (int64_t)(d->old ? c->seq : c->ticks);
	return true;
}

static bool next_sample(struct t1 *d, struct t1_cursor *c)
{
	const struct t1_sample *x;

	if (d->sample == d->samples.n)
		return false;
	x = &d->samples.v[d->sample++];
	c->type = PROF_EV1_CPU_SAMPLE;
	c->ticks = x->ticks;
	c->key = (int64_t)x->ticks;
	c->args[0] = x->ticks;
	c->args[1] = x->p;
	c->args[2] = x->g;
	c->args[3] = x->stack;
	return true;
}

bool t1_next(struct t1 *d, struct t1_cursor *c)
{
	if (c->samples)
		return next_sample(d, c);
	while (!d->rc) {
		unsigned type;

		if (c->p_end - c->p_next < T1_MAX_EVENT && !fill(d, c, T1_MAX_EVENT))
			return false;
		if (c->p_next == c->p_end) {
			uint32_t next = d->batches.v[c->batch].next;

			if (next == PROF_NONE)
				return false;
			open_batch(d, c, next);
			continue;
		}
		c->offset = c->read - (uint64_t)(c->p_end - c->p_next);
		type = *c->p_next & 63;
		if (!d->is_event[type]) {
			if (!d->n_args[type] || !skip_record(d, c, type)) {
				c->p_next = c->p_end; /* the file has changed */
				c->read = d->batches.v[c->batch].end;
			}
			continue;
		}
		d->t->wire_count[type]++;
		if (decode(d, c))
			return true;
	}
	return false;
}

bool t1_open(struct t1 *d, struct t1_cursor *c)
{
	if (!c->samples)
		open_batch(d, c, c->batch);
	return t1_next(d, c);
}
