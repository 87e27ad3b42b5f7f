#include "cmd/view.h"

static int tree(struct prof_profile *p, const struct prof_view_opts *opts, unsigned *missed,
	struct prof_report **out, struct prof_err *e)
{
	return prof_tree(p, opts, NULL, missed, out, e);
}

static int run(int argc, char **argv)
{
	return view_report(argc, argv, tree);
}

const struct cmd cmd_tree = {
	.name = "tree",
	.summary = "every function between its callers and its callees",
	.synopsis = "[OPTION…] FILE…",
	.opts = {view_opts, view_file_opts},
	.init = view_init_as_shown,
	.run = run,
};
