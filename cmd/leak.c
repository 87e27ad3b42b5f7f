#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/gates.h"

static struct {
	struct prof_leak_opts leak;
	const char *by, *every, *stuck;
	struct opt_list ignore, ignore_files;
} args;

static const struct opt opts[] = {
	{"by", 0, OPT_STR, &args.by, .arg = "stack|line|function|creator|label:KEY",
		.help = "what a group is: equal state, functions and creator (stack); lines "
			"apart; the program's own function that waits; …"},
	{"every", 0, OPT_STR, &args.every, .arg = "DURATION",
		.help = "time between two snapshots (as they or their files tell)"},
	{"ignore", 0, OPT_LIST, &args.ignore, .arg = "REGEX",
		.help = "leave out groups with such a function or creator; may be repeated"},
	{"ignore_file", 0, OPT_LIST, &args.ignore_files, .arg = "FILE",
		.help = "the same, an expression a line; # begins a comment"},
	{"large", 0, OPT_INT, &args.leak.large, .arg = "N",
		.help = "what one snapshot alone calls a large group (1000)"},
	{"built_in", 0, OPT_BOOL, &args.leak.built_in,
		.help = "leave out the runtime's own goroutines and what takes the snapshot (on)"},
	{"stuck", 0, OPT_STR, &args.stuck, .arg = "DURATION",
		.help = "a group of constant size that waits for so long is stuck (10m; 0: never)"},
	{"threshold", 0, OPT_INT, &args.leak.threshold, .arg = "N",
		.help = "growth by less is none (10)"},
	{"verbose", 'v', OPT_BOOL, &args.leak.all, .help = "every group"},
	CMD_GATE_OPTS("leaking, leaked or stuck, or 'VERDICT[:REGEX] > GOROUTINES'"),
	{0},
};

static void init(void)
{
	memset(&args, 0, sizeof(args));
	prof_leak_opts_init(&args.leak);
	cmd_gates_init();
}

/* "90s", "1m30s", "1h", "250ms". */
static int duration(const char *name, const char *text, int64_t *ns)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = {{"ms", 1e6}, {"us", 1e3}, {"ns", 1}, {"h", 3.6e12}, {"m", 6e10}, {"s", 1e9}};
	const char *p = text;
	double sum = 0;

	if (strcmp(text, "0") == 0) {
		*ns = 0;
		return 0;
	}
	do {
		char *end;
		double v = strtod(p, &end);
		size_t u = 0, n = sizeof(units) / sizeof(units[0]);

		while (u < n && strncmp(end, units[u].unit, strlen(units[u].unit)) != 0)
			u++;
		if (end == p || u == n || !(v >= 0))
			return cmd_usage(
				"--%s takes a duration (30s, 1m30s, 2h), not '%s'", name, text);
		sum += v * units[u].ns;
		p = end + strlen(units[u].unit);
	} while (*p);
	if (!(sum < 9e18))
		return cmd_usage("--%s: '%s' is too long", name, text);
	*ns = (int64_t)sum;
	return 0;
}

static int grouping(void)
{
	static const struct {
		const char *name;
		enum prof_leak_by by;
	} names[] = {{"stack", PROF_LEAK_BY_STACK}, {"line", PROF_LEAK_BY_LINE},
		{"function", PROF_LEAK_BY_FUNCTION}, {"creator", PROF_LEAK_BY_CREATOR}};

	if (!args.by)
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(args.by, names[i].name) == 0) {
			args.leak.by = names[i].by;
			return 0;
		}
	if (strncmp(args.by, "label:", 6) != 0 || !args.by[6])
		return cmd_usage("--by takes stack, line, function, creator or label:KEY, not '%s'",
			args.by);
	args.leak.by = PROF_LEAK_BY_LABEL;
	args.leak.label = args.by + 6;
	return 0;
}

/* The expressions of --ignore and of the files, which stay allocated. */
struct patterns {
	const char **v;
	size_t n;
};

static int add_pattern(struct patterns *p, const char *s)
{
	const char **v = realloc(p->v, (p->n + 1) * sizeof(*v));

	if (!v)
		return cmd_usage("out of memory");
	p->v = v;
	v[p->n++] = s;
	return 0;
}

static int pattern_file(struct patterns *p, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int status = 0;

	if (!f) {
		fprintf(stderr, "%s: %s: %s\n", common.who, path, strerror(errno));
		return EXIT_ERROR;
	}
	while (!status && (n = getline(&line, &cap, f)) > 0) {
		char *copy;

		while (n && strchr(" \t\r\n", line[n - 1]))
			line[--n] = '\0';
		if (!n || *line == '#')
			continue;
		copy = strdup(line);
		status = copy ? add_pattern(p, copy) : cmd_usage("out of memory");
	}
	if (!status && ferror(f)) {
		fprintf(stderr, "%s: %s: %s\n", common.who, path, strerror(errno));
		status = EXIT_ERROR;
	}
	free(line);
	fclose(f);
	return status;
}

static int patterns(void)
{
	static struct patterns p;
	int status = 0;

	for (size_t i = 0; !status && i < args.ignore.n; i++)
		status = add_pattern(&p, args.ignore.v[i]);
	for (size_t i = 0; !status && i < args.ignore_files.n; i++)
		status = pattern_file(&p, args.ignore_files.v[i]);
	args.leak.ignore = p.v;
	args.leak.n_ignore = p.n;
	return status;
}

static int gate(void *ctx, const char *text, int warn, struct prof_err *e)
{
	return prof_leak_gate(ctx, text, warn, e);
}

static int add(struct prof_leak *k, const char *path)
{
	int is_stdin = strcmp(path, "-") == 0;
	struct prof_err err = {0};
	int64_t file_ns = 0;
	struct stat st;

	if (!is_stdin && stat(path, &st) == 0)
		file_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	if (prof_leak_add(k, path, file_ns, &common.limits, &err) == 0)
		return 0;
	return cmd_error(is_stdin ? "standard input" : path, &err);
}

static int run(int argc, char **argv)
{
	struct prof_err err = {0};
	struct prof_report *r;
	struct prof_leak *k;
	int status;

	if (!argc)
		return cmd_usage("needs SNAPSHOTs ('%s -h' for help)", common.who);
	if ((status = grouping()) || (status = patterns()) ||
		(args.every && (status = duration("every", args.every, &args.leak.every_ns))) ||
		(args.stuck && (status = duration("stuck", args.stuck, &args.leak.stuck_ns))))
		return status;
	if (prof_leak_new(&args.leak, &k, &err))
		return cmd_error(NULL, &err);
	status = cmd_gates_add(gate, k);
	for (int i = 0; !status && i < argc; i++)
		status = add(k, argv[i]);
	if (!status) {
		cmd_damage(NULL, prof_leak_damage(k));
		status = prof_leak_report(k, &r, &err) ? cmd_error(NULL, &err) : cmd_put_report(r);
	}
	if (!status)
		status = cmd_gates_status(prof_leak_outcome(k));
	prof_leak_free(k);
	return status;
}

const struct cmd cmd_leak = {
	.name = "leak",
	.summary = "goroutines that pile up over two or more snapshots",
	.synopsis = "[OPTION…] SNAPSHOT…",
	.opts = {opts},
	.formats = 1 << FORMAT_TEXT | 1 << FORMAT_JSON | 1 << FORMAT_MARKDOWN | 1 << FORMAT_HTML |
		   1 << FORMAT_SVG,
	.init = init,
	.run = run,
};
