#include <stdlib.h>

#include "libprof/read/trace1_scan.h"

enum {
	HEADER_BYTES = 16,
	WINDOW_BYTES = 256 << 10,
	CHAIN = 12, /* records in a row that make sense: no chance */
	SHORT_CHAIN = 6, /* where the file ends behind them */
	MAX_TIME_BYTES = 6, /* of a time difference, behind lost bytes */
	DOUBTFUL = 3, /* records behind lost bytes that may begin amid one */
};

/* Where a trace has no frequency of its clock. Ticks are cycles / 64 on amd64. */
#define USUAL_NS_PER_TICK 25.6

static bool at_end(const struct t1_scan *s)
{
	return s->read == s->d->spool.size;
}

/* Makes n bytes available where there are so many. */
static int fill(struct t1_scan *s, size_t n)
{
	struct t1 *d = s->d;
	size_t left = (size_t)(s->end - s->p), more;
	uint64_t behind = d->spool.size - s->read;
	int rc;

	if (left >= n || !behind)
		return 0;
	if (n > s->cap) {
		size_t at = (size_t)(s->p - s->buf), cap = n < WINDOW_BYTES ? WINDOW_BYTES : 2 * n;
		uint8_t *buf = prof_mem_resize(&d->t->mem, s->buf, s->cap, cap, d->e);

		if (!buf)
			return d->e ? d->e->code : PROF_ENOMEM;
		s->p = s->buf ? buf + at : buf;
		s->buf = buf;
		s->cap = cap;
	}
	memmove(s->buf, s->p, left);
	more = s->cap - left < behind ? s->cap - left : (size_t)behind;
	rc = prof_spool_read(&d->spool, s->read, s->buf + left, more, d->e);
	s->p = s->buf;
	s->end = s->buf + left + more;
	s->read += more;
	return rc;
}

/* How many numbers end in n bytes, or -1 when the last one does not. */
static int count_numbers(const uint8_t *p, size_t n)
{
	int count = 0;

	if (n && p[n - 1] >= 0x80)
		return -1;
	for (size_t i = 0; i < n; i++)
		count += p[i] < 0x80;
	return count;
}

/* NULL, or why there is no record at p. */
static const char *parse(
	const struct t1 *d, const uint8_t *p, const uint8_t *end, struct t1_record *r)
{
	struct prof_rd in = prof_rd_of(p + 1, (size_t)(end - p) - 1);
	unsigned type = *p & 63, n = (*p >> 6) + 1u + d->old, want = d->n_args[type];
	uint64_t len;

	r->type = (uint8_t)type;
	r->cut = false;
	r->args = in;
	if (!want)
		return "no such event";
	if (type == PROF_EV1_STRING) {
		prof_rd_uvarint(&in);
	} else if (n < 4u + d->old) {
		if (n != want)
			return "an event with a wrong number of arguments";
		while (n--)
			prof_rd_uvarint(&in);
	} else {
		len = prof_rd_uvarint(&in);
		if (len > 10 * (2 + 4 * T1_MAX_FRAMES))
			return "an event of too many bytes";
		r->args = prof_rd_sub(&in, len);
		if (!in.why && type != PROF_EV1_STACK &&
			count_numbers(r->args.p, (size_t)len) != (int)want)
			return "an event with a wrong number of arguments";
	}
	if (type == PROF_EV1_STRING || type == PROF_EV1_LOG) {
		len = prof_rd_uvarint(&in);
		if (len > T1_MAX_STRING)
			return "a string of more than a million bytes";
		prof_rd_bytes(&in, len);
	}
	r->size = (size_t)(in.p - p);
	if (type == PROF_EV1_STRING)
		r->args.end = in.p;
	r->cut = in.why != NULL;
	return in.why;
}

/* The record at s->p, all of it in the window where the file has it. */
int t1_scan_look(struct t1_scan *s, struct t1_record *r, const char **why)
{
	size_t want = T1_MAX_EVENT;
	int rc;

	for (;;) {
		rc = fill(s, want);
		if (rc)
			return rc;
		*why = parse(s->d, s->p, s->end, r);
		if (!*why || !r->cut || at_end(s) || s->end - s->p >= 2 * T1_MAX_STRING)
			return 0;
		want = (size_t)(s->end - s->p) + WINDOW_BYTES;
	}
}

/* Where sure records begin, of those that may begin at p; NULL: none do. Sure are those behind the
 * first `doubtful` of so many in a row that make sense, `short_chain` where they end the trace.
 */
static const uint8_t *likely(
	const struct t1_scan *s, const uint8_t *p, int short_chain, int doubtful)
{
	const struct t1 *d = s->d;
	const uint8_t *sure = p;
	struct t1_record r;

	for (int i = 0; i < CHAIN; i++) {
		size_t time = 0;

		if (i == doubtful)
			sure = p;
		if (p == s->end)
			return i >= short_chain ? sure : NULL;
		if (parse(d, p, s->end, &r))
			return NULL;
		if (prof_wire1[r.type].timed) {
			while (r.args.p[time] >= 0x80)
				time++;
			if (time >= MAX_TIME_BYTES)
				return NULL;
		}
		p += r.size;
	}
	return sure;
}

/* Batches. */

/* The batch at hand ends here. One without records is of no use. */
static void end_batch(struct t1_scan *s)
{
	struct t1 *d = s->d;
	struct t1_cursor *c = s->cursor == PROF_NONE ? NULL : &d->cursors.v[s->cursor];

	if (c)
		d->batches.v[c->last_batch].end = t1_scan_offset(s);
}

/* One begins, of the proc at s->cursor. */
static int begin_batch(struct t1_scan *s, struct t1_batch b)
{
	struct t1 *d = s->d;
	struct t1_cursor *c = &d->cursors.v[s->cursor];
	int rc;

	b.next = PROF_NONE;
	if (c->batch != PROF_NONE) {
		struct t1_batch *last = &d->batches.v[c->last_batch];

		if (last->end == last->offset && !b.goes_on) {
			*last = b;
			return 0;
		}
	}
	rc = prof_vec_reserve(&d->t->mem, &d->batches, 1, d->e);
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

/* Whether a batch can be of this trace: it is of some proc, and its time not of another day. */
static bool is_of_trace(const struct t1_scan *s, const struct t1_record *r)
{
	const struct t1 *d = s->d;
	const struct t1_batch *b = d->batches.n ? &d->batches.v[d->batches.n - 1] : NULL;
	struct prof_rd args = r->args;
	uint64_t pid = prof_rd_uvarint(&args), ticks;

	if (d->old)
		prof_rd_uvarint(&args);
	ticks = prof_rd_uvarint(&args);
	if (pid > INT32_MAX && pid != UINT64_MAX)
		return false;
	if (!b || b->goes_on)
		return true;
	return ticks > b->ticks ? ticks - b->ticks < T1_FAR : b->ticks - ticks < T1_FAR;
}

static int add_batch(struct t1_scan *s, const struct t1_record *r)
{
	struct t1 *d = s->d;
	struct prof_rd args = r->args;
	uint64_t pid = prof_rd_uvarint(&args);
	struct t1_batch b = {.offset = t1_scan_offset(s) + r->size};
	int rc = 0;

	if (d->old)
		b.seq = prof_rd_uvarint(&args);
	b.ticks = prof_rd_uvarint(&args);
	end_batch(s);
	s->cursor = prof_idmap_get(&d->cursor_of, pid);
	if (s->cursor == PROF_NONE) {
		rc = prof_vec_reserve(&d->t->mem, &d->cursors, 1, d->e);
		if (!rc)
			rc = prof_idmap_add(&d->cursor_of, pid, (uint32_t)d->cursors.n, d->e);
		if (rc)
			return rc;
		s->cursor = (uint32_t)d->cursors.n;
		d->cursors.v[d->cursors.n++] = t1_new_cursor(pid);
	}
	d->t->wire_count[PROF_EV1_BATCH]++;
	return begin_batch(s, b);
}

/* The record that `r` describes; the cursor still stands before it. */
static int take(struct t1_scan *s, struct t1_record *r)
{
	struct t1 *d = s->d;
	uint64_t hz;

	switch (r->type) {
	case PROF_EV1_BATCH:
		return add_batch(s, r);
	case PROF_EV1_STRING:
		d->t->wire_count[PROF_EV1_STRING]++;
		return t1_scan_string(s, r);
	case PROF_EV1_STACK:
		d->t->wire_count[PROF_EV1_STACK]++;
		return t1_scan_stack(s, r);
	case PROF_EV1_FREQUENCY:
		d->t->wire_count[PROF_EV1_FREQUENCY]++;
		hz = prof_rd_uvarint(&r->args);
		if ((int64_t)hz <= 0)
			return prof_trace_damaged(
				d->t, (int64_t)t1_scan_offset(s), 0, d->e, "a clock of 0 Hz");
		d->ns_per_tick = 1e9 / (double)hz;
		return 0;
	case PROF_EV1_TIMER_GOROUTINE:
		d->t->wire_count[PROF_EV1_TIMER_GOROUTINE]++;
		return t1_scan_timer(d, &r->args);
	case PROF_EV1_GO_SYSEXIT:
		return t1_scan_exit(d, &r->args);
	case PROF_EV1_CPU_SAMPLE:
		return t1_scan_sample(d, &r->args);
	default:
		return 0;
	}
}

/* Passes over what is no record, or no whole one. */
static int resync(struct t1_scan *s, const struct t1_record *r, const char *why)
{
	struct t1 *d = s->d;
	uint64_t from = t1_scan_offset(s);
	bool cut = r->cut && at_end(s);
	int short_chain = cut ? CHAIN : SHORT_CHAIN, rc = fill(s, WINDOW_BYTES / 2);
	size_t block = 0;

	if (rc)
		return rc;

	/* Where only the arguments are wrong their length says where the next record is. */
	if (d->n_args[r->type] && *s->p >> 6 == 3 && s->end - s->p >= 2 && s->p[1] < 0x80 &&
		(size_t)(s->end - s->p) >= 2u + s->p[1] && likely(s, s->p + 2 + s->p[1], 1, 0))
		block = 2u + s->p[1];
	end_batch(s);
	s->p += block ? block : 1;
	while (!block && !rc && s->p < s->end) {
		const uint8_t *sure = likely(s, s->p, short_chain, DOUBTFUL);

		s->p = sure ? sure : s->p + 1;
		if (sure)
			break;
		rc = fill(s, WINDOW_BYTES / 2);
	}
	if (rc)
		return rc;
	rc = prof_trace_damaged(d->t, (int64_t)from, 0, d->e, "%s: %llu bytes are skipped",
		s->p < s->end || block ? why
		: cut                  ? "the trace ends inside an event"
				       : "the trace ends in bytes that make no sense",
		(unsigned long long)(t1_scan_offset(s) - from));
	if (!rc && s->cursor != PROF_NONE)
		rc = begin_batch(
			s, (struct t1_batch){.offset = t1_scan_offset(s), .goes_on = true});
	return rc;
}

/* Eight bytes, the first one lowest. */
static inline uint64_t load(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
	       (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

#if defined(__GNUC__)
#define lowest_bit(v) ((unsigned)__builtin_ctzll(v))
#define count_bits(v) ((unsigned)__builtin_popcountll(v))
#else
static inline unsigned lowest_bit(uint64_t v)
{
	unsigned n = 0;

	for (; !(v & 1); v >>= 1)
		n++;
	return n;
}

static inline unsigned count_bits(uint64_t v)
{
	unsigned n = 0;

	for (; v; v &= v - 1)
		n++;
	return n;
}
#endif

/* What most records are: events of which only the size matters here, by their first byte. */
struct fast {
	uint8_t inline_args[256]; /* numbers behind the byte; 0: not of this kind */
	uint8_t block_args[256]; /* numbers behind the byte and a length */
};

static void begin_fast(const struct t1 *d, struct fast *f)
{
	memset(f, 0, sizeof(*f));
	for (unsigned b = 0; b < 256; b++) {
		unsigned type = b & 63, n = (b >> 6) + 1u + d->old;

		if (!d->n_args[type] || !prof_wire1[type].timed || type == PROF_EV1_GO_SYSEXIT ||
			type == PROF_EV1_LOG || type == PROF_EV1_CPU_SAMPLE)
			continue;
		if (n < 4u + d->old && n == d->n_args[type])
			f->inline_args[b] = (uint8_t)n;
		else if (n >= 4u + d->old)
			f->block_args[b] = d->n_args[type];
	}
}

/* Steps over such events as long as they are whole, and near nothing that must be looked at. */
static const uint8_t *step_over(const struct fast *f, const uint8_t *p, const uint8_t *end)
{
	const uint64_t stop = UINT64_C(0x8080808080808080);

	while (end - p >= 32) {
		unsigned n = f->inline_args[*p];
		uint64_t stops;

		if (n) {
			stops = ~load(p + 1) & stop;
			while (--n)
				stops &= stops - 1;
			if (!stops)
				break;
			p += 2 + lowest_bit(stops) / 8;
			continue;
		}
		n = f->block_args[*p];
		if (n && p[1] && p[1] <= 8) {
			stops = ~load(p + 2) & stop;
			stops &= UINT64_MAX >> (64 - 8 * p[1]);
			if (count_bits(stops) != n || p[1 + p[1]] >= 0x80)
				break;
			p += 2 + p[1];
			continue;
		}
		break;
	}
	return p;
}

static int walk(struct t1_scan *s)
{
	struct t1 *d = s->d;
	struct fast fast;
	const char *why;
	struct t1_record r;
	int rc;

	begin_fast(d, &fast);
	for (;;) {
		rc = fill(s, T1_MAX_EVENT);
		if (rc)
			return rc;
		if (s->cursor != PROF_NONE)
			s->p = step_over(&fast, s->p, s->end);
		if (s->p == s->end && at_end(s))
			break;
		rc = t1_scan_look(s, &r, &why);
		if (!rc && !why && r.type == PROF_EV1_BATCH && !is_of_trace(s, &r))
			why = "a batch of a time or proc far from the others";
		if (!rc && !why) {
			s->orphans += prof_wire1[r.type].timed && s->cursor == PROF_NONE;
			rc = take(s, &r);
			s->p += r.size;
		} else if (!rc) {
			rc = resync(s, &r, why);
		}
		if (rc)
			return rc;
	}
	end_batch(s);
	return 0;
}

/* What the trace should have had. */
static int report(struct t1_scan *s)
{
	struct t1 *d = s->d;
	int rc = 0;

	if (s->orphans)
		rc = prof_trace_damaged(d->t, HEADER_BYTES, 0, d->e,
			"%llu events stand before the first batch", (unsigned long long)s->orphans);
	if (!rc && d->ns_per_tick <= 0 && d->cursors.n) {
		d->ns_per_tick = USUAL_NS_PER_TICK;
		rc = prof_trace_damaged(d->t, (int64_t)d->spool.size, 0, d->e,
			"the trace has no clock frequency, as it was not stopped or is cut: "
			"25.6 ns a tick are taken");
	}
	return rc;
}

int t1_scan(struct t1 *d)
{
	struct t1_scan *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return prof_nomem(d->e);
	s->d = d;
	s->cursor = PROF_NONE;
	s->read = d->spool.size < HEADER_BYTES ? d->spool.size : HEADER_BYTES;
	rc = walk(s);
	if (!rc)
		rc = report(s);
	if (!rc)
		rc = t1_scan_late_stacks(s);
	t1_scan_sort(d);
	prof_mem_free(&d->t->mem, s->buf, s->cap);
	prof_vec_fini(&d->t->mem, &s->late);
	free(s);
	return rc;
}
