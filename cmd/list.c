#include "cmd/view.h"

static const char *regex, *source_path, *trim_path;

static const struct opt opts[] = {
	{"source_path", 0, OPT_STR, &source_path, .arg = "DIRS",
		.help = "look for sources there and in all parents (A:B; the current directory)"},
	{"trim_path", 0, OPT_STR, &trim_path, .arg = "PREFIXES",
		.help = "cut these off the files' names (A:B)"},
	{0},
};

static int list(struct prof_profile *p, const struct prof_view_opts *view, unsigned *missed,
	struct prof_report **out, struct prof_err *e)
{
	return prof_list(p, view, regex, source_path, trim_path, missed, out, e);
}

static int run(int argc, char **argv)
{
	if (argc < 2)
		return cmd_usage("needs a REGEX and a FILE ('%s -h' for help)", common.who);
	regex = argv[0];
	return view_report(argc - 1, argv + 1, list);
}

const struct cmd cmd_list = {
	.name = "list",
	.summary = "source lines of functions that match, with what they cost",
	.synopsis = "[OPTION…] REGEX FILE…",
	.opts = {opts, view_opts, view_file_opts},
	.init = view_init,
	.run = run,
};
