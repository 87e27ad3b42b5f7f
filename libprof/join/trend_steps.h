/* How changes are told, by whatever has them: trend_steps.c. */
#ifndef PROF_JOIN_TREND_STEPS_H
#define PROF_JOIN_TREND_STEPS_H

#include "libprof/join/trend.h"

/* What a series calls its changes, and how it writes them: "5.1 % → 6.0 %". */
struct prof_trend_words {
	const char *(*kind)(const struct prof_trend_row *x);
	void (*change)(struct prof_buf *b, const struct prof_step *s, const void *ctx);
	const void *ctx;
};

/* The field "steps" and a line in the head for each of t->steps, or that there is none. */
int prof_trend_put_steps(const struct prof_trend *t, const struct prof_trend_words *words,
	struct prof_report *r, struct prof_err *e) PROF_CHECKED;

/* Whether two may be changes of one build. */
bool prof_trend_is_with(const struct prof_step *a, const struct prof_step *b);

/* A night's build as far as text shows it; a chance; the builds where a step may also be, with it.
 */
void prof_trend_put_build(struct prof_buf *b, const struct prof_trend *t, size_t night);
void prof_trend_put_chance(struct prof_buf *b, double chance);
void prof_trend_put_others(
	struct prof_buf *b, const struct prof_trend *t, const struct prof_step *s);

/* The list "likely" of JSON: where a step may be. */
int prof_trend_likely(const struct prof_trend *t, const struct prof_step *s, struct prof_report *r,
	struct prof_cell *out, struct prof_err *e) PROF_CHECKED;

#endif
