/* What a subcommand is. To add one:
 *
 *	1. cmd/NAME.c exports `const struct cmd cmd_NAME`; its options are one array (cmd/opt.h);
 *	2. one line in cmd/cmds.c;
 *	3. cmd/prof-NAME.1 beside it: NAME SYNOPSIS DESCRIPTION OPTIONS OUTPUT EXAMPLES EXIT STATUS;
 *	4. tests/cmd/NAME/: a case is CASE.sh with CASE.out (CASE.err, CASE.exit); REDO=1 writes
 *	   them.
 *
 * tests/lint checks that -h, the man page's synopsis and options, and the table agree, and runs
 * each command of the man page's EXAMPLES.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "cmd/opt.h"
#include "libprof/prof.h"

enum {
	EXIT_DONE = 0,
	EXIT_ERROR = 1,
	EXIT_USAGE = 2,
	EXIT_GATE = 3,
	EXIT_DAMAGED = 4,
	EXIT_NO_ANSWER = 5,
	EXIT_CLOSED_PIPE = 141,
};

/* Another name of a command, and the format that it asks for (enum format; -1: none). */
struct alias {
	const char *name;
	int format;
};

struct cmd {
	const char *name;
	const struct alias *aliases; /* ended by a name NULL; NULL: none */
	const char *summary; /* one line, for help */
	const char *synopsis; /* what stands behind the name */
	const struct opt *opts[4]; /* blocks of options of its own, ended by NULL */
	unsigned formats; /* bits 1 << enum format, the lowest is the default; 0: text, html, json,
			     md */
	void (*init)(void); /* sets the defaults of `opts`; NULL: all are 0 */
	/* argv[0 .. argc) are the operands. Returns an exit status. */
	int (*run)(int argc, char **argv);
};

extern const struct cmd *const cmds[]; /* ended by NULL */

/* The options that every command has, and what they say. */
enum format {
	FORMAT_TEXT,
	FORMAT_DOT,
	FORMAT_SVG,
	FORMAT_PNG,
	FORMAT_PDF,
	FORMAT_PS,
	FORMAT_GIF,
	FORMAT_HTML,
	FORMAT_FOLDED,
	FORMAT_SPEEDSCOPE,
	FORMAT_JSON,
	FORMAT_MARKDOWN,
	FORMAT_CSV,
	FORMAT_WIRE, /* as go tool trace -d=wire, -d=parsed */
	FORMAT_PARSED,
};

struct common {
	const char *who; /* "prof top", "profdiff": how errors begin */
	int format;
	const char *output; /* NULL: standard output */
	int quiet;
	int damaged; /* an input is: a status of 0 becomes EXIT_DAMAGED */
	struct prof_limits limits;
	struct prof_trace_profile_opts trace; /* how cmd_open takes a trace */
};

/* Options of commands that take profiles, for traces among them. Where --to is free it is --until.
 */
#define CMD_TRACE_OPTS \
	{"profile", 0, OPT_STR, &common.trace.profile, .arg = "NAME", \
		.help = "of a trace: running (default), sched, sync, net, syscall, block, cpu, " \
			"assist, sweep, stw"}, \
		{"go_compatible", 0, OPT_BOOL, &common.trace.go_compatible, \
			.help = "of a trace: only the waits that 'go tool trace -pprof' has"}, \
		{"from", 0, OPT_TIME, &common.trace.range.from, .arg = "TIME", \
			.help = "of a trace: only what is later than this after its start"}, \
	{ \
		"until", 0, OPT_TIME, &common.trace.range.to, \
			.arg = "TIME", .help = "of a trace: only what is before this" \
	}
#define CMD_TRACE_TO \
	{ \
		"to", 0, OPT_TIME, &common.trace.range.to, .arg = "TIME", \
							   .help = "the same as --until" \
	}

extern struct common common;
extern const struct opt common_opts[];

/* Makes --format take these formats (bits 1 << enum format), for the command that is about to run.
 */
void cmd_set_formats(unsigned formats);

/* Whether the command has the format that --json and the like asked for: 0, or an exit status. */
int cmd_check_format(void);

/* One line on stderr: "WHO: FILE: offset N: what". `file` may be NULL. Returns the exit status that
 * belongs to the error.
 */
int cmd_error(const char *file, const struct prof_err *err);

/* A line on stderr that -q silences. */
void cmd_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Wrong usage: a line on stderr, status 2. */
int cmd_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Opens a profile under the limits that were asked for; 0, or an exit status after the error's
 * line. */
int cmd_open(const char *path, struct prof_profile **out);

/* The same for what shows nothing finer than `by`: prof_profile_open_by. */
int cmd_open_by(const char *path, enum prof_granularity by, struct prof_profile **out);

/* A line on stderr about what `file` lacks, and the status that belongs to it; NULL: nothing. */
void cmd_damage(const char *file, const char *what);

/* The format that was asked for: by option, else by the ending of -o, else the command's default.
 */
int cmd_format(void);

/* Renders `r` in the format and to the place that were asked for, frees it, and returns the exit
 * status.
 */
int cmd_put_report(struct prof_report *r);

/* Whether the output goes to a terminal. */
int cmd_is_terminal(void);

/* Writes to where cmd_open_output opened: a prof_write_fn. */
int cmd_write(void *ctx, const char *bytes, size_t len);

/* Whether that was what failed. */
int cmd_write_failed(void);

/* The exit status of what wrote through it, after the error's line. */
int cmd_write_status(int rc, const struct prof_err *err);

/* The parts of the same, for a command that writes several reports. */
int cmd_open_output(void);
int cmd_write_report(const struct prof_report *r);
void cmd_write_text(const char *s);
int cmd_close_output(void);

#endif
