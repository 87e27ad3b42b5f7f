/* What a stack waits for, and where in the program: by the functions on it. */
#include <stdlib.h>
#include <string.h>

#include "libprof/analyse/contention/contention.h"

const char *const prof_wait_class_names[] = {[PROF_WAIT_OTHER] = "other",
	[PROF_WAIT_MUTEX] = "mutex",
	[PROF_WAIT_READ_LOCK] = "rwmutex read",
	[PROF_WAIT_WRITE_LOCK] = "rwmutex write",
	[PROF_WAIT_SEND] = "chan send",
	[PROF_WAIT_RECEIVE] = "chan receive",
	[PROF_WAIT_SELECT] = "select",
	[PROF_WAIT_COND] = "cond",
	[PROF_WAIT_GROUP] = "waitgroup",
	[PROF_WAIT_SEMAPHORE] = "semaphore",
	[PROF_WAIT_RUNTIME_LOCK] = "runtime lock",
	[PROF_WAIT_NETWORK] = "network",
	[PROF_WAIT_SYSCALL] = "syscall",
	[PROF_WAIT_SLEEP] = "sleep",
	[PROF_WAIT_ASSIST] = "GC assist",
	[PROF_WAIT_SYSTEM] = "system"};

const char *const prof_wait_list_names[] = {"contention", "backpressure", "idle"};

int prof_contention_add_place(struct prof_contention *k, size_t n, struct prof_err *e)
{
	struct prof_contention_place p = {(uint32_t)(k->frames.n - n), (uint32_t)n};
	unsigned facts = n ? PROF_PLACE_KNOWN : 0;
	int rc = prof_vec_reserve(&k->mem, &k->places, 1, e);

	if (!rc)
		rc = prof_vec_reserve(&k->mem, &k->facts, 1, e);
	if (rc)
		return rc;
	for (size_t i = p.first; i < k->frames.n; i++)
		facts |= prof_contention_function_of(k, &k->frames.v[i])->facts;
	k->facts.v[k->facts.n++] = (uint8_t)facts;
	k->places.v[k->places.n++] = p;
	return 0;
}

int prof_contention_place(struct prof_contention *k, struct prof_contention_frame frame,
	uint32_t *id, struct prof_err *e)
{
	uint64_t hash = prof_hash_mix(0, (uint64_t)frame.function << 32 | frame.line);
	struct prof_index_it it = prof_index_first(&k->place_index, hash);
	int rc;

	while ((*id = prof_index_next(&k->place_index, &it)) != PROF_NONE) {
		const struct prof_contention_frame *f = &k->frames.v[k->places.v[*id].first];

		if (f->function == frame.function && f->line == frame.line)
			return 0;
	}
	*id = (uint32_t)k->places.n;
	rc = prof_vec_reserve(&k->mem, &k->frames, 1, e);
	if (rc)
		return rc;
	k->frames.v[k->frames.n++] = frame;
	rc = prof_contention_add_place(k, 1, e);
	return rc ? rc : prof_index_add(&k->place_index, hash, *id, e);
}

static void set_site(struct prof_contention_stack *s, const struct prof_contention_walk *behind)
{
	s->site = behind->frame - 1;
	s->site_place = behind->place - 1 - s->first;
}

/* The class that the frames below the site tell; wrappers around locks tell none. The site is the
 * first frame that is no plumbing, or the root.
 */
static enum prof_wait_class of_frames(
	const struct prof_contention *k, struct prof_contention_stack *s, bool *unlocks)
{
	struct prof_contention_walk w = prof_contention_walk(s);
	enum prof_wait_class class = PROF_WAIT_OTHER;
	const struct prof_contention_frame *f;
	bool told = false;

	*unlocks = false;
	s->site = PROF_NONE;
	s->site_place = 0;
	while ((f = prof_contention_next(k, &w))) {
		const struct prof_contention_function *fn = prof_contention_function_of(k, f);

		set_site(s, &w);
		if (!fn->plumbing)
			break;
		/* Locks of the runtime are those nearest the leaf: above is who called it. */
		told |= fn->class != PROF_WAIT_CLASSES && class == PROF_WAIT_RUNTIME_LOCK;
		if (told || fn->class == PROF_WAIT_CLASSES ||
			(fn->weak && class != PROF_WAIT_OTHER))
			continue;
		/* An RWMutex's Unlock lets readers go on by itself, a writer by its Mutex. */
		class = class == PROF_WAIT_MUTEX && *unlocks && fn->class == PROF_WAIT_READ_LOCK
				? PROF_WAIT_WRITE_LOCK
				: (enum prof_wait_class)fn->class;
		*unlocks = fn->unlocks;
	}
	return class;
}

/* Of locks of the runtime, the site is above all that takes or releases one. */
static void find_runtime_site(const struct prof_contention *k, struct prof_contention_stack *s)
{
	struct prof_contention_walk w = prof_contention_walk(s);
	const struct prof_contention_frame *f;

	while ((f = prof_contention_next(k, &w))) {
		set_site(s, &w);
		if (!prof_contention_function_of(k, f)->runtime_lock)
			return;
	}
}

/* Of what waits for the network or the system, it is above what passes bytes on, if anything is. */
static void find_far_site(const struct prof_contention *k, struct prof_contention_stack *s)
{
	struct prof_contention_walk w = prof_contention_walk_site(k, s);
	const struct prof_contention_frame *f;

	while ((f = prof_contention_next(k, &w)))
		if (!prof_contention_function_of(k, f)->passes) {
			set_site(s, &w);
			return;
		}
}

static void find_site(const struct prof_contention *k, struct prof_contention_stack *s)
{
	if (s->class == PROF_WAIT_RUNTIME_LOCK)
		find_runtime_site(k, s);
	else if (s->class == PROF_WAIT_NETWORK || s->class == PROF_WAIT_SYSCALL)
		find_far_site(k, s);
}

uint32_t prof_contention_owner(
	const struct prof_contention *k, const struct prof_contention_stack *s)
{
	const struct prof_contention_function *fn = prof_contention_site_function(k, s);
	struct prof_contention_walk w = prof_contention_walk(s);
	const struct prof_contention_frame *f;
	uint32_t name = fn ? fn->owner : 0;

	while ((f = prof_contention_next(k, &w)) && w.frame - 1 != s->site)
		if (prof_contention_function_of(k, f)->wraps_lock)
			name = prof_contention_function_of(k, f)->owner;
	return name;
}

/* Whether there are two functions above the site that are somebody's own: a goroutine's first
 * function, when a closure started it for the program, does not count.
 */
static bool is_deep(const struct prof_contention *k, const struct prof_contention_stack *s)
{
	struct prof_contention_walk w = prof_contention_walk_site(k, s);
	const struct prof_contention_frame *f = prof_contention_next(k, &w);
	unsigned above = 0;
	bool closure = false;

	while (above < 3 && (f = prof_contention_next(k, &w))) {
		const struct prof_contention_function *fn = prof_contention_function_of(k, f);

		above += !fn->hidden;
		closure = fn->hidden ? closure : fn->closure;
	}
	return above - closure >= 2;
}

static bool in_main(const struct prof_contention *k, const struct prof_contention_stack *s)
{
	struct prof_contention_walk w = prof_contention_walk_site(k, s);
	const struct prof_contention_frame *f;

	while ((f = prof_contention_next(k, &w)))
		if (prof_contention_function_of(k, f)->facts & PROF_PLACE_MAIN)
			return true;
	return false;
}

/* Reasons beside those of classes; WHY_PATTERN + i: the i-th pattern's. */
enum { WHY_CLASS, WHY_NOWHERE, WHY_MAIN, WHY_TOP, WHY_ACCEPTED, WHY_PATTERN };

static const struct {
	enum prof_wait_list list;
	const char *why;
} shapes[] = {[PROF_WAIT_OTHER] = {PROF_WAITS_BACKPRESSURE, "not told what for"},
	[PROF_WAIT_MUTEX] = {PROF_WAITS_CONTENTION, "a lock"},
	[PROF_WAIT_READ_LOCK] = {PROF_WAITS_CONTENTION, "a lock"},
	[PROF_WAIT_WRITE_LOCK] = {PROF_WAITS_CONTENTION, "a lock"},
	[PROF_WAIT_SEND] = {PROF_WAITS_BACKPRESSURE, "a sender waits for its receiver"},
	[PROF_WAIT_RECEIVE] = {PROF_WAITS_BACKPRESSURE, "waits for a result"},
	[PROF_WAIT_SELECT] = {PROF_WAITS_BACKPRESSURE, "waits amid its work"},
	[PROF_WAIT_COND] = {PROF_WAITS_BACKPRESSURE, "waits amid its work"},
	[PROF_WAIT_GROUP] = {PROF_WAITS_BACKPRESSURE, "waits for goroutines to end"},
	[PROF_WAIT_SEMAPHORE] = {PROF_WAITS_CONTENTION, "a semaphore"},
	[PROF_WAIT_RUNTIME_LOCK] = {PROF_WAITS_CONTENTION, "a lock of the runtime"},
	[PROF_WAIT_NETWORK] = {PROF_WAITS_BACKPRESSURE, "waits for the other side of a connection"},
	[PROF_WAIT_SYSCALL] = {PROF_WAITS_BACKPRESSURE, "waits for the system"},
	[PROF_WAIT_SLEEP] = {PROF_WAITS_IDLE, "sleeps"},
	[PROF_WAIT_ASSIST] = {PROF_WAITS_CONTENTION, "waits for the collector"},
	[PROF_WAIT_SYSTEM] = {PROF_WAITS_IDLE, "the runtime's own"}};

const char *prof_contention_why(
	const struct prof_contention *k, const struct prof_contention_stack *s)
{
	static const char *const whys[] = {[WHY_NOWHERE] = "not told where",
		[WHY_MAIN] = "main waits for the program's goroutines",
		[WHY_TOP] = "waits for work at the top of its goroutine",
		[WHY_ACCEPTED] = "waits for a request on a connection that was accepted"};

	if (s->why >= WHY_PATTERN)
		return prof_contention_name(k, k->patterns.v[s->why - WHY_PATTERN].why).p;
	return s->why == WHY_CLASS ? shapes[s->class].why : whys[s->why];
}

static void set_list(struct prof_contention_stack *s, enum prof_wait_list list, unsigned why)
{
	s->list = list;
	s->why = why & 0xff;
}

/* The list by shape: what is waited for, and how far below the top of its goroutine. */
static void find_list(
	const struct prof_contention *k, struct prof_contention_stack *s, unsigned facts)
{
	bool channel = s->class == PROF_WAIT_RECEIVE || s->class == PROF_WAIT_SELECT ||
		       s->class == PROF_WAIT_COND;

	set_list(s, shapes[s->class].list, WHY_CLASS);
	if (!(facts & PROF_PLACE_KNOWN) && !prof_wait_is_lock(s->class)) {
		set_list(s, PROF_WAITS_IDLE, WHY_NOWHERE);
	} else if (s->class == PROF_WAIT_GROUP && facts & PROF_PLACE_MAIN && in_main(k, s)) {
		set_list(s, PROF_WAITS_IDLE, WHY_MAIN);
	} else if (channel && !is_deep(k, s)) {
		set_list(s, PROF_WAITS_IDLE, WHY_TOP);
		s->undecided = s->class == PROF_WAIT_SELECT;
	} else if (s->class == PROF_WAIT_NETWORK && !is_deep(k, s)) {
		s->undecided = s->said != PROF_WAIT_ACCEPTED;
		if (!s->undecided)
			set_list(s, PROF_WAITS_IDLE, WHY_ACCEPTED);
	}
}

/* Fills the stack, whose places are there, and what the input says of it. */
static int describe(struct prof_contention *k, struct prof_contention_stack *s, struct prof_err *e)
{
	struct prof_contention_walk w = prof_contention_walk(s);
	const struct prof_contention_frame *leaf = prof_contention_next(k, &w);
	unsigned facts = 0, pattern;
	bool unlocks, runtime;
	int rc;

	for (uint32_t i = 0; i < s->n; i++)
		facts |= k->facts.v[k->stack_places.v[s->first + i]];
	s->class = of_frames(k, s, &unlocks);
	s->unlocks = unlocks;
	if (s->class == PROF_WAIT_OTHER || (s->said == PROF_WAIT_SYSTEM && !s->unlocks))
		s->class = s->said == PROF_WAIT_ACCEPTED ? PROF_WAIT_NETWORK : s->said;
	/* What waits for a semaphore, and has called nothing that does, waits for one of the
	 * runtime's: for the collector, or the right to stop the world. Dumps leave its frames out.
	 */
	runtime = s->class == PROF_WAIT_SEMAPHORE && s->said == s->class && leaf &&
		  (!prof_contention_function_of(k, leaf)->plumbing ||
			  prof_contention_function_of(k, leaf)->hidden);
	if (leaf && s->class != PROF_WAIT_RUNTIME_LOCK && !(facts & PROF_PLACE_SHOWN))
		s->class = PROF_WAIT_SYSTEM;
	find_site(k, s);
	if (runtime && s->class == PROF_WAIT_SEMAPHORE)
		s->class = PROF_WAIT_RUNTIME_LOCK;
	find_list(k, s, facts);
	if (!leaf || prof_wait_is_lock(s->class) || s->unlocks)
		return 0;
	rc = prof_contention_match_pattern(k, s, facts, &pattern, e);
	if (!rc && pattern != PROF_NONE) {
		set_list(
			s, (enum prof_wait_list)k->patterns.v[pattern].list, WHY_PATTERN + pattern);
		s->undecided = false;
	}
	return rc;
}

static bool same_frames(const struct prof_contention *k, const struct prof_contention_stack *a,
	const struct prof_contention_stack *b)
{
	struct prof_contention_walk x = prof_contention_walk(a), y = prof_contention_walk(b);
	const struct prof_contention_frame *f, *g;

	do {
		f = prof_contention_next(k, &x);
		g = prof_contention_next(k, &y);
		if (!f || !g)
			return f == g;
	} while (f->function == g->function && f->line == g->line);
	return false;
}

static uint64_t hash_of(const struct prof_contention *k, const struct prof_contention_stack *s)
{
	struct prof_contention_walk w = prof_contention_walk(s);
	const struct prof_contention_frame *f;
	uint64_t h = s->said;

	while ((f = prof_contention_next(k, &w)))
		h = prof_hash_mix(h, (uint64_t)f->function << 32 | f->line);
	return h;
}

/* The stack of the index that is equal; PROF_NONE: none. */
static uint32_t find(
	const struct prof_contention *k, const struct prof_contention_stack *s, uint64_t hash)
{
	struct prof_index_it it = prof_index_first(&k->stack_index, hash);
	uint32_t id;

	while ((id = prof_index_next(&k->stack_index, &it)) != PROF_NONE)
		if (k->stacks.v[id].said == s->said && same_frames(k, &k->stacks.v[id], s))
			break;
	return id;
}

/* Of an input that has all stacks in turn, where some are equal: samples of each are of the first.
 */
static int rename_stacks(struct prof_contention *k, struct prof_contention_input *in,
	const uint32_t *first, struct prof_err *e)
{
	int rc;

	if (in->stacks.n || in->counts.n > k->stacks.n)
		return 0;
	rc = prof_vec_reserve(&k->mem, &in->stacks, in->counts.n, e);
	for (uint32_t i = 0; !rc && i < in->counts.n; i++)
		in->stacks.v[in->stacks.n++] = first[i];
	return rc;
}

/* Indexes the stacks of the first input, when a second one comes. */
static int index_all(struct prof_contention *k, struct prof_err *e)
{
	uint32_t *first = malloc((k->stacks.n + 1) * sizeof(*first));
	bool any = false;
	int rc = first ? 0 : prof_nomem(e);

	for (uint32_t i = 0; !rc && i < k->stacks.n; i++) {
		uint64_t hash = hash_of(k, &k->stacks.v[i]);
		uint32_t same = find(k, &k->stacks.v[i], hash);

		any |= same != PROF_NONE;
		first[i] = same != PROF_NONE ? same : i;
		if (same == PROF_NONE)
			rc = prof_index_add(&k->stack_index, hash, i, e);
	}
	for (size_t i = 0; !rc && any && i < k->inputs.n; i++)
		rc = rename_stacks(k, &k->inputs.v[i], first, e);
	k->indexed = true;
	free(first);
	return rc;
}

static int add(struct prof_contention *k, struct prof_contention_stack *s, struct prof_err *e)
{
	int rc = prof_vec_reserve(&k->mem, &k->stacks, 1, e);

	if (!rc)
		rc = describe(k, s, e);
	if (!rc)
		k->stacks.v[k->stacks.n++] = *s;
	return rc;
}

int prof_contention_new_stack(
	struct prof_contention *k, uint32_t first, uint32_t n, struct prof_err *e)
{
	struct prof_contention_stack s = {.first = first, .n = n};

	return add(k, &s, e);
}

int prof_contention_stack(struct prof_contention *k, const uint32_t *places, size_t n,
	enum prof_wait_class said, uint32_t *id, struct prof_err *e)
{
	struct prof_contention_stack s = {
		.first = (uint32_t)k->stack_places.n, .n = (uint32_t)n, .said = said};
	uint64_t hash;
	int rc = k->indexed ? 0 : index_all(k, e);

	if (!rc)
		rc = prof_vec_reserve(&k->mem, &k->stack_places, n, e);
	if (rc)
		return rc;
	if (n)
		memcpy(k->stack_places.v + s.first, places, n * sizeof(*places));
	hash = hash_of(k, &s);
	*id = find(k, &s, hash);
	if (*id != PROF_NONE)
		return 0;
	*id = (uint32_t)k->stacks.n;
	rc = prof_index_add(&k->stack_index, hash, *id, e);
	if (!rc)
		rc = add(k, &s, e);
	k->stack_places.n += rc ? 0 : n;
	return rc;
}
