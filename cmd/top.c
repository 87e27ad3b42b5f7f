#include "cmd/view.h"

static int run(int argc, char **argv)
{
	return view_report(argc, argv, prof_top);
}

static const struct alias aliases[] = {{"text", -1}, {NULL, 0}};

const struct cmd cmd_top = {
	.name = "top",
	.aliases = aliases,
	.summary = "functions, files, lines or addresses by what they cost",
	.synopsis = "[OPTION…] FILE…",
	.opts = {view_opts, view_file_opts},
	.init = view_init_as_shown,
	.run = run,
};
