#include "cmd/view.h"

static const char *regex;

static int peek(struct prof_profile *p, const struct prof_view_opts *opts, unsigned *missed,
	struct prof_report **out, struct prof_err *e)
{
	return prof_tree(p, opts, regex, missed, out, e);
}

static int run(int argc, char **argv)
{
	if (argc < 2)
		return cmd_usage("needs a REGEX and a FILE ('%s -h' for help)", common.who);
	regex = argv[0];
	return view_report(argc - 1, argv + 1, peek);
}

const struct cmd cmd_peek = {
	.name = "peek",
	.summary = "functions that match, with their callers and callees",
	.synopsis = "[OPTION…] REGEX FILE…",
	.opts = {view_opts, view_file_opts},
	.init = view_init_as_shown,
	.run = run,
};
