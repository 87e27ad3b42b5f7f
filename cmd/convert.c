#include <string.h>
#include <unistd.h>

#include "cmd/view.h"

enum to { TO_PPROF, TO_FOLDED, TO_SPEEDSCOPE, TO_CALLGRIND, TO_JSON, TO_CSV };

static struct {
	int to; /* enum to; -1: not said */
	const char *sample_index;
	int lines, marks, own_labels;
} args;

static const struct opt_choice formats[] = {{"pprof", TO_PPROF}, {"folded", TO_FOLDED},
	{"speedscope", TO_SPEEDSCOPE}, {"callgrind", TO_CALLGRIND}, {"json", TO_JSON},
	{"csv", TO_CSV}, {0}};

static const struct opt opts[] = {
	{"to", 0, OPT_CHOICE, &args.to, .arg = "pprof|folded|speedscope|callgrind|json|csv",
		.choices = formats, .help = "the format; without it the ending of -o decides"},
	{"sample_index", 0, OPT_STR, &args.sample_index, .arg = "TYPE",
		.help = "folded: the sample type, by name or number (speedscope: the one shown "
			"first); else the profile's default"},
	{"lines", 0, OPT_BOOL, &args.lines,
		.help = "folded, speedscope, csv: frames are source lines, not functions"},
	{"inline-marks", 0, OPT_BOOL, &args.marks, .help = "folded: inlined frames end in _[i]"},
	{"own-labels", 0, OPT_BOOL, &args.own_labels,
		.help = "keep the labels that prof itself made (prof::…)"},
	{0},
};

static void init(void)
{
	view_init_whole();
	args.to = -1;
}

static int ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n > m && strcmp(s + n - m, end) == 0;
}

static int is_stdout(void)
{
	return !common.output || strcmp(common.output, "-") == 0;
}

/* The format by the ending of -o, or -1. */
static int by_name(void)
{
	static const struct {
		const char *end;
		enum to to;
	} ends[] = {{".pb.gz", TO_PPROF}, {".pb", TO_PPROF}, {".pprof", TO_PPROF},
		{".folded", TO_FOLDED}, {".collapsed", TO_FOLDED},
		{".speedscope.json", TO_SPEEDSCOPE}, {".callgrind", TO_CALLGRIND},
		{".json", TO_JSON}, {".csv", TO_CSV}};

	for (size_t i = 0; !is_stdout() && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_with(common.output, ends[i].end))
			return ends[i].to;
	return -1;
}

static int choose(void)
{
	if (args.to < 0 && common.format == FORMAT_JSON)
		args.to = TO_JSON;
	if (args.to < 0)
		args.to = by_name();
	if (args.to < 0 && is_stdout())
		return cmd_usage(
			"to which format? --to=FORMAT or -o FILE says it ('%s -h' lists them)",
			common.who);
	if (args.to < 0)
		return cmd_usage(
			"the name '%s' tells no format: --to=FORMAT does ('%s -h' lists them)",
			common.output, common.who);
	if (args.to == TO_PPROF && cmd_is_terminal())
		return cmd_usage(
			"a pprof profile is binary, and standard output a terminal: -o FILE "
			"names a file");
	return 0;
}

static unsigned flags(void)
{
	unsigned f = 0;

	if (is_stdout() || !ends_with(common.output, ".pb"))
		f |= PROF_WRITE_GZIP;
	if (args.lines)
		f |= PROF_WRITE_LINES;
	if (args.marks)
		f |= PROF_WRITE_INLINE_MARKS;
	if (args.own_labels)
		f |= PROF_WRITE_PROF_LABELS;
	return f;
}

/* The output is opened by the first bytes: what cannot be written leaves a file alone. */
struct output {
	int opened, status;
};

static int put(void *ctx, const char *p, size_t n)
{
	struct output *o = ctx;

	if (!o->opened) {
		o->opened = 1;
		o->status = cmd_open_output();
	}
	return o->status ? -1 : cmd_write(NULL, p, n);
}

static int write_callgrind(struct prof_profile *p, struct output *o, struct prof_err *e)
{
	struct prof_view_opts view;

	prof_view_opts_init(&view);
	view.sample_index = args.sample_index;
	return prof_callgrind(p, &view, NULL, put, o, e);
}

static int write_profile(struct prof_profile *p, struct output *o, struct prof_err *e)
{
	switch (args.to) {
	case TO_FOLDED:
		return prof_profile_folded(p, args.sample_index, flags(), put, o, e);
	case TO_SPEEDSCOPE:
		return prof_profile_speedscope(p, args.sample_index, flags(), put, o, e);
	case TO_CALLGRIND:
		return write_callgrind(p, o, e);
	case TO_JSON:
		return prof_profile_json(p, flags(), put, o, e);
	case TO_CSV:
		return prof_profile_csv(p, flags(), put, o, e);
	default:
		return prof_profile_write(p, flags(), put, o, e);
	}
}

static int run(int argc, char **argv)
{
	struct prof_profile *p;
	struct prof_err err = {.offset = -1};
	struct output o = {0};
	int closed, rc, status = choose();

	if (status)
		return status;
	status = view_open_whole(argc, argv, &p);
	if (status)
		return status;
	rc = write_profile(p, &o, &err);
	prof_profile_free(p);
	if (!rc && !o.opened)
		put(&o, "", 0); /* no stack at all */
	if (o.status)
		return o.status;
	status = !rc || rc == PROF_EIO
			 ? cmd_write_status(rc, &err)
			 : cmd_error(rc == PROF_EUSAGE || argc > 1 ? NULL : argv[0], &err);
	closed = o.opened ? cmd_close_output() : 0;
	return status ? status : closed;
}

const struct cmd cmd_convert = {
	.name = "convert",
	.summary = "a profile in another format",
	.synopsis = "[OPTION…] FILE…",
	.opts = {opts, view_file_opts},
	.init = init,
	.run = run,
};
