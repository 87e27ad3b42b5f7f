#include "cmd/view.h"

static int comments(struct prof_profile *p, const struct prof_view_opts *opts, unsigned *missed,
	prof_write_fn *write, void *ctx, struct prof_err *e)
{
	(void)opts;
	(void)missed;
	return prof_comments(p, write, ctx, e);
}

static int run(int argc, char **argv)
{
	return view_stream(argc, argv, comments);
}

const struct cmd cmd_comments = {
	.name = "comments",
	.summary = "the comments in a profile",
	.synopsis = "[OPTION…] FILE…",
	.opts = {view_opts, view_file_opts},
	.init = view_init,
	.run = run,
};
