#include "cmd/view.h"

static int run(int argc, char **argv)
{
	return view_stream(argc, argv, prof_traces);
}

const struct cmd cmd_traces = {
	.name = "traces",
	.summary = "every sample with its labels and stack",
	.synopsis = "[OPTION…] FILE…",
	.opts = {view_opts, view_file_opts},
	.init = view_init,
	.run = run,
};
