/* The option parser. A command's options are one constant array; each says where its value goes.
 *
 *	static const struct opt opts[] = {
 *		{"cum", 0, OPT_BOOL, &args.cum, .help = "sort by cum"},
 *		{"nodecount", 0, OPT_INT, &args.count, .arg = "N", .help = "at most N rows"},
 *		{0},
 *	};
 *
 * Manners: one dash does for two, a dash for an underscore; `--x=v`, `--x v`; `--no-x` and
 * `--x=false` for OPT_BOOL and OPT_SET; options and operands may mix, `--` ends the options, `-` is
 * an operand; short options (`-n 5`) never bundle. What is unknown gets a hint at what is near.
 */
#ifndef CMD_OPT_H
#define CMD_OPT_H

#include <stddef.h>

enum opt_type {
	OPT_END,
	OPT_BOOL, /* int: 1, or 0 */
	OPT_INT, /* int64_t */
	OPT_REAL, /* double */
	OPT_STR, /* const char * */
	OPT_LIST, /* struct opt_list: may stand several times */
	OPT_CHOICE, /* int: the value of the choice that is named */
	OPT_SET, /* int: becomes .value; no argument; only one of those with the same target */
	OPT_TIME, /* int64_t: ns; "1.5s", "200ms" */
	OPT_LIMIT, /* struct prof_limits: NAME=SIZE */
	OPT_MARK, /* int64_t: how many operands stood before it; takes no argument */
};

struct opt_choice {
	const char *name;
	int value;
};

struct opt_list {
	const char **v;
	size_t n;
};

struct opt {
	const char *name;
	char letter; /* 0: none */
	enum opt_type type;
	void *target;
	int value; /* OPT_SET */
	const char *arg; /* what -h calls the value */
	const char *help; /* NULL: works, but -h does not list it */
	const struct opt_choice *choices; /* OPT_CHOICE, ended by {0} */
};

/* The near one of `n` names, or NULL. */
const char *opt_near(const char *name, const char *const *names, size_t n);

/* Parses argv[0 .. argc) against several blocks (a NULL ends them). Operands are moved to the front
 * of argv and counted in *operands. 0, or -1 after a line on stderr that starts with `who`.
 */
int opt_parse(
	const char *who, const struct opt *const *blocks, int argc, char **argv, int *operands);

/* The option table of -h. */
void opt_usage(const struct opt *const *blocks);

/* Names only, for completion. */
void opt_names(const struct opt *const *blocks);

#endif
