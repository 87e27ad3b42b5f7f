#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/view.h"

static struct {
	struct prof_flame_opts flame;
	int order, width_of;
	int64_t width, max_boxes;
	const char *min_width;
} args;

static const struct opt_choice by[] = {{"function", PROF_BY_FUNCTION}, {"file", PROF_BY_FILE},
	{"package", PROF_BY_PACKAGE}, {"line", PROF_BY_LINE}, {"address", PROF_BY_ADDRESS}, {0}};
static const struct opt_choice order[] = {{"weight", 0}, {"name", 1}, {0}};
static const struct opt_choice width_of[] = {
	{"new", PROF_WIDTH_NEW}, {"old", PROF_WIDTH_OLD}, {"larger", PROF_WIDTH_LARGER}, {0}};

enum { BOXES_UNSET = -1, PAGE_BOXES = 10000 };

static const struct opt opts[] = {
	{"by", 0, OPT_CHOICE, &view_args.by, .arg = "function|file|package|line|address",
		.choices = by, .help = "what a box is (function)"},
	{"inverted", 0, OPT_BOOL, &args.flame.inverted,
		.help = "the root on top: icicles, not flames"},
	{"order", 0, OPT_CHOICE, &args.order, .arg = "weight|name", .choices = order,
		.help = "neighbours by weight, heaviest left, or by name (weight)"},
	{"title", 0, OPT_STR, &args.flame.title, .arg = "TEXT",
		.help = "what stands above (the binary's name)"},
	{"width", 0, OPT_INT, &args.width, .arg = "PX", .help = "how wide an SVG is (1200)"},
	{"min_width", 0, OPT_STR, &args.min_width, .arg = "PX|N%",
		.help = "boxes narrower than this are summed up (0.1, of an SVG's width)"},
	{"max_boxes", 0, OPT_INT, &args.max_boxes, .arg = "N",
		.help = "at most so many, the widest (SVG: 3000, HTML: 10000; 0: all)"},
	{"width_of", 0, OPT_CHOICE, &args.width_of, .arg = "new|old|larger", .choices = width_of,
		.help = "differential: whose values the widths are (new)"},
	{0},
};

static void init(void)
{
	view_init_as_shown();
	prof_flame_opts_init(&args.flame);
	args.width = args.flame.width_px;
	args.max_boxes = BOXES_UNSET;
}

/* "0.5": pixels of the picture; "0.1%": of the whole. */
static int min_width(void)
{
	const char *text = args.min_width;
	char *end;
	double v;

	if (!text)
		return 0;
	v = strtod(text, &end);
	if (end == text || !(v >= 0) || (*end && strcmp(end, "%") != 0 && strcmp(end, "px") != 0))
		return cmd_usage(
			"--min_width takes pixels (0.5) or percents (0.1%%), not '%s'", text);
	args.flame.min_width = v / (*end == '%' ? 100 : (double)args.width);
	return 0;
}

static int options(const struct view_sides *sides)
{
	struct prof_flame_opts *f = &args.flame;
	int page = cmd_format() == FORMAT_HTML;

	if (args.width < 100 || args.width > 100000)
		return cmd_usage("--width takes 100 to 100000 pixels");
	f->width_px = (int)args.width;
	f->by_name = args.order;
	f->width = (enum prof_flame_width)args.width_of;
	f->all_types = page;
	if (!page)
		f->max_rows = 0;
	else if (view_args.node_count >= 0)
		f->max_rows = view_args.node_count ? view_args.node_count : -1;
	if (args.max_boxes != BOXES_UNSET)
		f->max_boxes = args.max_boxes;
	else if (page)
		f->max_boxes = PAGE_BOXES;
	f->differential = sides->differential;
	f->normalize = sides->normalize;
	memcpy(f->duration_ns, sides->duration_ns, sizeof(f->duration_ns));
	return min_width();
}

/* The output is opened by what comes first to be written: what fails before leaves a file alone. */
static int put(void *ctx, const char *bytes, size_t n)
{
	int *status = ctx;

	if (*status < 0)
		*status = cmd_open_output();
	return *status ? -1 : cmd_write(NULL, bytes, n);
}

static int draw(struct prof_profile *p, unsigned *missed, int *status, struct prof_err *e)
{
	struct prof_flame *f;
	int rc = prof_flame(p, &view_args, &args.flame, missed, &f, e);

	if (rc)
		return rc;
	rc = cmd_format() == FORMAT_HTML ? prof_flame_html(f, put, status, e)
					 : prof_flame_svg(f, put, status, e);
	prof_flame_free(f);
	return rc;
}

static int write_all(struct prof_profile *p, unsigned *missed, int *status, struct prof_err *e)
{
	switch (cmd_format()) {
	case FORMAT_FOLDED:
		return prof_flame_folded(p, &view_args, &args.flame, missed, put, status, e);
	case FORMAT_SPEEDSCOPE:
		return prof_flame_speedscope(p, &view_args, &args.flame, missed, put, status, e);
	case FORMAT_JSON:
		return prof_flame_json(p, &view_args, &args.flame, missed, put, status, e);
	default:
		return draw(p, missed, status, e);
	}
}

static int run(int argc, char **argv)
{
	struct prof_err err = {.offset = -1};
	struct view_sides sides;
	struct prof_profile *p;
	unsigned missed = 0;
	int picture = cmd_format() == FORMAT_SVG || cmd_format() == FORMAT_HTML;
	int rc, opened = -1, status, closed;

	if (picture && (!common.output || !strcmp(common.output, "-")) && isatty(STDOUT_FILENO))
		return cmd_usage("a picture is for a browser, and standard output a terminal: "
				 "-o FILE.svg or -o FILE.html names a file");
	status = view_open_sides(argc, argv, &sides, &p);
	if (status)
		return status;
	status = options(&sides);
	if (status) {
		prof_profile_free(p);
		return status;
	}
	rc = write_all(p, &missed, &opened, &err);
	prof_profile_free(p);
	view_tell(missed);
	if (!rc && opened < 0)
		put(&opened, "", 0); /* no stack at all */
	if (opened > 0)
		return opened;
	status = cmd_write_status(rc, &err);
	closed = opened == 0 ? cmd_close_output() : 0;
	return status ? status : closed;
}

const struct cmd cmd_flame = {
	.name = "flame",
	.summary = "a flame graph: a picture, a page, stacks",
	.synopsis = "[OPTION…] FILE…",
	.opts = {opts, view_opts, view_file_opts},
	.formats = 1 << FORMAT_SVG | 1 << FORMAT_HTML | 1 << FORMAT_FOLDED |
		   1 << FORMAT_SPEEDSCOPE | 1 << FORMAT_JSON,
	.init = init,
	.run = run,
};
