/* The options of commands that have gates (see prof-diff(1)), and what becomes of them. */
#ifndef CMD_GATES_H
#define CMD_GATES_H

#include "cmd/cmd.h"

/* --fail_on, --warn_on, --on_inconclusive: a block of the command's options. */
extern const struct opt cmd_gate_opts[];

/* Their defaults, for the command's `init`. */
void cmd_gates_init(void);

/* Hands each gate that was asked for to `add`; 0, or an exit status after the error's line. */
typedef int cmd_gate_fn(void *ctx, const char *text, int warn, struct prof_err *e);
int cmd_gates_add(cmd_gate_fn *add, void *ctx);

/* The exit status that the worst outcome asks for. */
int cmd_gates_status(enum prof_gate_outcome worst);

#endif
