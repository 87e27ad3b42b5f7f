#include "libprof/model/goroutine.h"

#include <stdlib.h>
#include <string.h>

/* Wait reasons and statuses of Go 1.5 to 1.27, runtime/traceback.go and runtime2.go. Rows are only
 * ever added: a name that a new version changes keeps its row and gets another.
 */
static const struct prof_go_state states[] = {
	{"chan receive", "chan receive", PROF_GO_RECEIVE},
	{"chan send", "chan send", PROF_GO_SEND},
	{"select", "select", PROF_GO_SELECT},
	{"IO wait", "IO wait", PROF_GO_NETWORK},
	{"sleep", "sleep", PROF_GO_SLEEP},
	{"running", "running", PROF_GO_RUNNING},
	{"runnable", "runnable", PROF_GO_RUNNABLE},
	{"syscall", "syscall", PROF_GO_SYSCALL},
	{"semacquire", "semacquire", PROF_GO_SEMAPHORE},
	{"sync.Mutex.Lock", "sync.Mutex.Lock", PROF_GO_MUTEX}, /* 1.20 */
	{"sync.RWMutex.RLock", "sync.RWMutex.RLock", PROF_GO_MUTEX},
	{"sync.RWMutex.Lock", "sync.RWMutex.Lock", PROF_GO_MUTEX},
	{"sync.WaitGroup.Wait", "sync.WaitGroup.Wait", PROF_GO_WAITGROUP}, /* 1.24 */
	{"sync.Cond.Wait", "sync.Cond.Wait", PROF_GO_COND}, /* 1.12 */
	{"chan receive (nil chan)", "chan receive (nil chan)", PROF_GO_NEVER},
	{"chan send (nil chan)", "chan send (nil chan)", PROF_GO_NEVER},
	{"select (no cases)", "select (no cases)", PROF_GO_NEVER},
	{"coroutine", "coroutine", PROF_GO_COROUTINE}, /* 1.23 */
	{"synctest.Run", "synctest.Run", PROF_GO_SYNCTEST}, /* 1.24 */
	{"synctest.Wait", "synctest.Wait", PROF_GO_SYNCTEST},
	{"preempted", "preempted", PROF_GO_RUNNABLE}, /* 1.14 */
	{"copystack", "running", PROF_GO_RUNNING},
	{"idle", "idle", PROF_GO_RUNNABLE},
	{"waiting", "waiting", PROF_GO_UNKNOWN},
	{"leaked", "waiting", PROF_GO_UNKNOWN}, /* 1.26 */
	{"enqueue", "runnable", PROF_GO_RUNNABLE}, /* up to 1.8 */
	{"dead", "dead", PROF_GO_UNKNOWN},
	{"waiting for cgo callback", "waiting for cgo callback", PROF_GO_SYSTEM}, /* 1.26 */
	{"panicwait", "panicwait", PROF_GO_SYSTEM},
	{"debug call", "debug call", PROF_GO_SYSTEM},
	{"finalizer wait", "finalizer wait", PROF_GO_SYSTEM},
	{"cleanup wait", "cleanup wait", PROF_GO_SYSTEM}, /* 1.25 */
	{"force gc (idle)", "force gc (idle)", PROF_GO_SYSTEM},
	{"GOMAXPROCS updater (idle)", "GOMAXPROCS updater (idle)", PROF_GO_SYSTEM}, /* 1.25 */
	{"timer goroutine (idle)", "timer goroutine (idle)", PROF_GO_SYSTEM}, /* up to 1.13 */
	{"trace reader (blocked)", "trace reader (blocked)", PROF_GO_SYSTEM},
	{"wait for GC cycle", "wait for GC cycle", PROF_GO_SYSTEM},
	{"GC worker (idle)", "GC worker (idle)", PROF_GO_SYSTEM},
	{"GC worker (active)", "GC worker (active)", PROF_GO_SYSTEM}, /* 1.18 */
	{"GC worker init", "GC worker (idle)", PROF_GO_SYSTEM},
	{"mark worker (idle)", "GC worker (idle)", PROF_GO_SYSTEM}, /* up to 1.5 */
	{"mark wait (idle)", "GC worker (idle)", PROF_GO_SYSTEM},
	{"GC sweep wait", "GC sweep wait", PROF_GO_SYSTEM},
	{"GC scavenge wait", "GC scavenge wait", PROF_GO_SYSTEM}, /* 1.12 */
	{"GC assist wait", "GC assist wait", PROF_GO_SYSTEM},
	{"GC assist marking", "GC assist marking", PROF_GO_SYSTEM},
	{"GC mark termination", "GC mark termination", PROF_GO_SYSTEM}, /* 1.22 */
	{"GC weak to strong wait", "GC weak to strong wait", PROF_GO_SYSTEM}, /* 1.24 */
	{"garbage collection", "garbage collection", PROF_GO_SYSTEM},
	{"garbage collection scan", "garbage collection scan", PROF_GO_SYSTEM},
	{"dumping heap", "dumping heap", PROF_GO_SYSTEM},
	{"stopping the world", "stopping the world", PROF_GO_SYSTEM},
	{"flushing proc caches", "flushing proc caches", PROF_GO_SYSTEM},
	{"trace goroutine status", "trace goroutine status", PROF_GO_SYSTEM},
	{"trace proc status", "trace proc status", PROF_GO_SYSTEM},
	{"page trace flush", "page trace flush", PROF_GO_SYSTEM},
};

/* Functions that wait, as stacks show them: of the runtime (in profiles and crash dumps), and the
 * library's (in all dumps). A name that ends in '*' is the beginning of one.
 */
static const struct prof_go_state waiters[] = {
	{"runtime.chansend*", "chan send", PROF_GO_SEND},
	{"runtime.chanrecv*", "chan receive", PROF_GO_RECEIVE},
	{"runtime.selectgo", "select", PROF_GO_SELECT},
	{"runtime.selectnb*", "select", PROF_GO_SELECT},
	{"runtime.block", "select (no cases)", PROF_GO_NEVER},
	{"runtime.netpollblock", "IO wait", PROF_GO_NETWORK},
	{"internal/poll.runtime_pollWait", "IO wait", PROF_GO_NETWORK},
	{"net.runtime_pollWait", "IO wait", PROF_GO_NETWORK}, /* up to 1.8 */
	{"time.Sleep", "sleep", PROF_GO_SLEEP},
	{"runtime.timeSleep", "sleep", PROF_GO_SLEEP},
	{"sync.(*Mutex).Lock*", "sync.Mutex.Lock", PROF_GO_MUTEX},
	{"sync.(*Mutex).lockSlow", "sync.Mutex.Lock", PROF_GO_MUTEX},
	{"internal/sync.(*Mutex).Lock*", "sync.Mutex.Lock", PROF_GO_MUTEX}, /* 1.24 */
	{"internal/sync.(*Mutex).lockSlow", "sync.Mutex.Lock", PROF_GO_MUTEX},
	{"sync.(*RWMutex).RLock", "sync.RWMutex.RLock", PROF_GO_MUTEX},
	{"sync.(*RWMutex).Lock", "sync.RWMutex.Lock", PROF_GO_MUTEX},
	{"sync.(*WaitGroup).Wait", "sync.WaitGroup.Wait", PROF_GO_WAITGROUP},
	{"sync.(*Cond).Wait", "sync.Cond.Wait", PROF_GO_COND},
	{"runtime.coroswitch*", "coroutine", PROF_GO_COROUTINE},
	{"internal/synctest.Run", "synctest.Run", PROF_GO_SYNCTEST},
	{"internal/synctest.Wait", "synctest.Wait", PROF_GO_SYNCTEST},
	{"os/signal.signal_recv", "syscall", PROF_GO_SYSCALL},
	{"syscall.Syscall*", "syscall", PROF_GO_SYSCALL},
	{"syscall.RawSyscall*", "syscall", PROF_GO_SYSCALL},
	{"runtime.cgocall", "syscall", PROF_GO_SYSCALL},
	{"runtime.notetsleepg", "syscall", PROF_GO_SYSCALL},
	{"runtime.asyncPreempt*", "runnable", PROF_GO_RUNNABLE},
	{"runtime.Gosched", "runnable", PROF_GO_RUNNABLE},
	{"runtime.gosched_m", "runnable", PROF_GO_RUNNABLE},
	{"runtime.goroutineProfile*", "running", PROF_GO_RUNNING},
	{"runtime/pprof.runtime_goroutineProfile*", "running", PROF_GO_RUNNING},
	{"runtime.bgsweep", "GC sweep wait", PROF_GO_SYSTEM},
	{"runtime.bgscavenge", "GC scavenge wait", PROF_GO_SYSTEM},
	{"runtime.forcegchelper", "force gc (idle)", PROF_GO_SYSTEM},
	{"runtime.runfinq", "finalizer wait", PROF_GO_SYSTEM},
	{"runtime.runFinalizers", "finalizer wait", PROF_GO_SYSTEM}, /* 1.25 */
	{"runtime.runCleanups", "cleanup wait", PROF_GO_SYSTEM},
	{"runtime.gcBgMarkWorker", "GC worker (idle)", PROF_GO_SYSTEM},
	{"runtime.updateMaxProcsGoroutine", "GOMAXPROCS updater (idle)", PROF_GO_SYSTEM},
	{"runtime.ReadTrace", "trace reader (blocked)", PROF_GO_SYSTEM},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const struct prof_go_state *prof_go_state_of(struct prof_str text)
{
	for (size_t i = 0; i < COUNT(states); i++)
		if (prof_str_eq(prof_str_of(states[i].text), text))
			return &states[i];
	return NULL;
}

static bool names(const char *pattern, struct prof_str s)
{
	size_t n = strlen(pattern);

	if (pattern[n - 1] == '*')
		return s.len >= n - 1 && memcmp(s.p, pattern, n - 1) == 0;
	return s.len == n && memcmp(s.p, pattern, n) == 0;
}

const struct prof_go_state *prof_go_state_in(struct prof_str function)
{
	for (size_t i = 0; i < COUNT(waiters); i++)
		if (names(waiters[i].text, function))
			return &waiters[i];
	return NULL;
}

struct prof_profile *prof_goroutines_profile(struct prof_goroutines *s)
{
	struct prof_profile *p = s->p;

	prof_vec_fini(&p->mem, &s->g);
	prof_vec_fini(&p->mem, &s->args);
	free(s);
	return p;
}

void prof_goroutines_free(struct prof_goroutines *s)
{
	if (s)
		prof_profile_free(prof_goroutines_profile(s));
}
