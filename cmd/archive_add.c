#define _DEFAULT_SOURCE /* madvise */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cmd/cmd.h"

static struct prof_archive_add_opts args;
static struct opt_list labels;
static int64_t jobs;

static const struct opt opts[] = {
	{"label", 'l', OPT_LIST, &labels, .arg = "KEY=VALUE",
		.help = "a label of all these profiles; may stand several times"},
	{"labels-from", 0, OPT_STR, &args.labels_from, .arg = "REGEX",
		.help = "labels from paths: named groups (?P<rev>…); time is the time"},
	{"time", 0, OPT_STR, &args.time, .arg = "TIME",
		.help = "when they were taken, where not when the profile says"},
	{"kind", 0, OPT_STR, &args.kind, .arg = "KIND",
		.help = "what they are (cpu, heap, block, mutex …), where prof cannot tell"},
	{"keep-raw", 0, OPT_BOOL, &args.keep_raw, .help = "keep the files themselves, too"},
	{"keep-order", 0, OPT_BOOL, &args.keep_order,
		.help = "keep the order of samples, also where that takes room"},
	{"full", 0, OPT_BOOL, &args.full,
		.help = "of traces keep every transition of every goroutine, too"},
	{"profile", 0, OPT_STR, &args.profiles, .arg = "NAME,…",
		.help = "of traces keep only these profiles: running, sched, sync, net, "
			"syscall, block, cpu (all)"},
	{"jobs", 'j', OPT_INT, &jobs, .arg = "N", .help = "threads (as many as processors)"},
	{"journal", 0, OPT_CHOICE, &args.rollback_journal, .arg = "wal|delete",
		.choices = (const struct opt_choice[]){{"wal", 0}, {"delete", 1}, {0}},
		.help = "delete: for network file systems; readers wait while it writes"},
	{0},
};

static void init(void)
{
	prof_archive_add_opts_init(&args);
}

enum { SHOW_AFTER_MS = 2000, SHOW_EVERY_MS = 200 };

static struct timespec began;
static int64_t shown_ms;

static int64_t elapsed_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)(now.tv_sec - began.tv_sec) * 1000 +
	       (now.tv_nsec - began.tv_nsec) / 1000000;
}

static void clear_progress(void)
{
	if (shown_ms)
		fputs("\r\033[K", stderr);
	shown_ms = 0;
}

static int progress(void *ctx, const struct prof_archive_added *a, size_t done, size_t files)
{
	int64_t ms = elapsed_ms();

	(void)ctx;
	if (ms < SHOW_AFTER_MS || ms - shown_ms < SHOW_EVERY_MS)
		return 0;
	shown_ms = ms;
	fprintf(stderr, "\r\033[K%zu of %zu files, %.1f MB/s, %lld s left", done, files,
		(double)a->bytes / 1000 / (double)ms,
		(long long)((double)ms * (double)(files - done) / (double)done / 1000));
	fflush(stderr);
	return 0;
}

static int told(void *ctx, const char *path, enum prof_archive_outcome outcome, int64_t id,
	const struct prof_err *err)
{
	(void)ctx;
	(void)id;
	if (outcome == PROF_ARCHIVE_BAD || (outcome == PROF_ARCHIVE_ADDED && err->code)) {
		clear_progress();
		cmd_error(path, err);
	}
	return 0;
}

static int put_summary(const struct prof_archive_added *a)
{
	struct prof_err err = {0};
	struct prof_report *r;

	return prof_archive_added_report(a, &r, &err) ? cmd_error(NULL, &err) : cmd_put_report(r);
}

/* What the services of an archive share grows in thousands of pages, each of which the system
 * clears when it is first written to. It does so in less than half the time where the heap is of
 * large pages; so the beginning of the heap is, which is asked for while nothing is in it yet.
 */
static void expect_much(void)
{
#if defined(M_TRIM_THRESHOLD) && defined(MADV_HUGEPAGE)
	enum { BLOCKS = 4, BLOCK_BYTES = 16 << 20 };
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p[BLOCKS];

	mallopt(M_MMAP_THRESHOLD, BLOCK_BYTES * 2);
	mallopt(M_TRIM_THRESHOLD, BLOCK_BYTES * BLOCKS * 2);
	for (int i = 0; i < BLOCKS; i++) {
		p[i] = malloc(BLOCK_BYTES);
		if (p[i])
			madvise(p[i] + (page - (uintptr_t)p[i] % page), BLOCK_BYTES - page,
				MADV_HUGEPAGE);
	}
	for (int i = 0; i < BLOCKS; i++)
		free(p[i]);
#endif
}

static int run(int argc, char **argv)
{
	struct prof_archive_added added;
	struct prof_err err = {.offset = -1};
	int rc, status;

	if (argc < 2)
		return cmd_usage("needs an archive and files ('%s -h' for help)", common.who);
	if (jobs < 0 || jobs > 1024)
		return cmd_usage("--jobs is a number from 1 to 1024");
	args.labels = labels.v;
	args.n_labels = labels.n;
	args.jobs = (int)jobs;
	args.file = told;
	args.progress = isatty(STDERR_FILENO) && !common.quiet ? progress : NULL;
	clock_gettime(CLOCK_MONOTONIC, &began);
	expect_much();
	rc = prof_archive_add(argv[0], (const char *const *)argv + 1, (size_t)argc - 1, &args,
		&common.limits, &added, &err);
	clear_progress();
	if (added.reordered)
		cmd_note("the samples of %llu profiles stand in another order than in their files: "
			 "'traces' shows it (--keep-order keeps it)",
			(unsigned long long)added.reordered);
	if (added.unknown_fields)
		cmd_note("%llu fields that prof does not know were left out",
			(unsigned long long)added.unknown_fields);
	if (added.unmatched)
		cmd_note("--labels-from does not match the paths of %llu files",
			(unsigned long long)added.unmatched);
	if (rc) {
		status = cmd_error(rc == PROF_EUSAGE ? NULL : argv[0], &err);
		if (added.added)
			cmd_note(
				"%llu profiles were added before", (unsigned long long)added.added);
		return status;
	}
	status = put_summary(&added);
	return status ? status : added.bad || added.damaged ? EXIT_DAMAGED : 0;
}

const struct cmd cmd_archive_add = {
	.name = "archive add",
	.summary = "keep profiles, traces, logs and dumps in an archive",
	.synopsis = "[OPTION…] DB FILE|DIR…",
	.opts = {opts},
	.init = init,
	.run = run,
};
