#include <stdio.h>

#include "cmd/cmd.h"

static struct prof_archive_trend_opts args;
static const char *service, *since, *type, *metric;
static int sparkline;

static const struct opt opts[] = {
	{"func", 0, OPT_STR, &args.func, .arg = "REGEX",
		.help = "what samples with such a function in their stack cost"},
	{"package", 0, OPT_STR, &args.package, .arg = "PACKAGE",
		.help = "what samples with a function of it in their stack cost"},
	{"all", 0, OPT_BOOL, &args.all, .help = "every function by itself (as without these two)"},
	{"metric", 0, OPT_STR, &metric, .arg = "METRIC",
		.help = "of traces and logs: pause.p99, gc_cpu, live … (prof gc's), goroutines"},
	{"flat", 0, OPT_BOOL, &args.flat, .help = "only samples whose leaf it is"},
	{"service", 0, OPT_STR, &service, .arg = "NAME", .help = "profiles of this service"},
	{"type", 0, OPT_STR, &type, .arg = "KIND", .help = "of this kind: cpu, heap …"},
	{"since", 0, OPT_STR, &since, .arg = "TIME|SPAN",
		.help = "taken since, or so long before the newest: 90d"},
	{"sample_index", 0, OPT_STR, &args.sample_index, .arg = "TYPE",
		.help = "sample type by name (what reports show)"},
	{"fdr", 0, OPT_REAL, &args.alpha, .arg = "Q",
		.help = "false alarms among what is found (0.05)"},
	{"effect", 0, OPT_REAL, &args.effect, .arg = "F",
		.help = "the least change of a share that counts, relative (0.1)"},
	{"sparkline", 0, OPT_BOOL, &sparkline, .help = "SVG: only the line"},
	{0},
};

static void init(void)
{
	prof_archive_trend_opts_init(&args);
}

/* The options that are terms of a query, joined with the query itself; NULL: there is none. */
static const char *join_query(const char *query)
{
	const char *const terms[][2] = {{"service", service}, {"type", type}, {"since", since}};
	static char text[4096];
	size_t n = 0;

	for (size_t i = 0; i < 3 && n < sizeof(text); i++)
		if (terms[i][1])
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s=\"%s\"",
				n ? "," : "", terms[i][0], terms[i][1]);
	if (query && n < sizeof(text))
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? "," : "", query);
	return n && n < sizeof(text) ? text : NULL;
}

static int put_svg(const struct prof_trend *t)
{
	struct prof_err err = {.offset = -1};
	int status = cmd_open_output(), closed;

	if (status)
		return status;
	status = cmd_write_status(prof_trend_svg(t, sparkline, cmd_write, NULL, &err), &err);
	closed = cmd_close_output();
	return status ? status : closed;
}

static int run(int argc, char **argv)
{
	struct prof_err err = {.offset = -1};
	struct prof_trend *t;
	struct prof_report *r;
	int rc, status;

	if (argc < 1 || argc > 2)
		return cmd_usage(
			"needs an archive and perhaps a query ('%s -h' for help)", common.who);
	if (args.all && (args.func || args.package))
		return cmd_usage("--all goes without --func and --package");
	if ((sparkline || cmd_format() == FORMAT_SVG) && !args.func && !args.package)
		return cmd_usage("a chart needs --func or --package");
	if (metric && (args.package || args.flat || args.sample_index))
		return cmd_usage("--metric goes with --func or --all");
	args.query = join_query(argc > 1 ? argv[1] : NULL);
	if (metric && cmd_format() == FORMAT_SVG)
		return cmd_usage("--metric has no picture");
	if (metric) {
		rc = prof_archive_trend_metric(argv[0], &args, metric, &common.limits, &r, &err);
		return rc ? cmd_error(rc == PROF_EUSAGE ? NULL : argv[0], &err) : cmd_put_report(r);
	}
	rc = prof_archive_trend(argv[0], &args, &common.limits, &t, &err);
	if (rc)
		return cmd_error(rc == PROF_EUSAGE ? NULL : argv[0], &err);
	if (!prof_trend_matched(t))
		cmd_note("%s matches no function", args.func ? "--func" : "--package");
	if (cmd_format() == FORMAT_SVG)
		status = put_svg(t);
	else
		status = prof_trend_report(t, &r, &err) ? cmd_error(argv[0], &err)
							: cmd_put_report(r);
	prof_trend_free(t);
	return status;
}

const struct cmd cmd_archive_trend = {
	.name = "archive trend",
	.summary = "what functions cost night by night, and where that changed",
	.synopsis = "[OPTION…] DB [QUERY]",
	.opts = {opts},
	.formats = 1 << FORMAT_TEXT | 1 << FORMAT_SVG | 1 << FORMAT_JSON | 1 << FORMAT_CSV |
		   1 << FORMAT_MARKDOWN,
	.init = init,
	.run = run,
};
