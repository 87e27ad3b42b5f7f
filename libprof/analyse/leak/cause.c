#include "libprof/analyse/leak/leak.h"

#include <string.h>

#define SAYS(what, look) .cause = (what), .advice = (look)

/* Shapes that are known, by what is in the stack. `in` is a function (with '*' at its end: the
 * beginning of one) that one of the frames is; the first row that fits tells. `class`: only of such
 * a state; PROF_GO_UNKNOWN: of any.
 */
struct shape {
	const char *in;
	enum prof_go_class class;
	struct prof_leak_cause means;
};

static const struct shape shapes[] = {
	/* the runtime's own, and what takes the snapshot */
	{"runtime/pprof.writeGoroutine*", PROF_GO_UNKNOWN, {.own = true}},
	{"runtime/pprof.runtime_goroutine*", PROF_GO_UNKNOWN, {.own = true}},
	{"runtime/debug.Stack", PROF_GO_UNKNOWN, {.own = true}},
	{"runtime.ensureSigM*", PROF_GO_UNKNOWN, {.own = true}},
	{"runtime.ReadTrace", PROF_GO_UNKNOWN, {.own = true}},
	{"runtime/trace.Start.func1", PROF_GO_UNKNOWN, {.own = true}},
	{"runtime/pprof.profileWriter", PROF_GO_UNKNOWN, {.own = true}},
	{"os/signal.signal_recv", PROF_GO_UNKNOWN, {.own = true, .idle = true}},
	/* whose work is to wait */
	{"internal/poll.(*FD).Accept", PROF_GO_UNKNOWN,
		{SAYS("accepts connections", "One a listener is as it should be."), .idle = true}},
	{"net.(*netFD).accept", PROF_GO_UNKNOWN,
		{SAYS("accepts connections", "One a listener is as it should be."), .idle = true}},
	{"testing.(*T).Run", PROF_GO_UNKNOWN, {SAYS("waits for a test", NULL), .idle = true}},
	{"testing.(*T).Parallel", PROF_GO_UNKNOWN,
		{SAYS("waits for other tests", NULL), .idle = true}},
	{"github.com/golang/glog.(*fileSink).flushDaemon", PROF_GO_UNKNOWN,
		{SAYS("writes glog's buffers", NULL), .idle = true}},
	{"k8s.io/klog*", PROF_GO_UNKNOWN, {SAYS("writes klog's buffers", NULL), .idle = true}},
	{"go.opencensus.io/stats/view.(*worker).start", PROF_GO_UNKNOWN,
		{SAYS("opencensus's worker", NULL), .idle = true}},
	/* HTTP */
	{"net/http.(*persistConn).readLoop", PROF_GO_UNKNOWN,
		{SAYS("an HTTP client's connection whose response body is "
		      "neither closed nor read to its end; with writeLoop it is "
		      "one half of a pair",
			"Close resp.Body on every path, and share one http.Client.")}},
	{"net/http.(*persistConn).writeLoop", PROF_GO_UNKNOWN,
		{SAYS("an HTTP client's connection that stays open: the other "
		      "half of readLoop's pair",
			"Close resp.Body on every path, and share one http.Client.")}},
	{"net/http.(*persistConn).roundTrip", PROF_GO_UNKNOWN,
		{SAYS("a request whose answer does not come",
			"Set http.Client.Timeout, or give the request a context "
			"with a deadline.")}},
	{"net/http.(*http2clientConnReadLoop).run", PROF_GO_UNKNOWN,
		{SAYS("an HTTP/2 client connection that stays open",
			"Share one http.Client; CloseIdleConnections of those that "
			"are done.")}},
	{"net/http.(*http2ClientConn).*", PROF_GO_UNKNOWN,
		{SAYS("an HTTP/2 request whose answer or body does not come to "
		      "its end",
			"Close resp.Body, and give requests a context with a "
			"deadline.")}},
	{"golang.org/x/net/http2.*", PROF_GO_UNKNOWN,
		{SAYS("an HTTP/2 connection or stream that is not closed",
			"Close what opened it; give requests a context with a "
			"deadline.")}},
	{"net/http.(*connReader).backgroundRead", PROF_GO_UNKNOWN,
		{SAYS("a handler that has not returned: this watches its "
		      "connection",
			"Look at what the handler itself waits for.")}},
	{"net/http.(*conn).readRequest", PROF_GO_NETWORK,
		{SAYS("a client's connection that sends no request",
			"Set the server's IdleTimeout and ReadHeaderTimeout.")}},
	{"bufio.(*Reader).Peek", PROF_GO_NETWORK,
		{SAYS("a client's connection that is idle", "Set the server's IdleTimeout.")}},
	/* other libraries that start goroutines of their own */
	{"google.golang.org/grpc*", PROF_GO_UNKNOWN,
		{SAYS("a gRPC connection or stream that is not closed",
			"Close each ClientConn (share one); cancel streams' "
			"contexts, or read them to their end.")}},
	{"database/sql.(*DB).connectionOpener", PROF_GO_UNKNOWN,
		{SAYS("a sql.DB that is opened and not closed",
			"Open one at the start, and share it.")}},
	{"database/sql.(*Tx).awaitDone", PROF_GO_UNKNOWN,
		{SAYS("a transaction that is neither committed nor rolled back",
			"defer tx.Rollback() where it begins.")}},
	{"database/sql.(*Rows).awaitDone*", PROF_GO_UNKNOWN,
		{SAYS("rows that are not closed", "defer rows.Close() behind the query.")}},
	{"database/sql.(*DB).conn", PROF_GO_UNKNOWN,
		{SAYS("waits for a free connection to the database: all are in "
		      "use, or leak",
			"Look for rows and transactions that are not closed; see "
			"DB.Stats.")}},
	{"os/exec.(*Cmd).*", PROF_GO_UNKNOWN,
		{SAYS("a command that nobody waits for, or whose pipe stays open",
			"Call Wait; read its pipes to their end; use "
			"exec.CommandContext.")}},
	{"io.(*pipe).*", PROF_GO_UNKNOWN,
		{SAYS("an io.Pipe whose other end is neither used nor closed",
			"Close both ends on every path (CloseWithError).")}},
	{"context.(*cancelCtx).propagateCancel.func*", PROF_GO_UNKNOWN,
		{SAYS("a context whose cancel function is not called", "defer cancel().")}},
	{"context.propagateCancel.func*", PROF_GO_UNKNOWN,
		{SAYS("a context whose cancel function is not called", "defer cancel().")}},
	{"sync.(*Once).*", PROF_GO_MUTEX,
		{SAYS("waits for a sync.Once whose function does not return",
			"Look at the goroutine that runs it.")}},
	{"golang.org/x/sync/semaphore.(*Weighted).Acquire", PROF_GO_UNKNOWN,
		{SAYS("a semaphore that is not released often enough",
			"defer sem.Release behind Acquire.")}},
	{"golang.org/x/sync/errgroup.(*Group).Wait", PROF_GO_UNKNOWN,
		{SAYS("waits for the goroutines of an errgroup, one of which "
		      "does not return",
			"Look at them; give them the group's context.")}},
	{"golang.org/x/sync/singleflight.(*Group).*", PROF_GO_UNKNOWN,
		{SAYS("waits for a singleflight call that does not return",
			"Look at the goroutine that runs it, or use DoChan with a "
			"context.")}},
	{"crypto/tls.(*Conn).Handshake*", PROF_GO_UNKNOWN,
		{SAYS("a TLS handshake that the other side does not finish",
			"Set a deadline on the connection.")}},
	{"net.(*Dialer).Dial*", PROF_GO_UNKNOWN,
		{SAYS("a connection that is not established",
			"Set Dialer.Timeout, or use a context.")}},
};

static const struct prof_leak_cause by_class[] = {
	[PROF_GO_UNKNOWN] = {SAYS("waits, and the capture does not tell for what",
		"Take a dump (debug=2), or the profile as protobuf.")},
	[PROF_GO_RUNNING] = {SAYS("runs: work that is not done, or comes faster than it is "
				  "done",
		"Look at a CPU profile of it.")},
	[PROF_GO_RUNNABLE] = {SAYS("waits for a processor: more work than there are CPUs",
		"Look at a CPU profile of it.")},
	[PROF_GO_SYSCALL] = {SAYS(
		"a system call that does not return", "Look at its file or descriptor.")},
	[PROF_GO_SEND] = {SAYS("a send whose receiver has gone",
		"Give the channel a buffer of 1, or select on ctx.Done() "
		"in the sender.")},
	[PROF_GO_RECEIVE] = {SAYS("a receive from a channel that nobody sends to or closes",
		"Close the channel where its senders end, or select on "
		"ctx.Done() too.")},
	[PROF_GO_SELECT] = {SAYS("a select none of whose cases ends it (a ticker's only "
				 "goes round)",
		"Give it a case <-ctx.Done() that returns, and see that "
		"somebody cancels.")},
	[PROF_GO_NEVER] = {SAYS("waits for ever: a nil channel, or a select without cases",
				   "Make the channel before its use; end the goroutine."),
		.suspicious = true},
	[PROF_GO_NETWORK] = {SAYS("network I/O without a deadline whose other side is silent",
		"Set a deadline (SetReadDeadline, SetDeadline) or a "
		"timeout.")},
	[PROF_GO_SLEEP] = {SAYS("a loop around time.Sleep that nothing ends",
		"Use a time.Ticker and a select with ctx.Done().")},
	[PROF_GO_MUTEX] = {SAYS("a mutex that its holder does not give back",
		"Look at who holds it: a missing Unlock, or one that waits "
		"for others itself.")},
	[PROF_GO_WAITGROUP] = {SAYS("a WaitGroup that is not finished: more Add than Done",
		"defer wg.Done() first in each goroutine; look for one "
		"that hangs.")},
	[PROF_GO_COND] = {SAYS("a sync.Cond that nobody signals",
		"Signal (or Broadcast) after each change, also when it is "
		"all over.")},
	[PROF_GO_SEMAPHORE] = {SAYS(
		"waits for a lock or semaphore of package sync", "Look at who holds it.")},
	[PROF_GO_COROUTINE] = {SAYS(
		"an iterator (iter.Pull) that is not stopped", "defer stop().")},
	[PROF_GO_SYNCTEST] = {SAYS("a synctest bubble that does not come to rest",
		"Look at the goroutines of the bubble.")},
	[PROF_GO_SYSTEM] = {.own = true, .idle = true},
};

static bool names(const char *pattern, struct prof_str s)
{
	size_t n = strlen(pattern);

	if (pattern[n - 1] == '*')
		return s.len >= n - 1 && memcmp(s.p, pattern, n - 1) == 0;
	return s.len == n && memcmp(s.p, pattern, n) == 0;
}

/* All of its frames are the runtime's. */
static bool is_runtime(const struct prof_leak *k, const struct prof_leak_group *g)
{
	for (uint32_t i = 0; i < g->n_example; i++)
		if (!prof_str_has_prefix(
			    prof_strtab_get(&k->names, k->frames.v[g->example + i].function),
			    "runtime."))
			return false;
	return g->n_example > 0;
}

struct prof_leak_cause prof_leak_cause(const struct prof_leak *k, const struct prof_leak_group *g)
{
	struct prof_leak_cause c = {0};

	if (k->opts.by == PROF_LEAK_BY_CREATOR || k->opts.by == PROF_LEAK_BY_LABEL)
		return c;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (shapes[i].class != PROF_GO_UNKNOWN && shapes[i].class != g->class)
			continue;
		for (uint32_t f = 0; f < g->n_example; f++)
			if (names(shapes[i].in, prof_strtab_get(&k->names,
							k->frames.v[g->example + f].function)))
				return shapes[i].means;
	}
	if (is_runtime(k, g) && g->class != PROF_GO_NEVER)
		return (struct prof_leak_cause){.own = true, .idle = true};
	if (g->class < sizeof(by_class) / sizeof(by_class[0]))
		c = by_class[g->class];
	return c;
}
