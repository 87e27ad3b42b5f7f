#include "cmd/view.h"

static int merge(struct prof_profile *p, const struct prof_view_opts *opts, unsigned *missed,
	prof_write_fn *write, void *ctx, struct prof_err *e)
{
	(void)opts;
	(void)missed;
	return prof_profile_write(p, PROF_WRITE_GZIP, write, ctx, e);
}

static int run(int argc, char **argv)
{
	return view_binary(argc, argv, merge);
}

const struct cmd cmd_merge = {
	.name = "merge",
	.summary = "several profiles into one",
	.synopsis = "[OPTION…] FILE…",
	.opts = {view_file_opts},
	.init = view_init_whole,
	.run = run,
};
