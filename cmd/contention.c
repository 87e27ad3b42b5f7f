#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/gates.h"

static struct prof_contention_opts args;
static struct opt_list pattern_files;
static int64_t mark; /* operands before --new */
static int by, picture;

enum { NO_MARK = -1 };

static const struct opt_choice bys[] = {{"function", PROF_CONTENTION_BY_FUNCTION},
	{"stack", PROF_CONTENTION_BY_STACK}, {"package", PROF_CONTENTION_BY_PACKAGE},
	{"lock", PROF_CONTENTION_BY_LOCK}, {0}};

enum { PICTURE_FLAME, PICTURE_HOLDERS, PAGE_BOXES = 10000 };

static const struct opt_choice pictures[] = {
	{"flame", PICTURE_FLAME}, {"holders", PICTURE_HOLDERS}, {0}};

static const struct opt opts[] = {
	{"by", 0, OPT_CHOICE, &by, .arg = "function|stack|package|lock", .choices = bys,
		.help = "what a row is: the function that waits; all above it, too; its package; "
			"the type or function that the lock is of"},
	{"duration", 0, OPT_TIME, &args.duration_ns, .arg = "TIME",
		.help = "how long cumulative profiles were watched: from the first snapshot to "
			"the last, or since the start (as they tell)"},
	{"from", 0, OPT_TIME, &args.from, .arg = "TIME",
		.help = "of traces only what is later than this after their start (1.5s, 200ms)"},
	{"idle", 0, OPT_BOOL, &args.idle, .help = "also where goroutines wait for work to come"},
	{"idle_patterns", 0, OPT_LIST, &pattern_files, .arg = "FILE",
		.help = "which waits are idle, by functions on their stacks; before those built in "
			"(several times)"},
	{"new", 0, OPT_MARK, &mark,
		.help = "what stands before it is of an old process, what stands behind it of a "
			"new one: compare"},
	{"nodecount", 'n', OPT_INT, &args.row_count, .arg = "N",
		.help = "at most N rows of each list (10); 0: all"},
	{"picture", 0, OPT_CHOICE, &picture, .arg = "flame|holders", .choices = pictures,
		.help = "what an SVG shows: a flame graph of waiting, or bars of who waits and who "
			"holds, with the queues that a trace shows (flame)"},
	{"to", 0, OPT_TIME, &args.to, .arg = "TIME", .help = "of traces only what is before this"},
	{0},
};

static void init(void)
{
	prof_contention_opts_init(&args);
	by = PROF_CONTENTION_BY_FUNCTION;
	picture = PICTURE_FLAME;
	mark = NO_MARK;
	cmd_gates_init();
}

static int gate(void *ctx, const char *text, int warn, struct prof_err *e)
{
	return prof_contention_gate(ctx, text, warn, e);
}

static int pattern_file(struct prof_contention *k, const char *path)
{
	struct prof_err err = {0};
	FILE *f = fopen(path, "r");
	size_t cap = 0, line_no = 0;
	char *line = NULL;
	int status = 0;

	while (f && !status && getline(&line, &cap, f) > 0) {
		line_no++;
		if (prof_contention_pattern(k, line, &err)) {
			fprintf(stderr, "%s: %s:%zu: %s\n", common.who, path, line_no, err.msg);
			status = err.code == PROF_EUSAGE ? EXIT_USAGE : EXIT_ERROR;
		}
	}
	if (!f || ferror(f)) {
		fprintf(stderr, "%s: %s: %s\n", common.who, path, strerror(errno));
		status = EXIT_ERROR;
	}
	free(line);
	if (f)
		fclose(f);
	return status;
}

static int add(struct prof_contention *k, enum prof_side side, const char *path)
{
	int is_stdin = strcmp(path, "-") == 0;
	struct prof_err err = {0};
	int64_t file_ns = 0;
	struct stat st;

	if (!is_stdin && stat(path, &st) == 0)
		file_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (prof_contention_add(k, side, path, file_ns, &common.limits, &err) == 0)
		return 0;
	return cmd_error(is_stdin ? "standard input" : path, &err);
}

/* What is drawn: where goroutines wait, or how that differs between two processes. */
static int profile_of(struct prof_contention *k, struct prof_flame_opts *flame,
	struct prof_profile **out, struct prof_err *err)
{
	struct prof_profile *sides[2];
	int rc = prof_contention_profile(k, PROF_NEW, &sides[PROF_NEW], err);

	*out = sides[PROF_NEW];
	if (rc || mark == NO_MARK)
		return rc;
	rc = prof_contention_profile(k, PROF_OLD, &sides[PROF_OLD], err);
	if (rc) {
		prof_profile_free(sides[PROF_NEW]);
		return rc;
	}
	flame->differential = 1;
	flame->normalize = -1;
	for (int i = 0; i < 2; i++)
		flame->duration_ns[i] = prof_profile_duration(sides[i]);
	return prof_combine(&sides[PROF_NEW], 1, &sides[PROF_OLD], 1, 1, 0, out, err);
}

/* The flame graph of waiting: an SVG, or on a page below the report. */
static int put_flame(struct prof_profile *p, const struct prof_report *r,
	struct prof_flame_opts *opts_of, struct prof_err *err)
{
	struct prof_view_opts view;
	struct prof_flame *f;
	unsigned missed;
	int rc;

	prof_view_opts_init(&view);
	rc = prof_flame(p, &view, opts_of, &missed, &f, err);
	if (rc)
		return rc;
	rc = cmd_format() == FORMAT_HTML ? prof_report_html(r, f, cmd_write, NULL, err)
					 : prof_flame_svg(f, cmd_write, NULL, err);
	prof_flame_free(f);
	return rc;
}

static int put_picture(struct prof_contention *k, const struct prof_report *r)
{
	int page = cmd_format() == FORMAT_HTML, status, closed;
	struct prof_err err = {.offset = -1};
	struct prof_flame_opts flame;
	struct prof_profile *p;

	prof_flame_opts_init(&flame);
	flame.title = "waiting";
	flame.max_rows = 0;
	flame.all_types = page;
	flame.max_boxes = page ? PAGE_BOXES : flame.max_boxes;
	if (profile_of(k, &flame, &p, &err))
		return cmd_error(NULL, &err);
	status = cmd_open_output();
	if (!status) {
		status = cmd_write_status(put_flame(p, r, &flame, &err), &err);
		closed = cmd_close_output();
		status = status ? status : closed;
	}
	prof_profile_free(p);
	return status;
}

static int put(struct prof_contention *k, struct prof_report *r)
{
	int status;

	if (cmd_format() != FORMAT_HTML && (cmd_format() != FORMAT_SVG || picture != PICTURE_FLAME))
		return cmd_put_report(r);
	status = put_picture(k, r);
	prof_report_free(r);
	return status;
}

static int run(int argc, char **argv)
{
	struct prof_err err = {0};
	struct prof_contention *k;
	struct prof_report *r;
	int status = 0;

	if (!argc)
		return cmd_usage("needs a FILE ('%s -h' for help)", common.who);
	if (mark == 0 || mark == argc)
		return cmd_usage("a FILE is to stand before --new, and one behind it");
	if (args.row_count < 0)
		return cmd_usage("--nodecount takes a number that is not negative");
	args.by = (enum prof_contention_by)by;
	args.only_text = cmd_format() != FORMAT_JSON;
	if (prof_contention_new(&args, &k, &err))
		return cmd_error(NULL, &err);
	status = cmd_gates_add(gate, k);
	for (size_t i = 0; !status && i < pattern_files.n; i++)
		status = pattern_file(k, pattern_files.v[i]);
	for (int i = 0; !status && i < argc; i++)
		status = add(k, i < mark ? PROF_OLD : PROF_NEW, argv[i]);
	if (!status) {
		cmd_damage(NULL, prof_contention_damage(k));
		status = prof_contention_report(k, &r, &err) ? cmd_error(NULL, &err) : put(k, r);
	}
	if (!status)
		status = cmd_gates_status(prof_contention_outcome(k));
	prof_contention_free(k);
	return status;
}

const struct cmd cmd_contention = {
	.name = "contention",
	.summary = "where goroutines wait, who holds what they wait for, how long",
	.synopsis = "[OPTION…] FILE… | OLD… --new NEW…",
	.opts = {opts, cmd_gate_opts},
	.formats = 1 << FORMAT_TEXT | 1 << FORMAT_JSON | 1 << FORMAT_MARKDOWN | 1 << FORMAT_HTML |
		   1 << FORMAT_SVG,
	.init = init,
	.run = run,
};
