#include "cmd/trace.h"

static int run(int argc, char **argv)
{
	struct prof_err err = {0};
	struct prof_report *r;
	struct prof_trace *t;
	int status = trace_open(argc, argv, &t);

	if (status)
		return status;
	if (prof_trace_summary(t, &trace_args, &r, &err)) {
		prof_trace_free(t);
		return trace_error(argv, &err);
	}
	return trace_close(argv, t, cmd_put_report(r));
}

const struct cmd cmd_trace_summary = {
	.name = "trace summary",
	.summary = "what an execution trace holds: states, waits, pauses, heap",
	.synopsis = "[OPTION…] FILE",
	.opts = {trace_opts},
	.init = trace_init,
	.run = run,
};
