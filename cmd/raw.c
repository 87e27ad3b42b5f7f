#include "cmd/view.h"

static int raw(struct prof_profile *p, const struct prof_view_opts *opts, unsigned *missed,
	prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_view_opts own = *opts;

	own.time_text = view_raw_time;
	return prof_raw(p, &own, missed, write, ctx, e);
}

static int run(int argc, char **argv)
{
	return view_stream(argc, argv, raw);
}

const struct cmd cmd_raw = {
	.name = "raw",
	.summary = "the profile as it is, as text",
	.synopsis = "[OPTION…] FILE…",
	.opts = {view_opts, view_file_opts},
	.init = view_init,
	.run = run,
};
