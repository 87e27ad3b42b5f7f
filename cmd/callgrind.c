#include "cmd/view.h"

static int run(int argc, char **argv)
{
	return view_stream(argc, argv, prof_callgrind);
}

const struct cmd cmd_callgrind = {
	.name = "callgrind",
	.summary = "the call graph for KCachegrind",
	.synopsis = "[OPTION…] FILE…",
	.opts = {view_opts, view_file_opts},
	.init = view_init,
	.run = run,
};
