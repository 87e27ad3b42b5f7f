#include "cmd/cmd.h"

extern const struct cmd cmd_diff, cmd_help, cmd_info, cmd_top;

/* In the order of help. */
const struct cmd *const cmds[] = {
	&cmd_info,
	&cmd_top,
	&cmd_diff,
	&cmd_help,
	NULL,
};
