#include "libprof/analyse/trace/mmu_impl.h"

#include <string.h>

static const int64_t windows_ns[PROF_MMU_WINDOWS] = {
	1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

const char *const prof_mmu_window_names[PROF_MMU_WINDOWS] = {
	"1µs", "10µs", "100µs", "1ms", "10ms", "100ms", "1s"};

enum { MAX_HELD = 1 << 20 };

void prof_mmu_series_init(struct prof_mmu_series *s, bool hold)
{
	*s = (struct prof_mmu_series){.hold = hold};
	for (int i = 0; i < PROF_MMU_WINDOWS; i++)
		s->windows[i].min = 1;
}

void prof_mmu_series_fini(struct prof_mmu_series *s, struct prof_mem *mem)
{
	prof_vec_fini(mem, &s->steps);
	prof_vec_fini(mem, &s->held);
}

/* Utilisation up to a time at or behind step `at`. */
static double sum_at(const struct prof_mmu_series *s, size_t at, int64_t time)
{
	const struct prof_mmu_step *p = &s->steps.v[at];

	return p->sum + p->util * (double)(time - p->time);
}

/* Windows that end at the newest step, and those that begin at earlier ones and end before it. */
static void look(struct prof_mmu_series *s, struct prof_mmu_window *w, int64_t length)
{
	const struct prof_mmu_step *v = s->steps.v, *now = &v[s->steps.n - 1];
	int64_t start = now->time - length;
	double util;

	if (start >= s->start) {
		while (v[w->end_at + 1].time <= start)
			w->end_at++;
		util = (now->sum - sum_at(s, w->end_at, start)) / (double)length;
		w->min = util < w->min ? util : w->min;
	}
	for (; v[w->next].time + length <= now->time; w->next++) {
		int64_t end = v[w->next].time + length;

		while (w->next_at + 1 < s->steps.n && v[w->next_at + 1].time <= end)
			w->next_at++;
		util = (sum_at(s, w->next_at, end) - v[w->next].sum) / (double)length;
		w->min = util < w->min ? util : w->min;
	}
}

/* Drops steps that no window reaches back to, when they are most. */
static void drop(struct prof_mmu_series *s)
{
	size_t n = s->steps.n;

	for (int i = 0; i < PROF_MMU_WINDOWS; i++) {
		const struct prof_mmu_window *w = &s->windows[i];

		if (w->min <= 0)
			continue;
		n = w->end_at < n ? w->end_at : n;
		n = w->next < n ? w->next : n;
	}
	if (n < 1024 || n < s->steps.n / 2)
		return;
	n -= n == s->steps.n;
	memmove(s->steps.v, s->steps.v + n, (s->steps.n - n) * sizeof(*s->steps.v));
	s->steps.n -= n;
	for (int i = 0; i < PROF_MMU_WINDOWS; i++) {
		struct prof_mmu_window *w = &s->windows[i];

		w->end_at -= w->end_at < n ? w->end_at : n;
		w->next -= w->next < n ? w->next : n;
		w->next_at -= w->next_at < n ? w->next_at : n;
	}
}

static int push(struct prof_mmu_series *s, struct prof_mem *mem, int64_t time, double util,
	struct prof_err *e)
{
	struct prof_mmu_step step = {.time = time, .util = util};
	int rc = prof_vec_reserve(mem, &s->steps, 1, e);

	if (rc)
		return rc;
	if (s->n++)
		step.sum = sum_at(s, s->steps.n - 1, time);
	else
		s->start = time;
	s->steps.v[s->steps.n++] = step;
	for (int i = 0; i < PROF_MMU_WINDOWS; i++)
		if (s->windows[i].min > 0) /* it can get no worse than 0 */
			look(s, &s->windows[i], windows_ns[i]);
	drop(s);
	return 0;
}

static struct prof_mmu_step *newest(struct prof_mmu_series *s)
{
	if (s->held.n)
		return &s->held.v[s->held.n - 1];
	return s->steps.n ? &s->steps.v[s->steps.n - 1] : NULL;
}

int prof_mmu_series_add(struct prof_mmu_series *s, struct prof_mem *mem, int64_t time, double util,
	struct prof_err *e)
{
	struct prof_mmu_step *last = newest(s);
	int rc;

	if (last && last->util == util)
		return 0;
	if (last && last->time == time) {
		last->util = util < last->util ? util : last->util;
		return 0;
	}
	if (!s->hold)
		return push(s, mem, time, util, e);
	rc = prof_vec_reserve(mem, &s->held, 1, e);
	if (rc)
		return rc;
	s->held.v[s->held.n++] = (struct prof_mmu_step){.time = time, .util = util};
	return s->held.n < MAX_HELD ? 0 : prof_mmu_series_release(s, mem, e);
}

int prof_mmu_series_release(struct prof_mmu_series *s, struct prof_mem *mem, struct prof_err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < s->held.n; i++)
		rc = push(s, mem, s->held.v[i].time, s->held.v[i].util, e);
	prof_vec_fini(mem, &s->held);
	s->hold = false;
	return rc;
}

int prof_mmu_series_end(struct prof_mmu_series *s, struct prof_mem *mem, int64_t time, double *mmu,
	struct prof_err *e)
{
	int rc = prof_mmu_series_add(s, mem, time, 0, e);
	const struct prof_mmu_step *last;

	if (!rc)
		rc = prof_mmu_series_release(s, mem, e);
	s->ended = true;
	if (rc || s->n < 2)
		return rc;
	last = newest(s);
	for (int i = 0; i < PROF_MMU_WINDOWS; i++) {
		double min = s->windows[i].min, length = (double)(last->time - s->start);

		if (windows_ns[i] > last->time - s->start)
			min = last->sum / length;
		mmu[i] = min < mmu[i] ? min : mmu[i];
	}
	prof_vec_fini(mem, &s->steps);
	return 0;
}
