/* What functions tell by their names: what is waited for in them, which of them are somebody's own.
 */
#include <string.h>

#include "libprof/analyse/contention/contention.h"
#include "libprof/model/go_names.h"

/* Functions that tell a class, '*' at the end for the beginning of a name. The one nearest the root
 * decides: RWMutex.Lock takes a Mutex, semaphore.Acquire selects. A semaphore by itself (OTHER)
 * tells less than what the input says.
 */
#define SYNC_MAP "internal/sync.(*HashTrieMap*"

static const struct known {
	const char *name;
	uint8_t class;
	bool unlocks;
} known[] = {
	{"runtime.chansend*", PROF_WAIT_SEND, false},
	{"runtime.chanrecv*", PROF_WAIT_RECEIVE, false},
	{"runtime.selectgo", PROF_WAIT_SELECT, false},
	{"runtime.block", PROF_WAIT_SELECT, false},
	{"runtime.timeSleep", PROF_WAIT_SLEEP, false},
	{"runtime.netpollblock", PROF_WAIT_NETWORK, false},
	{"runtime.unlock*", PROF_WAIT_RUNTIME_LOCK, true},
	{"runtime._LostContendedRuntimeLock", PROF_WAIT_RUNTIME_LOCK, true},
	{"runtime.gcAssistAlloc*", PROF_WAIT_ASSIST, false},
	{"runtime.gcParkAssist", PROF_WAIT_ASSIST, false},
	{"runtime.gcStart", PROF_WAIT_ASSIST, false},
	{"runtime.GC", PROF_WAIT_ASSIST, false},
	{"runtime.gcBgMarkWorker", PROF_WAIT_SYSTEM, false},
	{"runtime.bgsweep", PROF_WAIT_SYSTEM, false},
	{"runtime.bgscavenge", PROF_WAIT_SYSTEM, false},
	{"runtime.forcegchelper", PROF_WAIT_SYSTEM, false},
	{"runtime.runfinq", PROF_WAIT_SYSTEM, false},
	{"runtime.runFinalizers", PROF_WAIT_SYSTEM, false},
	{"runtime.runCleanups", PROF_WAIT_SYSTEM, false},
	{"runtime.ReadTrace", PROF_WAIT_SYSTEM, false},
	{"runtime.traceStart*", PROF_WAIT_SYSTEM, false},
	{"runtime.(*traceAdvancerState).*", PROF_WAIT_SYSTEM, false},
	{"runtime.updateMaxProcsGoroutine", PROF_WAIT_SYSTEM, false},
	{"time.Sleep", PROF_WAIT_SLEEP, false},
	{"reflect.rselect", PROF_WAIT_SELECT, false},
	{"reflect.chansend*", PROF_WAIT_SEND, false},
	{"reflect.chanrecv", PROF_WAIT_RECEIVE, false},
	{"internal/poll.runtime_pollWait", PROF_WAIT_NETWORK, false},
	{"internal/poll.(*fdMutex).rwunlock", PROF_WAIT_MUTEX, true},
	{"internal/poll.(*fdMutex).decref", PROF_WAIT_MUTEX, true},
	{"internal/poll.(*fdMutex).increfAndClose", PROF_WAIT_MUTEX, true},
	{"internal/poll.(*fdMutex).*", PROF_WAIT_MUTEX, false},
	{"sync.(*Mutex).Unlock*", PROF_WAIT_MUTEX, true},
	{"sync.(*Mutex).unlockSlow", PROF_WAIT_MUTEX, true},
	{"internal/sync.(*Mutex).Unlock*", PROF_WAIT_MUTEX, true},
	{"internal/sync.(*Mutex).unlockSlow", PROF_WAIT_MUTEX, true},
	{"sync.(*Mutex).*", PROF_WAIT_MUTEX, false},
	{"internal/sync.(*Mutex).*", PROF_WAIT_MUTEX, false},
	{"sync.(*RWMutex).RUnlock", PROF_WAIT_WRITE_LOCK, true},
	{"sync.(*RWMutex).rUnlockSlow", PROF_WAIT_WRITE_LOCK, true},
	{"sync.(*RWMutex).Unlock", PROF_WAIT_READ_LOCK, true},
	{"sync.(*RWMutex).RLock", PROF_WAIT_READ_LOCK, false},
	{"sync.(*RWMutex).*", PROF_WAIT_WRITE_LOCK, false},
	{"sync.(*Once).*", PROF_WAIT_MUTEX, false},
	{SYNC_MAP, PROF_WAIT_MUTEX, false},
	{"sync.(*Cond).Wait", PROF_WAIT_COND, false},
	{"sync.(*WaitGroup).Wait", PROF_WAIT_GROUP, false},
	{"golang.org/x/sync/errgroup.(*Group).Wait", PROF_WAIT_GROUP, false},
	{"golang.org/x/sync/errgroup.(*Group).Go", PROF_WAIT_SEMAPHORE, false},
	{"golang.org/x/sync/semaphore.(*Weighted).Acquire", PROF_WAIT_SEMAPHORE, false},
	{"syscall.*", PROF_WAIT_SYSCALL, false},
	{"internal/runtime/syscall.*", PROF_WAIT_SYSCALL, false},
	{"runtime.cgocall", PROF_WAIT_SYSCALL, false},
	{"os/signal.signal_recv", PROF_WAIT_SYSTEM, false},
};

/* Packages below what waits: they are asked to. */
static const char *const plumbing[] = {"runtime.", "sync.", "sync/atomic.", "internal/sync.",
	"internal/runtime/", "internal/poll.", "internal/syscall/", "reflect.", "syscall.", "time.",
	"golang.org/x/sync/semaphore.", "golang.org/x/sync/errgroup.",
	"golang.org/x/sync/singleflight.", "internal/singleflight."};

/* And what passes bytes on: the site of what waits for the network or the system is above. */
static const char *const passing[] = {"net.", "os.", "io.", "bufio.", "crypto/tls.", "internal/"};

static bool begins(struct prof_str s, const char *const *with, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s.len && *s.p == *with[i] && prof_str_has_prefix(s, with[i]))
			return true;
	return false;
}

static bool names(const char *pattern, struct prof_str s)
{
	size_t n;

	if (!s.len || *pattern != *s.p)
		return false;
	n = strlen(pattern);
	if (pattern[n - 1] == '*')
		return s.len >= n - 1 && memcmp(s.p, pattern, n - 1) == 0;
	return s.len == n && memcmp(s.p, pattern, n) == 0;
}

/* Behind the last dot that is not of a path or of type arguments: "Lock" of "a.b/c.(*T).Lock". */
static struct prof_str method(struct prof_str s)
{
	uint32_t i = s.len;

	while (i && s.p[i - 1] != '.' && s.p[i - 1] != '/')
		i--;
	return (struct prof_str){s.p + i, s.len - i};
}

/* A method that only takes or releases a lock: a wrapper around one, or an embedded one's. Its
 * type says whose lock it is.
 */
static bool wraps_lock(struct prof_str name, bool *unlocks)
{
	static const char *const takes[] = {"Lock", "RLock", "lock", "rlock"};
	static const char *const gives[] = {"Unlock", "RUnlock", "unlock", "runlock"};
	struct prof_str m = method(name);

	if (m.p < name.p + 2 || m.p[-2] != ')') /* of a pointer type, as those with locks are */
		return false;
	for (int i = 0; i < 4; i++) {
		*unlocks = prof_str_eq(m, prof_str_of(gives[i]));
		if (*unlocks || prof_str_eq(m, prof_str_of(takes[i])))
			return true;
	}
	return false;
}

/* "main.main.func2", "main.main.func2.1" */
static bool is_closure(struct prof_str name)
{
	struct prof_str m = method(name);

	return prof_str_has_prefix(m, "func") || (m.len && *m.p >= '0' && *m.p <= '9');
}

/* Takes or releases the runtime's own locks, as part of something else. */
static bool is_runtime_lock(struct prof_str name)
{
	struct prof_str m = method(name);

	return prof_str_has_prefix(m, "unlock") || prof_str_has_prefix(m, "lock") ||
	       prof_str_eq(m, PROF_STR("_LostContendedRuntimeLock"));
}

static void describe(struct prof_contention_function *f, struct prof_str name)
{
	bool unlocks;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (names(known[i].name, name)) {
			f->class = known[i].class;
			f->unlocks = known[i].unlocks;
			break;
		}
	/* Stacks of it lack the locks that it takes, which are inlined into generic code. */
	f->weak = names(SYNC_MAP, name);
	f->hidden = prof_go_is_hidden(name);
	f->library = prof_go_is_library(name);
	f->closure = is_closure(name);
	f->runtime_lock = is_runtime_lock(name);
	f->facts = f->hidden ? 0 : PROF_PLACE_SHOWN;
	if (prof_str_eq(name, PROF_STR("main.main")))
		f->facts |= PROF_PLACE_MAIN;
	f->plumbing = begins(name, plumbing, sizeof(plumbing) / sizeof(plumbing[0])) ||
		      prof_str_has_prefix(name, "os/signal.signal_recv") || f->hidden;
	f->passes = f->plumbing || begins(name, passing, sizeof(passing) / sizeof(passing[0]));
	if (!f->plumbing && wraps_lock(name, &unlocks))
		f->wraps_lock = f->plumbing = f->passes = true;
}

/* "main.(*cache)" of "main.(*cache).get.func1": the type; of a function, itself without closures.
 */
static struct prof_str owner(struct prof_str name)
{
	const char *slash = name.p, *end = name.p + name.len, *dot;

	for (const char *c = name.p; c < end && *c != '[' && *c != '('; c++)
		slash = *c == '/' ? c : slash;
	dot = memchr(slash, '.', (size_t)(end - slash));
	if (!dot)
		return name;
	if (dot + 1 < end && dot[1] == '(') {
		const char *close = memchr(dot, ')', (size_t)(end - dot));

		return close ? (struct prof_str){name.p, (uint32_t)(close + 1 - name.p)} : name;
	}
	for (const char *c = dot + 1; c < end; c++) {
		if (*c == '[') {
			c = memchr(c, ']', (size_t)(end - c));
			if (!c)
				return name;
		} else if (*c == '.') {
			return (struct prof_str){name.p, (uint32_t)(c - name.p)};
		}
	}
	return name;
}

struct prof_str prof_contention_package(struct prof_str name)
{
	const char *end = name.p + name.len, *from = name.p, *dot;

	for (const char *c = name.p; c < end && *c != '(' && *c != '['; c++)
		from = *c == '/' ? c : from;
	dot = memchr(from, '.', (size_t)(end - from));
	return dot ? (struct prof_str){name.p, (uint32_t)(dot - name.p)} : name;
}

/* What dumps call states, and the tracer reasons; '*' as above. */
enum prof_wait_class prof_contention_said(struct prof_str state)
{
	static const struct {
		const char *name;
		enum prof_wait_class class;
	} reasons[] = {{"sync.RWMutex.RLock", PROF_WAIT_READ_LOCK},
		{"sync.RWMutex.Lock", PROF_WAIT_WRITE_LOCK}, {"GC assist*", PROF_WAIT_ASSIST},
		{"GC mark assist*", PROF_WAIT_ASSIST}, {"GC *", PROF_WAIT_SYSTEM},
		{"wait until GC ends", PROF_WAIT_ASSIST}, {"network", PROF_WAIT_NETWORK},
		{"chan send*", PROF_WAIT_SEND}, {"chan receive*", PROF_WAIT_RECEIVE},
		{"sync.(*Cond).Wait", PROF_WAIT_COND}, {"sync", PROF_WAIT_SEMAPHORE},
		{"forever", PROF_WAIT_SELECT}, {"system goroutine*", PROF_WAIT_SYSTEM},
		{"preempted", PROF_WAIT_SYSTEM}};
	static const uint8_t classes[] = {[PROF_GO_SYSCALL] = PROF_WAIT_SYSCALL,
		[PROF_GO_SEND] = PROF_WAIT_SEND,
		[PROF_GO_RECEIVE] = PROF_WAIT_RECEIVE,
		[PROF_GO_SELECT] = PROF_WAIT_SELECT,
		[PROF_GO_NEVER] = PROF_WAIT_SELECT,
		[PROF_GO_NETWORK] = PROF_WAIT_NETWORK,
		[PROF_GO_SLEEP] = PROF_WAIT_SLEEP,
		[PROF_GO_MUTEX] = PROF_WAIT_MUTEX,
		[PROF_GO_WAITGROUP] = PROF_WAIT_GROUP,
		[PROF_GO_COND] = PROF_WAIT_COND,
		[PROF_GO_SEMAPHORE] = PROF_WAIT_SEMAPHORE,
		[PROF_GO_SYSTEM] = PROF_WAIT_SYSTEM};
	const struct prof_go_state *s;

	if (!state.len)
		return PROF_WAIT_OTHER;
	s = prof_go_state_of(state);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (names(reasons[i].name, state))
			return reasons[i].class;
	return s && s->class < sizeof(classes) ? (enum prof_wait_class)classes[s->class]
					       : PROF_WAIT_OTHER;
}

static int add_name(
	struct prof_contention *k, struct prof_str name, uint32_t *id, struct prof_err *e)
{
	return prof_strtab_add(&k->names, name.p, name.len, id, e);
}

int prof_contention_function(struct prof_contention *k, struct prof_str name, struct prof_str file,
	uint32_t *id, struct prof_err *e)
{
	struct prof_contention_function f = {.class = PROF_WAIT_CLASSES};
	struct prof_str plain = prof_go_plain_name(name, &k->room);
	struct prof_index_it it;
	uint64_t hash;
	int rc = prof_strtab_add(&k->names, plain.p, plain.len, &f.name, e);

	if (!rc)
		rc = prof_strtab_add(&k->names, file.p, file.len, &f.file, e);
	if (rc)
		return rc;
	hash = prof_hash_mix(prof_hash_mix(0, f.name), f.file);
	it = prof_index_first(&k->function_index, hash);
	while ((*id = prof_index_next(&k->function_index, &it)) != PROF_NONE)
		if (k->functions.v[*id].name == f.name && k->functions.v[*id].file == f.file)
			return 0;
	*id = (uint32_t)k->functions.n;
	plain = prof_contention_name(k, f.name);
	describe(&f, plain);
	if ((rc = add_name(k, owner(plain), &f.owner, e)) ||
		(rc = add_name(k, prof_contention_package(plain), &f.package, e)) ||
		(rc = prof_vec_reserve(&k->mem, &k->functions, 1, e)) ||
		(rc = prof_index_add(&k->function_index, hash, *id, e)))
		return rc;
	k->functions.v[k->functions.n++] = f;
	return prof_contention_ask_patterns(k, *id, e);
}
