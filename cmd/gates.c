#include "cmd/gates.h"

enum on_inconclusive { INCONCLUSIVE_FAILS, INCONCLUSIVE_WARNS, INCONCLUSIVE_PASSES };

struct cmd_gates cmd_gates;

const struct opt_choice cmd_on_inconclusive[] = {{"fail", INCONCLUSIVE_FAILS},
	{"warn", INCONCLUSIVE_WARNS}, {"pass", INCONCLUSIVE_PASSES}, {0}};

const struct opt cmd_gate_opts[] = {CMD_GATE_OPTS("'METRIC > NUMBER UNIT'"), {0}};

void cmd_gates_init(void)
{
	cmd_gates.on_inconclusive = INCONCLUSIVE_FAILS;
}

int cmd_gates_add(cmd_gate_fn *add, void *ctx)
{
	struct prof_err err = {0};

	for (size_t i = 0; i < cmd_gates.fail_on.n; i++)
		if (add(ctx, cmd_gates.fail_on.v[i], 0, &err))
			return cmd_error(NULL, &err);
	for (size_t i = 0; i < cmd_gates.warn_on.n; i++)
		if (add(ctx, cmd_gates.warn_on.v[i], 1, &err))
			return cmd_error(NULL, &err);
	return 0;
}

int cmd_gates_status(enum prof_gate_outcome worst)
{
	if (worst == PROF_GATE_FAILS)
		return EXIT_GATE;
	if (worst != PROF_GATE_OPEN)
		return 0;
	if (cmd_gates.on_inconclusive == INCONCLUSIVE_FAILS)
		return EXIT_NO_ANSWER;
	if (cmd_gates.on_inconclusive == INCONCLUSIVE_WARNS)
		cmd_note("a gate cannot be answered");
	return 0;
}
