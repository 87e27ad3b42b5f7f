/* gzip, streaming, several members (RFC 1952 section 2.2), with limits on what comes out. */
#ifndef PROF_READ_GUNZIP_H
#define PROF_READ_GUNZIP_H

#include "libprof/read/source.h"

struct prof_gunzip;

/* `head` holds the bytes of the source that were read already. */
int prof_gunzip_new(struct prof_gunzip **out, struct prof_source *src,
	const struct prof_limits *limits, const uint8_t *head, size_t n,
	struct prof_err *e) PROF_CHECKED;
void prof_gunzip_free(struct prof_gunzip *g);

/* Begins with another source. */
void prof_gunzip_again(struct prof_gunzip *g, struct prof_source *src,
	const struct prof_limits *limits, const uint8_t *head, size_t n);

/* Up to cap inflated bytes; *got is 0 only at the end of the last member. */
int prof_gunzip_read(
	struct prof_gunzip *g, void *buf, size_t cap, size_t *got, struct prof_err *e) PROF_CHECKED;

#endif
