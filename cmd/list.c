#include "cmd/view.h"

static const char *regex;

static int list(struct prof_profile *p, const struct prof_view_opts *view, unsigned *missed,
	struct prof_report **out, struct prof_err *e)
{
	return prof_list(p, view, regex, missed, out, e);
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
	.opts = {view_opts, view_file_opts},
	.init = view_init,
	.run = run,
};
