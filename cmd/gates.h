/* The options of commands that have gates (see prof-diff(1)), and what becomes of them. */
#ifndef CMD_GATES_H
#define CMD_GATES_H

#include "cmd/cmd.h"

extern struct cmd_gates {
	struct opt_list fail_on, warn_on;
	int on_inconclusive;
} cmd_gates;

extern const struct opt_choice cmd_on_inconclusive[];

/* --fail_on, --warn_on, --on_inconclusive; `gates`: how one looks. */
#define CMD_GATE_OPTS(gates) \
	{"fail_on", 0, OPT_LIST, &cmd_gates.fail_on, .arg = "GATE", \
		.help = "status 3 if it fails: " gates " (several times)"}, \
		{"warn_on", 0, OPT_LIST, &cmd_gates.warn_on, .arg = "GATE", \
			.help = "tells, but fails nothing (several times)"}, \
	{ \
		"on_inconclusive", 0, OPT_CHOICE, &cmd_gates.on_inconclusive, \
			.arg = "fail|warn|pass", .choices = cmd_on_inconclusive, \
			.help = "a gate that the data cannot answer: status 5 (fail), a line on " \
				"standard error, or nothing" \
	}

/* These as a block of a command's options. */
extern const struct opt cmd_gate_opts[];

/* Their defaults, for the command's `init`. */
void cmd_gates_init(void);

/* Hands each gate that was asked for to `add`; 0, or an exit status after the error's line. */
typedef int cmd_gate_fn(void *ctx, const char *text, int warn, struct prof_err *e);
int cmd_gates_add(cmd_gate_fn *add, void *ctx);

/* The exit status that the worst outcome asks for. */
int cmd_gates_status(enum prof_gate_outcome worst);

#endif
