#include "cmd/view.h"

static int run(int argc, char **argv)
{
	return view_stream(argc, argv, prof_comments);
}

const struct cmd cmd_comments = {
	.name = "comments",
	.summary = "the comments in a profile",
	.synopsis = "[OPTION…] FILE…",
	.opts = {view_opts, view_file_opts},
	.init = view_init,
	.run = run,
};
