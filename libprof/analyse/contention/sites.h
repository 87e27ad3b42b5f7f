/* What is derived when all inputs are in: how long each kind was watched (window.c), the sites
 * where goroutines wait and those that let them go on (sites.c), what they weigh (rank.c), and
 * which belong together (match.c).
 */
#ifndef PROF_ANALYSE_CONTENTION_SITES_H
#define PROF_ANALYSE_CONTENTION_SITES_H

#include "libprof/analyse/contention/contention.h"

/* All inputs of one kind and side, as one. */
struct prof_contention_part {
	bool known; /* there are any */
	bool since_start; /* one cumulative profile: all since the program started */
	bool by_files; /* the interval is between the files' times, not the profiles' */
	/* By stack, k->stacks.n; NULL: not known. `own`: they are of this part, and freed. */
	int64_t *counts, *delays;
	bool own;
	int64_t interval_ns; /* watched; 0: not known */
	int64_t count, ns; /* sums */
	int64_t n; /* inputs */
	uint32_t first, last; /* inputs that the interval is between; PROF_NONE: none */
	int64_t fraction, rate_ns; /* of mutex, of block profiles; 0: not known */
	int64_t rate_most_ns; /* it is no more than that; 0: not known */
};

/* How a holder and a waiter were found to be of one lock, the surest first. */
enum prof_contention_how {
	PROF_MATCH_SEEN, /* a trace has the one wake the other */
	PROF_MATCH_OWNER, /* both in methods of one type, or in one function */
	PROF_MATCH_CALLER, /* called by one function */
	PROF_MATCH_PACKAGE, /* the only ones in their package */
	PROF_MATCH_AMOUNT, /* the only ones in their package whose numbers do not fit otherwise */
	PROF_MATCHES,
};

enum { PROF_CONTENTION_HEAVIEST = 20 };
enum { PROF_WAIT_UNDECIDED = PROF_WAIT_LISTS }; /* a site's list, until rank.c decides */

struct prof_contention_site {
	/* What each of its stacks adds to stands together. */
	uint32_t name; /* string: function, package, lock */
	uint8_t class, list; /* enum prof_wait_class, prof_wait_list */
	uint8_t source; /* enum prof_contention_kind that count and ns are of */
	bool holder; /* where others are let go on; else where goroutines wait */
	bool sorted; /* its members: those that weigh most first */
	uint32_t stack; /* that weighs most */
	uint32_t n_members;
	int64_t weight; /* of `stack` */
	int64_t count, ns;

	uint32_t members; /* stacks, in prof_contention_sites.members */
	uint32_t package, caller; /* strings; 0: none */
	uint32_t n_matches;
	struct prof_str text; /* of the name */
	double rank; /* what sites of a list are sorted by */
	const char *why;
	int64_t cum_ns; /* of the same list; -1: means nothing here, or is not asked for */
	double waiting; /* goroutines on average, at any time; NAN: not known */
	int64_t present; /* goroutines of all dumps */
	int64_t now, now_ns; /* goroutines of the last dump; how long the first of them has */
	int64_t trace_count, trace_ns; /* of a trace's waits */
	int64_t open, by_nobody; /* of those, cut by its ends; ended by no goroutine */
	int64_t senders, receivers; /* that a trace saw to end waits */
	struct prof_hist *hist; /* of a trace's single waits; NULL: none */
};

struct prof_contention_match {
	uint32_t holder, waiter; /* sites */
	uint8_t how;
	int64_t count, ns; /* PROF_MATCH_SEEN: waits that ended so, and how long they were */
};

/* Of one side. */
struct prof_contention_sites {
	struct prof_contention *k;
	enum prof_side side;
	struct prof_contention_part parts[PROF_CONTENTION_KINDS];
	enum prof_contention_kind source; /* of waiters: what they are ranked by */
	bool by_rate; /* ranked by goroutines waiting; else by delay */
	PROF_VEC(struct prof_contention_site) v; /* by list, then what weighs most */
	uint32_t *members; /* stacks by site */
	size_t n_members;
	PROF_VEC(struct prof_contention_match) matches; /* by waiter's rank */
	uint32_t *site_of; /* by stack; PROF_NONE: none */
	/* By list, of waiters; where no input has any, of holders. */
	int64_t ns[PROF_WAIT_LISTS];
	double waiting[PROF_WAIT_LISTS];
};

int prof_contention_window(struct prof_contention *k, enum prof_side side,
	struct prof_contention_part parts[PROF_CONTENTION_KINDS], struct prof_err *e) PROF_CHECKED;

/* All of a side; x is all zero before, and freed by _fini whatever comes of it. */
int prof_contention_sites_init(struct prof_contention_sites *x, struct prof_contention *k,
	enum prof_side side, struct prof_err *e) PROF_CHECKED;
void prof_contention_sites_fini(struct prof_contention_sites *x);

/* What the inputs of a kind say of a stack. */
static inline struct prof_contention_sample prof_contention_sample_of(
	const struct prof_contention_sites *x, enum prof_contention_kind kind, uint32_t stack)
{
	const struct prof_contention_part *p = &x->parts[kind];

	return p->counts ? (struct prof_contention_sample){p->counts[stack], p->delays[stack]}
			 : (struct prof_contention_sample){0};
}

/* Of a trace's single waits at a site: whether there are any; a percentile of them, in ns. */
static inline bool prof_contention_has_hist(const struct prof_contention_site *s)
{
	return s->hist && s->hist->count;
}

static inline int64_t prof_contention_percentile(
	const struct prof_contention_site *s, double percent)
{
	return !s->hist         ? 0
	       : percent >= 100 ? (int64_t)s->hist->max
				: (int64_t)prof_hist_percentile(s->hist, percent);
}

/* rank.c: what a stack weighs within its site, whatever tells it. */
int64_t prof_contention_weight(const struct prof_contention_sites *x, uint32_t stack);

/* The site's stacks, the n that weigh most first: at most PROF_CONTENTION_HEAVIEST of them. */
const uint32_t *prof_contention_heaviest(
	const struct prof_contention_sites *x, const struct prof_contention_site *s, uint32_t *n);

/* Called by sites.c: decides on lists where shapes did not, fills members, rates and cum, sorts. */
int prof_contention_rank(struct prof_contention_sites *x, struct prof_err *e) PROF_CHECKED;

/* match.c, called by sites.c: fills matches of the sites, which are in their order. */
int prof_contention_match(struct prof_contention_sites *x, struct prof_err *e) PROF_CHECKED;

/* What tells sites apart but for class and list: the name; by stack all functions above it, too. */
uint64_t prof_contention_path(
	const struct prof_contention *k, const struct prof_contention_site *s);

#endif
