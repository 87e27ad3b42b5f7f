#include "libprof/analyse/diff/diff.h"
#include "libprof/analyse/nodes.h"

/* The first elements of the standard library's import paths. */
static const char *const std_roots[] = {"archive", "arena", "bufio", "bytes", "cmp", "compress",
	"container", "context", "crypto", "database", "debug", "embed", "encoding", "errors",
	"expvar", "flag", "fmt", "go", "hash", "html", "image", "index", "internal", "io", "iter",
	"log", "maps", "math", "mime", "net", "os", "path", "plugin", "reflect", "regexp",
	"runtime", "simd", "slices", "sort", "strconv", "strings", "structs", "sync", "syscall",
	"testing", "text", "time", "unicode", "unique", "unsafe", "uuid", "vendor", "weak", NULL};

/* Packages that the compiler calls, the runtime's own, and locks: helpers of whom calls them. */
static const char *const runtime_packages[] = {"runtime", "runtime/internal", "internal/runtime",
	"sync", "internal/sync", "internal/abi", "internal/bytealg", "internal/cpu",
	"internal/chacha8rand", NULL};

/* The collector's entry points, and what assists and write barriers are made of; names may go on
 * (".func1").
 */
static const char *const collector[] = {"runtime.gcBgMarkWorker", "runtime.gcAssistAlloc",
	"runtime.gcDrain", "runtime.gcStart", "runtime.gcMark", "runtime.gcSweep",
	"runtime.bgsweep", "runtime.bgscavenge", "runtime.sweepone", "runtime.deductSweepCredit",
	"runtime.deductAssistCredit", "runtime.wbBufFlush", "runtime.gcWriteBarrier",
	"gcWriteBarrier", "runtime.bulkBarrierPreWrite", "runtime.gcmarknewobject",
	"runtime.gcResetMarkState", "runtime.greyobject", "runtime.scanobject",
	"runtime.scanObject", "runtime.markroot", "runtime.GC", "runtime.gcenable", "runtime._GC",
	"runtime.forEachP", "runtime.gcParkAssist", "runtime.gcFlushBgCredit", "runtime.(*gcWork)",
	NULL};

/* What takes longer the more others want the processors: locks, wake-ups, yields. */
static const char *const waits[] = {"runtime.lock", "runtime.unlock", "runtime.futex",
	"runtime.note", "runtime.osyield", "runtime.procyield", "runtime.usleep", "runtime.gosched",
	"runtime.park", "runtime.ready", "runtime.wakep", "runtime.startm", "runtime.stopm",
	"runtime.schedule", "runtime.bgsweep", "runtime.bgscavenge", "runtime.preemptone",
	"runtime.signalM", "runtime.tgkill", "runtime.madvise", NULL};

static bool starts_with(struct prof_str s, const char *prefix)
{
	return prof_str_has_prefix(s, prefix);
}

static bool one_of(struct prof_str s, const char *const *list)
{
	for (; *list; list++)
		if (starts_with(s, *list))
			return true;
	return false;
}

/* Whether an import path is `root`, or below it. */
static bool below(struct prof_str path, const char *root)
{
	size_t n = strlen(root);

	return prof_str_has_prefix(path, root) &&
	       (path.len == n || path.p[n] == '/' || path.p[n] == '_');
}

static bool below_one_of(struct prof_str path, const char *const *list)
{
	for (; *list; list++)
		if (below(path, *list))
			return true;
	return false;
}

/* Assembly functions have no package in their name: their file tells. */
static struct prof_str package_of(struct prof_str name, struct prof_str file)
{
	struct prof_str package = prof_go_package(name);
	uint32_t end = file.len, start;

	if (package.len || !name.len)
		return package;
	while (end && file.p[end - 1] != '/')
		end--;
	if (!end)
		return package;
	end--;
	for (start = end; start >= 5; start--)
		if (!memcmp(file.p + start - 5, "/src/", 5))
			return (struct prof_str){file.p + start, end - start};
	return file.p[0] == '/' ? package : (struct prof_str){file.p, end};
}

/* "github.com/x/y@v1.2.3" of "/root/go/pkg/mod/github.com/x/y@v1.2.3/z.go"; "": no version. */
static struct prof_str module_of(struct prof_str file)
{
	const char *at = memchr(file.p, '@', file.len);
	uint32_t start = 0, end;

	if (!at || (uint32_t)(at - file.p) + 1 >= file.len || at[1] != 'v')
		return PROF_STR("");
	end = (uint32_t)(at - file.p);
	for (uint32_t i = 0; i + 9 <= end; i++)
		if (!memcmp(file.p + i, "/pkg/mod/", 9))
			start = i + 9;
	while (end < file.len && file.p[end] != '/')
		end++;
	return (struct prof_str){file.p + start, end - start};
}

/* Of a Go program, a name without a package is assembly's. */
static unsigned code_of(const struct prof_diff *d, struct prof_str name, struct prof_str package)
{
	unsigned code = 0;

	if (!below_one_of(package, std_roots))
		return d->is_go && name.len && !package.len && !memchr(name.p, '.', name.len)
			       ? CODE_STD | CODE_RUNTIME
			       : 0;
	code = CODE_STD;
	if (!below_one_of(package, runtime_packages))
		return code;
	code |= CODE_RUNTIME;
	if (one_of(name, collector))
		code |= CODE_COLLECTOR;
	if (one_of(name, waits))
		code |= CODE_WAITS;
	if (starts_with(name, "runtime.asyncPreempt"))
		code |= CODE_PREEMPT;
	if (starts_with(name, "runtime.mallocgc"))
		code |= CODE_ALLOC;
	return code;
}

unsigned diff_code_of(const struct prof_diff *d, struct prof_str name)
{
	return code_of(d, name, prof_go_package(name));
}

static bool is_go(const struct prof_diff *d)
{
	for (size_t i = 0; i < d->rows.n; i++)
		if (starts_with(prof_strtab_get(&d->strings, d->rows.v[i].name), "runtime."))
			return true;
	return false;
}

static int classify(struct prof_diff *d, struct diff_row *row, struct prof_err *e)
{
	struct prof_str name = prof_strtab_get(&d->strings, row->name);
	struct prof_str file = prof_strtab_get(&d->strings, row->source);
	struct prof_str package = package_of(name, file), module = module_of(file);
	int rc = prof_strtab_add(&d->strings, package.p, package.len, &row->package, e);

	row->code = code_of(d, name, package);
	if (row->code & CODE_STD)
		module = PROF_STR("std");
	if (!rc)
		rc = prof_strtab_add(&d->strings, module.p, module.len, &row->module, e);
	return rc;
}

/* What a function's row says of the side's Go: features came in 1.N (+) or went in it (-). */
static void date_function(struct diff_side *s, struct prof_str name, int64_t start_line)
{
	static const struct {
		const char *prefix;
		unsigned since, before;
	} marks[] = {{"runtime.(*unwinder)", 21, 0}, {"runtime.gcWriteBarrier2", 21, 0},
		{"runtime.gcWriteBarrierCX", 0, 21}, {"runtime.gcWriteBarrierDX", 0, 21},
		{"internal/runtime/", 23, 0}, {"internal/runtime/maps.", 24, 0},
		{"runtime.mallocgcSmall", 24, 0}, {"runtime.mallocgcTiny", 24, 0},
		{"runtime.mallocgcSmallNoScanSC", 26, 0}, {"runtime.mallocgcTinySC", 26, 0},
		{"runtime.mallocgcSmallScanNoHeaderSC", 26, 0},
		{"runtime.tryDeferToSpanScan", 25, 0}, {"internal/runtime/gc/", 25, 0},
		{"runtime/internal/", 0, 24}};

	if (start_line > 0 && s->go_least < 20)
		s->go_least = 20;
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (!starts_with(name, marks[i].prefix))
			continue;
		if (marks[i].since > s->go_least)
			s->go_least = marks[i].since;
		if (marks[i].before && (!s->go_most || marks[i].before - 1 < s->go_most))
			s->go_most = marks[i].before - 1;
	}
	for (uint32_t i = 0; i + 7 <= name.len; i++) {
		unsigned since = !memcmp(name.p + i, ".gowrap", 7)  ? 22
				 : !memcmp(name.p + i, "-range", 6) ? 23
								    : 0;

		if (since > s->go_least)
			s->go_least = since;
	}
}

/* Rows of functions are joined by name; their files and first lines are with the functions. */
static int take_functions(struct prof_diff *d, const struct diff_run *run, struct prof_err *e)
{
	const struct prof_profile *p = run->p;

	for (size_t i = 0; i < p->functions.n; i++) {
		const struct prof_function *f = &p->functions.v[i];
		struct diff_row *row = diff_row_named(d, prof_profile_str(p, f->name));
		struct prof_str file = prof_profile_str(p, f->file);
		int rc;

		if (!row)
			continue;
		if (f->start_line > 0)
			row->start[run->side] = f->start_line;
		if (row->source)
			continue;
		rc = prof_strtab_add(&d->strings, file.p, file.len, &row->source, e);
		if (rc)
			return rc;
	}
	return 0;
}

/* Where the standard library's functions begin is the same in every build of one Go version, and
 * some of them always move from one version to the next.
 */
static void compare_std(struct prof_diff *d)
{
	const struct diff_side *s = d->sides;
	size_t same = 0, moved = 0;

	for (size_t i = 0; i < d->rows.n; i++) {
		const struct diff_row *row = &d->rows.v[i];
		struct prof_str name = prof_strtab_get(&d->strings, row->name);

		for (int side = PROF_OLD; side <= PROF_NEW; side++)
			if (row->present[side])
				date_function(&d->sides[side], name, row->start[side]);
		if (!(row->code & CODE_STD) || !row->start[PROF_OLD] || !row->start[PROF_NEW])
			continue;
		same += row->start[PROF_OLD] == row->start[PROF_NEW];
		moved += row->start[PROF_OLD] != row->start[PROF_NEW];
	}
	d->same_go = moved * 20 <= same &&
		     !(s[PROF_OLD].go_most && s[PROF_OLD].go_most < s[PROF_NEW].go_least) &&
		     !(s[PROF_NEW].go_most && s[PROF_NEW].go_most < s[PROF_OLD].go_least) &&
		     (same > 0 || s[PROF_OLD].go_least == s[PROF_NEW].go_least);
}

/* A module that has the same version on both sides is the same code: its rows' modules are joined
 * by name, so one that is only called from one side is the same, too, if the other has the version.
 */
static int mark_same(struct prof_diff *d, struct prof_err *e)
{
	size_t n = d->strings.strs.n;
	uint8_t *seen = prof_mem_zalloc(&d->mem, n, sizeof(*seen), e);

	if (!seen)
		return e->code;
	for (size_t i = 0; i < d->rows.n; i++)
		for (int s = 0; s < 2; s++)
			if (d->rows.v[i].present[s])
				seen[d->rows.v[i].module] |= (uint8_t)(1 << s);
	for (size_t i = 0; i < d->rows.n; i++) {
		struct diff_row *row = &d->rows.v[i];

		if (row->code & CODE_STD ? d->same_go : row->module && seen[row->module] == 3)
			row->code |= CODE_SAME;
	}
	prof_mem_zfree(&d->mem, seen, n, sizeof(*seen));
	return 0;
}

int diff_code(struct prof_diff *d, struct prof_err *e)
{
	int rc = 0;

	if (d->opts.by != PROF_BY_FUNCTION)
		return 0;
	d->is_go = is_go(d);
	for (size_t i = 0; !rc && i < d->runs.n; i++)
		rc = take_functions(d, &d->runs.v[i], e);
	for (size_t i = 0; !rc && i < d->rows.n; i++)
		rc = classify(d, &d->rows.v[i], e);
	if (rc)
		return rc;
	compare_std(d);
	return mark_same(d, e);
}
