/* What more the archive's blobs are made of than numbers (seal.h). */
#ifndef PROF_STORE_BYTES_H
#define PROF_STORE_BYTES_H

#include "libprof/base/hist.h"
#include "libprof/base/strtab.h"
#include "libprof/store/seal.h"

/* A string: its length, and so many bytes, which are lent. */
static inline void prof_put_str(struct prof_buf *b, struct prof_str s)
{
	prof_put_uvarint(b, s.len);
	prof_buf_put(b, s.p, s.len);
}

struct prof_str prof_rd_str(struct prof_rd *r);

/* A real number: its bits. */
void prof_put_real(struct prof_buf *b, double v);
double prof_rd_real(struct prof_rd *r);

/* A histogram. What is read into an empty one adds up, or `r` fails. PROF_ENOMEM, PROF_ELIMIT. */
void prof_put_hist(struct prof_buf *b, const struct prof_hist *h);
int prof_rd_hist(struct prof_rd *r, struct prof_hist *h, struct prof_mem *mem,
	struct prof_err *e) PROF_CHECKED;

#endif
