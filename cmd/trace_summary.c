#include "cmd/trace.h"

static int make(struct prof_trace *t, struct prof_report **out, struct prof_err *err)
{
	return prof_trace_summary(t, &trace_args, out, err);
}

static int run(int argc, char **argv)
{
	return trace_report(argc, argv, make);
}

const struct cmd cmd_trace_summary = {
	.name = "trace summary",
	.summary = "what an execution trace holds: states, waits, pauses, heap",
	.synopsis = "[OPTION…] FILE",
	.opts = {trace_opts},
	.init = trace_init,
	.run = run,
};
