/* A file that goes into an archive, read as what it is. */
#ifndef PROF_JOIN_ARCHIVE_READ_H
#define PROF_JOIN_ARCHIVE_READ_H

#include <nettle/sha2.h>

#include "libprof/base/buf.h"
#include "libprof/model/profile.h"
#include "libprof/model/timeline.h"
#include "libprof/read/sniff.h"

struct prof_archive_file {
	uint8_t *bytes; /* NULL: not kept */
	size_t n;
	uint64_t total; /* bytes of the file */
	uint8_t sha256[SHA256_DIGEST_SIZE]; /* of the file */
	enum prof_kind kind;
	bool unseen; /* the kind is not known before it is decoded */
	bool is_trace; /* which is not decoded here, but in one pass into the archive */
	struct prof_profile *profile; /* of a log an empty one, or a dump's in it */
	struct prof_timeline *log; /* or MemStats; NULL: it has none */
	bool is_log;
	struct prof_buf goroutines; /* of a dump: what its profile does not have */
	uint64_t earlier_dumps; /* of the same file: the profile is the last one's */
};

/* Reads the bytes and their digest; those of a trace, which may be larger than memory is, only
 * where they are to be kept.
 */
int prof_archive_file_read(struct prof_archive_file *f, const char *path, bool keep,
	const struct prof_limits *limits, struct prof_err *e) PROF_CHECKED;

/* Decodes what was read, but for a trace, which may become known as one here. `in`: all zero for a
 * thread's first file, whose memory the next ones use; for prof_input_close in the end.
 */
int prof_archive_file_decode(struct prof_archive_file *f, struct prof_input *in,
	const struct prof_limits *limits, struct prof_err *e) PROF_CHECKED;

/* Frees the bytes; and all. */
void prof_archive_file_drop(struct prof_archive_file *f);
void prof_archive_file_fini(struct prof_archive_file *f);

#endif
