#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"

static int raw;

static const struct opt opts[] = {
	{"raw", 0, OPT_BOOL, &raw, .help = "the file itself, as --keep-raw kept it"},
	{0},
};

static int is_stdout(void)
{
	return !common.output || strcmp(common.output, "-") == 0;
}

static unsigned flags(void)
{
	size_t n = is_stdout() ? 0 : strlen(common.output);
	int plain = n > 3 && strcmp(common.output + n - 3, ".pb") == 0;

	return (plain ? 0 : PROF_WRITE_GZIP) | PROF_WRITE_PROF_LABELS;
}

/* The output is opened by the first bytes: what cannot be written leaves a file alone. */
static int put(void *ctx, const char *p, size_t n)
{
	int *status = ctx;

	if (*status < 0)
		*status = cmd_open_output();
	return *status ? -1 : cmd_write(NULL, p, n);
}

static int run(int argc, char **argv)
{
	struct prof_err err = {.offset = -1};
	struct prof_profile *p = NULL;
	int opened = -1, rc, status, closed;

	if (argc != 2)
		return cmd_usage("needs an archive and a query ('%s -h' for help)", common.who);
	if (is_stdout() && isatty(STDOUT_FILENO))
		return cmd_usage("a profile is binary, and standard output a terminal: "
				 "-o FILE names a file");
	if (raw) {
		rc = prof_archive_raw(argv[0], argv[1], put, &opened, &err);
	} else {
		rc = prof_archive_export(argv[0], argv[1], &common.limits, &p, &err);
		if (!rc)
			rc = prof_profile_write(p, flags(), put, &opened, &err);
	}
	prof_profile_free(p);
	if (opened > 0)
		return opened;
	if (rc && opened < 0)
		return cmd_error(rc == PROF_EUSAGE ? NULL : argv[0], &err);
	status = cmd_write_status(rc, &err);
	closed = cmd_close_output();
	return status ? status : closed;
}

const struct cmd cmd_archive_export = {
	.name = "archive export",
	.summary = "a profile of an archive as a file",
	.synopsis = "[OPTION…] DB QUERY",
	.opts = {opts},
	.run = run,
};
