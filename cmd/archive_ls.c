#include "cmd/cmd.h"

typedef int list_fn(const char *db, const char *query, const struct prof_limits *limits,
	struct prof_report **out, struct prof_err *e);

static int list(int argc, char **argv, list_fn *make)
{
	struct prof_err err = {.offset = -1};
	struct prof_report *r;

	if (argc < 1 || argc > 2)
		return cmd_usage(
			"needs an archive and perhaps a query ('%s -h' for help)", common.who);
	if (make(argv[0], argc > 1 ? argv[1] : NULL, &common.limits, &r, &err))
		return cmd_error(err.code == PROF_EUSAGE ? NULL : argv[0], &err);
	return cmd_put_report(r);
}

static int run_ls(int argc, char **argv)
{
	return list(argc, argv, prof_archive_list);
}

static int run_show(int argc, char **argv)
{
	return list(argc, argv, prof_archive_show);
}

const struct cmd cmd_archive_ls = {
	.name = "archive ls",
	.summary = "the profiles in an archive",
	.synopsis = "[OPTION…] DB [QUERY]",
	.run = run_ls,
};

const struct cmd cmd_archive_show = {
	.name = "archive show",
	.summary = "all that an archive says about profiles",
	.synopsis = "[OPTION…] DB [QUERY]",
	.run = run_show,
};
