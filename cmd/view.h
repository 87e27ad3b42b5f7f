/* What pprof's reports share on the command line: its options, its files and bases, its way of
 * naming a binary first. A report is then an analysis and a summary (see cmd/tree.c).
 */
#ifndef CMD_VIEW_H
#define CMD_VIEW_H

#include "cmd/cmd.h"

extern struct prof_view_opts view_args;
extern const struct opt view_opts[]; /* what to show, and how */
extern const struct opt view_file_opts[]; /* of which files and bases */
void view_init(void);

/* Reads the operands (several are merged) and the bases. On success *p is the caller's. `time_text`
 * in view_args is set, in the zone of TZ. 0, or an exit status.
 */
int view_open(int argc, char **argv, struct prof_profile **p);

/* The same for what compares NEW and OLD of --diff_base itself: values are not scaled. */
struct view_sides {
	int differential; /* there is a --diff_base; else the rest has no meaning */
	int normalize; /* --normalize (1), --no-normalize (0), neither (-1) */
	int64_t duration_ns[2]; /* enum prof_side; of several files the mean */
};
int view_open_sides(int argc, char **argv, struct view_sides *sides, struct prof_profile **p);

/* For reports that show nothing finer than --by says. */
void view_init_as_shown(void);

/* For what is to lose nothing: all frames are kept, and a single file stays as it is. */
void view_init_whole(void);
int view_open_whole(int argc, char **argv, struct prof_profile **p);

/* As `raw` shows the time; set by view_open as well. */
extern char view_raw_time[80];

/* The remarks on stderr about expressions that matched nothing. */
void view_tell(unsigned missed);

/* Runs a report over the operands: open, analyse, print. */
typedef int view_report_fn(struct prof_profile *p, const struct prof_view_opts *opts,
	unsigned *missed, struct prof_report **out, struct prof_err *e);
int view_report(int argc, char **argv, view_report_fn *report);

/* The same with another way to print, which frees the report and returns the exit status. */
typedef int view_put_fn(struct prof_report *r);
int view_report_to(int argc, char **argv, view_report_fn *report, view_put_fn *put);

typedef int view_stream_fn(struct prof_profile *p, const struct prof_view_opts *opts,
	unsigned *missed, prof_write_fn *write, void *ctx, struct prof_err *e);
int view_stream(int argc, char **argv, view_stream_fn *stream);

/* The same for what is not text: refuses a terminal. */
int view_binary(int argc, char **argv, view_stream_fn *stream);

#endif
