#include "cmd/view.h"

static int run(int argc, char **argv)
{
	return view_binary(argc, argv, prof_proto);
}

const struct cmd cmd_proto = {
	.name = "proto",
	.summary = "what the options leave of a profile, as a profile",
	.synopsis = "[OPTION…] FILE…",
	.opts = {view_opts, view_file_opts},
	.init = view_init,
	.run = run,
};
