/* Figures of the collector's reports: lengths, sizes and parts for a person, and those that a user
 * writes.
 */
#ifndef PROF_ANALYSE_GC_UNITS_H
#define PROF_ANALYSE_GC_UNITS_H

#include "libprof/analyse/gc/gc.h"
#include "libprof/base/buf.h"

/* "95us", "1.20ms", "131MB": PROF_ABSENT prints as "-". */
void prof_gc_put_ns(struct prof_buf *b, int64_t ns);
void prof_gc_put_bytes(struct prof_buf *b, int64_t bytes);

/* A bytes/s rate, and a part as a percentage with three digits; NAN prints as "-". */
void prof_gc_put_rate(struct prof_buf *b, double bytes);
void prof_gc_put_part(struct prof_buf *b, double part);

/* Four digits. */
void prof_gc_put_number(struct prof_buf *b, double v);

/* GOGC as the runs had it: "100", "50 to 100". */
void prof_gc_put_gogc(struct prof_buf *b, const struct prof_gc *gc);

/* "95us + 4us", "99us" where only the sum is known, "-". */
void prof_gc_put_pauses(struct prof_buf *b, const struct prof_gc_cycle *c);

/* "1 cycle", "2 cycles" */
void prof_gc_put_count(struct prof_buf *b, int64_t n, const char *of);

/* Reads a number with a unit from the front of *s: ns us µs ms s m h; B KiB MiB GiB TiB and kB MB
 * GB TB, all factors of 1024; %. Gives ns, bytes, a part, or a plain number. */
enum prof_gc_unit { PROF_GC_UNIT_NONE, PROF_GC_UNIT_TIME, PROF_GC_UNIT_SIZE, PROF_GC_UNIT_PART };
bool prof_gc_number(const char **s, double *v, enum prof_gc_unit *unit);

#endif
