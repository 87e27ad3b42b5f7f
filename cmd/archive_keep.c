#include "cmd/cmd.h"

/* A line of result: text, or a JSON object with one number. */
static int put_count(const char *schema, const char *key, uint64_t n, const char *verb)
{
	struct prof_err err = {.offset = -1};
	struct prof_report *r;

	return prof_count_report(schema, key, n, verb, &r, &err) ? cmd_error(NULL, &err)
								 : cmd_put_report(r);
}

static int fail(const char *db, int rc, const struct prof_err *err)
{
	return cmd_error(rc == PROF_EUSAGE ? NULL : db, err);
}

static int rollback_journal;

static const struct opt journal_opts[] = {
	{"journal", 0, OPT_CHOICE, &rollback_journal, .arg = "wal|delete",
		.choices = (const struct opt_choice[]){{"wal", 0}, {"delete", 1}, {0}},
		.help = "delete: for network file systems"},
	{0},
};

static int run_tag(int argc, char **argv)
{
	struct prof_err err = {.offset = -1};
	uint64_t n;
	int rc;

	if (argc < 3)
		return cmd_usage(
			"needs an archive, a query and labels ('%s -h' for help)", common.who);
	rc = prof_archive_tag(argv[0], argv[1], (const char *const *)argv + 2, (size_t)argc - 2,
		rollback_journal, &common.limits, &n, &err);
	return rc ? fail(argv[0], rc, &err)
		  : put_count("prof.archive.tag/1", "changed", n, "changed");
}

const struct cmd cmd_archive_tag = {
	.name = "archive tag",
	.summary = "change labels of profiles in an archive",
	.synopsis = "[OPTION…] DB QUERY KEY=VALUE…",
	.opts = {journal_opts},
	.run = run_tag,
};

static struct prof_archive_prune_opts prune;

static const struct opt prune_opts[] = {
	{"keep", 0, OPT_STR, &prune.keep, .arg = "SPAN",
		.help = "keep what is younger: 180d, 26w, 1y; none: nothing that QUERY names"},
	{"keep-weekly", 0, OPT_STR, &prune.keep_weekly, .arg = "SPAN",
		.help = "of what is older but younger than this, keep each week's last"},
	{"keep-monthly", 0, OPT_STR, &prune.keep_monthly, .arg = "SPAN",
		.help = "likewise the last of each 30 days"},
	{"dry-run", 0, OPT_BOOL, &prune.dry_run, .help = "only tell how many would go"},
	{0},
};

static int run_prune(int argc, char **argv)
{
	struct prof_err err = {.offset = -1};
	uint64_t n;
	int rc;

	if (argc < 1 || argc > 2)
		return cmd_usage(
			"needs an archive and perhaps a query ('%s -h' for help)", common.who);
	if (!prune.keep && !prune.keep_weekly && !prune.keep_monthly)
		return cmd_usage("--keep, --keep-weekly or --keep-monthly says what stays");
	prune.rollback_journal = rollback_journal;
	prune.query = argc > 1 ? argv[1] : NULL;
	rc = prof_archive_prune(argv[0], &prune, &common.limits, &n, &err);
	return rc ? fail(argv[0], rc, &err)
		  : put_count("prof.archive.prune/1", "removed", n,
			    prune.dry_run ? "would be removed" : "removed");
}

const struct cmd cmd_archive_prune = {
	.name = "archive prune",
	.summary = "remove old profiles from an archive",
	.synopsis = "[OPTION…] DB [QUERY]",
	.opts = {prune_opts, journal_opts},
	.run = run_prune,
};

static int run_verify(int argc, char **argv)
{
	struct prof_err err = {.offset = -1};
	struct prof_report *r;
	uint64_t problems;
	int rc, status;

	if (argc != 1)
		return cmd_usage("needs an archive ('%s -h' for help)", common.who);
	rc = prof_archive_verify(argv[0], &common.limits, &problems, &r, &err);
	if (rc)
		return fail(argv[0], rc, &err);
	status = cmd_put_report(r);
	return status ? status : problems ? EXIT_DAMAGED : 0;
}

const struct cmd cmd_archive_verify = {
	.name = "archive verify",
	.summary = "look at everything in an archive for damage",
	.synopsis = "[OPTION…] DB",
	.run = run_verify,
};

static int run_stats(int argc, char **argv)
{
	struct prof_err err = {.offset = -1};
	struct prof_report *r;
	int rc;

	if (argc != 1)
		return cmd_usage("needs an archive ('%s -h' for help)", common.who);
	rc = prof_archive_stats(argv[0], &common.limits, &r, &err);
	return rc ? fail(argv[0], rc, &err) : cmd_put_report(r);
}

const struct cmd cmd_archive_stats = {
	.name = "archive stats",
	.summary = "what the bytes of an archive hold",
	.synopsis = "[OPTION…] DB",
	.run = run_stats,
};
