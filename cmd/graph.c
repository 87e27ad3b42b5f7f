#include "cmd/view.h"

static int run(int argc, char **argv)
{
	return view_report(argc, argv, prof_graph);
}

const struct cmd cmd_graph = {
	.name = "graph",
	.summary = "the call graph: boxes of functions, arrows of calls",
	.synopsis = "[OPTION…] FILE…",
	.opts = {view_opts, view_file_opts},
	.formats = 1 << FORMAT_DOT | 1 << FORMAT_JSON,
	.init = view_init,
	.run = run,
};
