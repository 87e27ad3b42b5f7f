#include "cmd/gates.h"

enum on_inconclusive { INCONCLUSIVE_FAILS, INCONCLUSIVE_WARNS, INCONCLUSIVE_PASSES };

static struct opt_list fail_on, warn_on;
static int on_inconclusive;

static const struct opt_choice inconclusive[] = {{"fail", INCONCLUSIVE_FAILS},
	{"warn", INCONCLUSIVE_WARNS}, {"pass", INCONCLUSIVE_PASSES}, {0}};

const struct opt cmd_gate_opts[] = {
	{"fail_on", 0, OPT_LIST, &fail_on, .arg = "GATE",
		.help = "status 3 if it fails: 'METRIC > NUMBER UNIT' (several times)"},
	{"warn_on", 0, OPT_LIST, &warn_on, .arg = "GATE",
		.help = "tells, but fails nothing (several times)"},
	{"on_inconclusive", 0, OPT_CHOICE, &on_inconclusive, .arg = "fail|warn|pass",
		.choices = inconclusive,
		.help = "a gate that the data cannot answer: status 5 (fail), a line on standard "
			"error, or nothing"},
	{0},
};

void cmd_gates_init(void)
{
	on_inconclusive = INCONCLUSIVE_FAILS;
}

int cmd_gates_add(cmd_gate_fn *add, void *ctx)
{
	struct prof_err err = {0};

	for (size_t i = 0; i < fail_on.n; i++)
		if (add(ctx, fail_on.v[i], 0, &err))
			return cmd_error(NULL, &err);
	for (size_t i = 0; i < warn_on.n; i++)
		if (add(ctx, warn_on.v[i], 1, &err))
			return cmd_error(NULL, &err);
	return 0;
}

int cmd_gates_status(enum prof_gate_outcome worst)
{
	if (worst == PROF_GATE_FAILS)
		return EXIT_GATE;
	if (worst != PROF_GATE_OPEN)
		return 0;
	if (on_inconclusive == INCONCLUSIVE_FAILS)
		return EXIT_NO_ANSWER;
	if (on_inconclusive == INCONCLUSIVE_WARNS)
		cmd_note("a gate cannot be answered");
	return 0;
}
