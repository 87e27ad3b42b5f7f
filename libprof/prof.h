/* libprof: offline analysis of what Go programs leave behind.
 *
 * The one installed header. Everything here is prefixed prof_ / PROF_; a profile is opened from a
 * path, from standard input ("-") or from memory, analysed into a report, and a report is rendered
 * as text or JSON through a write callback:
 *
 *	struct prof_err err = {0};
 *	struct prof_profile *p;
 *	struct prof_top_opts opts;
 *	struct prof_report *r;
 *
 *	prof_top_opts_init(&opts);
 *	if (prof_profile_open("cpu.pb.gz", NULL, &p, &err) == 0 &&
 *	    prof_top(p, &opts, &r, &err) == 0)
 *		prof_report_json(r, my_write, my_ctx, &err);
 *
 * The library never prints, exits, reads the environment or keeps mutable globals; different
 * threads may use different objects at the same time.
 */
#ifndef PROF_H
#define PROF_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PROF_API __attribute__((visibility("default")))
#else
#define PROF_API
#endif

enum prof_code {
	PROF_OK = 0,
	PROF_ENOMEM = -1, /* the system has no more memory */
	PROF_EIO = -2, /* a file could not be opened, read or written */
	PROF_EFORMAT = -3, /* the bytes are not what they should be */
	PROF_ELIMIT = -4, /* a limit of struct prof_limits was reached */
	PROF_EUNSUPPORTED = -5, /* well-formed, but of a kind or version not handled here */
	PROF_ESQL = -6, /* SQLite says no */
	PROF_EUSAGE = -7, /* the caller asked for something that makes no sense */
};

/* Why a call failed. Owned by the caller, all zero before the first use; the first failure stays
 * until the caller clears it. Nothing to free.
 */
struct prof_err {
	int code; /* enum prof_code */
	int64_t offset; /* byte in the (inflated) input; -1: none */
	char msg[240];
};

/* What hostile input may cost. All are on in every build. */
struct prof_limits {
	uint64_t memory_bytes; /* held at one time for one input: 4 GiB */
	uint64_t inflated_bytes; /* out of one input: 16 GiB */
	uint64_t inflate_ratio; /* inflated to compressed, past the first 256 MiB: 200 */
	uint64_t strings; /* in one string table: 64 Mi */
	uint64_t string_bytes; /* of one string: 16 MiB */
};

/* Takes len bytes of output; non-zero stops the writer, which then fails with PROF_EIO. */
typedef int prof_write_fn(void *ctx, const char *bytes, size_t len);

PROF_API void prof_limits_init(struct prof_limits *limits);

/* What rows are made of. */
enum prof_granularity {
	PROF_BY_FUNCTION,
	PROF_BY_FILE_FUNCTION, /* functions of one name in different files apart */
	PROF_BY_FILE,
	PROF_BY_LINE,
	PROF_BY_ADDRESS,
	PROF_BY_PACKAGE,
};

struct prof_profile;

/* Opens a profile: a path, "-" for standard input, or bytes in memory; plain or gzip'd. `limits` NULL:
 * the defaults. On success the caller owns *out. PROF_EIO, PROF_EFORMAT, PROF_ELIMIT, PROF_ENOMEM.
 */
PROF_API int prof_profile_open(const char *path, const struct prof_limits *limits,
	struct prof_profile **out, struct prof_err *e);
PROF_API int prof_profile_read(const void *bytes, size_t len, const struct prof_limits *limits,
	struct prof_profile **out, struct prof_err *e);
PROF_API void prof_profile_free(struct prof_profile *profile);

/* When the profile was taken, ns since 1970 UTC; 0: the file does not say. */
PROF_API int64_t prof_profile_time(const struct prof_profile *profile);

/* The result of an analysis, ready to be rendered. */
struct prof_report;

/* Options of prof_top, with pprof's names and defaults. */
struct prof_top_opts {
	enum prof_granularity by;
	const char *sample_index; /* NULL: the default type, else the last */
	int cum;		  /* sort by cum */
	int mean;		  /* values divided by the first type's */
	int no_inlines, show_columns, drop_negative;
	int64_t node_count;   /* at most so many rows; 0: all */
	double node_fraction; /* 0.005: rows under this part of the sum are left out */
	double edge_fraction; /* 0.001: of calls, which decides on inline marks only */
	const char *unit;     /* "minimum": one fitting unit for all */
	double divide_by;     /* 1 */
	int compact;	      /* no lines about the profile as a whole */
	const char *time_text; /* what "Time:" shows; NULL: the time in UTC */
};

PROF_API void prof_top_opts_init(struct prof_top_opts *opts);

/* pprof's top: a row a node with flat and cum. PROF_EUSAGE for options that do not fit the profile. */
PROF_API int prof_top(struct prof_profile *profile, const struct prof_top_opts *opts,
	struct prof_report **out, struct prof_err *e);

/* Writes a report as text for a person, or as a JSON document. PROF_EIO when `write` fails. */
PROF_API int prof_report_text(const struct prof_report *report, prof_write_fn *write, void *ctx,
	struct prof_err *e);
PROF_API int prof_report_json(const struct prof_report *report, prof_write_fn *write, void *ctx,
	struct prof_err *e);
PROF_API void prof_report_free(struct prof_report *report);

/* "0.1.0" */
PROF_API const char *prof_version(void);

#ifdef __cplusplus
}
#endif

#endif
