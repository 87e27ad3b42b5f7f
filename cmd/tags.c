#include "cmd/view.h"

static int run(int argc, char **argv)
{
	return view_report(argc, argv, prof_tags);
}

const struct cmd cmd_tags = {
	.name = "tags",
	.summary = "label values by what their samples cost",
	.synopsis = "[OPTION…] FILE…",
	.opts = {view_opts, view_file_opts},
	.init = view_init,
	.run = run,
};
