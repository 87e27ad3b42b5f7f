#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"

static int show_help, show_version, list_opts, list_cmds;

static const struct opt main_opts[] = {
	{"help", 'h', OPT_BOOL, &show_help, .help = "this text"},
	{"version", 0, OPT_BOOL, &show_version, .help = "the version"},
	{"list-opts", 0, OPT_BOOL, &list_opts, .help = NULL},
	{"list-cmds", 0, OPT_BOOL, &list_cmds, .help = NULL},
	{0},
};

static int format; /* that the name of the command asks for; -1: none */

static const struct cmd *find(const char *name)
{
	format = -1;
	for (const struct cmd *const *c = cmds; *c; c++) {
		if (!strcmp((*c)->name, name))
			return *c;
		for (const struct alias *a = (*c)->aliases; a && a->name; a++) {
			if (strcmp(a->name, name) != 0)
				continue;
			format = a->format;
			return *c;
		}
	}
	return NULL;
}

/* The command that begins argv: of one word or of two ("archive add"), which *words tells. */
static const struct cmd *find_words(int argc, char **argv, int *words)
{
	const struct cmd *c = NULL;
	char two[64];

	*words = 2;
	if (argc > 1 && (size_t)snprintf(two, sizeof(two), "%s %s", argv[0], argv[1]) < sizeof(two))
		c = find(two);
	if (c)
		return c;
	*words = 1;
	return find(argv[0]);
}

/* What pprof can be asked for and prof is not, and what does instead. */
static const struct {
	const char *name, *instead;
} elsewhere[] = {
	{"http", "serves no pages; 'prof flame -o FILE.html' writes one"},
	{"web", "starts no other program; 'prof -svg -o FILE.svg' writes the picture"},
	{"eog", "starts no other program; 'prof -svg -o FILE.svg' writes the picture"},
	{"evince", "starts no other program; 'prof -pdf -o FILE.pdf' writes the picture"},
	{"gv", "starts no other program; 'prof -ps -o FILE.ps' writes the picture"},
	{"kcachegrind", "starts no other program; 'prof callgrind -o FILE' writes what it reads"},
	{"disasm", "has no use for the binary; 'prof top --addresses' tells what addresses cost"},
	{"weblist", "has no use for the binary; 'prof list' tells what source lines cost"},
};

static int tell_instead(const char *name)
{
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (!strcmp(elsewhere[i].name, name)) {
			fprintf(stderr, "prof: %s: this %s\n", name, elsewhere[i].instead);
			return 1;
		}
	return 0;
}

static void usage(void)
{
	puts("usage: prof COMMAND [OPTION…] FILE…\n"
	     "       profdiff [OPTION…] OLD NEW\n\n"
	     "Offline analysis of what Go programs leave behind.\n");
	for (const struct cmd *const *c = cmds; *c; c++)
		printf("  %-15s %s\n", (*c)->name, (*c)->summary);
	puts("\n'prof COMMAND -h' tells a command's options, 'man prof-COMMAND' all of it.");
}

static void command_usage(const struct cmd *c, const struct opt *const *blocks)
{
	printf("usage: %s %s\n\n%s\n\n", common.who, c->synopsis, c->summary);
	opt_usage(blocks);
}

static int unknown_command(const char *name)
{
	const char *names[64], *near;
	size_t n = 0;

	if (tell_instead(name))
		return EXIT_USAGE;
	for (const struct cmd *const *c = cmds; *c && n < 64; c++)
		names[n++] = (*c)->name;
	near = opt_near(name, names, n);
	fprintf(stderr,
		near ? "prof: unknown command '%s'; did you mean '%s'?\n"
		     : "prof: unknown command '%s' ('prof help' lists them)\n",
		name, near);
	return EXIT_USAGE;
}

/* The first word of commands of two without the second: tells what there is. */
static int half_command(const char *first)
{
	size_t n = strlen(first);
	int any = 0;

	for (const struct cmd *const *c = cmds; *c; c++) {
		if (strncmp((*c)->name, first, n) != 0 || (*c)->name[n] != ' ')
			continue;
		if (!any++)
			fprintf(stderr, "usage:");
		fprintf(stderr, "%s prof %s %s\n", any > 1 ? "      " : "", (*c)->name,
			(*c)->synopsis);
	}
	return any;
}

static int run(const struct cmd *c, const char *who, int argc, char **argv)
{
	const struct opt *blocks[8] = {NULL};
	size_t n = 0;
	int operands, status;

	while (n < 4 && c->opts[n]) {
		blocks[n] = c->opts[n];
		n++;
	}
	blocks[n++] = common_opts;
	blocks[n++] = main_opts;
	common.who = who;
	common.format = format;
	prof_limits_init(&common.limits);
	common.limits.temp_dir = getenv("TMPDIR");
	prof_trace_profile_opts_init(&common.trace);
	cmd_set_formats(c->formats);
	if (c->init)
		c->init();
	if (opt_parse(who, blocks, argc, argv, &operands))
		return EXIT_USAGE;
	if (show_help)
		command_usage(c, blocks);
	else if (show_version)
		printf("prof %s\n", prof_version());
	else if (list_opts)
		opt_names(blocks);
	else if (cmd_check_format())
		return EXIT_USAGE;
	else if ((status = c->run(operands, argv)) || !common.damaged)
		return status;
	else
		return EXIT_DAMAGED;
	return 0;
}

/* pprof's way of naming a report: one of the options is the command, and may bring its expression
 * along (-peek=REGEX). What is left for the command is argv[*first ..]; *first is 0 when it is one
 * that prof has not, which was told.
 */
static const struct cmd *command_option(int argc, char **argv, int *first)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *arg = argv[i] + 1 + (argv[i][0] && argv[i][1] == '-');
		size_t n = strcspn(argv[i], "=");
		const struct cmd *c;
		char name[32], *value = argv[i][n] ? argv[i] + n + 1 : NULL;

		if (argv[i][0] != '-' || strcspn(arg, "=") >= sizeof(name))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(arg, "="), arg);
		c = find(name);
		if (!c && tell_instead(name)) {
			*first = 0;
			return NULL;
		}
		if (!c || !strcmp(c->name, "help"))
			continue;
		memmove(argv + 2, argv + 1, (size_t)(i - 1) * sizeof(*argv));
		*first = value && strcmp(value, "true") != 0 ? 1 : 2;
		argv[1] = value;
		return c;
	}
	return NULL;
}

static int dispatch(int argc, char **argv)
{
	const char *base = strrchr(argv[0], '/');
	static char who[80];
	const struct cmd *c;
	int first = 2;

	if (!strcmp(base ? base + 1 : argv[0], "profdiff"))
		return run(find("diff"), "profdiff", argc - 1, argv + 1);
	if (argc < 2) {
		fputs("usage: prof COMMAND [OPTION…] FILE… ('prof help' lists the commands)\n",
			stderr);
		return EXIT_USAGE;
	}
	if (argv[1][0] == '-') {
		c = command_option(argc, argv, &first);
	} else {
		c = find_words(argc - 1, argv + 1, &first);
		first++;
	}
	if (c) {
		snprintf(who, sizeof(who), "prof %s", c->name);
		return run(c, who, argc - first, argv + first);
	}
	if (!first)
		return EXIT_USAGE;
	if (argv[1][0] != '-')
		return half_command(argv[1]) ? EXIT_USAGE : unknown_command(argv[1]);
	if (opt_parse("prof", (const struct opt *const[]){main_opts, NULL}, argc - 1, argv + 1,
		    &argc))
		return EXIT_USAGE;
	if (show_version)
		printf("prof %s\n", prof_version());
	else if (list_cmds)
		for (const struct cmd *const *p = cmds; *p; p++)
			puts((*p)->name);
	else
		usage();
	return 0;
}

static int help(int argc, char **argv)
{
	const struct cmd *c;
	char who[80];
	char *ask[] = {(char[]){"-h"}, NULL};
	int words;

	if (!argc) {
		usage();
		return 0;
	}
	c = find_words(argc, argv, &words);
	if (!c)
		return half_command(argv[0]) ? EXIT_USAGE : unknown_command(argv[0]);
	snprintf(who, sizeof(who), "prof %s", c->name);
	return run(c, who, 1, ask);
}

const struct cmd cmd_help = {
	.name = "help",
	.summary = "the commands, or one command's options",
	.synopsis = "[COMMAND]",
	.run = help,
};

int main(int argc, char **argv)
{
	int status = argc ? dispatch(argc, argv) : EXIT_USAGE;

	/* Reports check their own writes; this is for help and the like. */
	if ((fflush(stdout) != 0 || ferror(stdout)) && !status) {
		fputs("prof: cannot write to standard output\n", stderr);
		status = EXIT_ERROR;
	}
	return status;
}
