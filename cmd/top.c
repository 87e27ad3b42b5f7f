#include <time.h>

#include "cmd/cmd.h"

static struct prof_top_opts args;

static const struct opt opts[] = {
	{"cum", 0, OPT_BOOL, &args.cum, .help = "sort by cum, not by flat"},
	{"flat", 0, OPT_SET, &args.cum, 0, .help = "sort by flat (as without)"},
	{"nodecount", 'n', OPT_INT, &args.node_count, .arg = "N",
		.help = "at most N rows; 0, as without: all"},
	{"nodefraction", 0, OPT_REAL, &args.node_fraction, .arg = "F",
		.help = "leave out rows with |cum| under F of the total (0.005)"},
	{"edgefraction", 0, OPT_REAL, &args.edge_fraction, .arg = "F",
		.help = "leave out calls under F of the total, which decides on inline marks only "
			"(0.001)"},
	{"sample_index", 0, OPT_STR, &args.sample_index, .arg = "TYPE",
		.help = "sample type by name or number (the file's default, else the last)"},
	{"functions", 0, OPT_SET, &args.by, PROF_BY_FUNCTION,
		.help = "a row a function (as without)"},
	{"filefunctions", 0, OPT_SET, &args.by, PROF_BY_FILE_FUNCTION,
		.help = "a row a function of a file"},
	{"files", 0, OPT_SET, &args.by, PROF_BY_FILE, .help = "a row a file"},
	{"lines", 0, OPT_SET, &args.by, PROF_BY_LINE, .help = "a row a source line"},
	{"addresses", 0, OPT_SET, &args.by, PROF_BY_ADDRESS, .help = "a row an address"},
	{"noinlines", 0, OPT_BOOL, &args.no_inlines,
		.help = "count inlined functions as the function that holds them"},
	{"showcolumns", 0, OPT_BOOL, &args.show_columns, .help = "tell columns of a line apart"},
	{0},
};

static void init(void)
{
	prof_top_opts_init(&args);
}

static int run(int argc, char **argv)
{
	struct prof_profile *p;
	struct prof_report *r;
	struct prof_err err = {0};
	time_t seconds;
	struct tm tm;
	char when[64];
	int status, rc;

	if (argc != 1)
		return cmd_usage("needs one FILE ('%s -h' for help)", common.who);
	status = cmd_open(argv[0], &p);
	if (status)
		return status;
	seconds = (time_t)(prof_profile_time(p) / 1000000000);
	if (localtime_r(&seconds, &tm) && strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S %Z", &tm))
		args.time_text = when;
	rc = prof_top(p, &args, &r, &err);
	prof_profile_free(p);
	return rc ? cmd_error(argv[0], &err) : cmd_put_report(r);
}

const struct cmd cmd_top = {
	.name = "top",
	.alias = "text",
	.summary = "functions, files, lines or addresses by what they cost",
	.synopsis = "[OPTION…] FILE",
	.opts = opts,
	.init = init,
	.run = run,
};
