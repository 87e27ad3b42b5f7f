#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <histedit.h>

#include "cmd/cmd.h"

static int schema, may_write;
static const char *archive;

static const struct opt opts[] = {
	{"schema", 0, OPT_BOOL, &schema,
		.help = "print what there is: tables, views and functions, with their columns"},
	{"write", 0, OPT_BOOL, &may_write, .help = "allow statements that change the archive"},
	{0},
};

static enum prof_sql_format format(void)
{
	switch (cmd_format()) {
	case FORMAT_CSV:
		return PROF_SQL_CSV;
	case FORMAT_JSON:
		return PROF_SQL_JSON;
	default:
		return PROF_SQL_TABLE;
	}
}

static int execute(struct prof_sql_session *s, const char *text)
{
	struct prof_err err = {.offset = -1};
	int rc = prof_sql_exec(s, text, format(), cmd_write, NULL, &err);

	if (rc == PROF_EIO)
		return cmd_write_status(rc, &err);
	return rc ? cmd_error(rc == PROF_EFORMAT ? archive : NULL, &err) : 0;
}

/* A growing text, for statements of several lines. */
struct text {
	char *p;
	size_t n;
};

static int append(struct text *t, const char *line, size_t n)
{
	char *p = realloc(t->p, t->n + n + 1);

	if (!p)
		return cmd_usage("out of memory");
	memcpy(p + t->n, line, n);
	p[t->n + n] = '\0';
	t->p = p;
	t->n += n;
	return 0;
}

/* All of standard input. */
static int run_input(struct prof_sql_session *s)
{
	struct text t = {0};
	char buf[4096];
	size_t n;
	int status = append(&t, "", 0);

	while (!status && (n = fread(buf, 1, sizeof(buf), stdin)) > 0)
		status = append(&t, buf, n);
	if (!status)
		status = execute(s, t.p);
	free(t.p);
	return status;
}

static int more_to_come;

static char *prompt(EditLine *el)
{
	static char first[] = "prof> ", more[] = "  ... ";

	(void)el;
	return more_to_come ? more : first;
}

static void history_path(char *path, size_t size)
{
	const char *home = getenv("HOME"), *state = getenv("XDG_STATE_HOME");

	path[0] = '\0';
	if (state && *state)
		snprintf(path, size, "%s/prof_history", state);
	else if (home && *home)
		snprintf(path, size, "%s/.prof_history", home);
}

/* The names in the schema, a line each. */
static void list_tables(void)
{
	static const char *const kinds[] = {"CREATE TABLE ", "CREATE VIEW "};

	for (const char *p = prof_sql_schema(); p; p = strchr(p, '\n')) {
		p += *p == '\n';
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			size_t n = strlen(kinds[i]);

			if (!strncmp(p, kinds[i], n))
				printf("%.*s\n", (int)strcspn(p + n, "( "), p + n);
		}
	}
	fflush(stdout);
}

/* Errors do not end it: the next statement may be right. */
static int talk(struct prof_sql_session *s, EditLine *el, History *h)
{
	struct text t = {0};
	const char *line;
	HistEvent ev;
	int n, status = 0;

	while (!status && (line = el_gets(el, &n)) && n > 0) {
		if (!t.n && (!strcmp(line, ".quit\n") || !strcmp(line, ".exit\n")))
			break;
		if (!t.n && (!strcmp(line, ".schema\n") || !strcmp(line, ".help\n"))) {
			fputs(prof_sql_schema(), stdout);
			fflush(stdout);
			continue;
		}
		if (!t.n && !strcmp(line, ".tables\n")) {
			list_tables();
			continue;
		}
		if (line[0] != '\n')
			history(h, &ev, more_to_come ? H_APPEND : H_ENTER, line);
		status = append(&t, line, (size_t)n);
		more_to_come = !status && strspn(t.p, " \t\n") < t.n && !prof_sql_complete(t.p);
		if (status || more_to_come)
			continue;
		execute(s, t.p);
		t.n = 0;
	}
	free(t.p);
	return status;
}

static int interactive(struct prof_sql_session *s)
{
	EditLine *el = el_init("prof", stdin, stdout, stderr);
	History *h = history_init();
	char path[4096];
	HistEvent ev;
	int status;

	if (!el || !h)
		return cmd_usage("no line editor on this terminal");
	history(h, &ev, H_SETSIZE, 1000);
	history(h, &ev, H_SETUNIQUE, 1);
	history_path(path, sizeof(path));
	if (*path)
		history(h, &ev, H_LOAD, path);
	el_set(el, EL_PROMPT, prompt);
	el_set(el, EL_EDITOR, "emacs");
	el_set(el, EL_HIST, history, h);
	el_source(el, NULL);
	puts("SQL over the archive; .tables names what there is, .schema describes it, .quit or ^D "
	     "ends it.");
	fflush(stdout);
	status = talk(s, el, h);
	if (*path)
		history(h, &ev, H_SAVE, path);
	history_end(h);
	el_end(el);
	return status;
}

static int run_with(struct prof_sql_session *s, int argc, char **argv)
{
	int status, closed;

	if (!argc && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return interactive(s);
	status = cmd_open_output();
	if (status)
		return status;
	if (!argc)
		status = run_input(s);
	for (int i = 0; !status && i < argc; i++)
		status = execute(s, argv[i]);
	closed = cmd_close_output();
	return status ? status : closed;
}

static int run(int argc, char **argv)
{
	struct prof_sql_session *s;
	struct prof_err err = {.offset = -1};
	int status;

	if (schema) {
		fputs(prof_sql_schema(), stdout);
		return 0;
	}
	if (!argc)
		return cmd_usage("needs an archive ('%s -h' for help)", common.who);
	archive = argv[0];
	if (prof_sql_open(archive, may_write, &common.limits, &s, &err))
		return cmd_error(archive, &err);
	status = run_with(s, argc - 1, argv + 1);
	prof_sql_close(s);
	return status;
}

const struct cmd cmd_sql = {
	.name = "sql",
	.summary = "SQL over an archive",
	.synopsis = "[OPTION…] DB [STATEMENT…]",
	.opts = {opts},
	.formats = 1 << FORMAT_TEXT | 1 << FORMAT_JSON | 1 << FORMAT_CSV,
	.run = run,
};
