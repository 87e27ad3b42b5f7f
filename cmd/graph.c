#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/view.h"

static int force;
static int64_t timeout;

static const struct opt opts[] = {
	{"force", 0, OPT_BOOL, &force, .help = "lay out more than 500 nodes"},
	{"timeout", 0, OPT_INT, &timeout, .arg = "SECONDS",
		.help = "give up laying out after so many (60; 0: never)"},
	{0},
};

enum { MAX_NODES = 500, SECONDS = 60 };

/* Under address sanitizer a process has terabytes of addresses. */
#if defined(__SANITIZE_ADDRESS__)
#define CAN_LIMIT_MEMORY 0
#elif defined(__has_feature)
#define CAN_LIMIT_MEMORY !__has_feature(address_sanitizer)
#else
#define CAN_LIMIT_MEMORY 1
#endif

static void init(void)
{
	view_init();
	timeout = SECONDS;
}

/* Graphviz and what it draws with say things on standard error that are not for the user. */
static int kept_stderr = -1;

static void silence(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	kept_stderr = dup(STDERR_FILENO);
	if (null >= 0 && kept_stderr >= 0)
		dup2(null, STDERR_FILENO);
}

static void speak(void)
{
	if (kept_stderr >= 0)
		dup2(kept_stderr, STDERR_FILENO);
}

/* The picture is there: opens the output, which until then stays as it was. */
static int write_late(void *ctx, const char *bytes, size_t n)
{
	int *opened = ctx; /* -1: not yet; else the exit status */

	if (*opened < 0) {
		speak();
		*opened = cmd_open_output();
	}
	return *opened ? -1 : cmd_write(NULL, bytes, n);
}

static int draw(const struct prof_report *r, enum prof_drawing as)
{
	struct prof_err err = {0};
	int opened = -1, rc, status, closed;

	silence();
	rc = prof_report_draw(r, as, force ? 0 : MAX_NODES, write_late, &opened, &err);
	speak();
	if (opened > 0)
		return opened;
	if (rc == PROF_ELIMIT)
		return cmd_usage("%s; --nodecount=N shows fewer, --force draws them all", err.msg);
	status = cmd_write_status(rc, &err);
	closed = cmd_close_output();
	return status ? status : closed;
}

/* The process that lays out: what graphviz does to a graph that it is not up to costs no more than
 * time and memory, and those are limited.
 */
static int draw_apart(const struct prof_report *r, enum prof_drawing as)
{
	struct rlimit memory = {common.limits.memory_bytes, common.limits.memory_bytes};

	if (CAN_LIMIT_MEMORY)
		setrlimit(RLIMIT_AS, &memory);
	if (timeout > 0)
		alarm(timeout < UINT_MAX ? (unsigned)timeout : UINT_MAX);
	return draw(r, as);
}

static int draw_in_child(const struct prof_report *r, enum prof_drawing as)
{
	static const char advice[] = "--nodecount=N shows fewer nodes";
	int how = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(draw_apart(r, as));
	while (child > 0 && waitpid(child, &how, 0) < 0)
		if (errno != EINTR)
			child = -1;
	if (child > 0 && WIFEXITED(how))
		return WEXITSTATUS(how);
	if (child > 0 && WTERMSIG(how) == SIGPIPE)
		return EXIT_CLOSED_PIPE;
	if (child < 0)
		fprintf(stderr, "%s: %s\n", common.who, strerror(errno));
	else if (WTERMSIG(how) == SIGALRM)
		fprintf(stderr, "%s: graphviz takes more than %lld s; %s\n", common.who,
			(long long)timeout, advice);
	else
		fprintf(stderr, "%s: graphviz cannot lay this graph out (%s); %s\n", common.who,
			strsignal(WTERMSIG(how)), advice);
	return EXIT_ERROR;
}

static int put(struct prof_report *r)
{
	static const enum prof_drawing drawings[] = {[FORMAT_SVG] = PROF_DRAW_SVG,
		[FORMAT_PNG] = PROF_DRAW_PNG,
		[FORMAT_PDF] = PROF_DRAW_PDF,
		[FORMAT_PS] = PROF_DRAW_PS,
		[FORMAT_GIF] = PROF_DRAW_GIF};
	enum format format = (enum format)cmd_format();
	int status;

	if (format == FORMAT_DOT || format == FORMAT_JSON)
		return cmd_put_report(r);
	status = draw_in_child(r, drawings[format]);
	prof_report_free(r);
	return status;
}

static int run(int argc, char **argv)
{
	int format = cmd_format();

	if ((format == FORMAT_PNG || format == FORMAT_PDF || format == FORMAT_GIF) &&
		cmd_is_terminal())
		return cmd_usage("a picture is binary, and standard output a terminal: -o FILE "
				 "names a file");
	return view_report_to(argc, argv, prof_graph, put);
}

static const struct alias aliases[] = {{"dot", FORMAT_DOT}, {"svg", FORMAT_SVG},
	{"png", FORMAT_PNG}, {"pdf", FORMAT_PDF}, {"ps", FORMAT_PS}, {"gif", FORMAT_GIF},
	{NULL, 0}};

const struct cmd cmd_graph = {
	.name = "graph",
	.aliases = aliases,
	.summary = "the call graph: boxes of functions, arrows of calls",
	.synopsis = "[OPTION…] FILE…",
	.opts = {opts, view_opts, view_file_opts},
	.formats = 1 << FORMAT_DOT | 1 << FORMAT_SVG | 1 << FORMAT_PNG | 1 << FORMAT_PDF |
		   1 << FORMAT_PS | 1 << FORMAT_GIF | 1 << FORMAT_JSON,
	.init = init,
	.run = run,
};
