/* A comparison of two groups of profiles ("runs"): what changed, whether it is noise, where it
 * comes from. Steps, each a file, all over one struct prof_diff:
 *
 *	diff.c		takes runs in: headers, rows joined by name, values flat and cum
 *	guard.c		can they be compared at all; what to be warned of
 *	code.c		whose code a row is; which code is the same on both sides
 *	panel.c		rows x runs: how often each was sampled, flat, cum and own
 *	dispersion.c	how much counts vary from run to run
 *	scale.c		what both sides are counted per (operations, seconds, unchanged code)
 *	test.c		every row's change with interval, p and q; the total's
 *	closures.c	renumbered functions (siblings.c: which is which), rename.c: renamed ones,
 *			move.c: moved work, all from who calls whom (relate.h)
 *	explain.c	findings, and what is only evidence under one: paths, callees; blame.c: the
 *			collector's work
 *	rollup.c	the same by package and module
 *	verdict.c	the verdict, gates.c the gates
 *	report*.c	all that as a report
 *
 * **Own** is what findings are made of. Code that is the same on both sides (the standard library
 * of one Go version, modules of one version) cannot have changed: what it costs more is the cost of
 * who calls it. So a sample is own to the innermost function on its stack whose code may have
 * changed; work of the garbage collector, also where a goroutine assists, is own to the collector.
 * Every sample has one owner, so a change of a function shows neither in its callers' own nor in
 * that of the library and runtime functions below.
 *
 * Tests run on counts of samples (panel.c), values are shown as the files have them.
 */
#ifndef PROF_ANALYSE_DIFF_DIFF_H
#define PROF_ANALYSE_DIFF_DIFF_H

#include "libprof/analyse/stats/rates.h"
#include "libprof/analyse/stats/noise.h"
#include "libprof/model/graph.h"
#include "libprof/model/gate.h"

enum diff_metric { M_FLAT, M_CUM, M_OWN, N_METRICS };

/* What a row's code is; several hold. */
enum diff_code {
	CODE_STD = 1, /* the standard library, the runtime included */
	CODE_RUNTIME =
		2, /* helpers that code calls without naming them: runtime, internal/runtime */
	CODE_COLLECTOR = 4, /* the garbage collector's work */
	CODE_PREEMPT = 8, /* where the signal of an asynchronous preemption lands */
	CODE_ALLOC = 16, /* mallocgc */
	CODE_SAME = 32, /* cannot have changed */
	CODE_WAITS = 64, /* the runtime's locks, wake-ups and work in the background */
};

enum diff_kind {
	KIND_UNCHANGED, /* or not known to have changed */
	KIND_REGRESSED,
	KIND_IMPROVED,
	KIND_NEW,
	KIND_GONE,
	KIND_RENAMED,
	KIND_MOVED,
	KIND_INLINED, /* or no longer */
};

/* What is known of one metric of one row, or of the total. */
struct diff_test {
	bool tested, significant;
	double p, q; /* NAN: not tested */
	struct prof_ratio ratio; /* NAN: nothing counted */
	double detectable; /* of the total: smallest ratio > 1 found with probability 0.9 */
	struct prof_rates rates;
};

/* A function (file, package, line) on both sides; indices are enum prof_side. */
struct diff_row {
	uint32_t text, name, file; /* strings: what the row is called, and its parts */
	uint32_t package,
		module; /* strings; module "std", "PATH@VERSION", or 0: the program's own */
	int64_t line;
	uint32_t source; /* string: the function's file as it was compiled */
	int64_t start[2]; /* its first line; 0: not known */
	int64_t value[N_METRICS][2]; /* sums over the side's runs, as the files have them */
	bool present[2];
	unsigned code; /* enum diff_code */
	struct diff_test test[N_METRICS];
	enum diff_kind kind;
	bool finding;
	bool explained; /* it has a path and parts */
	uint32_t peer; /* row: of a renamed row the old name's, of a moved one the other; or none */
	double score; /* of a renamed row: how alike, 0 to 1 */
	bool merged; /* counted in the row it was renamed to */
	uint32_t among; /* string: of this function's closures it is open which is which; or 0 */
	uint32_t now; /* row: where the old side of this name is counted, or PROF_NONE: here */
	double alloc[2]; /* own samples that allocate */
	double load[N_METRICS]; /* counts that follow the machine's load, all runs' */
	double frames[2],
		inlined[2]; /* frames of it, weighted by samples; those that are inlined */
	uint32_t part_first, part_n; /* of a finding: its parts */
	uint32_t path_first, path_n; /* its callers, innermost first */
	uint32_t under; /* row: the finding that this change belongs to, or none */
};

/* What is counted of a sample, which decides how it can be tested. */
enum diff_count {
	COUNT_NONE, /* nothing that says how often: values only */
	COUNT_SAMPLES, /* samples at a rate, or events, each by itself */
	COUNT_HEAP, /* bytes or objects of sampled allocations, scaled up by Go */
	COUNT_EVENTS, /* contentions, scaled up by the fraction that is sampled */
	COUNT_DELAY, /* a sum with a heavy tail: only its runs say how it varies */
	COUNT_EXACT, /* goroutines, threads: all there are */
};

/* What is said about a side. Totals and counts are of the whole profiles, before any filter. */
struct diff_run {
	enum prof_side side;
	struct prof_profile *p;
	struct prof_graph g;
	uint32_t *row_of; /* of each node */
	uint32_t *owner; /* of each sample: a row, or PROF_NONE */
	uint32_t *leaf; /* likewise: where it was taken; PROF_NONE also where that is allocation */
	double *weight, *var; /* of each sample: what it counts, and its variance (panel.c) */
	uint32_t index; /* sample type */
	struct prof_str name, binary, build_id, type, unit, period_type, period_unit;
	int64_t time_ns, duration_ns, period;
	int64_t total; /* SUM |value| */
	int64_t samples; /* distinct rows of the file */
	int64_t counts; /* SUM of the first type, where that is a count of its own */
	double x, v; /* counted in all, and its variance were it Poisson */
	double unchanged; /* of x: in code that was found unchanged */
	double load; /* of x: what follows the machine's load */
	uint32_t depth, cut; /* the deepest stack, and how many have that depth */
};

struct diff_side {
	size_t runs;
	int64_t total, counts, duration_ns, time_ns; /* sums; the first run's time */
	double x, v, load;
	int64_t counted; /* what x is as a value: the total of the samples that are left */
	double ops, exposure;
	unsigned go_least, go_most; /* Go 1.N, as far as functions tell; 0: not known */
};

/* How the sides are made equal. */
enum diff_scale { SCALE_UNCHANGED, SCALE_OPS, SCALE_DURATION, SCALE_TOTAL, SCALE_NONE };

/* A part of a finding's change that lies in another function: one that it calls, or the collector.
 */
struct diff_part {
	uint32_t row;
	double part; /* of the change; more than 1 where the rest went the other way */
};

enum diff_verdict {
	VERDICT_UNCHANGED,
	VERDICT_REGRESSED,
	VERDICT_IMPROVED,
	VERDICT_INCONCLUSIVE,
	VERDICT_NOT_COMPARABLE,
};

struct diff_scaling {
	enum diff_scale method;
	double factor; /* what a new count is divided by to compare with an old one */
	double unchanged; /* old -> new ratio of code that did not change, per operation; NAN: not
			     used */
	double speed, speed_df; /* variance of ln(machine's speed) between the sides */
	bool by_speed; /* the sides are known but for that: operations, seconds */
	double share; /* of all samples that were found unchanged */
	double shared; /* of those that are compared; less than all of them with a filter */
	double counts; /* variance of ln(ratio of unchanged code); INFINITY: not used */
};

/* A package or a module. */
struct diff_sum {
	uint32_t name, module[2]; /* strings; module: with the side's version, 0: not known */
	int64_t value[2];
	struct prof_ratio ratio;
	double p; /* NAN: not tested */
};

struct diff_sums {
	struct diff_sum *v;
	size_t n, cap;
};

struct diff_whole {
	double x[2], v;
};

/* Of the interval's level; rows have few different degrees of freedom. */
struct diff_quantile {
	double df, t;
};

enum { DIFF_QUANTILES = 8 };

struct prof_diff {
	struct prof_mem mem;
	struct prof_diff_opts opts;
	struct prof_strtab strings;
	struct prof_index index; /* over rows, by text */
	PROF_VEC(struct diff_row) rows;
	PROF_VEC(struct diff_run) runs; /* as they were added */
	struct diff_side sides[2];
	unsigned missed[2];
	struct prof_str unit; /* of all values, after prof_diff_units */
	enum diff_count count;
	bool is_go; /* a Go program, by its functions' names */
	bool same_go; /* the standard library is the same code on both sides */
	double *x[N_METRICS]; /* counts, [row * runs.n + run] */
	double *v[N_METRICS]; /* their variance, were they Poisson */
	struct diff_scaling scale;
	struct prof_noise noise[N_METRICS]; /* how much more than Poisson rows vary */
	struct prof_noise load_noise[N_METRICS]; /* and those that follow the load */
	struct diff_test total;
	double rank_p; /* of the runs' totals, by their order alone; NAN: too few runs */
	size_t hypotheses[2]; /* different ones among the tests of flat and cum, and of own */
	size_t found[2]; /* of these: false */
	struct diff_quantile
		quantiles[DIFF_QUANTILES]; /* of those degrees of freedom asked for last */
	unsigned next_quantile;
	PROF_VEC(struct diff_whole) whole; /* by string: flat counts before a filter; else empty */
	PROF_VEC(struct diff_part) parts;
	PROF_VEC(uint32_t) paths; /* rows */
	enum diff_verdict verdict;
	const char *why; /* not comparable, inconclusive, or only a function changed; NULL */
	PROF_VEC(struct prof_gate) gates;
	struct diff_sums packages, modules; /* by |change| */
	struct prof_buf warnings; /* lines, each ended by NUL */
};

#define DIFF_LEVEL 0.95
#define DIFF_Q 0.05
#define DIFF_POWER 0.9

enum {
	DIFF_DELAY_RUNS = 4, /* a side, from which on delays are tested */
	DIFF_RANK_RUNS = 4, /* and the order of the runs' totals */
};

static inline struct diff_row *diff_row_named(struct prof_diff *d, struct prof_str text)
{
	uint32_t id = prof_strtab_find(&d->strings, text);
	struct prof_index_it it;
	uint32_t row;

	if (id == PROF_NONE)
		return NULL;
	it = prof_index_first(&d->index, prof_hash_mix(0, id));
	while ((row = prof_index_next(&d->index, &it)) != PROF_NONE)
		if (d->rows.v[row].text == id)
			return &d->rows.v[row];
	return NULL;
}

static inline double diff_x(const struct prof_diff *d, enum diff_metric m, size_t row, size_t run)
{
	return d->x[m][row * d->runs.n + run];
}

static inline double diff_v(const struct prof_diff *d, enum diff_metric m, size_t row, size_t run)
{
	return d->v[m][row * d->runs.n + run];
}

/* Contentions are all in locks: whose they are tells more than where they were. */
static inline bool diff_is_events(const struct prof_diff *d)
{
	return d->count == COUNT_EVENTS || d->count == COUNT_DELAY;
}

/* The metric by which samples are taken apart into what varies by itself. */
static inline enum diff_metric diff_apart(const struct prof_diff *d)
{
	return diff_is_events(d) ? M_OWN : M_FLAT;
}

/* Where a row of a run is counted. */
static inline uint32_t diff_row_now(
	const struct prof_diff *d, const struct diff_run *run, uint32_t row)
{
	if (run->side == PROF_OLD && row != PROF_NONE && d->rows.v[row].now != PROF_NONE)
		return d->rows.v[row].now;
	return row;
}

/* The rows of a sample's stack, leaf first. */
struct diff_frames {
	const struct diff_run *run;
	const uint32_t *loc, *end; /* locations that are left */
	uint32_t at, stop; /* nodes of the one under way */
};

static inline struct diff_frames diff_frames(const struct diff_run *run, size_t sample)
{
	const struct prof_profile *p = run->p;
	uint32_t s = p->sample_stack.v[sample];

	return (struct diff_frames){.run = run,
		.loc = p->stack_loc.v + p->stack_start.v[s],
		.end = p->stack_loc.v + p->stack_start.v[s + 1]};
}

static inline bool diff_next_frame(struct diff_frames *f, uint32_t *row)
{
	const struct prof_graph *g = &f->run->g;

	for (;;) {
		while (f->at < f->stop) {
			*row = f->run->row_of[g->node_of.v[f->at++]];
			if (*row != PROF_NONE)
				return true;
		}
		if (f->loc == f->end)
			return false;
		f->at = g->loc_start.v[*f->loc];
		f->stop = g->loc_start.v[*f->loc++ + 1];
	}
}

/* The counts of a row over a side's runs. */
static inline double diff_side_x(
	const struct prof_diff *d, enum diff_metric m, size_t row, enum prof_side side)
{
	double sum = 0;

	for (size_t i = 0; i < d->runs.n; i++)
		if (d->runs.v[i].side == side)
			sum += diff_x(d, m, row, i);
	return sum;
}

static inline double diff_share(
	const struct prof_diff *d, enum diff_metric m, size_t row, enum prof_side side)
{
	return d->sides[side].x > 0 ? diff_side_x(d, m, row, side) / d->sides[side].x : 0;
}

/* Adds a line to the warnings. */
void diff_warn(struct prof_diff *d, const char *fmt, ...) PROF_PRINTF(2, 3);

/* Code that may have changed: neither the same on both sides nor the runtime's helpers. */
static inline bool diff_may_change(const struct prof_diff *d, uint32_t row)
{
	return !(d->rows.v[row].code & (CODE_SAME | CODE_RUNTIME));
}

/* Share of a row's frames that are inlined; NAN: it has none. */
static inline double diff_inlined(const struct prof_diff *d, size_t row, enum prof_side side)
{
	return d->rows.v[row].inlined[side] / d->rows.v[row].frames[side];
}

/* The scheduler's: the runtime, for nobody that could be named. */
static inline bool diff_schedules(unsigned code)
{
	return (code & (CODE_RUNTIME | CODE_COLLECTOR)) == CODE_RUNTIME;
}

/* enum diff_code, without CODE_SAME */
unsigned diff_code_of(const struct prof_diff *d, struct prof_str name);

/* A row's counts over all runs, and their variance were they Poisson. */
struct diff_tally {
	double x[2], v;
};

struct diff_tally diff_tally(const struct prof_diff *d, enum diff_metric m, size_t row);

/* As how many single events these tell. */
double diff_trials(const struct diff_tally *t);

void diff_rates_of_whole(const struct prof_diff *d, struct prof_rates *r);

double diff_drift(const struct prof_diff *d); /* the variance of ln(factor) */
/* A row's counts with their exposures and dispersion. */
void diff_rates(const struct prof_diff *d, enum diff_metric m, size_t row, struct prof_rates *r);

/* The p of the own costs of several rows taken as one: they may have gone from one to another. */
struct diff_sum_test {
	struct prof_rates rates;
	size_t n;
};

void diff_sum_add(const struct prof_diff *d, size_t row, struct diff_sum_test *sum);

/* From which p on rows together did not change. */
#define DIFF_NOT_CHANGED 0.05

/* The p at which a row is called, given what else was found: for how much it takes to show. */
double diff_level(const struct prof_diff *d, enum diff_metric m);

/* The ratio > 1 of a tested row that is found with DIFF_POWER; INFINITY: none. */
double diff_detectable(const struct prof_diff *d, enum diff_metric m, const struct diff_test *t);

double diff_quantile(struct prof_diff *d, double df);

/* The steps, in this order. */
int diff_take_whole(struct prof_diff *d, struct diff_run *run, struct prof_err *e) PROF_CHECKED;
double diff_step(const struct prof_profile *p, uint32_t type); /* what a count is a multiple of */
int diff_row_of(struct prof_diff *d, struct prof_str text, uint32_t *row,
	struct prof_err *e) PROF_CHECKED; /* found or added */
void diff_units(struct prof_diff *d);
void diff_guard(struct prof_diff *d);
int diff_code(struct prof_diff *d, struct prof_err *e) PROF_CHECKED;
int diff_panel(struct prof_diff *d, struct prof_err *e) PROF_CHECKED;
int diff_dispersion(struct prof_diff *d, struct prof_err *e) PROF_CHECKED;
int diff_scale(struct prof_diff *d, struct prof_err *e) PROF_CHECKED;
int diff_tests(struct prof_diff *d, struct prof_err *e) PROF_CHECKED;
int diff_closures(struct prof_diff *d, struct prof_err *e) PROF_CHECKED; /* before diff_renames */
int diff_renames(struct prof_diff *d, struct prof_err *e) PROF_CHECKED; /* before any test */
void diff_untested(struct prof_diff *d); /* instead of all tests, where nothing can be compared */
int diff_findings(struct prof_diff *d, struct prof_err *e) PROF_CHECKED;
int diff_moves(struct prof_diff *d, struct prof_err *e) PROF_CHECKED;
int diff_explain(struct prof_diff *d, struct prof_err *e) PROF_CHECKED;
int diff_paths(struct prof_diff *d, struct prof_err *e) PROF_CHECKED; /* part of diff_explain */
int diff_blame_collector(struct prof_diff *d, uint32_t collector, struct prof_err *e) PROF_CHECKED;
int diff_roll_up(struct prof_diff *d, struct prof_err *e) PROF_CHECKED;
void diff_verdict(struct prof_diff *d);
int diff_gates(struct prof_diff *d, struct prof_err *e) PROF_CHECKED;

/* The report. `why`: not comparable, or NULL. */
struct diff_writer {
	struct prof_diff *d;
	struct prof_report *r;
	struct prof_err *e;
	struct prof_buf b;
	size_t changed; /* rows that changed */
	int rc;
};

void diff_put_fields(struct diff_writer *w); /* for JSON */
void diff_put_head(struct diff_writer *w); /* for text: what stands above the rows, and below */
void diff_put_name(struct prof_buf *b, struct prof_str name, size_t width);
void diff_put_notes(struct diff_writer *w, const struct diff_row *row);
enum diff_metric diff_shown_metric(const struct prof_diff *d, const struct diff_row *row);
void diff_put_foot(struct diff_writer *w, size_t shown);

/* A value of one side as text shows it: per run or operation, the new one per what equals the old
 * one's.
 */
void diff_put_value(struct diff_writer *w, struct prof_buf *b, int64_t value, enum prof_side side);
int64_t diff_value(const struct prof_diff *d, const struct diff_row *row, enum diff_metric m,
	enum prof_side side);
void diff_put_change(struct prof_buf *b, double ratio); /* "+12 %" */
const char *diff_kind_name(enum diff_kind kind);

#endif
