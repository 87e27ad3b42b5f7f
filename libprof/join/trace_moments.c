/* Their bytes, before they are sealed: for each moment, until they end,
 *
 *	when it is, ns; when the trace began, ns since 1970; how many goroutines there are
 *	and until these are told, how many of the moment before are passed over; how many stay as
 *	they were; how many others follow, and these: id, stack, state, reason, since, creator
 *
 * A reason that was not used before is one more than those that were, and its text follows.
 */
#include "libprof/join/trace_moments.h"

#include "libprof/store/bytes.h"

enum { VERSION = 1 };

void prof_moments_writer_init(struct prof_moments_writer *w, struct prof_mem *mem)
{
	*w = (struct prof_moments_writer){.mem = mem};
	prof_buf_init(&w->out, NULL, NULL);
	prof_map64_init(&w->reasons, mem);
	prof_put_uvarint(&w->out, VERSION);
}

void prof_moments_writer_fini(struct prof_moments_writer *w)
{
	prof_buf_fini(&w->out);
	prof_map64_fini(&w->reasons);
	prof_vec_fini(w->mem, &w->last);
}

static int put_reason(struct prof_moments_writer *w, const struct prof_trace *t, uint32_t reason,
	struct prof_err *e)
{
	struct prof_str text = prof_strtab_get(&t->strings, reason);
	uint32_t place = prof_map64_get(&w->reasons, reason);

	if (place != PROF_NONE) {
		prof_put_uvarint(&w->out, place);
		return 0;
	}
	prof_put_uvarint(&w->out, w->n_reasons);
	prof_put_str(&w->out, text);
	return prof_map64_add(&w->reasons, reason, w->n_reasons++, e);
}

static int put_waiter(struct prof_moments_writer *w, const struct prof_trace *t,
	const struct prof_trace_moment *m, const struct prof_trace_waiter *x, struct prof_err *e)
{
	int rc;

	prof_put_uvarint(&w->out, (uint64_t)x->id);
	prof_put_uvarint(&w->out, x->stack);
	prof_put_uvarint(&w->out, x->state == PROF_G_SYSCALL);
	rc = put_reason(w, t, x->reason, e);
	prof_put_varint(&w->out, (int64_t)((uint64_t)m->at - (uint64_t)x->since));
	prof_put_uvarint(&w->out, x->created);
	return rc;
}

static bool same(const struct prof_trace_waiter *a, const struct prof_trace_waiter *b)
{
	return a->slot == b->slot && a->id == b->id && a->stack == b->stack &&
	       a->reason == b->reason && a->since == b->since && a->created == b->created &&
	       a->state == b->state;
}

/* What of the moment comes next: passed over, kept and new ones. */
static int put_run(struct prof_moments_writer *w, const struct prof_trace *t,
	const struct prof_trace_moment *m, size_t *old, size_t *next, struct prof_err *e)
{
	size_t first = *old, kept, new;
	int rc = 0;

	while (*old < w->last.n && (w->last.v[*old].slot < m->v[*next].slot ||
					   (w->last.v[*old].slot == m->v[*next].slot &&
						   !same(&w->last.v[*old], &m->v[*next]))))
		++*old;
	prof_put_uvarint(&w->out, *old - first);
	for (kept = 0; *old < w->last.n && *next < m->n && same(&w->last.v[*old], &m->v[*next]);
		kept++) {
		++*old;
		++*next;
	}
	prof_put_uvarint(&w->out, kept);
	for (new = 0; *next + new < m->n; new ++)
		if (*old < w->last.n && w->last.v[*old].slot <= m->v[*next + new].slot)
			break;
	prof_put_uvarint(&w->out, new);
	for (; !rc && new; new --)
		rc = put_waiter(w, t, m, &m->v[(*next)++], e);
	return rc;
}

int prof_moments_write(void *ctx, const struct prof_trace *t, const struct prof_trace_moment *m,
	struct prof_err *e)
{
	struct prof_moments_writer *w = ctx;
	size_t old = 0, next = 0;
	int rc = 0;

	prof_put_varint(&w->out, m->at);
	prof_put_varint(&w->out, m->wall);
	prof_put_uvarint(&w->out, m->n);
	while (!rc && next < m->n)
		rc = put_run(w, t, m, &old, &next, e);
	if (!rc && w->last.n < m->n)
		rc = prof_vec_reserve(w->mem, &w->last, m->n - w->last.n, e);
	if (rc)
		return rc;
	if (m->n)
		memcpy(w->last.v, m->v, m->n * sizeof(*m->v));
	w->last.n = m->n;
	return w->out.code ? prof_nomem(e) : 0;
}

struct reader {
	struct prof_rd r;
	struct prof_trace *t;
	PROF_VEC(struct prof_trace_waiter) lists[2]; /* the moment before and this one, in turn */
	int now; /* which is this one */
	PROF_VEC(uint32_t) reasons; /* strings of the trace */
	struct prof_err *e;
	int rc;
};

static uint32_t get_reason(struct reader *x)
{
	uint32_t place = prof_rd_id(&x->r, x->reasons.n + 1), id = 0;
	struct prof_str text;

	if (place < x->reasons.n)
		return x->reasons.v[place];
	text = prof_rd_str(&x->r);
	if (!x->rc)
		x->rc = prof_trace_add_string(x->t, text.p, text.len, &id, x->e);
	if (!x->rc)
		x->rc = prof_vec_reserve(&x->t->mem, &x->reasons, 1, x->e);
	if (!x->rc)
		x->reasons.v[x->reasons.n++] = id;
	return id;
}

static void get_waiter(struct reader *x, int64_t at)
{
	size_t stacks = x->t->stack_start.n - 1;
	struct prof_trace_waiter w = {.slot = 0};
	uint64_t id = prof_rd_uvarint(&x->r);

	if (!id || id > INT64_MAX)
		prof_rd_fail(&x->r, "a goroutine's id is out of range");
	w.id = (int64_t)id;
	w.stack = prof_rd_id(&x->r, stacks);
	w.state = prof_rd_uvarint(&x->r) ? PROF_G_SYSCALL : PROF_G_WAITING;
	w.reason = get_reason(x);
	w.since = (int64_t)((uint64_t)at - (uint64_t)prof_rd_varint(&x->r));
	w.created = prof_rd_id(&x->r, stacks);
	if (!x->rc && !x->r.why)
		x->rc = prof_vec_reserve(&x->t->mem, &x->lists[x->now], 1, x->e);
	if (!x->rc && !x->r.why)
		x->lists[x->now].v[x->lists[x->now].n++] = w;
}

/* A run as put_run wrote it, of a moment with n goroutines. */
static void get_run(struct reader *x, int64_t at, uint64_t n, size_t *old)
{
	uint64_t passed = prof_rd_uvarint(&x->r), kept = prof_rd_uvarint(&x->r);
	uint64_t new = prof_rd_count(&x->r, 6), left = x->lists[!x->now].n - *old;

	n -= x->lists[x->now].n;
	if (passed > left || kept > left - passed || kept > n || new > n - kept || !(kept + new))
		prof_rd_fail(&x->r, "a moment has other goroutines than it says");
	if (x->r.why)
		return;
	*old += passed;
	x->rc = prof_vec_reserve(&x->t->mem, &x->lists[x->now], kept, x->e);
	for (; !x->rc && kept; kept--)
		x->lists[x->now].v[x->lists[x->now].n++] = x->lists[!x->now].v[(*old)++];
	for (; !x->rc && !x->r.why && new; new --)
		get_waiter(x, at);
}

static void get_moment(struct reader *x, prof_trace_moment_fn *take, void *ctx)
{
	struct prof_trace_moment m = {.at = prof_rd_varint(&x->r), .wall = prof_rd_varint(&x->r)};
	uint64_t n = prof_rd_uvarint(&x->r);
	size_t old = 0;

	x->lists[x->now].n = 0;
	while (!x->rc && !x->r.why && x->lists[x->now].n < n)
		get_run(x, m.at, n, &old);
	if (x->rc || x->r.why)
		return;
	m.v = x->lists[x->now].v;
	m.n = x->lists[x->now].n;
	x->rc = take(ctx, x->t, &m, x->e);
	x->now = !x->now;
}

int prof_moments_read(const void *bytes, size_t n, struct prof_trace *t, prof_trace_moment_fn *take,
	void *ctx, struct prof_err *e)
{
	struct reader x = {.r = prof_rd_of(bytes, n), .t = t, .e = e};

	if (prof_rd_uvarint(&x.r) != VERSION)
		prof_rd_fail(&x.r, "moments of another version");
	for (int i = 0; !x.rc && x.r.p < x.r.end; i++) {
		if (i == PROF_TRACE_MOST_MOMENTS)
			prof_rd_fail(&x.r, "more moments than a trace has");
		else
			get_moment(&x, take, ctx);
	}
	if (!x.rc && x.r.why)
		x.rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			"is damaged: a trace's moments: %s", x.r.why);
	prof_vec_fini(&t->mem, &x.lists[0]);
	prof_vec_fini(&t->mem, &x.lists[1]);
	prof_vec_fini(&t->mem, &x.reasons);
	return x.rc;
}
