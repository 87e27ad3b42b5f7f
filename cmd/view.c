#include "cmd/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct prof_view_opts view_args;
char view_raw_time[80];

/* The options that pprof had before -sample_index, in the order in which it looks at them. */
enum old_type {
	TOTAL_DELAY,
	MEAN_DELAY,
	CONTENTIONS,
	INUSE_SPACE,
	INUSE_OBJECTS,
	ALLOC_SPACE,
	ALLOC_OBJECTS,
	N_OLD_TYPES,
};
static const struct {
	const char *option, *type;
} old_types[N_OLD_TYPES] = {
	[TOTAL_DELAY] = {"total_delay", "delay"},
	[MEAN_DELAY] = {"mean_delay", "delay"},
	[CONTENTIONS] = {"contentions", "contentions"},
	[INUSE_SPACE] = {"inuse_space", "inuse_space"},
	[INUSE_OBJECTS] = {"inuse_objects", "inuse_objects"},
	[ALLOC_SPACE] = {"alloc_space", "alloc_space"},
	[ALLOC_OBJECTS] = {"alloc_objects", "alloc_objects"},
};

static struct {
	struct opt_list base, diff_base;
	int normalize, all_frames, trim, demangle;
	int as_shown; /* profiles need not hold what the report does not show */
	int old_types[N_OLD_TYPES];
	const char *comment, *build_id;
	int ignored_switch;
	const char *ignored;
} args;
static char time_text[64];
static const char *only; /* the file, where there is one only: errors name it */

static const struct opt_choice demangle[] = {{"none", 0}, {"pprof", 1}, {0}};

const struct opt view_opts[] = {
	{"cum", 0, OPT_SET, &view_args.cum, 1, .help = "sort by cum, not by flat"},
	{"flat", 0, OPT_SET, &view_args.cum, 0, .help = "sort by flat (as without)"},
	{"nodecount", 'n', OPT_INT, &view_args.node_count, .arg = "N",
		.help = "at most N rows; 0: all (top: all, else 80)"},
	{"nodefraction", 0, OPT_REAL, &view_args.node_fraction, .arg = "F",
		.help = "leave out rows with |cum| under F of the total (0.005)"},
	{"edgefraction", 0, OPT_REAL, &view_args.edge_fraction, .arg = "F",
		.help = "leave out calls under F of the total (0.001)"},
	{"trim", 0, OPT_BOOL, &args.trim, .help = "apply the three above (as without; --no-trim)"},
	{"sample_index", 0, OPT_STR, &view_args.sample_index, .arg = "TYPE",
		.help = "sample type by name or number (the file's default, else the last)"},
	{"functions", 0, OPT_SET, &view_args.by, PROF_BY_FUNCTION,
		.help = "a row a function (as without)"},
	{"filefunctions", 0, OPT_SET, &view_args.by, PROF_BY_FILE_FUNCTION,
		.help = "a row a function of a file"},
	{"files", 0, OPT_SET, &view_args.by, PROF_BY_FILE, .help = "a row a file"},
	{"lines", 0, OPT_SET, &view_args.by, PROF_BY_LINE, .help = "a row a source line"},
	{"addresses", 0, OPT_SET, &view_args.by, PROF_BY_ADDRESS, .help = "a row an address"},
	{"noinlines", 0, OPT_BOOL, &view_args.no_inlines,
		.help = "count inlined functions as the function that holds them"},
	{"showcolumns", 0, OPT_BOOL, &view_args.show_columns,
		.help = "tell columns of a line apart"},
	{"focus", 0, OPT_STR, &view_args.filter.focus, .arg = "REGEX",
		.help = "only samples with a frame that matches"},
	{"ignore", 0, OPT_STR, &view_args.filter.ignore, .arg = "REGEX",
		.help = "no samples with a frame that matches"},
	{"hide", 0, OPT_STR, &view_args.filter.hide, .arg = "REGEX",
		.help = "no frames that match"},
	{"show", 0, OPT_STR, &view_args.filter.show, .arg = "REGEX",
		.help = "only frames that match"},
	{"show_from", 0, OPT_STR, &view_args.filter.show_from, .arg = "REGEX",
		.help = "nothing above the first frame that matches, seen from the root"},
	{"prune_from", 0, OPT_STR, &view_args.filter.prune_from, .arg = "REGEX",
		.help = "nothing below the first function that matches, seen from the leaf"},
	{"tagfocus", 0, OPT_STR, &view_args.filter.tag_focus, .arg = "[KEY=]VALUE",
		.help = "only samples with a label that matches: a range (1kb:4mb) or expressions"},
	{"tagignore", 0, OPT_STR, &view_args.filter.tag_ignore, .arg = "[KEY=]VALUE",
		.help = "no samples with a label that matches"},
	{"tagshow", 0, OPT_STR, &view_args.filter.tag_show, .arg = "REGEX",
		.help = "only labels whose key matches"},
	{"taghide", 0, OPT_STR, &view_args.filter.tag_hide, .arg = "REGEX",
		.help = "no labels whose key matches"},
	{"tagroot", 0, OPT_STR, &view_args.tag_root, .arg = "KEYS",
		.help = "frames of these labels' values above each stack"},
	{"tagleaf", 0, OPT_STR, &view_args.tag_leaf, .arg = "KEYS",
		.help = "frames of these labels' values below each stack"},
	{"unit", 0, OPT_STR, &view_args.unit, .arg = "UNIT",
		.help = "show values in it (minimum: one that fits all; auto; ms, MB, …)"},
	{"divide_by", 0, OPT_REAL, &view_args.divide_by, .arg = "X",
		.help = "show values divided by X"},
	{"mean", 0, OPT_BOOL, &view_args.mean, .help = "show values divided by the first type's"},
	{"relative_percentages", 0, OPT_BOOL, &view_args.relative_percentages,
		.help = "percents of what the filters leave"},
	{"drop_negative", 0, OPT_BOOL, &view_args.drop_negative, .help = "leave negative rows out"},
	{"compact_labels", 0, OPT_BOOL, &view_args.compact,
		.help = "no lines about the profile as a whole"},
	{"call_tree", 0, OPT_BOOL, &view_args.call_tree,
		.help = "a node a path (graph and callgrind only, as in pprof)"},
	{"source_path", 0, OPT_STR, &view_args.source_path, .arg = "DIRS",
		.help = "where list looks for sources (A:B)"},
	{"trim_path", 0, OPT_STR, &view_args.trim_path, .arg = "PREFIXES",
		.help = "cut these off file names (A:B)"},
	/* Of one another they are no opposites: pprof takes the first that it knows. */
	{"total_delay", 0, OPT_BOOL, &args.old_types[TOTAL_DELAY], .help = NULL},
	{"mean_delay", 0, OPT_BOOL, &args.old_types[MEAN_DELAY], .help = NULL},
	{"contentions", 0, OPT_BOOL, &args.old_types[CONTENTIONS], .help = NULL},
	{"inuse_space", 0, OPT_BOOL, &args.old_types[INUSE_SPACE], .help = NULL},
	{"inuse_objects", 0, OPT_BOOL, &args.old_types[INUSE_OBJECTS], .help = NULL},
	{"alloc_space", 0, OPT_BOOL, &args.old_types[ALLOC_SPACE], .help = NULL},
	{"alloc_objects", 0, OPT_BOOL, &args.old_types[ALLOC_OBJECTS], .help = NULL},
	CMD_TRACE_TO,
	{0},
};

const struct opt view_file_opts[] = {
	{"base", 0, OPT_LIST, &args.base, .arg = "FILE",
		.help = "subtract it; may stand several times"},
	{"diff_base", 0, OPT_LIST, &args.diff_base, .arg = "FILE",
		.help = "subtract it, percents of its total; may stand several times"},
	{"normalize", 0, OPT_BOOL, &args.normalize,
		.help = "scale to the bases' sums before they are subtracted"},
	{"all_frames", 0, OPT_BOOL, &args.all_frames,
		.help = "also frames that the profile itself calls uninteresting"},
	{"demangle", 0, OPT_CHOICE, &args.demangle, .arg = "none|pprof", .choices = demangle,
		.help = "names whole (none, as without), or cut as pprof cuts them"},
	{"add_comment", 0, OPT_STR, &args.comment, .arg = "TEXT",
		.help = "a comment more in the profile"},
	{"buildid", 0, OPT_STR, &args.build_id, .arg = "ID",
		.help = "build id of the main binary where the profile has none"},
	CMD_TRACE_OPTS,
	/* Of pprof, about fetching and disassembling: nothing to do for files. */
	{"symbolize", 0, OPT_STR, &args.ignored, .arg = "none", .help = NULL},
	{"seconds", 0, OPT_STR, &args.ignored, .arg = "N", .help = NULL},
	{"timeout", 0, OPT_STR, &args.ignored, .arg = "N", .help = NULL},
	{"tools", 0, OPT_STR, &args.ignored, .arg = "PATH", .help = NULL},
	{"tls_ca", 0, OPT_STR, &args.ignored, .arg = "FILE", .help = NULL},
	{"tls_cert", 0, OPT_STR, &args.ignored, .arg = "FILE", .help = NULL},
	{"tls_key", 0, OPT_STR, &args.ignored, .arg = "FILE", .help = NULL},
	{"intel_syntax", 0, OPT_BOOL, &args.ignored_switch, .help = NULL},
	{0},
};

void view_init(void)
{
	prof_view_opts_init(&view_args);
	args.trim = 1;
	args.normalize = -1;
}

void view_init_as_shown(void)
{
	view_init();
	args.as_shown = 1;
}

void view_init_whole(void)
{
	view_init();
	args.all_frames = 1;
}

static int open_all(
	const char *const *paths, size_t n, const char *binary, struct prof_profile **list)
{
	struct prof_err err = {0};
	int status = 0;

	int shown = args.as_shown && !args.base.n && !args.diff_base.n;

	for (size_t i = 0; !status && i < n; i++) {
		status = cmd_open_by(paths[i], shown ? view_args.by : PROF_BY_ADDRESS, &list[i]);
		if (!status && prof_profile_set_binary(list[i], binary, args.build_id, &err))
			status = cmd_error(paths[i], &err);
	}
	return status;
}

/* --sample_index, or the first of pprof's old options. */
static void choose_type(void)
{
	const char **index = &view_args.sample_index;

	for (size_t i = 0; i < N_OLD_TYPES; i++) {
		if (args.old_types[i] && *index && **index)
			cmd_note("Multiple value selections, ignoring -%s", old_types[i].option);
		else if (args.old_types[i])
			*index = old_types[i].type;
	}
	if (args.old_types[MEAN_DELAY])
		view_args.mean = 1;
}

/* As pprof, which takes an empty name for none. */
static void drop_empty(struct opt_list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (*l->v[i])
			l->v[n++] = l->v[i];
	l->n = n;
}

/* The zone is the user's: pprof prints local time, so does this. */
static void set_times(const struct prof_profile *p)
{
	int64_t ns = prof_profile_time(p), part = ns % 1000000000;
	time_t seconds = (time_t)(ns / 1000000000);
	char date[40], zone[16], fraction[16] = "";
	struct tm tm;

	if (part < 0) {
		part += 1000000000;
		seconds--;
	}
	if (!localtime_r(&seconds, &tm))
		return;
	strftime(time_text, sizeof(time_text), "%Y-%m-%d %H:%M:%S %Z", &tm);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
	strftime(zone, sizeof(zone), "%z %Z", &tm);
	if (part) {
		int n = snprintf(fraction, sizeof(fraction), ".%09lld", (long long)part);

		while (n > 0 && fraction[n - 1] == '0')
			fraction[--n] = '\0';
	}
	snprintf(view_raw_time, sizeof(view_raw_time), "%s%s %s", date, fraction, zone);
	view_args.time_text = time_text;
}

static int combine(
	size_t n, struct prof_profile **list, size_t bases, int normalize, struct prof_profile **p)
{
	struct prof_err err = {0};

	if (prof_combine(list, n, list + n, bases, args.diff_base.n > 0, normalize, p, &err))
		return cmd_error(NULL, &err);
	if ((args.demangle && prof_demangle(*p, &err)) ||
		(!args.all_frames && prof_filter_uninteresting(*p, &err)) ||
		(args.comment && *args.comment &&
			prof_profile_add_comment(*p, args.comment, &err))) {
		prof_profile_free(*p);
		return cmd_error(NULL, &err);
	}
	set_times(*p);
	return 0;
}

static int64_t duration(struct prof_profile *const *list, size_t n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += prof_profile_duration(list[i]) / (int64_t)n;
	return sum;
}

/* `sides` may be NULL: those who compare them scale nothing here. */
static int open_files(int argc, char **argv, struct view_sides *sides, struct prof_profile **p)
{
	const struct opt_list *bases;
	const char *binary = NULL;
	struct prof_profile **list;
	size_t n;
	int status;

	drop_empty(&args.base);
	drop_empty(&args.diff_base);
	bases = args.diff_base.n ? &args.diff_base : &args.base;
	if (args.base.n && args.diff_base.n)
		return cmd_usage("-base and -diff_base flags cannot both be specified");
	if (args.normalize > 0 && !bases->n)
		return cmd_usage("must have base profile to normalize by");
	if (argc > 1 && prof_is_binary(argv[0])) {
		binary = argv[0];
		argc--;
		argv++;
	}
	only = argc == 1 && !bases->n ? argv[0] : NULL;
	if (argc < 1)
		return cmd_usage("needs a FILE ('%s -h' for help)", common.who);
	view_args.no_trim = !args.trim;
	choose_type();
	n = (size_t)argc;
	list = calloc(n + bases->n, sizeof(*list));
	if (!list)
		return cmd_usage("out of memory");
	status = open_all((const char *const *)argv, n, binary, list);
	if (!status)
		status = open_all(bases->v, bases->n, binary, list + n);
	if (!status && sides && args.diff_base.n) {
		sides->differential = 1;
		sides->normalize = args.normalize;
		sides->duration_ns[PROF_NEW] = duration(list, n);
		sides->duration_ns[PROF_OLD] = duration(list + n, bases->n);
	}
	if (!status)
		status = combine(n, list, bases->n,
			args.normalize > 0 && !(sides && sides->differential), p);
	else
		for (size_t i = 0; i < n + bases->n; i++)
			prof_profile_free(list[i]);
	free(list);
	return status;
}

int view_open(int argc, char **argv, struct prof_profile **p)
{
	return open_files(argc, argv, NULL, p);
}

int view_open_sides(int argc, char **argv, struct view_sides *sides, struct prof_profile **p)
{
	*sides = (struct view_sides){.normalize = -1};
	return open_files(argc, argv, sides, p);
}

int view_open_whole(int argc, char **argv, struct prof_profile **p)
{
	if (argc == 1 && !args.base.n && !args.diff_base.n && !args.demangle && !args.comment &&
		!args.build_id)
		return cmd_open(argv[0], p);
	return view_open(argc, argv, p);
}

static void note(void *ctx, const char *text)
{
	(void)ctx;
	cmd_note("%s", text);
}

void view_tell(unsigned missed)
{
	static const char *const names[] = {"Focus", "Ignore", "Hide", "Show", "ShowFrom",
		"TagFocus", "TagIgnore", "TagShow", "TagHide"};

	if (missed & PROF_MISS_TAG_ROOT)
		cmd_note("TagRoot expression matched no samples");
	if (missed & PROF_MISS_TAG_LEAF)
		cmd_note("TagLeaf expression matched no samples");
	if (missed & PROF_RANGE_TAG_FOCUS)
		cmd_note("tagfocus: interpreted '%s' as range, not regexp",
			view_args.filter.tag_focus);
	if (missed & PROF_RANGE_TAG_IGNORE)
		cmd_note("tagignore: interpreted '%s' as range, not regexp",
			view_args.filter.tag_ignore);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (missed & 1u << i)
			cmd_note("%s expression matched no samples", names[i]);
}

int view_report_to(int argc, char **argv, view_report_fn *report, view_put_fn *put)
{
	struct prof_profile *p;
	struct prof_report *r;
	struct prof_err err = {0};
	unsigned missed = 0;
	int rc, status = view_open(argc, argv, &p);

	if (status)
		return status;
	rc = prof_profile_mixed_units(p, note, NULL, &err);
	if (!rc)
		rc = report(p, &view_args, &missed, &r, &err);
	prof_profile_free(p);
	view_tell(missed);
	return rc ? cmd_error(only, &err) : put(r);
}

int view_report(int argc, char **argv, view_report_fn *report)
{
	return view_report_to(argc, argv, report, cmd_put_report);
}

int view_binary(int argc, char **argv, view_stream_fn *stream)
{
	if (cmd_is_terminal())
		return cmd_usage("a profile is binary, and standard output a terminal: "
				 "-o FILE names a file");
	return view_stream(argc, argv, stream);
}

int view_stream(int argc, char **argv, view_stream_fn *stream)
{
	struct prof_profile *p;
	struct prof_err err = {0};
	unsigned missed = 0;
	int status, closed;

	if (cmd_format() != FORMAT_TEXT)
		return cmd_usage("has no %s; 'prof convert --to=json' writes the samples",
			cmd_format() == FORMAT_JSON ? "JSON" : "Markdown");
	status = view_open(argc, argv, &p);
	if (status)
		return status;
	status = prof_profile_mixed_units(p, note, NULL, &err) ? cmd_error(NULL, &err)
							       : cmd_open_output();
	if (!status) {
		status = cmd_write_status(
			stream(p, &view_args, &missed, cmd_write, NULL, &err), &err);
		closed = cmd_close_output();
		status = status ? status : closed;
		view_tell(missed);
	}
	prof_profile_free(p);
	return status;
}
