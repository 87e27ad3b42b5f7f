#include "cmd/gates.h"

static struct prof_gc_opts args;
static struct opt_list what_if, thresholds;
static int64_t mark; /* operands before --new */
static double window_s;

enum { NO_MARK = -1 };
static const struct opt opts[] = {
	{"gogc", 0, OPT_INT, &args.gogc, .arg = "PERCENT",
		.help = "GOGC as it was (inferred from the goals)"},
	{"new", 0, OPT_MARK, &mark,
		.help = "what stands before it is an old run, what stands behind it a new one: "
			"compare"},
	{"nodecount", 'n', OPT_INT, &args.row_count, .arg = "N",
		.help = "a row a cycle, at most N; 0: all (over 60: a row a part of the run)"},
	{"threshold", 0, OPT_LIST, &thresholds, .arg = "NAME=VALUE",
		.help = "where a finding begins: pause=1ms, gc-cpu=5%, … (several times)"},
	{"what-if", 0, OPT_LIST, &what_if, .arg = "SETTING",
		.help = "try gogc=N,…, gomemlimit=SIZE,…, or both joined by + (several times)"},
	{"window", 0, OPT_REAL, &window_s, .arg = "SECONDS",
		.help = "parts of the run are as long as this (as the live heap changes)"},
	{0},
};

static void init(void)
{
	prof_gc_opts_init(&args);
	window_s = 0;
	mark = NO_MARK;
	cmd_gates_init();
}

static int draw(struct prof_gc_runs *runs)
{
	int page = cmd_format() == FORMAT_HTML, rc, status, closed;
	struct prof_err err = {0};
	struct prof_chart *c;

	if (prof_gc_draw(runs, page, &c, &err))
		return cmd_error(NULL, &err);
	status = cmd_open_output();
	if (!status) {
		rc = (page ? prof_chart_html : prof_chart_svg)(c, cmd_write, NULL, &err);
		status = cmd_write_status(rc, &err);
		closed = cmd_close_output();
		status = status ? status : closed;
	}
	prof_chart_free(c);
	return status;
}

static int report(struct prof_gc_runs *runs)
{
	struct prof_err err = {0};
	struct prof_report *r;
	int damaged, status;

	if (prof_gc_report(runs, &damaged, &r, &err))
		return cmd_error(NULL, &err);
	status = cmd_put_report(r);
	if (!status)
		status = cmd_gates_status(prof_gc_outcome(runs));
	return status ? status : damaged ? EXIT_DAMAGED : EXIT_DONE;
}

static int add_gate(void *runs, const char *text, int warn, struct prof_err *e)
{
	return prof_gc_gate(runs, text, warn, e);
}

static int add_all(struct prof_gc_runs *runs, int argc, char **argv)
{
	struct prof_err err = {0};
	int status = cmd_gates_add(add_gate, runs);

	for (int i = 0; !status && i < argc; i++)
		if (prof_gc_add(
			    runs, i < mark ? PROF_OLD : PROF_NEW, argv[i], &common.limits, &err))
			status = cmd_error(argv[i], &err);
	return status;
}

static int run(int argc, char **argv)
{
	struct prof_err err = {0};
	struct prof_gc_runs *runs;
	int status, picture = cmd_format() == FORMAT_SVG || cmd_format() == FORMAT_HTML;

	if (!argc)
		return cmd_usage("needs a FILE ('%s -h' for help)", common.who);
	if (mark == 0 || mark == argc)
		return cmd_usage("a run is to stand before --new, and one behind it");
	if (mark > 0 && picture)
		return cmd_usage("a comparison has no picture");
	if (!(window_s >= 0 && window_s < 1e9))
		return cmd_usage("--window takes seconds");
	args.what_if = what_if.v;
	args.n_what_if = what_if.n;
	args.thresholds = thresholds.v;
	args.n_thresholds = thresholds.n;
	args.window_ns = (int64_t)(window_s * 1e9);
	if (prof_gc_new(&args, &runs, &err))
		return cmd_error(NULL, &err);
	status = add_all(runs, argc, argv);
	if (!status)
		status = picture ? draw(runs) : report(runs);
	prof_gc_free(runs);
	return status;
}

const struct cmd cmd_gc = {
	.name = "gc",
	.summary = "the garbage collector's pacing: when it ran, why, what it cost",
	.synopsis = "[OPTION…] FILE… | OLD… --new NEW…",
	.opts = {opts, cmd_gate_opts},
	.formats = 1 << FORMAT_TEXT | 1 << FORMAT_JSON | 1 << FORMAT_MARKDOWN | 1 << FORMAT_CSV |
		   1 << FORMAT_SVG | 1 << FORMAT_HTML,
	.init = init,
	.run = run,
};
