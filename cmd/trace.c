#include "cmd/trace.h"

#include <stdio.h>
#include <string.h>

struct prof_trace_opts trace_args;

const struct opt trace_opts[] = {
	{"from", 0, OPT_TIME, &trace_args.from, .arg = "TIME",
		.help = "only what is later than this after the trace's start (1.5s, 200ms)"},
	{"to", 0, OPT_TIME, &trace_args.to, .arg = "TIME", .help = "only what is before this"},
	{0},
};

void trace_init(void)
{
	prof_trace_opts_init(&trace_args);
}

int trace_error(char **argv, const struct prof_err *err)
{
	return cmd_error(strcmp(argv[0], "-") == 0 ? "standard input" : argv[0], err);
}

int trace_open(int argc, char **argv, struct prof_trace **out)
{
	struct prof_err err = {0};

	if (argc != 1)
		return cmd_usage("needs one FILE ('%s -h' for help)", common.who);
	if (prof_trace_open(argv[0], &common.limits, out, &err))
		return trace_error(argv, &err);
	return 0;
}

int trace_close(char **argv, struct prof_trace *t, int status)
{
	const struct prof_trace_damage *list;
	size_t n = prof_trace_damage(t, &list);
	struct prof_err err = {.code = PROF_EFORMAT};

	if (n && !status) {
		status = EXIT_DAMAGED;
		err.offset = list[0].offset;
		snprintf(err.msg, sizeof(err.msg), n > 1 ? "%.200s (and %zu more)" : "%.200s",
			list[0].what, n - 1);
		if (!common.quiet)
			(void)trace_error(argv, &err);
	}
	prof_trace_free(t);
	return status;
}

int trace_report(int argc, char **argv, trace_make_fn *make)
{
	struct prof_err err = {0};
	struct prof_report *r;
	struct prof_trace *t;
	int status = trace_open(argc, argv, &t);

	if (status)
		return status;
	if (make(t, &r, &err)) {
		prof_trace_free(t);
		return trace_error(argv, &err);
	}
	return trace_close(argv, t, cmd_put_report(r));
}
