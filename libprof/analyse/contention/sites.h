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
	struct prof_contention_sample *by_stack; /* k->stacks.n; NULL: not known */
	int64_t interval_ns; /* watched; 0: not known */
	int64_t count, ns; /* sums */
	int64_t n; /* inputs */
	uint32_t first, last; /* inputs that the interval is between; PROF_NONE: none */
	int64_t fraction, rate_ns; /* of mutex, of block profiles; 0: not known */
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
	uint32_t name; /* string: function, package, lock */
	uint32_t id; /* in the order in which sites were met */
	struct prof_str text; /* of the name */
	double rank; /* what sites of a list are sorted by */
	uint32_t stack; /* that weighs most */
	uint32_t members, n_members; /* stacks, in prof_contention_sites.members */
	uint32_t package, caller; /* strings; 0: none */
	uint32_t n_matches;
	uint8_t class, list; /* enum prof_wait_class, prof_wait_list */
	uint8_t source; /* enum prof_contention_kind that count and ns are of */
	bool holder; /* where others are let go on; else where goroutines wait */
	const char *why;
	int64_t count, ns, cum_ns; /* cum: of the same list; -1: means nothing here */
	double waiting; /* goroutines on average, at any time; NAN: not known */
	int64_t now, now_ns; /* goroutines of the last dump; how long the first of them has */
	int64_t trace_count, trace_ns; /* of a trace's waits */
	int64_t open, by_nobody; /* of those, cut by its ends; ended by no goroutine */
	int64_t senders, receivers; /* that a trace saw to end waits */
	struct prof_hist hist; /* of a trace's single waits */
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
	/* Stacks by site, those that weigh most first, as far as PROF_CONTENTION_HEAVIEST. */
	uint32_t *members;
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
	const struct prof_contention_sample *v = x->parts[kind].by_stack;

	return v ? v[stack] : (struct prof_contention_sample){0};
}

/* rank.c: what a stack weighs within its site, whatever tells it. */
int64_t prof_contention_weight(const struct prof_contention_sites *x, uint32_t stack);

/* Called by sites.c: decides on lists where shapes did not, fills members, rates and cum, sorts. */
int prof_contention_rank(struct prof_contention_sites *x, struct prof_err *e) PROF_CHECKED;

/* match.c, called by sites.c: fills matches of the sites, which are in their order. */
int prof_contention_match(struct prof_contention_sites *x, struct prof_err *e) PROF_CHECKED;

/* What tells sites apart but for class and list: the name; by stack all functions above it, too. */
uint64_t prof_contention_path(
	const struct prof_contention *k, const struct prof_contention_site *s);

#endif
