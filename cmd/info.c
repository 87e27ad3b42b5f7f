#include "cmd/cmd.h"
static int run(int argc, char **argv)
{
	(void)argc; (void)argv;
	return 0;
}
const struct cmd cmd_info = {.name = "info", .summary = "what a file is: kind, producer, counts, damage", .synopsis = "[OPTION…] FILE…", .run = run};
