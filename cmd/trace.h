/* What the commands over an execution trace share. */
#ifndef CMD_TRACE_H
#define CMD_TRACE_H

#include "cmd/cmd.h"

/* --from, --to. */
extern struct prof_trace_opts trace_args;
extern const struct opt trace_opts[];
void trace_init(void);

/* Opens the one FILE of argv: 0, or an exit status after the error's line. */
int trace_open(int argc, char **argv, struct prof_trace **out);

/* An error of the trace that was opened; its exit status. */
int trace_error(char **argv, const struct prof_err *err);

/* Frees a trace that was read to its end. The exit status: `status` where that is not 0, else 4
 * when it was damaged, after a line that tells the first damage.
 */
int trace_close(char **argv, struct prof_trace *t, int status);

/* A report of the one FILE of argv, which `make` makes; the exit status. */
typedef int trace_make_fn(struct prof_trace *t, struct prof_report **out, struct prof_err *err);
int trace_report(int argc, char **argv, trace_make_fn *make);

#endif
