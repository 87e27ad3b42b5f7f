/* Which goroutines pile up: groups over snapshots, taken one at a time, and what becomes of each.
 *
 * trace.c makes snapshots of a trace, take.c sorts the goroutines of a snapshot into
 * groups, verdict.c judges a group by its counts,
 * cause.c knows shapes, locks.c who waits for whom, report.c tells all of it.
 *
 * Goroutines are of one group when their state class, their functions (the leaf-most GROUP_FRAMES
 * that are not the runtime's own, for captures differ in how deep they go and in the runtime's
 * frames) and their creator are equal. Profiles do not know creators: where one is among the
 * snapshots, creators do not tell groups apart. Text profiles (debug=1) do not name the runtime's
 * frames, which alone tell a send from a select: with one of them neither do states.
 */
#ifndef PROF_ANALYSE_LEAK_LEAK_H
#define PROF_ANALYSE_LEAK_LEAK_H

#include "libprof/analyse/trace/moments.h"
#include "libprof/base/regex.h"
#include "libprof/model/gate.h"
#include "libprof/model/goroutine.h"
#include "libprof/model/report.h"

/* A frame as a group's example has it; strings of the leak. */
struct prof_leak_frame {
	uint32_t function, file;
	int64_t line;
};

struct prof_leak_count {
	uint32_t snapshot;
	int64_t n, leaked;
};

struct prof_leak_tally {
	uint32_t group, key, value, snapshot;
	int64_t n;
};

struct prof_leak_group {
	/* What makes it one. */
	uint32_t state; /* string */
	uint32_t creator; /* string; 0: none, or not known */
	uint32_t label; /* string: the value of opts.label */
	uint32_t key, n_key; /* in prof_leak.keys */

	enum prof_go_class class;
	uint32_t shown_state; /* string: the most telling name that was seen */
	PROF_VEC(struct prof_leak_count) counts; /* by snapshot; none where there were none */
	uint32_t example, n_example; /* in prof_leak.frames; of the most goroutines at one time */
	int64_t example_count;
	struct prof_leak_frame created_at; /* function 0: not known */
	int64_t wait_ns; /* of the one that has waited longest, in the last snapshot; 0: not known
			  */
	uint32_t wait_snapshot;
	int64_t stack_bytes; /* of all in the last snapshot */
	int64_t before, survived; /* goroutines of a snapshot, and those still there in the next */
	uint32_t merged; /* with this group; PROF_NONE: it stands for itself */
};

/* A goroutine that waits for a lock which another one seems to hold. */
struct prof_leak_wait {
	uint64_t waiter, holder;
	uint32_t group;
	uint32_t frame, n_frames; /* of prof_leak.frames: the holder's stack */
};

struct prof_leak_snapshot {
	uint32_t name; /* string */
	int64_t time_ns; /* that the capture tells; 0: none */
	int64_t file_ns; /* of its file; 0: not known */
	int64_t n;
	bool creators; /* it tells creators */
	bool vague; /* it has goroutines whose state it does not tell */
	bool only_leaked; /* a goroutineleak profile */
	bool asleep, ids;
};

/* What a group's counts mean. */
struct prof_leak_judged {
	enum prof_leak_verdict verdict;
	const char *why; /* of a growth that is no leak; or NULL */
	double per_minute; /* NAN: not known */
	int64_t first, last, growth;
};

struct prof_leak {
	struct prof_leak_opts opts;
	struct prof_mem mem;
	struct prof_strtab names;
	struct prof_index index, tally_index;
	PROF_VEC(struct prof_leak_group) groups;
	PROF_VEC(uint64_t) keys;
	PROF_VEC(struct prof_leak_frame) frames;
	PROF_VEC(struct prof_leak_tally) tallies;
	PROF_VEC(struct prof_leak_snapshot) snapshots;
	PROF_VEC(struct prof_leak_wait) waits; /* of the last snapshot */
	PROF_VEC(uint64_t) cycle; /* goroutines that wait for one another, in turn */
	struct prof_map64 alive; /* goroutine id -> group, of the last snapshot with ids */
	PROF_VEC(struct prof_regex *) ignore;
	PROF_VEC(struct prof_gate) gates;
	size_t verdicts[PROF_LEAK_STABLE + 1]; /* groups, as the report tells them */
	struct prof_buf damage;
	bool some_creators; /* traces have told some */
	bool any_creator, any_state; /* these do not tell groups apart */
};

/* Takes the goroutines up as the next snapshot. */
int prof_leak_take(struct prof_leak *k, const struct prof_goroutines *s, const char *name,
	int64_t file_ns, struct prof_err *e) PROF_CHECKED;

/* Takes up, as snapshots, what a trace shows of goroutines that wait: at its end, and before; and
 * the same of one such moment at a time. Behind them all stands prof_leak_end_moments: the trace
 * was written at `file_ns` (0: not known), `first` is the snapshot of its first moment.
 */
int prof_leak_take_moment(struct prof_leak *k, const struct prof_trace *t,
	const struct prof_trace_moment *m, const char *name, struct prof_err *e) PROF_CHECKED;
void prof_leak_end_moments(struct prof_leak *k, size_t first, int64_t file_ns);
int prof_leak_take_trace(struct prof_leak *k, struct prof_trace *t, const char *name,
	int64_t file_ns, struct prof_err *e) PROF_CHECKED;

/* Ends the taking, once: groups that differ only in what not all snapshots tell become one, tallies
 * are sorted by group.
 */
int prof_leak_end(struct prof_leak *k, struct prof_err *e) PROF_CHECKED;

/* The group that is equal to g but for its numbers, g's key being `key`; PROF_NONE: none. */
uint64_t prof_leak_group_hash(
	const struct prof_leak *k, const struct prof_leak_group *g, const uint64_t *key);
uint32_t prof_leak_find(
	const struct prof_leak *k, const struct prof_leak_group *g, const uint64_t *key);

/* Of n frames the one that a reader would look at: the first of the program's own, else the root;
 * NULL: there are none.
 */
const struct prof_leak_frame *prof_leak_site(
	const struct prof_leak *k, const struct prof_leak_frame *frames, size_t n);

/* verdict.c; counts[0 .. n) at times (ns; NULL: not known). */
struct prof_leak_judged prof_leak_judge(const struct prof_leak_opts *opts,
	const struct prof_leak_group *g, const int64_t *counts, const int64_t *times, size_t n);

/* cause.c */
struct prof_leak_cause {
	const char *cause, *advice; /* NULL: none */
	bool idle; /* waiting is its work: never stuck */
	bool own; /* the runtime's, or that of taking the snapshot: no group at all */
	bool suspicious; /* by itself, whatever its count does */
};

struct prof_leak_cause prof_leak_cause(const struct prof_leak *k, const struct prof_leak_group *g);

/* locks.c: fills waits and cycle from the arguments of a dump. `groups`: that of each sample.
 */
int prof_leak_locks(struct prof_leak *k, const struct prof_goroutines *s, const uint32_t *groups,
	struct prof_err *e) PROF_CHECKED;

/* take.c: frames of a sample's stack appended to k->frames. */
int prof_leak_add_frames(struct prof_leak *k, const struct prof_profile *p, uint32_t stack,
	uint32_t *first, uint32_t *n, struct prof_err *e) PROF_CHECKED;

#endif
