#include "libprof/analyse/contention/queue.h"

#include "libprof/base/hash.h"
#include "libprof/base/num.h"

enum { STEPS = 2 * PROF_QUEUE_STEPS, FIRST_STEP_NS = 1000 };

void prof_lines_init(struct prof_lines *x, struct prof_mem *mem)
{
	*x = (struct prof_lines){.mem = mem, .step_ns = FIRST_STEP_NS};
}

void prof_lines_fini(struct prof_lines *x)
{
	for (size_t i = 0; i < x->lines.n; i++)
		if (x->lines.v[i].sum.steps)
			prof_mem_zfree(x->mem, x->lines.v[i].sum.steps, STEPS,
				sizeof(*x->lines.v[i].sum.steps));
	prof_vec_fini(x->mem, &x->lines);
}

int prof_lines_add(struct prof_lines *x, uint32_t *id, struct prof_err *e)
{
	int rc = prof_vec_reserve(x->mem, &x->lines, 1, e);

	if (rc)
		return rc;
	*id = (uint32_t)x->lines.n;
	x->lines.v[x->lines.n++] = (struct prof_waiting_line){
		.into = *id, .since = INT64_MIN, .sum = {.waiter = PROF_NONE}};
	return 0;
}

/* Two steps become one, of all lines. */
static void fold(struct prof_lines *x)
{
	for (size_t i = 0; i < x->lines.n; i++) {
		struct prof_contention_queue_step *s = x->lines.v[i].sum.steps;

		for (int j = 0; s && j < STEPS; j++) {
			struct prof_contention_queue_step two = {.ns = 0};

			if (j < STEPS / 2) {
				two.ns = prof_add_sat(s[2 * j].ns, s[2 * j + 1].ns);
				two.most = s[2 * j].most > s[2 * j + 1].most ? s[2 * j].most
									     : s[2 * j + 1].most;
			}
			s[j] = two;
		}
	}
	x->step_ns *= 2;
}

/* Makes room for times up to `time`. */
static void widen(struct prof_lines *x, int64_t time)
{
	while (time / STEPS >= x->step_ns)
		fold(x);
}

/* So many waited from begin to end, which count from x->from. */
static void add_steps(struct prof_lines *x, struct prof_waiting_line *l, int64_t begin, int64_t end)
{
	widen(x, end);
	for (int64_t i = begin / x->step_ns; begin < end; i++) {
		struct prof_contention_queue_step *s = &l->sum.steps[i];
		int64_t ns = x->step_ns - begin % x->step_ns;

		ns = ns < end - begin ? ns : end - begin;
		s->ns = prof_add_sat(
			s->ns, l->waiting > INT64_MAX / ns ? INT64_MAX : ns * (int64_t)l->waiting);
		s->most = s->most > l->waiting ? s->most : l->waiting;
		begin += ns;
	}
}

/* Books the time since the number of waiters changed last. */
static void book(struct prof_lines *x, struct prof_waiting_line *l, int64_t time)
{
	int64_t begin = l->since > x->from ? l->since : x->from;
	int64_t end = time < x->to ? time : x->to;

	l->since = time;
	if (!l->waiting || end <= begin)
		return;
	begin = prof_sub(begin, x->from);
	end = prof_sub(end, x->from);
	if (begin < 0 || end < begin) /* further away than there are ns */
		return;
	for (unsigned i = 0; i < PROF_QUEUE_POWERS && l->waiting >> i; i++)
		l->sum.at_least_ns[i] = prof_add_sat(l->sum.at_least_ns[i], end - begin);
	if (l->waiting > l->sum.most) {
		l->sum.most = l->waiting;
		l->sum.most_at = begin;
	}
	if (l->sum.steps)
		add_steps(x, l, begin, end);
}

/* The end of a stretch in which two or more waited. */
static void book_crowd(struct prof_lines *x, struct prof_waiting_line *l, int64_t time)
{
	int64_t begin = l->crowded_since > x->from ? l->crowded_since : x->from;
	int64_t end = time < x->to ? time : x->to;

	if (end > begin && prof_sub(end, begin) > l->sum.longest_ns) {
		l->sum.longest_ns = prof_sub(end, begin);
		l->sum.longest_at = prof_sub(begin, x->from);
	}
}

static int change(struct prof_lines *x, struct prof_waiting_line *l, uint32_t waiting, int64_t time,
	struct prof_err *e)
{
	book(x, l, time);
	if (l->waiting < 2 && waiting >= 2)
		l->crowded_since = time;
	else if (l->waiting >= 2 && waiting < 2)
		book_crowd(x, l, time);
	l->waiting = waiting;
	if (waiting < 2 || l->sum.steps)
		return 0;
	l->sum.steps = prof_mem_zalloc(x->mem, STEPS, sizeof(*l->sum.steps), e);
	return l->sum.steps ? 0 : e->code;
}

int prof_lines_join(struct prof_lines *x, uint32_t id, int64_t time, struct prof_err *e)
{
	struct prof_waiting_line *l = &x->lines.v[prof_lines_find(x, id)];

	return change(x, l, l->waiting + 1, time, e);
}

int prof_lines_leave(struct prof_lines *x, uint32_t id, int64_t time, struct prof_err *e)
{
	struct prof_waiting_line *l = &x->lines.v[prof_lines_find(x, id)];

	return change(x, l, l->waiting ? l->waiting - 1 : 0, time, e);
}

int prof_lines_merge(struct prof_lines *x, uint32_t a, uint32_t b, int64_t time, struct prof_err *e)
{
	struct prof_waiting_line *to, *from;
	uint32_t waiting;
	int rc;

	a = prof_lines_find(x, a);
	b = prof_lines_find(x, b);
	if (a == b)
		return 0;
	to = &x->lines.v[a < b ? a : b];
	from = &x->lines.v[a < b ? b : a];
	waiting = from->waiting;
	rc = change(x, from, 0, time, e);
	if (!rc)
		rc = change(x, to, to->waiting + waiting, time, e);
	if (rc)
		return rc;
	from->into = to->into;
	for (int i = 0; i < PROF_QUEUE_POWERS; i++)
		to->sum.at_least_ns[i] = prof_add_sat(
			to->sum.at_least_ns[i], from->sum.at_least_ns[i]);
	if (from->sum.most > to->sum.most) {
		to->sum.most = from->sum.most;
		to->sum.most_at = from->sum.most_at;
	}
	if (from->sum.longest_ns > to->sum.longest_ns) {
		to->sum.longest_ns = from->sum.longest_ns;
		to->sum.longest_at = from->sum.longest_at;
	}
	if (!to->sum.steps) {
		to->sum.steps = from->sum.steps;
		from->sum.steps = NULL;
	}
	for (int i = 0; from->sum.steps && i < STEPS; i++) {
		struct prof_contention_queue_step *s = &to->sum.steps[i], *o = &from->sum.steps[i];

		s->ns = prof_add_sat(s->ns, o->ns);
		s->most = s->most > o->most ? s->most : o->most;
	}
	return 0;
}

static int end_line(struct prof_lines *x, uint32_t id, int64_t end,
	struct prof_contention_trace *out, struct prof_err *e)
{
	struct prof_waiting_line *l = &x->lines.v[id];
	struct prof_contention_queue *q;
	int rc = change(x, l, 0, end, e);

	if (!rc)
		rc = prof_vec_reserve(x->mem, &out->queues, 1, e);
	if (rc)
		return rc;
	q = &out->queues.v[out->queues.n];
	*q = l->sum;
	q->steps = NULL;
	if (l->sum.steps) {
		q->steps = prof_mem_zalloc(x->mem, PROF_QUEUE_STEPS, sizeof(*q->steps), e);
		if (!q->steps)
			return e->code;
		for (uint32_t i = 0; i < out->steps; i++)
			q->steps[i] = l->sum.steps[i];
	}
	out->queues.n++;
	return 0;
}

int prof_lines_end(struct prof_lines *x, int64_t end, struct prof_contention_trace *out,
	uint32_t **queue_of, struct prof_err *e)
{
	int64_t last = prof_sub(end < x->to ? end : x->to, x->from);
	uint32_t *of = prof_mem_zalloc(x->mem, x->lines.n, sizeof(*of), e);
	int rc = of ? 0 : e->code;

	last = end < x->from || last < 0 ? 0 : last;
	widen(x, last);
	while (last / PROF_QUEUE_STEPS >= x->step_ns)
		fold(x);
	out->step_ns = x->step_ns;
	out->steps = (uint32_t)(last / x->step_ns + (last % x->step_ns != 0));
	for (uint32_t i = 0; !rc && i < x->lines.n; i++) {
		if (prof_lines_find(x, i) == i) {
			of[i] = (uint32_t)out->queues.n;
			rc = end_line(x, i, end, out, e);
		}
	}
	/* A line merges into one of a lower number. */
	for (uint32_t i = 0; !rc && i < x->lines.n; i++)
		of[i] = of[prof_lines_find(x, i)];
	if (rc && of)
		prof_mem_zfree(x->mem, of, x->lines.n, sizeof(*of));
	else if (!rc)
		*queue_of = of;
	return rc;
}
