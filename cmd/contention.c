#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/gates.h"

static struct prof_contention_opts args;
static struct opt_list pattern_files;
static int64_t mark; /* operands before --new */
static int by;

enum { NO_MARK = -1 };

static const struct opt_choice bys[] = {{"function", PROF_CONTENTION_BY_FUNCTION},
	{"stack", PROF_CONTENTION_BY_STACK}, {"package", PROF_CONTENTION_BY_PACKAGE},
	{"lock", PROF_CONTENTION_BY_LOCK}, {0}};

static const struct opt opts[] = {
	{"by", 0, OPT_CHOICE, &by, .arg = "function|stack|package|lock", .choices = bys,
		.help = "what a row is: the function that waits; all above it, too; its package; "
			"the type or function that the lock is of"},
	{"duration", 0, OPT_TIME, &args.duration_ns, .arg = "TIME",
		.help = "how long cumulative profiles were watched: from the first snapshot to "
			"the last, or since the start (as they tell)"},
	{"from", 0, OPT_TIME, &args.from, .arg = "TIME",
		.help = "of traces only what is later than this after their start (1.5s, 200ms)"},
	{"idle", 0, OPT_BOOL, &args.idle, .help = "also where goroutines wait for work to come"},
	{"idle_patterns", 0, OPT_LIST, &pattern_files, .arg = "FILE",
		.help = "which waits are idle, by functions on their stacks; before those built in "
			"(several times)"},
	{"new", 0, OPT_MARK, &mark,
		.help = "what stands before it is of an old process, what stands behind it of a "
			"new one: compare"},
	{"nodecount", 'n', OPT_INT, &args.row_count, .arg = "N",
		.help = "at most N rows of each list (10); 0: all"},
	{"to", 0, OPT_TIME, &args.to, .arg = "TIME",
		.help = "of traces only what is before this"},
	{0},
};

static void init(void)
{
	prof_contention_opts_init(&args);
	by = PROF_CONTENTION_BY_FUNCTION;
	mark = NO_MARK;
	cmd_gates_init();
}

static int gate(void *ctx, const char *text, int warn, struct prof_err *e)
{
	return prof_contention_gate(ctx, text, warn, e);
}

static int pattern_file(struct prof_contention *k, const char *path)
{
	struct prof_err err = {0};
	FILE *f = fopen(path, "r");
	size_t cap = 0, line_no = 0;
	char *line = NULL;
	int status = 0;

	while (f && !status && getline(&line, &cap, f) > 0) {
		line_no++;
		if (prof_contention_pattern(k, line, &err)) {
			fprintf(stderr, "%s: %s:%zu: %s\n", common.who, path, line_no, err.msg);
			status = err.code == PROF_EUSAGE ? EXIT_USAGE : EXIT_ERROR;
		}
	}
	if (!f || ferror(f)) {
		fprintf(stderr, "%s: %s: %s\n", common.who, path, strerror(errno));
		status = EXIT_ERROR;
	}
	free(line);
	if (f)
		fclose(f);
	return status;
}

static int add(struct prof_contention *k, enum prof_side side, const char *path)
{
	int is_stdin = strcmp(path, "-") == 0;
	struct prof_err err = {0};
	int64_t file_ns = 0;
	struct stat st;

	if (!is_stdin && stat(path, &st) == 0)
		file_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (prof_contention_add(k, side, path, file_ns, &common.limits, &err) == 0)
		return 0;
	return cmd_error(is_stdin ? "standard input" : path, &err);
}

static int run(int argc, char **argv)
{
	struct prof_err err = {0};
	struct prof_contention *k;
	struct prof_report *r;
	int status = 0;

	if (!argc)
		return cmd_usage("needs a FILE ('%s -h' for help)", common.who);
	if (mark == 0 || mark == argc)
		return cmd_usage("a FILE is to stand before --new, and one behind it");
	if (args.row_count < 0)
		return cmd_usage("--nodecount takes a number that is not negative");
	args.by = (enum prof_contention_by)by;
	args.only_text = cmd_format() != FORMAT_JSON;
	if (prof_contention_new(&args, &k, &err))
		return cmd_error(NULL, &err);
	status = cmd_gates_add(gate, k);
	for (size_t i = 0; !status && i < pattern_files.n; i++)
		status = pattern_file(k, pattern_files.v[i]);
	for (int i = 0; !status && i < argc; i++)
		status = add(k, i < mark ? PROF_OLD : PROF_NEW, argv[i]);
	if (!status) {
		cmd_damage(NULL, prof_contention_damage(k));
		status = prof_contention_report(k, &r, &err) ? cmd_error(NULL, &err)
							     : cmd_put_report(r);
	}
	if (!status)
		status = cmd_gates_status(prof_contention_outcome(k));
	prof_contention_free(k);
	return status;
}

const struct cmd cmd_contention = {
	.name = "contention",
	.summary = "where goroutines wait, who holds what they wait for, how long",
	.synopsis = "[OPTION…] FILE… | OLD… --new NEW…",
	.opts = {opts, cmd_gate_opts},
	.init = init,
	.run = run,
};
