#include "cmd/trace.h"

static struct prof_trace_goroutines_opts args;

static const struct opt_choice by[] = {{"function", 0}, {"goroutine", 1}, {0}};

static const struct opt_choice sorts[] = {{"total", PROF_PART_TOTAL},
	{"running", PROF_PART_RUNNING}, {"runnable", PROF_PART_RUNNABLE},
	{"syscall", PROF_PART_SYSCALL}, {"waiting", PROF_PART_BLOCK}, {"assist", PROF_PART_ASSIST},
	{0}};

enum { TEXT_ROWS = 20, UNSET = -2 };

static const struct opt opts[] = {
	{"by", 0, OPT_CHOICE, &args.each, .arg = "function|goroutine", .choices = by,
		.help = "what a row is of: those that one function started (default), or each"},
	{"sort", 0, OPT_CHOICE, &args.sort, .arg = "running|runnable|syscall|waiting|assist|total",
		.choices = sorts, .help = "most of this first (running)"},
	{"nodecount", 'n', OPT_INT, &args.row_count, .arg = "N",
		.help = "at most N functions or goroutines; 0: all (20; JSON by function: all)"},
	{0},
};

static void init(void)
{
	trace_init();
	prof_trace_goroutines_opts_init(&args);
	args.row_count = UNSET;
}

static int make(struct prof_trace *t, struct prof_report **out, struct prof_err *err)
{
	args.range = trace_args;
	if (args.row_count == UNSET)
		args.row_count = cmd_format() == FORMAT_JSON && !args.each ? 0 : TEXT_ROWS;
	return prof_trace_goroutines(t, &args, out, err);
}

static int run(int argc, char **argv)
{
	return trace_report(argc, argv, make);
}

const struct cmd cmd_trace_goroutines = {
	.name = "trace goroutines",
	.summary = "what goroutines spent their time on, by function or each",
	.synopsis = "[OPTION…] FILE",
	.opts = {opts, trace_opts},
	.init = init,
	.run = run,
};
