#include "cmd/cmd.h"
static int run(int argc, char **argv)
{
	(void)argc; (void)argv;
	return 0;
}
const struct cmd cmd_diff = {.name = "diff", .summary = "what changed between two builds", .synopsis = "[OPTION…] FILE…", .run = run};
