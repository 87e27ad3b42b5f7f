#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/diff_page.h"
#include "cmd/gates.h"

enum { ROWS_UNSET = -3, NO_MARK = -1 };

static struct prof_diff_opts args;
static int64_t mark; /* operands before --new */
static const char *ops;
static double effect;
static struct opt_list rules;

/* What --rules=default stands for. */
static const char default_rules[] = "warn cpu.hot>20%\n"
				    "fail alloc_space.total>15%\n";

static const struct opt_choice by[] = {{"function", PROF_BY_FUNCTION}, {"file", PROF_BY_FILE},
	{"package", PROF_BY_PACKAGE}, {"line", PROF_BY_LINE}, {0}};

static const struct opt opts[] = {
	{"new", 0, OPT_MARK, &mark,
		.help = "what stands before it is old, what stands behind it new"},
	{"ops", 0, OPT_STR, &ops, .arg = "OLD,NEW",
		.help = "operations that a run did: compare per operation"},
	{"duration", 0, OPT_BOOL, &args.per_second,
		.help = "compare per second of the profiles' durations"},
	{"normalize", 0, OPT_BOOL, &args.normalize,
		.help = "compare shares: the new profiles are scaled to the old ones' total"},
	{"pairs", 0, OPT_BOOL, &args.pairs,
		.help = "files are pairs, a snapshot and a later one of the same process: what "
			"lies between is compared"},
	{"effect", 0, OPT_REAL, &effect, .arg = "PERCENT",
		.help = "the least change of the whole that is of interest (10)"},
	{"rules", 0, OPT_LIST, &rules, .arg = "FILE",
		.help = "a gate a line, behind the word fail or warn; 'default': ours"},
	{"folded", 0, OPT_SET, &common.format, FORMAT_FOLDED,
		.help = "stacks, old and new values behind each, as difffolded.pl writes them"},
	{"by", 0, OPT_CHOICE, &args.by, .arg = "function|file|package|line", .choices = by,
		.help = "what a row is (function)"},
	{"cum", 0, OPT_BOOL, &args.cum, .help = "sort by the change in cum, not in flat"},
	{"focus", 0, OPT_STR, &args.filter.focus, .arg = "REGEX",
		.help = "only samples with a frame that matches"},
	{"ignore", 0, OPT_STR, &args.filter.ignore, .arg = "REGEX",
		.help = "no samples with a frame that matches"},
	{"nodecount", 'n', OPT_INT, &args.row_count, .arg = "N",
		.help = "at most N rows; 0: all that changed; -1: all (text: what is found, "
			"HTML: 0; JSON: -1)"},
	{"sample_index", 0, OPT_STR, &args.sample_index, .arg = "TYPE",
		.help = "sample type by name or number (NEW's default, else its last)"},
	CMD_TRACE_OPTS,
	CMD_TRACE_TO,
	{0},
};

static void init(void)
{
	prof_diff_opts_init(&args);
	args.row_count = ROWS_UNSET;
	mark = NO_MARK;
	ops = NULL;
	cmd_gates_init();
	effect = 100 * args.effect;
}

/* The files of a side: patterns that no file is called are expanded. */
struct files {
	glob_t g;
	size_t n;
};

/* The profiles that DB:QUERY names, each as DB:ID. */
static int expand_query(struct files *f, const char *name, int flags)
{
	struct prof_err err = {.offset = -1};
	int64_t *ids;
	char one[4096];
	size_t n;

	if (prof_archive_ids(name, &common.limits, &ids, &n, &err))
		return cmd_error(name, &err);
	for (size_t i = 0; i < n; i++) {
		snprintf(one, sizeof(one), "%.*s:%lld", (int)prof_query_at(name) - 1, name,
			(long long)ids[i]);
		if (glob(one, GLOB_NOCHECK | GLOB_NOESCAPE | (i ? GLOB_APPEND : flags), NULL,
			    &f->g))
			break;
	}
	free(ids);
	return 0;
}

static int expand(struct files *f, char **argv, int argc)
{
	for (int i = 0; i < argc; i++) {
		/* GLOB_NOCHECK: what matches nothing is a name, and will be missed as one. */
		int flags = GLOB_NOCHECK | (i ? GLOB_APPEND : 0);
		char quoted[4096], *q = quoted;

		if (prof_query_at(argv[i])) {
			int status = expand_query(f, argv[i], i ? GLOB_APPEND : 0);

			if (status)
				return status;
			continue;
		}
		if (access(argv[i], F_OK) == 0 && strlen(argv[i]) < sizeof(quoted) / 2) {
			for (const char *s = argv[i]; *s; *q++ = *s++)
				if (strchr("*?[\\", *s))
					*q++ = '\\';
			*q = '\0';
			if (glob(quoted, flags, NULL, &f->g))
				return -1;
		} else if (glob(argv[i], flags, NULL, &f->g)) {
			return -1;
		}
	}
	f->n = argc ? f->g.gl_pathc : 0;
	return 0;
}

/* What a process did between two snapshots. */
static int open_pair(char **paths, struct prof_profile **out)
{
	struct prof_profile *both[2];
	struct prof_err err = {0};
	int status = cmd_open(paths[1], &both[1]);

	if (status)
		return status;
	status = cmd_open(paths[0], &both[0]);
	if (status) {
		prof_profile_free(both[1]);
		return status;
	}
	return prof_combine(&both[1], 1, &both[0], 1, 0, 0, out, &err) ? cmd_error(paths[1], &err)
								       : 0;
}

/* The profile of run i. */
static int open_run(const struct files *f, size_t i, struct prof_profile **out)
{
	return args.pairs ? open_pair(f->g.gl_pathv + 2 * i, out) : cmd_open(f->g.gl_pathv[i], out);
}

static size_t count_runs(const struct files *f)
{
	return args.pairs ? f->n / 2 : f->n;
}

static int add_side(struct prof_diff *d, enum prof_side side, const struct files *f)
{
	for (size_t i = 0; i < count_runs(f); i++) {
		const char *name = f->g.gl_pathv[args.pairs ? 2 * i + 1 : i];
		struct prof_profile *p;
		struct prof_err err = {0};
		int status = open_run(f, i, &p);

		if (status)
			return status;
		if (prof_diff_add(d, side, p, name, &err))
			return cmd_error(name, &err);
	}
	return 0;
}

/* What shows stacks. */
static int is_page(void)
{
	return cmd_format() == FORMAT_HTML || cmd_format() == FORMAT_SVG ||
	       cmd_format() == FORMAT_FOLDED;
}

static int open_side(struct diff_profiles *p, enum prof_side side, const struct files *f)
{
	int status = 0;

	p->v[side] = calloc(count_runs(f), sizeof(*p->v[side]));
	if (!p->v[side])
		return cmd_usage("out of memory");
	for (size_t i = 0; !status && i < count_runs(f); i++) {
		status = open_run(f, i, &p->v[side][i]);
		p->n[side] += !status;
	}
	return status;
}

/* A page or a picture reads the files once more: the comparison folds and renames. */
static int put_page(const struct prof_report *r, const char *sample_type, const struct files *old,
	const struct files *new)
{
	struct diff_profiles p = {.n = {0}};
	int status = open_side(&p, PROF_OLD, old);

	if (!status)
		status = open_side(&p, PROF_NEW, new);
	if (!status)
		status = diff_put_page(r, &args, sample_type, &p);
	diff_profiles_fini(&p);
	return status;
}

static int gate(struct prof_diff *d, const char *text, int warn, int optional)
{
	struct prof_err err = {0};

	return prof_diff_gate(d, text, warn, optional, &err) ? cmd_error(NULL, &err) : 0;
}

/* The lines of a rules file: "fail GATE", "warn GATE", "# remark". */
static int add_rule(struct prof_diff *d, const char *file, unsigned n, const char *line)
{
	static const char *const words[] = {"fail", "warn"};

	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return 0;
	for (int i = 0; i < 2; i++)
		if (!strncmp(line, words[i], 4) && strspn(line + 4, " \t"))
			return gate(d, line + 4, i, 1);
	return cmd_usage("%s: line %u begins with neither fail nor warn", file, n);
}

static int read_rules(struct prof_diff *d, const char *name, FILE *f)
{
	char *line = NULL;
	size_t cap = 0;
	unsigned n = 0;
	int status = 0;

	while (!status && getline(&line, &cap, f) >= 0) {
		line[strcspn(line, "\r\n")] = '\0';
		status = add_rule(d, name, ++n, line);
	}
	free(line);
	return status;
}

static int open_rules(struct prof_diff *d, const char *name)
{
	bool ours = strcmp(name, "default") == 0;
	char text[sizeof(default_rules)];
	FILE *f = ours ? fmemopen(memcpy(text, default_rules, sizeof(text)), sizeof(text) - 1, "r")
		       : fopen(name, "r");
	int status;

	if (!f) {
		fprintf(stderr, "%s: %s: %s\n", common.who, name, strerror(errno));
		return EXIT_ERROR;
	}
	status = read_rules(d, name, f);
	fclose(f);
	return status;
}

static int add_gate(void *d, const char *text, int warn, struct prof_err *e)
{
	return prof_diff_gate(d, text, warn, 0, e);
}

static int add_gates(struct prof_diff *d)
{
	int status = cmd_gates_add(add_gate, d);

	for (size_t i = 0; !status && i < rules.n; i++)
		status = open_rules(d, rules.v[i]);
	return status;
}

static int show(const struct prof_diff *d, struct prof_report *r, const struct files *old,
	const struct files *new)
{
	int status;

	if (!is_page())
		return cmd_put_report(r);
	status = put_page(r, prof_diff_sample_type(d), old, new);
	prof_report_free(r);
	return status;
}

static int compare(const struct files *old, const struct files *new)
{
	struct prof_err err = {0};
	struct prof_diff *d;
	struct prof_report *r;
	int status;

	if (prof_diff_new(&args, &d, &err))
		return cmd_error(NULL, &err);
	status = add_gates(d);
	if (!status)
		status = add_side(d, PROF_NEW, new);
	if (!status)
		status = add_side(d, PROF_OLD, old);
	if (!status)
		status = prof_diff_report(d, &r, &err) ? cmd_error(NULL, &err) : 0;
	if (!status)
		status = show(d, r, old, new);
	if (!status)
		status = cmd_gates_status(prof_diff_outcome(d));
	prof_diff_free(d);
	return status;
}

static int parse_ops(void)
{
	char *end;

	if (!ops)
		return 0;
	args.ops[PROF_OLD] = strtod(ops, &end);
	args.ops[PROF_NEW] = *end == ',' ? strtod(end + 1, &end) : 0;
	if (*end || !(args.ops[PROF_OLD] > 0) || !(args.ops[PROF_NEW] > 0))
		return cmd_usage("--ops takes OLD,NEW, the operations of one run of either side, "
				 "not '%s'",
			ops);
	return 0;
}

static int check(const struct files *old, const struct files *new)
{
	size_t least = old->n < new->n ? old->n : new->n, dashes = 0;

	for (size_t i = 0; i < old->n; i++)
		dashes += !strcmp(old->g.gl_pathv[i], "-");
	for (size_t i = 0; i < new->n; i++)
		dashes += !strcmp(new->g.gl_pathv[i], "-");
	if (dashes > 1)
		return cmd_usage("only one of OLD and NEW can be standard input");
	if (dashes && is_page())
		return cmd_usage("a page or a picture reads its files twice, which standard input "
				 "does not do");
	if (is_page() && cmd_format() != FORMAT_FOLDED && cmd_is_terminal())
		return cmd_usage("a page is for a browser, and standard output a terminal: "
				 "-o FILE.html or -o FILE.svg names a file");
	if (args.pairs && (old->n % 2 || new->n % 2))
		return cmd_usage("--pairs needs pairs: each side has an odd number of files");
	if (!!ops + args.per_second + args.normalize > 1)
		return cmd_usage("--ops, --duration and --normalize exclude each other");
	args.runs = (int64_t)(args.pairs ? least / 2 : least);
	args.effect = effect / 100;
	if (args.row_count == ROWS_UNSET)
		args.row_count = cmd_format() == FORMAT_JSON   ? -1
				 : cmd_format() == FORMAT_HTML ? 0
							       : PROF_DIFF_EXPLAINED;
	return parse_ops();
}

static int run(int argc, char **argv)
{
	struct files old = {0}, new = {0};
	int n_old = mark == NO_MARK ? 1 : (int)mark, status;

	if (mark == NO_MARK ? argc != 2 : n_old == 0 || n_old == argc)
		return cmd_usage(
			mark == NO_MARK
				? "needs two files, OLD and NEW, or several with --new "
				  "between them ('%s -h' for help)"
				: "needs files before --new and behind it ('%s -h' for help)",
			common.who);
	status = expand(&old, argv, n_old);
	if (!status)
		status = expand(&new, argv + n_old, argc - n_old);
	if (status < 0)
		status = cmd_usage("a pattern cannot be expanded");
	else if (!status)
		status = check(&old, &new);
	if (!status)
		status = compare(&old, &new);
	globfree(&old.g);
	globfree(&new.g);
	return status;
}

const struct cmd cmd_diff = {
	.name = "diff",
	.summary = "what changed between two builds",
	.synopsis = "[OPTION…] OLD NEW | OLD… --new NEW…",
	.opts = {opts, cmd_gate_opts},
	.formats = 1 << FORMAT_TEXT | 1 << FORMAT_JSON | 1 << FORMAT_MARKDOWN | 1 << FORMAT_HTML |
		   1 << FORMAT_SVG | 1 << FORMAT_FOLDED,
	.init = init,
	.run = run,
};
