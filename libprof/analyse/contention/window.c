/* How long the inputs watched, and what happened meanwhile. Go's block and mutex profiles count
 * since the program started: two of them give what was between, as long as they are of one process.
 */
#include <stdlib.h>

#include "libprof/analyse/contention/sites.h"
#include "libprof/base/escape.h"
#include "libprof/base/num.h"

struct window {
	struct prof_contention *k;
	struct prof_contention_part *part;
	uint32_t *inputs; /* of the part, in the order of time */
	size_t n;
	struct prof_err *e;
};

static const struct prof_contention_input *input(const struct window *w, size_t i)
{
	return &w->k->inputs.v[w->inputs[i]];
}

/* "a.pb.gz and b.pb.gz: …" */
static int refuse(const struct window *w, size_t a, size_t b, const char *why)
{
	struct prof_buf buf;

	prof_buf_init(&buf, NULL, NULL);
	prof_buf_plain(&buf, prof_contention_name(w->k, input(w, a)->name));
	prof_buf_str(&buf, " and ");
	prof_buf_plain(&buf, prof_contention_name(w->k, input(w, b)->name));
	prof_buf_char(&buf, '\0');
	(void)prof_fail(w->e, PROF_EUSAGE, PROF_NO_OFFSET, "%s %s", buf.code ? "?" : buf.p, why);
	prof_buf_fini(&buf);
	return PROF_EUSAGE;
}

/* Snapshots that tell when they were taken are ordered by that, others by what they have counted,
 * which only grows.
 */
static void order(struct window *w)
{
	bool timed = true;

	for (size_t i = 0; i < w->n; i++)
		timed &= input(w, i)->time_ns != 0;
	for (size_t i = 1; i < w->n; i++)
		for (size_t j = i; j; j--) {
			const struct prof_contention_input *a = input(w, j - 1), *b = input(w, j);
			bool later = timed            ? a->time_ns > b->time_ns
				     : a->ns != b->ns ? a->ns > b->ns
						      : a->count > b->count;
			uint32_t t = w->inputs[j];

			if (!later)
				break;
			w->inputs[j] = w->inputs[j - 1];
			w->inputs[j - 1] = t;
		}
}

static uint32_t stack_of(const struct prof_contention_input *in, size_t sample)
{
	return in->stacks.n ? in->stacks.v[sample] : (uint32_t)sample;
}

/* Columns of all stacks, zero. */
static int init_columns(struct window *w)
{
	size_t n = w->k->stacks.n + 1;

	w->part->own = true;
	w->part->counts = calloc(n, sizeof(*w->part->counts));
	w->part->delays = calloc(n, sizeof(*w->part->delays));
	return w->part->counts && w->part->delays ? 0 : prof_nomem(w->e);
}

static void add(struct window *w, size_t i, int sign)
{
	const struct prof_contention_input *in = input(w, i);
	struct prof_contention_part *p = w->part;

	for (size_t s = 0; s < in->counts.n; s++) {
		int64_t *count = &p->counts[stack_of(in, s)], *ns = &p->delays[stack_of(in, s)];

		*count = sign < 0 ? prof_sub(*count, in->counts.v[s])
				  : prof_add_sat(*count, in->counts.v[s]);
		*ns = sign < 0 ? prof_sub(*ns, in->delays.v[s])
			       : prof_add_sat(*ns, in->delays.v[s]);
	}
}

/* What the later one has beyond the earlier; its numbers are rounded, so by little they may fall.
 */
static int subtract(struct window *w, size_t earlier, size_t later)
{
	struct prof_contention_part *p = w->part;
	size_t n = w->k->stacks.n;

	memset(p->counts, 0, n * sizeof(*p->counts));
	memset(p->delays, 0, n * sizeof(*p->delays));
	add(w, later, 1);
	add(w, earlier, -1);
	for (size_t i = 0; i < n; i++) {
		if (p->counts[i] < -1 || p->delays[i] < -1000000)
			return refuse(w, earlier, later,
				"are not snapshots of one process: what they count goes back");
		p->counts[i] = p->counts[i] < 0 ? 0 : p->counts[i];
		p->delays[i] = p->delays[i] < 0 ? 0 : p->delays[i];
	}
	return 0;
}

/* The time between two of them; 0: not known. Those of files are no better than a second. */
static int64_t between(struct window *w, size_t a, size_t b)
{
	const struct prof_contention_input *x = input(w, a), *y = input(w, b);
	int64_t files = prof_sub(y->file_ns, x->file_ns);

	if (w->k->opts.duration_ns)
		return w->k->opts.duration_ns;
	if (x->time_ns && y->time_ns)
		return prof_sub(y->time_ns, x->time_ns);
	w->part->by_files = x->file_ns && y->file_ns && files >= INT64_C(1000000000);
	return w->part->by_files ? files : 0;
}

static int cumulative(struct window *w)
{
	struct prof_contention_part *p = w->part;
	size_t first = 0, last = w->n - 1;
	int rc;

	if (w->n == 1) {
		p->since_start = true;
		p->interval_ns = w->k->opts.duration_ns;
		if (p->own)
			add(w, 0, 1);
		return 0;
	}
	order(w);
	for (size_t i = 1; i < w->n; i++)
		if ((rc = subtract(w, i - 1, i)))
			return rc;
	/* Of several forms of the same moments those that tell it. */
	while (first < last && !input(w, first)->time_ns)
		first++;
	while (last > first && !input(w, last)->time_ns)
		last--;
	if (first == last) {
		first = 0;
		last = w->n - 1;
	}
	p->first = w->inputs[first];
	p->last = w->inputs[last];
	p->interval_ns = between(w, first, last);
	return subtract(w, first, last);
}

/* Profiles that were taken over some time, and count only what was in it, add up. */
static int deltas(struct window *w, size_t n_deltas)
{
	size_t other = 0;

	while (other < w->n && input(w, other)->duration_ns)
		other++;
	if (n_deltas < w->n)
		return refuse(w, other ? 0 : 1, other,
			"do not go together: one counts for some time, one since the start");
	for (size_t i = 0; i < w->n; i++) {
		w->part->interval_ns = prof_add_sat(w->part->interval_ns, input(w, i)->duration_ns);
		if (w->part->own)
			add(w, i, 1);
	}
	return 0;
}

static int dumps(struct window *w)
{
	struct prof_contention_part *p = w->part;

	for (size_t i = 0; i < w->n; i++) {
		const struct prof_contention_input *in = input(w, i);

		for (size_t s = 0; s < in->counts.n; s++) {
			uint32_t to = stack_of(in, s);

			p->counts[to] = prof_add_sat(p->counts[to], in->counts.v[s]);
			if (in->delays.v[s] > p->delays[to])
				p->delays[to] = in->delays.v[s];
		}
	}
	p->last = w->inputs[w->n - 1];
	return 0;
}

static int traces(struct window *w)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct prof_contention_trace *t = &w->k->traces.v[input(w, i)->trace];

		w->part->interval_ns = prof_add_sat(w->part->interval_ns, t->ns);
		for (size_t j = 0; j < t->waits.n; j++) {
			const struct prof_contention_wait *from = &t->waits.v[j];
			int64_t *count = &w->part->counts[from->stack];
			int64_t *ns = &w->part->delays[from->stack];

			*count = prof_add_sat(*count, (int64_t)(from->count + from->open));
			*ns = prof_add_sat(*ns, from->ns);
		}
	}
	return 0;
}

/* Two inputs that say of what they are. Processes are told apart by where the kernel put the vdso:
 * the build id is read from the file, which may have been replaced while the program ran.
 */
static int same_process(struct window *w, size_t a, size_t b)
{
	const struct prof_contention_input *x = input(w, a), *y = input(w, b);

	if (x->process && y->process)
		return x->process == y->process
			       ? 0
			       : refuse(w, a, b,
					 "are of different processes: give those of one, and those "
					 "of another behind --new");
	if ((x->build_id && y->build_id && x->build_id != y->build_id) ||
		(x->binary && y->binary && x->binary != y->binary))
		return refuse(w, a, b,
			"are of different programs: give those of one, and those of another "
			"behind --new");
	return 0;
}

static int check_process(struct window *w)
{
	size_t known = w->n;
	int rc = 0;

	for (size_t i = 0; !rc && i < w->n; i++) {
		const struct prof_contention_input *in = input(w, i);

		if (!in->process && !in->build_id && !in->binary)
			continue;
		if (known < w->n)
			rc = same_process(w, known, i);
		else
			known = i;
	}
	return rc;
}

/* One input that has all stacks in turn lends its columns. */
static bool lend_columns(struct window *w)
{
	struct prof_contention_input *in = &w->k->inputs.v[w->inputs[0]];

	if (w->n > 1 || in->stacks.n || in->counts.n < w->k->stacks.n || !in->counts.n)
		return false;
	w->part->counts = in->counts.v;
	w->part->delays = in->delays.v;
	return true;
}

static int find(struct window *w, enum prof_contention_kind kind)
{
	struct prof_contention_part *p = w->part;
	size_t n_deltas = 0;
	int rc;

	*p = (struct prof_contention_part){
		.known = w->n > 0, .n = (int64_t)w->n, .first = PROF_NONE, .last = PROF_NONE};
	if (!w->n)
		return 0;
	rc = lend_columns(w) ? 0 : init_columns(w);
	if (rc)
		return rc;
	for (size_t i = 0; i < w->n; i++) {
		n_deltas += input(w, i)->duration_ns > 0;
		if (input(w, i)->fraction && (!p->fraction || input(w, i)->fraction < p->fraction))
			p->fraction = input(w, i)->fraction;
		p->rate_ns = input(w, i)->rate_ns ? input(w, i)->rate_ns : p->rate_ns;
		if (!p->rate_most_ns || input(w, i)->rate_most_ns < p->rate_most_ns)
			p->rate_most_ns = input(w, i)->rate_most_ns;
	}
	rc = kind == PROF_CONTENTION_DUMP    ? dumps(w)
	     : kind == PROF_CONTENTION_TRACE ? traces(w)
	     : n_deltas                      ? deltas(w, n_deltas)
					     : cumulative(w);
	for (size_t i = 0; !rc && i < w->k->stacks.n; i++) {
		p->count = prof_add_sat(p->count, p->counts[i]);
		p->ns = prof_add_sat(p->ns, p->delays[i]);
	}
	return rc;
}

/* A profile without samples does not tell which of both it is. It is no block profile where an
 * earlier one had some, nor where there are more block profiles than mutex profiles, which come in
 * pairs.
 */
static void settle_empty(struct window *w)
{
	size_t n[2] = {0, 0}; /* PROF_CONTENTION_BLOCK, PROF_CONTENTION_MUTEX */

	for (size_t i = 0; i < w->n; i++)
		if (input(w, i)->kind <= PROF_CONTENTION_MUTEX && input(w, i)->counts.n)
			n[input(w, i)->kind]++;
	for (size_t i = 0; i < w->n; i++) {
		struct prof_contention_input *in = &w->k->inputs.v[w->inputs[i]];
		bool later = false;

		if (in->kind != PROF_CONTENTION_BLOCK || in->counts.n)
			continue;
		for (size_t j = 0; j < w->n; j++)
			later |= input(w, j)->kind == PROF_CONTENTION_BLOCK &&
				 input(w, j)->counts.n && in->time_ns && input(w, j)->time_ns &&
				 input(w, j)->time_ns < in->time_ns;
		if (later || (n[1] && n[0] > n[1])) {
			in->kind = PROF_CONTENTION_MUTEX;
			n[1]++;
		}
	}
}

int prof_contention_window(struct prof_contention *k, enum prof_side side,
	struct prof_contention_part parts[PROF_CONTENTION_KINDS], struct prof_err *e)
{
	struct window w = {.k = k, .e = e, .inputs = calloc(k->inputs.n + 1, sizeof(*w.inputs))};
	int rc;

	if (!w.inputs)
		return prof_nomem(e);
	for (uint32_t i = 0; i < k->inputs.n; i++)
		if (k->inputs.v[i].side == side)
			w.inputs[w.n++] = i;
	rc = check_process(&w);
	settle_empty(&w);
	for (uint8_t kind = 0; !rc && kind < PROF_CONTENTION_KINDS; kind++) {
		w.part = &parts[kind];
		w.n = 0;
		for (uint32_t i = 0; i < k->inputs.n; i++)
			if (k->inputs.v[i].side == side && k->inputs.v[i].kind == kind)
				w.inputs[w.n++] = i;
		rc = find(&w, (enum prof_contention_kind)kind);
	}
	free(w.inputs);
	return rc;
}
