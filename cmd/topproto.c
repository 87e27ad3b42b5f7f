#include "cmd/view.h"

static int run(int argc, char **argv)
{
	return view_binary(argc, argv, prof_topproto);
}

const struct cmd cmd_topproto = {
	.name = "topproto",
	.summary = "the rows of top, as a profile",
	.synopsis = "[OPTION…] FILE…",
	.opts = {view_opts, view_file_opts},
	.init = view_init,
	.run = run,
};
