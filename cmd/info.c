#include "cmd/cmd.h"

/* `told`: how many files were told about before this one. */
static int one(const char *path, int told)
{
	struct prof_err err = {0};
	struct prof_report *r;
	int status;

	if (prof_info(path, &common.limits, &r, &err))
		return cmd_error(path, &err);
	if (told && cmd_format() == FORMAT_TEXT)
		cmd_write_text("\n");
	cmd_damage(path, prof_report_damage(r));
	status = cmd_write_report(r);
	prof_report_free(r);
	return status;
}

/* One document a file; the files after a bad one are told about all the same. */
static int run(int argc, char **argv)
{
	int worst, status, told = 0;

	if (!argc)
		return cmd_usage("needs a FILE ('%s -h' for help)", common.who);
	worst = cmd_open_output();
	if (worst)
		return worst;
	for (int i = 0; i < argc; i++) {
		status = one(argv[i], told);
		told += !status;
		if (status == EXIT_CLOSED_PIPE)
			return status;
		worst = status ? status : worst;
	}
	status = cmd_close_output();
	return worst ? worst : status;
}

const struct cmd cmd_info = {
	.name = "info",
	.summary = "what a file is: kind, producer, times, counts",
	.synopsis = "[OPTION…] FILE…",
	.run = run,
};
