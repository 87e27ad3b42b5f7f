#include <string.h>
#include <time.h>

#include "cmd/trace.h"

static struct prof_trace_events_opts args;

static const struct opt opts[] = {
	{"goroutine", 'g', OPT_INT, &args.goroutine, .arg = "ID",
		.help = "only what is on this goroutine, or about it"},
	{"proc", 'p', OPT_INT, &args.proc, .arg = "ID",
		.help = "only what is on this processor, or about it"},
	{"thread", 'm', OPT_INT, &args.thread, .arg = "ID", .help = "only what is on this thread"},
	{"kind", 0, OPT_STR, &args.kind, .arg = "REGEX",
		.help = "only events of names or kinds that match (GoBlock, Range, Task)"},
	{"focus", 0, OPT_STR, &args.focus, .arg = "REGEX",
		.help = "only events with a function in their stack that matches"},
	{0},
};

/* The zone is the user's, as Go's tool has it. */
static int utc_offset(int64_t unix_seconds)
{
	time_t t = (time_t)unix_seconds;
	struct tm tm;
	char text[8];

	if (!localtime_r(&t, &tm) || strftime(text, sizeof(text), "%z", &tm) != 5)
		return 0;
	return (text[0] == '-' ? -60 : 60) * ((text[1] - '0') * 600 + (text[2] - '0') * 60 +
						     (text[3] - '0') * 10 + (text[4] - '0'));
}

static void init(void)
{
	trace_init();
	prof_trace_events_opts_init(&args);
	args.utc_offset = utc_offset;
}

static int put(char **argv, struct prof_trace *t)
{
	enum prof_trace_format format = cmd_format() == FORMAT_JSON     ? PROF_TRACE_JSON
					: cmd_format() == FORMAT_PARSED ? PROF_TRACE_PARSED
									: PROF_TRACE_TEXT;
	struct prof_err err = {0};
	int rc;

	args.range = trace_args;
	rc = prof_trace_events(t, &args, format, cmd_write, NULL, &err);
	return rc && !cmd_write_failed() ? trace_error(argv, &err) : cmd_write_status(rc, &err);
}

static int run_wire(int argc, char **argv)
{
	struct prof_err err = {0};
	int status, rc;

	if (argc != 1)
		return cmd_usage("needs one FILE ('%s -h' for help)", common.who);
	status = cmd_open_output();
	if (status)
		return status;
	rc = prof_trace_wire(argv[0], &common.limits, cmd_write, NULL, &err);
	status = rc && !cmd_write_failed() ? trace_error(argv, &err) : cmd_write_status(rc, &err);
	rc = cmd_close_output();
	return status ? status : rc;
}

static int run(int argc, char **argv)
{
	struct prof_trace *t;
	int status, closed;

	if (cmd_format() == FORMAT_WIRE)
		return run_wire(argc, argv);
	status = trace_open(argc, argv, &t);
	if (status)
		return status;
	status = cmd_open_output();
	if (!status) {
		status = put(argv, t);
		closed = cmd_close_output();
		status = status ? status : closed;
	}
	return trace_close(argv, t, status);
}

const struct cmd cmd_trace_events = {
	.name = "trace events",
	.summary = "the events of an execution trace, in order",
	.synopsis = "[OPTION…] FILE",
	.opts = {opts, trace_opts},
	.formats = 1 << FORMAT_TEXT | 1 << FORMAT_JSON | 1 << FORMAT_PARSED | 1 << FORMAT_WIRE,
	.init = init,
	.run = run,
};
