/* Goroutines at one moment: what every capture that shows them becomes (a dump, a goroutine
 * profile, the end of a trace), and the names of what they wait for.
 *
 * Stacks are a profile, of the one sample type goroutine/count. What is known of a goroutine
 * besides is in labels of it, so that every report can filter and group by it:
 *
 *	prof::state	"chan receive", "IO wait": what the newest Go calls it (prof_go_states)
 *	prof::wait	ns that it has waited, a multiple of a minute; none: less, or not known
 *	prof::creator	the function whose go statement started it
 *	prof::leaked	"true": the runtime found that nothing can wake it up
 *
 * and what has no place in a profile is in the side table `g`, which a capture without goroutine
 * ids leaves empty.
 */
#ifndef PROF_MODEL_GOROUTINE_H
#define PROF_MODEL_GOROUTINE_H

#include "libprof/model/profile.h"

#define PROF_LABEL_STATE "prof::state"
#define PROF_LABEL_WAIT "prof::wait"
#define PROF_LABEL_CREATOR "prof::creator"
#define PROF_LABEL_LEAKED "prof::leaked"

/* What a goroutine does, by what could wake it up. */
enum prof_go_class {
	PROF_GO_UNKNOWN,
	PROF_GO_RUNNING,
	PROF_GO_RUNNABLE,
	PROF_GO_SYSCALL,
	PROF_GO_SEND,
	PROF_GO_RECEIVE,
	PROF_GO_SELECT,
	PROF_GO_NEVER, /* a nil channel, select {} */
	PROF_GO_NETWORK,
	PROF_GO_SLEEP,
	PROF_GO_MUTEX,
	PROF_GO_WAITGROUP,
	PROF_GO_COND,
	PROF_GO_SEMAPHORE,
	PROF_GO_COROUTINE,
	PROF_GO_SYNCTEST,
	PROF_GO_SYSTEM, /* the runtime's own: collector, scavenger, finalizers */
};

struct prof_go_state {
	const char *text; /* as a dump of some version has it */
	const char *name; /* what the newest version calls it */
	enum prof_go_class class;
};

/* Of a dump's wait reason or status, without what stands behind it ("(leaked)"); NULL: unknown. */
const struct prof_go_state *prof_go_state_of(struct prof_str text);

/* What a goroutine waits for that has this function near its leaf; NULL: it does not tell. */
const struct prof_go_state *prof_go_state_in(struct prof_str function);

enum prof_goroutine_flags {
	PROF_G_LEAKED = 1,
	PROF_G_SCAN = 2,
	PROF_G_DURABLE = 4, /* blocked for good as far as its synctest bubble goes */
	PROF_G_LOCKED = 8, /* to its thread */
	PROF_G_NO_STACK = 16, /* it ran on another thread */
};

struct prof_goroutine {
	uint64_t id, creator; /* creator: the goroutine that started it; 0: not told */
	uint32_t sample; /* of the profile */
	uint32_t created_at; /* location of the go statement; PROF_NONE: not told */
	uint32_t args, n_args; /* bytes of `args`: a line a frame, leaf first, "" where not told */
	uint32_t stack_bytes; /* from the leaf's sp to the root's fp; 0: not told */
	uint32_t bubble; /* of testing/synctest; 0: none */
	int32_t minutes; /* 0: less than one, or not told */
	int32_t elided; /* frames left out in the middle of the stack; -1: so many as is not told */
	unsigned flags; /* enum prof_goroutine_flags */
};

struct prof_goroutines {
	struct prof_profile *p; /* owned; the rest is charged to its `mem` */
	PROF_VEC(struct prof_goroutine) g; /* in the order of the capture, ids once each */
	PROF_VEC(char) args;
	bool asleep; /* the runtime said: all goroutines are asleep */
	uint64_t earlier; /* dumps before it in the file */
};

void prof_goroutines_free(struct prof_goroutines *s);

/* Frees all but the profile, which is the caller's. */
struct prof_profile *prof_goroutines_profile(struct prof_goroutines *s);

#endif
