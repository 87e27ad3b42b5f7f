#include "cmd/cmd.h"

static struct prof_gc_opts args;
static struct opt_list what_if, thresholds, fail_on, warn_on;
static int64_t mark; /* operands before --new */
static int on_inconclusive;
static double window_s;

enum { NO_MARK = -1 };
enum on_inconclusive { INCONCLUSIVE_FAILS, INCONCLUSIVE_WARNS, INCONCLUSIVE_PASSES };

static const struct opt_choice inconclusive[] = {{"fail", INCONCLUSIVE_FAILS},
	{"warn", INCONCLUSIVE_WARNS}, {"pass", INCONCLUSIVE_PASSES}, {0}};

static const struct opt opts[] = {
	{"fail_on", 0, OPT_LIST, &fail_on, .arg = "GATE",
		.help = "status 3 where it holds: 'pause.p99>2ms', 'gc_cpu>10%' (several times)"},
	{"gogc", 0, OPT_INT, &args.gogc, .arg = "PERCENT",
		.help = "GOGC as it was (inferred from the goals)"},
	{"new", 0, OPT_MARK, &mark,
		.help = "what stands before it is an old run, what stands behind it a new one: "
			"compare"},
	{"nodecount", 'n', OPT_INT, &args.row_count, .arg = "N",
		.help = "a row a cycle, at most N; 0: all (over 60: a row a part of the run)"},
	{"on_inconclusive", 0, OPT_CHOICE, &on_inconclusive, .arg = "fail|warn|pass",
		.choices = inconclusive,
		.help = "a gate that the data cannot answer: status 5 (fail), a line on standard "
			"error, or nothing"},
	{"threshold", 0, OPT_LIST, &thresholds, .arg = "NAME=VALUE",
		.help = "where a finding begins: pause=1ms, gc-cpu=5%, … (several times)"},
	{"warn_on", 0, OPT_LIST, &warn_on, .arg = "GATE",
		.help = "the same, told only (several times)"},
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
	on_inconclusive = INCONCLUSIVE_FAILS;
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

/* The exit status that the gates ask for. */
static int outcome(const struct prof_gc_runs *runs)
{
	switch (prof_gc_outcome(runs)) {
	case 2:
		return EXIT_GATE;
	case 1:
		if (on_inconclusive == INCONCLUSIVE_FAILS)
			return EXIT_NO_ANSWER;
		if (on_inconclusive == INCONCLUSIVE_WARNS)
			cmd_note("a gate cannot be answered");
		return 0;
	default:
		return 0;
	}
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
		status = outcome(runs);
	return status ? status : damaged ? EXIT_DAMAGED : EXIT_DONE;
}

static int add_all(struct prof_gc_runs *runs, int argc, char **argv)
{
	struct prof_err err = {0};
	int status = 0;

	for (size_t i = 0; !status && i < fail_on.n + warn_on.n; i++) {
		int warn = i >= fail_on.n;

		if (prof_gc_gate(runs, warn ? warn_on.v[i - fail_on.n] : fail_on.v[i], warn, &err))
			status = cmd_error(NULL, &err);
	}
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
	.opts = {opts},
	.formats = 1 << FORMAT_TEXT | 1 << FORMAT_JSON | 1 << FORMAT_MARKDOWN | 1 << FORMAT_CSV |
		   1 << FORMAT_SVG | 1 << FORMAT_HTML,
	.init = init,
	.run = run,
};
