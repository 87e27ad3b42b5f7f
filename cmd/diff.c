#include <string.h>

#include "cmd/cmd.h"

static struct prof_diff_opts args;

static const struct opt_choice by[] = {{"function", PROF_BY_FUNCTION}, {"file", PROF_BY_FILE},
	{"package", PROF_BY_PACKAGE}, {"line", PROF_BY_LINE}, {0}};

static const struct opt opts[] = {
	{"by", 0, OPT_CHOICE, &args.by, .arg = "function|file|package|line", .choices = by,
		.help = "what a row is (function)"},
	{"cum", 0, OPT_BOOL, &args.cum, .help = "sort by the change in cum, not in flat"},
	{"focus", 0, OPT_STR, &args.filter.focus, .arg = "REGEX",
		.help = "only samples with a frame that matches"},
	{"ignore", 0, OPT_STR, &args.filter.ignore, .arg = "REGEX",
		.help = "no samples with a frame that matches"},
	{"nodecount", 'n', OPT_INT, &args.row_count, .arg = "N",
		.help = "at most N rows; 0: all that changed; -1: all (30; JSON: -1)"},
	{"normalize", 0, OPT_BOOL, &args.normalize,
		.help = "scale the new profile to the old one's total: compare shares"},
	{"sample_index", 0, OPT_STR, &args.sample_index, .arg = "TYPE",
		.help = "sample type by name or number (NEW's default, else its last)"},
	{0},
};

enum { ROWS_UNSET = -2, TEXT_ROWS = 30 };

static void init(void)
{
	prof_diff_opts_init(&args);
	args.row_count = ROWS_UNSET;
}

static int add(struct prof_diff *d, enum prof_side side, const char *path)
{
	struct prof_profile *p;
	struct prof_err err = {0};
	int status = cmd_open(path, &p);

	if (status)
		return status;
	if (prof_diff_add(d, side, p, path, &err))
		status = cmd_error(path, &err);
	prof_profile_free(p);
	return status;
}

static int run(int argc, char **argv)
{
	struct prof_err err = {0};
	struct prof_diff *d;
	struct prof_report *r;
	int status;

	if (argc != 2)
		return cmd_usage("needs two files, OLD and NEW ('%s -h' for help)", common.who);
	if (!strcmp(argv[0], "-") && !strcmp(argv[1], "-"))
		return cmd_usage("only one of OLD and NEW can be standard input");
	if (args.row_count == ROWS_UNSET)
		args.row_count = cmd_format() == FORMAT_JSON ? -1 : TEXT_ROWS;
	if (prof_diff_new(&args, &d, &err))
		return cmd_error(NULL, &err);
	status = add(d, PROF_NEW, argv[1]);
	if (!status)
		status = add(d, PROF_OLD, argv[0]);
	if (!status)
		status = prof_diff_report(d, &r, &err) ? cmd_error(NULL, &err) : cmd_put_report(r);
	prof_diff_free(d);
	return status;
}

const struct cmd cmd_diff = {
	.name = "diff",
	.summary = "what changed between two builds",
	.synopsis = "[OPTION…] OLD NEW",
	.opts = {opts},
	.init = init,
	.run = run,
};
