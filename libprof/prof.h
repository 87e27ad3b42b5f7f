/* libprof: offline analysis of what Go programs leave behind.
 *
 * The one installed header. Everything here is prefixed prof_ / PROF_; a profile is opened from a
 * path, from standard input ("-") or from memory, analysed into a report, and a report is rendered
 * as text or JSON through a write callback:
 *
 *	struct prof_err err = {0};
 *	struct prof_profile *p;
 *	struct prof_view_opts opts;
 *	struct prof_report *r;
 *
 *	prof_view_opts_init(&opts);
 *	if (prof_profile_open("cpu.pb.gz", NULL, &p, &err) == 0 &&
 *	    prof_top(p, &opts, NULL, &r, &err) == 0)
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
	const char *temp_dir; /* for what is read twice and comes from a pipe; NULL: /tmp */
};

/* Takes len bytes of output; non-zero stops the writer, which then fails with PROF_EIO. */
typedef int prof_write_fn(void *ctx, const char *bytes, size_t len);

PROF_API void prof_limits_init(struct prof_limits *limits);

/* "0.1.0" */
PROF_API const char *prof_version(void);

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

/* Opens a profile: a path, "-" for standard input, DB:QUERY for profiles of an archive (several are
 * merged), or bytes in memory; plain or gzip'd. `limits`
 * NULL: the defaults. On success the caller owns *out. PROF_EIO, PROF_EFORMAT, PROF_ELIMIT,
 * PROF_ENOMEM.
 */
PROF_API int prof_profile_open(const char *path, const struct prof_limits *limits,
	struct prof_profile **out, struct prof_err *e);
PROF_API int prof_profile_read(const void *bytes, size_t len, const struct prof_limits *limits,
	struct prof_profile **out, struct prof_err *e);
PROF_API void prof_profile_free(struct prof_profile *profile);

/* Where the query of a name DB:QUERY begins; 0: it is no such name. A file of that very name wins.
 * And the ids of the profiles that it names, in the order of time, to be freed with free();
 * PROF_EUNSUPPORTED when there is none.
 */
PROF_API size_t prof_query_at(const char *name);
PROF_API int prof_archive_ids(const char *name, const struct prof_limits *limits, int64_t **ids,
	size_t *n, struct prof_err *e);

/* Whether a file begins like an executable (ELF, Mach-O, PE): pprof's binary argument. */
PROF_API int prof_is_binary(const char *path);

/* When the profile was taken, ns since 1970 UTC; 0: the file does not say. */
PROF_API int64_t prof_profile_time(const struct prof_profile *profile);

/* How long the program was watched, ns; 0: the file does not say. */
PROF_API int64_t prof_profile_duration(const struct prof_profile *profile);

/* What the profile lacks because its file is damaged, as one line; NULL: nothing. */
PROF_API const char *prof_profile_damage(const struct prof_profile *profile);

/* Several profiles into one by pprof's rules, the bases subtracted. Types that all have are kept,
 * in the finer unit where they differ. `diff_base` keeps the bases' samples apart (labelled
 * pprof::base), so that percents are of the bases' total; `normalize` scales the sources to the
 * bases' sums first. Takes over and frees all that the lists hold, whatever it returns; a single
 * source without bases comes back as it is. PROF_EUNSUPPORTED when they cannot be merged.
 */
PROF_API int prof_combine(struct prof_profile **sources, size_t n, struct prof_profile **bases,
	size_t n_bases, int diff_base, int normalize, struct prof_profile **out,
	struct prof_err *e);

/* What pprof's command line writes into a profile: a line more of comments; the name and, where it
 * has none, the build id of the first mapping, its main binary (either may be NULL).
 */
PROF_API int prof_profile_add_comment(
	struct prof_profile *profile, const char *comment, struct prof_err *e);
PROF_API int prof_profile_set_binary(
	struct prof_profile *profile, const char *path, const char *build_id, struct prof_err *e);

/* Tells, a line each, the keys of numeric labels whose values come in several units: reports take
 * all for the first.
 */
typedef void prof_note_fn(void *ctx, const char *text);
PROF_API int prof_profile_mixed_units(
	struct prof_profile *profile, prof_note_fn *note, void *ctx, struct prof_err *e);

/* Damages names as `go tool pprof` does unless told -symbolize=none: what stands in parentheses
 * goes out of every name that looks like C++, generic Go names among them. Real C++ and Rust names
 * are not demangled.
 */
PROF_API int prof_demangle(struct prof_profile *profile, struct prof_err *e);

/* Narrowing a profile by expressions over its frames and labels, in place, with pprof's meaning and
 * order: [focus, ignore, hide, show], show_from, tag_focus, tag_ignore, tag_show, tag_hide,
 * prune_from. Expressions are Go's, matched anywhere in function names, file names and the
 * mapping's file, each name once. NULL or "": no such filter.
 */
struct prof_filter {
	const char *focus; /* keep samples with a frame that matches */
	const char *ignore; /* drop samples with a frame that matches */
	const char *hide; /* leave frames out; a sample without frames is dropped */
	const char *show; /* leave all others out */
	const char *show_from; /* leave out what is above the root-most match; others are dropped */
	const char *prune_from; /* leave out what is below the leaf-most match */
	/* [KEY=]VALUE: a range of numbers with units (1kb:4mb), else expressions by commas. */
	const char *tag_focus; /* keep samples with a label that matches */
	const char *tag_ignore; /* drop samples with a label that matches */
	const char *tag_show; /* keep only labels whose key matches */
	const char *tag_hide; /* drop labels whose key matches */
};

enum prof_filter_miss {
	PROF_MISS_FOCUS = 1,
	PROF_MISS_IGNORE = 2,
	PROF_MISS_HIDE = 4,
	PROF_MISS_SHOW = 8,
	PROF_MISS_SHOW_FROM = 16,
	PROF_MISS_TAG_FOCUS = 32,
	PROF_MISS_TAG_IGNORE = 64,
	PROF_MISS_TAG_SHOW = 128,
	PROF_MISS_TAG_HIDE = 256,
	PROF_MISS_TAG_ROOT = 512,
	PROF_MISS_TAG_LEAF = 1024,
	PROF_RANGE_TAG_FOCUS = 2048, /* no miss: it was read as a range, not as an expression */
	PROF_RANGE_TAG_IGNORE = 4096,
};

/* *missed: bits of enum prof_filter_miss for expressions that matched nothing, which is no error.
 * 0, PROF_EUSAGE (an expression Go would refuse), PROF_ELIMIT (matching took too long),
 * PROF_ENOMEM.
 */
PROF_API int prof_filter(struct prof_profile *profile, const struct prof_filter *f,
	unsigned *missed, struct prof_err *e);

/* Removes the frames that the profile itself calls uninteresting (drop_frames but for keep_frames),
 * with all below them, as pprof does before any report. An expression that does not compile is
 * passed over, as pprof does.
 */
PROF_API int prof_filter_uninteresting(struct prof_profile *profile, struct prof_err *e);

/* The result of an analysis, ready to be rendered. */
struct prof_report;

/* Writes a report as text for a person, as a JSON document, or as Markdown for a comment in a code
 * review (of at most 60 KB or so, which is what such places take). PROF_EIO when `write` fails. */
PROF_API int prof_report_text(
	const struct prof_report *report, prof_write_fn *write, void *ctx, struct prof_err *e);
PROF_API int prof_report_json(
	const struct prof_report *report, prof_write_fn *write, void *ctx, struct prof_err *e);
PROF_API int prof_report_markdown(
	const struct prof_report *report, prof_write_fn *write, void *ctx, struct prof_err *e);
/* What the report says that its file lacks because it is damaged; NULL: nothing. */
PROF_API const char *prof_report_damage(const struct prof_report *report);
/* The rows as RFC 4180 has them, keys in the first line. */
PROF_API int prof_report_csv(
	const struct prof_report *report, prof_write_fn *write, void *ctx, struct prof_err *e);
PROF_API void prof_report_free(struct prof_report *report);

/* A report of prof_graph as text in graphviz's language, DOT. PROF_EUNSUPPORTED for other reports.
 */
PROF_API int prof_report_dot(
	const struct prof_report *report, prof_write_fn *write, void *ctx, struct prof_err *e);

enum prof_drawing { PROF_DRAW_SVG, PROF_DRAW_PNG, PROF_DRAW_PDF, PROF_DRAW_PS, PROF_DRAW_GIF };

/* The same as a picture, laid out by graphviz in this process. Time and memory grow faster than the
 * graph, and are in no budget: PROF_ELIMIT when it has more than `max_nodes` (0: no limit; what has
 * more than a few hundred nobody can read). Graphviz is not for several threads at a time.
 * PROF_EUNSUPPORTED when it has no such format, or gives up.
 */
PROF_API int prof_report_draw(const struct prof_report *report, enum prof_drawing as,
	size_t max_nodes, prof_write_fn *write, void *ctx, struct prof_err *e);

/* What a file is: kind and, of a profile, producer, times, counts and a row a sample type. */
PROF_API int prof_info(const char *path, const struct prof_limits *limits, struct prof_report **out,
	struct prof_err *e);

/* Options of the reports, with pprof's names, meanings and defaults (prof_view_opts_init). */
struct prof_view_opts {
	enum prof_granularity by;
	const char *sample_index; /* NULL: the default type, else the last */
	int cum; /* sort by cum */
	int mean; /* values divided by the first type's */
	int no_inlines, show_columns, drop_negative, no_trim;
	int call_tree; /* callgrind: nodes are paths, not functions */
	int64_t node_count; /* at most so many nodes; 0: all; -1: the report's own default */
	double node_fraction; /* 0.005: nodes under this part of the sum are left out */
	double edge_fraction; /* 0.001: likewise edges */
	const char *unit; /* "minimum": one fitting unit for all */
	double divide_by; /* 1 */
	int compact; /* no lines about the profile as a whole */
	int relative_percentages; /* of what the filters leave, not of the whole profile */
	struct prof_filter filter; /* applied to the profile by the report, once */
	const char *tag_root, *tag_leaf; /* label keys, by commas: pseudo frames of their values */
	const char *time_text; /* what "Time:" shows; NULL: the time in UTC */
	/* Lists (A:B), or NULL. Prefixes cut off file names; without any, what stands before a
	 * folder called as one of source_path's. */
	const char *trim_path;
	/* Directories in which prof_list looks, and in their parents; NULL: the current one. */
	const char *source_path;
};

PROF_API void prof_view_opts_init(struct prof_view_opts *opts);

/* pprof's reports. Each narrows the profile as the options say; *missed (may be NULL) tells, as
 * bits of enum prof_filter_miss, which expressions matched nothing. PROF_EUSAGE for options that do
 * not fit the profile or are wrong in themselves.
 */
PROF_API int prof_top(struct prof_profile *profile, const struct prof_view_opts *opts,
	unsigned *missed, struct prof_report **out, struct prof_err *e);
/* Every node with its callers and callees; with `regex` only nodes whose name matches (peek). */
PROF_API int prof_tree(struct prof_profile *profile, const struct prof_view_opts *opts,
	const char *regex, unsigned *missed, struct prof_report **out, struct prof_err *e);
/* The call graph: boxes of functions, arrows of calls. At most 80 nodes where opts do not say
 * otherwise; opts->call_tree makes them paths. As a picture: prof_report_dot and prof_report_draw.
 */
PROF_API int prof_graph(struct prof_profile *profile, const struct prof_view_opts *opts,
	unsigned *missed, struct prof_report **out, struct prof_err *e);
/* The source lines of the functions whose name matches, with their costs (always by line,
 * untrimmed). Names in a profile make it read regular files of up to 64 MiB, nothing else. Also
 * PROF_EUNSUPPORTED: nothing matches.
 */
PROF_API int prof_list(struct prof_profile *profile, const struct prof_view_opts *opts,
	const char *regex, unsigned *missed, struct prof_report **out, struct prof_err *e);
/* The label values, a group a key. */
PROF_API int prof_tags(struct prof_profile *profile, const struct prof_view_opts *opts,
	unsigned *missed, struct prof_report **out, struct prof_err *e);

/* Those that are as long as the profile go out while they are made. */
PROF_API int prof_traces(struct prof_profile *profile, const struct prof_view_opts *opts,
	unsigned *missed, prof_write_fn *write, void *ctx, struct prof_err *e);
PROF_API int prof_raw(struct prof_profile *profile, const struct prof_view_opts *opts,
	unsigned *missed, prof_write_fn *write, void *ctx, struct prof_err *e);
PROF_API int prof_comments(struct prof_profile *profile, const struct prof_view_opts *opts,
	unsigned *missed, prof_write_fn *write, void *ctx, struct prof_err *e);
PROF_API int prof_callgrind(struct prof_profile *profile, const struct prof_view_opts *opts,
	unsigned *missed, prof_write_fn *write, void *ctx, struct prof_err *e);

/* Writing a whole profile in another format. Bits of `flags`: */
enum prof_write_flags {
	PROF_WRITE_GZIP = 1, /* prof_profile_write: compressed */
	PROF_WRITE_PROF_LABELS = 2, /* labels with a key "prof::…", too, which are libprof's own */
	PROF_WRITE_LINES = 4, /* folded, csv, speedscope: frames are source lines */
	PROF_WRITE_INLINE_MARKS = 8, /* folded: inlined frames end in "_[i]" */
};

/* profile.proto. What is read again is the same profile, field by field. */
PROF_API int prof_profile_write(const struct prof_profile *profile, unsigned flags,
	prof_write_fn *write, void *ctx, struct prof_err *e);
/* "root;caller;leaf 12": the stacks of one sample type, equal ones summed up, sorted. */
PROF_API int prof_profile_folded(const struct prof_profile *profile, const char *sample_index,
	unsigned flags, prof_write_fn *write, void *ctx, struct prof_err *e);
/* speedscope's JSON; `sample_index` is the type it shows first. PROF_EUNSUPPORTED for values under
 * 0. */
PROF_API int prof_profile_speedscope(const struct prof_profile *profile, const char *sample_index,
	unsigned flags, prof_write_fn *write, void *ctx, struct prof_err *e);
/* Everything, as JSON of schema prof.profile/1 and as CSV, a row a sample. */
PROF_API int prof_profile_json(const struct prof_profile *profile, unsigned flags,
	prof_write_fn *write, void *ctx, struct prof_err *e);
PROF_API int prof_profile_csv(const struct prof_profile *profile, unsigned flags,
	prof_write_fn *write, void *ctx, struct prof_err *e);

/* What a report leaves of the profile, values divided, and top's rows with their cum and flat: both
 * as gzip'd profiles.
 */
PROF_API int prof_proto(struct prof_profile *profile, const struct prof_view_opts *opts,
	unsigned *missed, prof_write_fn *write, void *ctx, struct prof_err *e);
PROF_API int prof_topproto(struct prof_profile *profile, const struct prof_view_opts *opts,
	unsigned *missed, prof_write_fn *write, void *ctx, struct prof_err *e);

/* A flame graph: the samples' stacks as a prefix tree whose boxes are as wide as their values. Of a
 * profile that is NEW less OLD (prof_combine with `diff_base`) it is a differential one: NEW and
 * OLD in one tree, coloured by what changed.
 */
struct prof_flame;

enum prof_side { PROF_OLD, PROF_NEW };

/* How wide the boxes of a differential graph are. What is not on that side at all is drawn as wide
 * as on the other.
 */
enum prof_flame_width { PROF_WIDTH_NEW, PROF_WIDTH_OLD, PROF_WIDTH_LARGER };

struct prof_flame_opts {
	const char *title; /* NULL: the binary's name */
	int all_types; /* all sample types, for a page that switches; else the chosen one */
	double min_width; /* boxes under this part of the whole are cut off: 1/12000 */
	int64_t max_boxes; /* of those left, the widest so many: 3000; 0: all */
	int64_t max_rows; /* of the table of functions, those that weigh most: 500; 0: none; -1: all
			   */
	int inverted; /* the root on top, not at the bottom */
	int by_name; /* neighbours by name, not by weight */
	int width_px; /* of an SVG: 1200 */
	int differential; /* even where nothing is of a base, as when OLD is empty */
	enum prof_flame_width width;
	int normalize; /* compare shares of the totals (1) or values (0); -1: shares where the
			  durations differ by more than a twentieth */
	int64_t duration_ns[2]; /* of both sides (enum prof_side), 0: not known */
};

PROF_API void prof_flame_opts_init(struct prof_flame_opts *opts);

/* PROF_EUSAGE also for a mean, which has no parts that add up to it. The profile may be freed
 * before the graph.
 */
PROF_API int prof_flame(struct prof_profile *profile, const struct prof_view_opts *opts,
	const struct prof_flame_opts *flame, unsigned *missed, struct prof_flame **out,
	struct prof_err *e);
PROF_API void prof_flame_free(struct prof_flame *flame);

/* One file that needs nothing else: a picture, which scripts make a tool where they run; a page. */
PROF_API int prof_flame_svg(
	const struct prof_flame *flame, prof_write_fn *write, void *ctx, struct prof_err *e);
PROF_API int prof_flame_html(
	const struct prof_flame *flame, prof_write_fn *write, void *ctx, struct prof_err *e);

/* What a report tells over time, or compares as bars, as a picture. PROF_EUNSUPPORTED: nothing. */
PROF_API int prof_report_svg(
	const struct prof_report *report, prof_write_fn *write, void *ctx, struct prof_err *e);

/* A report as a page, whose table sorts, with the flame graph below it where one is given. */
PROF_API int prof_report_html(const struct prof_report *report, const struct prof_flame *flame,
	prof_write_fn *write, void *ctx, struct prof_err *e);

/* The whole tree, uncut: as JSON of schema prof.flame/1, as folded stacks ("stack old new" where
 * two sides are compared), for speedscope. Means of the options as above.
 */
PROF_API int prof_flame_json(struct prof_profile *profile, const struct prof_view_opts *opts,
	const struct prof_flame_opts *flame, unsigned *missed, prof_write_fn *write, void *ctx,
	struct prof_err *e);
PROF_API int prof_flame_folded(struct prof_profile *profile, const struct prof_view_opts *opts,
	const struct prof_flame_opts *flame, unsigned *missed, prof_write_fn *write, void *ctx,
	struct prof_err *e);
PROF_API int prof_flame_speedscope(struct prof_profile *profile, const struct prof_view_opts *opts,
	const struct prof_flame_opts *flame, unsigned *missed, prof_write_fn *write, void *ctx,
	struct prof_err *e);

/* Options of a comparison. */
struct prof_diff_opts {
	enum prof_granularity by; /* function, file, package or line */
	const char *sample_index; /* of the first profile; NULL: its default type */
	int cum; /* sort by the change in cum */
	/* At most so many rows; 0: all that changed; -1: every function; PROF_DIFF_EXPLAINED:
	 * findings, and what is renamed or moved. */
	int64_t row_count;
	int normalize; /* NEW scaled to OLD's total: shares are compared, the whole is not */
	double ops[2]; /* operations that a run of OLD, of NEW did; 0: not known */
	int per_second; /* of the profiles' durations */
	double effect; /* the least change of the total that is of interest: 0.1 */
	int64_t runs; /* profiles that each side will have, at least; 0: not known */
	int pairs; /* profiles are differences of two snapshots of a process: no state */
	struct prof_filter filter; /* of both sides; totals are those of the whole profiles */
};

enum { PROF_DIFF_EXPLAINED = -2 };

PROF_API void prof_diff_opts_init(struct prof_diff_opts *opts);

/* A comparison takes the profiles of both sides, in any order; the first one's sample type is what
 * is compared. It takes them over, and frees them whatever it returns. Several profiles of a side
 * are runs of the same build. `name` is what the report calls the file. PROF_EUSAGE for options
 * that do not fit, and for a pair that is none, PROF_EUNSUPPORTED when a profile lacks the sample
 * type.
 */
struct prof_diff;
PROF_API int prof_diff_new(
	const struct prof_diff_opts *opts, struct prof_diff **out, struct prof_err *e);
PROF_API int prof_diff_add(struct prof_diff *diff, enum prof_side side,
	struct prof_profile *profile, const char *name, struct prof_err *e);
/* A gate on it, before the report is made: 'METRIC[:REGEX] OP NUMBER UNIT' as prof-diff(1) has it.
 * With `warn` it is told, but fails nothing; with `optional` it is passed over where it is about
 * another sample type. PROF_EUSAGE (here or from the report) where the text makes no sense.
 */
PROF_API int prof_diff_gate(
	struct prof_diff *diff, const char *text, int warn, int optional, struct prof_err *e);

/* What gates say, the worst last. */
enum prof_gate_outcome {
	PROF_GATE_SKIPPED, /* it is about something else */
	PROF_GATE_PASSES,
	PROF_GATE_OPEN, /* the data cannot answer it: too few samples, not comparable */
	PROF_GATE_FAILS,
};

/* The worst of them, once the report is made; at least PROF_GATE_PASSES. */
PROF_API enum prof_gate_outcome prof_diff_outcome(const struct prof_diff *diff);

PROF_API int prof_diff_report(struct prof_diff *diff, struct prof_report **out, struct prof_err *e);

/* The name of what is compared, valid as long as the comparison; NULL before the first profile. */
PROF_API const char *prof_diff_sample_type(const struct prof_diff *diff);

PROF_API void prof_diff_free(struct prof_diff *diff);

/* What becomes of a group of goroutines over several snapshots, the gravest first. */
enum prof_leak_verdict {
	PROF_LEAKED, /* the runtime found that nothing can wake it up */
	PROF_LEAKING, /* grows, and does not level off */
	PROF_STUCK, /* as many as before, and waiting for long */
	PROF_LEAK_NEW,
	PROF_LEAK_GONE,
	PROF_LEAK_STABLE,
};

enum prof_leak_by {
	PROF_LEAK_BY_STACK, /* state, functions, creator */
	PROF_LEAK_BY_LINE, /* likewise, lines apart */
	PROF_LEAK_BY_FUNCTION, /* state, and the program's function that waits */
	PROF_LEAK_BY_CREATOR,
	PROF_LEAK_BY_LABEL, /* the value of one label */
};

struct prof_leak_opts {
	enum prof_leak_by by;
	const char *label; /* PROF_LEAK_BY_LABEL: its key */
	int64_t threshold; /* 10: less growth than this is none */
	int64_t stuck_ns; /* 10 minutes */
	int64_t large; /* 1000: what a single snapshot calls a large group */
	int64_t every_ns; /* between two snapshots; 0: as the captures or their files tell */
	int all; /* text: also the groups that are stable */
	int built_in; /* 1: leave out the runtime's own goroutines and the one that dumps */
	const char *const *ignore; /* expressions: groups with such a function or creator are out */
	size_t n_ignore;
};

PROF_API void prof_leak_opts_init(struct prof_leak_opts *opts);

/* Which goroutines pile up over snapshots of one process, in the order in which they are added: one
 * at a time, so that only groups are kept. A file may hold several (a log with dumps). `file_ns`:
 * when the file was written, ns since 1970; 0: not known. PROF_EUNSUPPORTED: it has no goroutines.
 */
struct prof_leak;
PROF_API int prof_leak_new(
	const struct prof_leak_opts *opts, struct prof_leak **out, struct prof_err *e);
PROF_API int prof_leak_add(struct prof_leak *leak, const char *path, int64_t file_ns,
	const struct prof_limits *limits, struct prof_err *e);
/* What the inputs so far lack because they are damaged, as one line; NULL: nothing. */
PROF_API const char *prof_leak_damage(const struct prof_leak *leak);
/* Ends the adding. */
PROF_API int prof_leak_report(struct prof_leak *leak, struct prof_report **out, struct prof_err *e);
/* A gate, before the report is made: 'VERDICT[:REGEX] OP NUMBER' as prof-leak(1) has it. With
 * `warn` it is told, but fails nothing. PROF_EUSAGE. And what the gates say, once it is made.
 */
PROF_API int prof_leak_gate(struct prof_leak *leak, const char *text, int warn, struct prof_err *e);
PROF_API enum prof_gate_outcome prof_leak_outcome(const struct prof_leak *leak);
PROF_API void prof_leak_free(struct prof_leak *leak);

/* Where goroutines wait, and who lets them: block and mutex profiles, goroutine dumps and traces of
 * one process, and of another one to compare it with.
 */
enum prof_contention_by {
	PROF_CONTENTION_BY_FUNCTION, /* the function that waits */
	PROF_CONTENTION_BY_STACK, /* and all above it */
	PROF_CONTENTION_BY_PACKAGE,
	PROF_CONTENTION_BY_LOCK, /* the type or function that the lock seems to belong to */
};

struct prof_contention_opts {
	enum prof_contention_by by;
	int64_t duration_ns; /* that cumulative profiles were watched for; 0: as they tell */
	int64_t row_count; /* of each list in text: 10; 0: all */
	int idle; /* text: the idle ones, too */
	int only_text; /* the report is not for JSON, which is as long as the inputs */
	int64_t from, to; /* what of traces counts: ns from their start; to under 0: their end */
};

PROF_API void prof_contention_opts_init(struct prof_contention_opts *opts);

/* Files are added one by one, in any order: several profiles of a kind and side are snapshots of
 * one process. `file_ns`: when the file was written, ns since 1970; 0: not known. PROF_EUSAGE: of
 * another kind, or of another process; PROF_EFORMAT, PROF_ELIMIT, PROF_EIO, PROF_ENOMEM.
 */
struct prof_contention;
PROF_API int prof_contention_new(
	const struct prof_contention_opts *opts, struct prof_contention **out, struct prof_err *e);
/* A line of a file of patterns (prof-contention(1)), before the report. PROF_EUSAGE. */
PROF_API int prof_contention_pattern(
	struct prof_contention *contention, const char *line, struct prof_err *e);
PROF_API int prof_contention_add(struct prof_contention *contention, enum prof_side side,
	const char *path, int64_t file_ns, const struct prof_limits *limits, struct prof_err *e);
/* What the inputs so far lack because they are damaged, as one line; NULL: nothing. */
PROF_API const char *prof_contention_damage(const struct prof_contention *contention);
/* PROF_EUSAGE also when snapshots are not of one process. */
PROF_API int prof_contention_report(
	struct prof_contention *contention, struct prof_report **out, struct prof_err *e);
/* A gate, before the report is made: 'METRIC[:REGEX] OP NUMBER UNIT' as prof-contention(1) has it.
 * With `warn` it is told, but fails nothing. PROF_EUSAGE. And what the gates say, once it is made.
 */
PROF_API int prof_contention_gate(
	struct prof_contention *contention, const char *text, int warn, struct prof_err *e);
PROF_API enum prof_gate_outcome prof_contention_outcome(const struct prof_contention *contention);
/* Where goroutines of a side wait, as a profile of contentions and delay, or of goroutines where
 * only dumps are known; on the idle list only with opts.idle.
 */
PROF_API int prof_contention_profile(struct prof_contention *contention, enum prof_side side,
	struct prof_profile **out, struct prof_err *e);
PROF_API void prof_contention_free(struct prof_contention *contention);

/* Execution traces of Go 1.5 and later: events in order, one interface for every version.
 *
 *	while ((rc = prof_trace_next(t, &ev, &err)) > 0)
 *		if (ev->kind == PROF_TRACE_GOROUTINE && ev->to == PROF_G_RUNNING)
 *			…
 *
 * Goroutines, procs and threads are slots: small dense numbers, for arrays beside the trace;
 * prof_trace_goroutine and its sisters give the ids of the file. A goroutine's slot is used anew
 * once its end has been passed; those of procs and threads stay. Strings and stacks are dense ids
 * of the whole trace, 0 being "" and no stack. No slot: PROF_TRACE_NONE. Before go 1.22 what has
 * no proc is on one of id -1.
 *
 * Times are ns on the trace's own clock (since go 1.22 on Linux: CLOCK_MONOTONIC) and never go
 * back.
 */
struct prof_trace;

#define PROF_TRACE_NONE UINT32_MAX

enum prof_trace_kind {
	/* All that follows, up to the next one, belongs together (a generation). The first and the
	 * last event of a trace are of this kind: where it starts and ends. args: how many there
	 * were, itself among them; 1 at the end.
	 */
	PROF_TRACE_SYNC,
	/* Events were lost: what was open is closed here, and states are known again from the
	 * statuses behind it (from: PROF_G_UNDETERMINED). Slots stay.
	 */
	PROF_TRACE_GAP,
	/* `subject` goes from one state to another; `name`: the reason. Before go 1.22 also from
	 * running to running: a system call that may have blocked or not, and whose end is told
	 * only where it did. Then it goes to PROF_G_SYSCALL when its proc was taken; args: when the
	 * call was, on the trace's clock.
	 */
	PROF_TRACE_GOROUTINE,
	PROF_TRACE_PROC, /* likewise a proc */
	/* what: enum prof_trace_range; subject: the goroutine or proc it is on; name: of a
	 * stop-the-world, its reason. Active: it began before the trace, or goes on. args of a
	 * sweep's end: bytes swept, bytes reclaimed. Before go 1.22 a world may be stopped by no
	 * goroutine, and before go 1.10 by each proc: by a goroutine of id 0 then, a proc's own.
	 */
	PROF_TRACE_RANGE_BEGIN,
	PROF_TRACE_RANGE_ACTIVE,
	PROF_TRACE_RANGE_END,
	PROF_TRACE_METRIC, /* what: enum prof_trace_metric; args: the value */
	/* name: the task's type; args: task, parent (PROF_TRACE_NO_TASK: none, or not known) */
	PROF_TRACE_TASK_BEGIN,
	PROF_TRACE_TASK_END,
	PROF_TRACE_REGION_BEGIN, /* name: the region's type; args: task */
	PROF_TRACE_REGION_END,
	PROF_TRACE_LOG, /* name: category; text: message; args: task */
	PROF_TRACE_LABEL, /* name: what `subject` is from now on, "GC (dedicated)" */
	PROF_TRACE_CPU_SAMPLE,
	PROF_TRACE_EXPERIMENT, /* args: as the file has them; prof_trace_memory */
};

#define PROF_TRACE_NO_TASK UINT64_MAX

enum prof_goroutine_state {
	PROF_G_UNDETERMINED, /* not known, but it is there */
	PROF_G_NOT_EXIST,
	PROF_G_RUNNABLE,
	PROF_G_RUNNING,
	PROF_G_WAITING,
	PROF_G_SYSCALL,
};

enum prof_proc_state { PROF_P_UNDETERMINED, PROF_P_NOT_EXIST, PROF_P_RUNNING, PROF_P_IDLE };

enum prof_trace_range {
	PROF_RANGE_GC_MARK,
	PROF_RANGE_GC_SWEEP, /* on a proc */
	PROF_RANGE_GC_ASSIST, /* on a goroutine */
	PROF_RANGE_STW, /* on a goroutine */
};

enum prof_trace_metric { PROF_METRIC_HEAP_BYTES, PROF_METRIC_HEAP_GOAL, PROF_METRIC_PROCS };

struct prof_trace_event {
	int64_t time;
	uint8_t kind; /* enum prof_trace_kind */
	uint8_t type; /* the event of the file, for prof_trace_event_name; 0: none of its own */
	uint8_t from, to; /* states */
	uint32_t what;
	uint32_t g, p, m; /* where it happened: the context before the event */
	uint32_t subject;
	uint32_t stack; /* of the context */
	uint32_t subject_stack; /* of the subject: where a new goroutine starts; else `stack` */
	uint32_t name, text; /* strings */
	uint64_t args[4]; /* by kind; else the file's, behind its time */
};

/* What this trace can tell. */
enum prof_trace_can {
	PROF_CAN_THREADS = 1, /* `m` is the thread, not only what its proc was last started on */
	PROF_CAN_SYSCALL_ENDS = 2, /* ends of system calls that did not block */
	PROF_CAN_STATUSES = 4, /* states of what was there before the trace */
	PROF_CAN_STOP_REASONS = 8, /* why the world was stopped */
	PROF_CAN_WALL_CLOCK = 16, /* prof_trace_clock */
	PROF_CAN_MONOTONIC = 32, /* times of several traces of one machine compare */
	PROF_CAN_TASKS = 64, /* tasks, regions, logs */
	PROF_CAN_CPU_SAMPLES = 128,
	PROF_CAN_ASSISTS = 256, /* mark assists and bytes swept */
};

struct prof_trace_frame {
	uint64_t pc, line;
	uint32_t function, file; /* strings; before go 1.7 the function is the pc, "0x401c2a" */
};

struct prof_trace_damage {
	int64_t offset; /* in the (inflated) file */
	uint64_t generation; /* 0: none */
	const char *what;
};

struct prof_trace_clock {
	int64_t time, mono_ns; /* one moment on the trace's clock and on CLOCK_MONOTONIC */
	int64_t wall_s, wall_ns; /* and since 1970 UTC */
};

/* A trace is opened like a profile. PROF_EFORMAT also when nothing at all can be saved of it. */
PROF_API int prof_trace_open(const char *path, const struct prof_limits *limits,
	struct prof_trace **out, struct prof_err *e);
PROF_API int prof_trace_read(const void *bytes, size_t len, const struct prof_limits *limits,
	struct prof_trace **out, struct prof_err *e);
PROF_API void prof_trace_free(struct prof_trace *trace);

/* 1: *ev is the next event, until the next call; 0: the end; or an error. */
PROF_API int prof_trace_next(
	struct prof_trace *trace, const struct prof_trace_event **ev, struct prof_err *e);

/* "go 1.23 trace", and bits of enum prof_trace_can. */
PROF_API const char *prof_trace_header(const struct prof_trace *trace);
PROF_API unsigned prof_trace_can(const struct prof_trace *trace);

/* Ids of the file; `slot` is of an event that was seen and, of a goroutine, has not ended. */
PROF_API int64_t prof_trace_goroutine(const struct prof_trace *trace, uint32_t slot);
PROF_API int64_t prof_trace_proc(const struct prof_trace *trace, uint32_t slot);
PROF_API int64_t prof_trace_thread(const struct prof_trace *trace, uint32_t slot);

/* A string's bytes, NUL behind them; a stack's frames, leaf first. `len` may be NULL. */
PROF_API const char *prof_trace_string(const struct prof_trace *trace, uint32_t id, size_t *len);
PROF_API size_t prof_trace_stack(
	const struct prof_trace *trace, uint32_t id, const struct prof_trace_frame **frames);

/* "GoUnblock", and its arguments' names by blanks, the time first: "dt g g_seq stack". */
PROF_API const char *prof_trace_event_name(
	const struct prof_trace *trace, const struct prof_trace_event *ev);
PROF_API const char *prof_trace_event_args(
	const struct prof_trace *trace, const struct prof_trace_event *ev);

/* The clocks of the generation that the last event belongs to; 0: the file does not say. */
PROF_API int prof_trace_clock(const struct prof_trace *trace, struct prof_trace_clock *out);

/* What programs that were run with GODEBUG=traceallocfree=1 tell of their memory. */
enum prof_trace_memory_what { PROF_MEMORY_SPAN, PROF_MEMORY_OBJECT, PROF_MEMORY_STACK };
enum prof_trace_memory_change { PROF_MEMORY_EXISTS, PROF_MEMORY_ALLOC, PROF_MEMORY_FREE };

struct prof_trace_memory {
	enum prof_trace_memory_what what; /* a span of the heap, an object, a goroutine's stack */
	enum prof_trace_memory_change change; /* EXISTS: when the trace began */
	uint64_t address; /* 0: the file does not say */
	uint64_t bytes; /* 0: not said; of an object, those of one value of its type */
	uint32_t type; /* of an object: a string; 0: not said */
};

/* Of the last event: 1; 0 when it tells of no memory. */
PROF_API int prof_trace_memory(const struct prof_trace *trace, const struct prof_trace_event *ev,
	struct prof_trace_memory *out);

/* What was damaged so far; complete when prof_trace_next returned 0. */
PROF_API size_t prof_trace_damage(
	const struct prof_trace *trace, const struct prof_trace_damage **list);

/* What of a trace counts: ns from its start; `to` under 0: its end. */
struct prof_trace_opts {
	int64_t from, to;
};

PROF_API void prof_trace_opts_init(struct prof_trace_opts *opts);

/* What goroutines spend their time on, and how they are ranked. */
enum prof_trace_part {
	PROF_PART_TOTAL, /* there at all */
	PROF_PART_RUNNING,
	PROF_PART_RUNNABLE,
	PROF_PART_SYSCALL,
	PROF_PART_BLOCK, /* waiting, for whatever */
	PROF_PART_ASSIST, /* in mark assists, which lies within the others */
	PROF_PARTS,
};

struct prof_trace_goroutines_opts {
	struct prof_trace_opts range;
	int each; /* a row a goroutine, else several for each function that they were started with
		   */
	enum prof_trace_part sort; /* most first */
	int64_t row_count; /* at most so many goroutines or functions; 0, -1: all */
};

/* Goroutines' lives: how long each part of it took. */
PROF_API void prof_trace_goroutines_opts_init(struct prof_trace_goroutines_opts *opts);
PROF_API int prof_trace_goroutines(struct prof_trace *trace,
	const struct prof_trace_goroutines_opts *opts, struct prof_report **out,
	struct prof_err *e);

/* Which events of a trace, and how they are written. */
enum prof_trace_format {
	PROF_TRACE_TEXT, /* a line each */
	PROF_TRACE_JSON, /* a document of schema prof.trace.events/1 */
	/* As `go tool trace -d=parsed`: of traces of before go 1.22, the events that it makes of
	 * them. No event must have been read before.
	 */
	PROF_TRACE_PARSED,
};

struct prof_trace_events_opts {
	struct prof_trace_opts range;
	int64_t goroutine, proc, thread; /* on it, or about it; -1: any */
	const char *kind; /* expression: names of events, "GoBlock", and their kinds */
	const char *focus; /* expression: with a function that matches in their stack */
	int (*utc_offset)(int64_t unix_seconds); /* of the user's zone; NULL: UTC */
};

PROF_API void prof_trace_events_opts_init(struct prof_trace_events_opts *opts);
PROF_API int prof_trace_events(struct prof_trace *trace, const struct prof_trace_events_opts *opts,
	enum prof_trace_format format, prof_write_fn *write, void *ctx, struct prof_err *e);

/* The records of a file of go 1.22 or later as `go tool trace -d=wire` prints them: what stands in
 * it, not understood.
 */
PROF_API int prof_trace_wire(const char *path, const struct prof_limits *limits,
	prof_write_fn *write, void *ctx, struct prof_err *e);

/* Which profile a trace becomes: what goroutines did, by stack. */
struct prof_trace_profile_opts {
	/* running (the default, NULL), sched, sync, net, syscall, block: time; cpu: samples;
	 * assist, sweep, stw: what the collector did to goroutines
	 */
	const char *profile;
	int go_compatible; /* just what `go tool trace -pprof` counts */
	struct prof_trace_opts range;
};

PROF_API void prof_trace_profile_opts_init(struct prof_trace_profile_opts *opts);

/* prof_profile_open, with a word on how to take a trace. */
PROF_API int prof_profile_open_trace(const char *path, const struct prof_limits *limits,
	const struct prof_trace_profile_opts *opts, struct prof_profile **out, struct prof_err *e);

/* The same for a report that shows nothing finer than `by`: with DB:QUERY, lines and addresses may
 * then be those of any of the builds, which is faster where there are many.
 */
PROF_API int prof_profile_open_by(const char *path, const struct prof_limits *limits,
	const struct prof_trace_profile_opts *opts, enum prof_granularity by,
	struct prof_profile **out, struct prof_err *e);

/* States, waits, pauses, heap and utilisation of a whole trace, which is read to its end. */
PROF_API int prof_trace_summary(struct prof_trace *trace, const struct prof_trace_opts *opts,
	struct prof_report **out, struct prof_err *e);

/* The archive: years of profiles in one SQLite file (prof-archive-add(1)). */

/* What became of a file that was to be added. */
enum prof_archive_outcome {
	PROF_ARCHIVE_ADDED,
	PROF_ARCHIVE_KNOWN, /* its bytes, or what they say, are there already */
	PROF_ARCHIVE_BAD, /* it is no capture, or nothing of it can be saved: left out */
};

struct prof_archive_added {
	uint64_t added, known, bad; /* files */
	uint64_t reordered; /* of those added: whose samples are no longer in the file's order */
	uint64_t unknown_fields; /* in those added, which are not kept */
	uint64_t entries; /* that were made: one a file, but of goroutine dumps one a dump */
	uint64_t unmatched; /* of those added: whose path labels_from does not match */
	uint64_t damaged; /* of those added: what could be saved of them */
	uint64_t bytes; /* of all files that were read */
};

struct prof_archive_add_opts {
	const char *const *labels; /* "key=value", n_labels of them */
	size_t n_labels;
	const char *labels_from; /* an expression: its named groups in a path are labels, but for
				  * one named time; NULL: none */
	const char *time; /* of all files; NULL: as the profile or labels_from says */
	const char *kind; /* "mutex" …; NULL: found out */
	int keep_raw; /* the files themselves, too */
	int keep_order; /* the order of samples, whatever it costs */
	int full; /* of traces every transition, too */
	const char *profiles; /* "sched,sync": those of a trace's profiles that become sample types;
			       * NULL: running, sched, sync, net, syscall, block and cpu
			       */
	int jobs; /* threads; 0: as many as there are processors */
	int rollback_journal; /* for file systems that are not of this machine */
	/* Told about each file in their order, and now and then how far it is; may be NULL. `err`
	 * is of PROF_ARCHIVE_BAD, and of PROF_ARCHIVE_ADDED where what was added is damaged (else
	 * its code is 0). Non-zero stops, and gives up the batch under way.
	 */
	int (*file)(void *ctx, const char *path, enum prof_archive_outcome outcome, int64_t id,
		const struct prof_err *err);
	int (*progress)(
		void *ctx, const struct prof_archive_added *so_far, size_t done, size_t files);
	void *ctx;
};

/* Adds files, and all files below directories, to the archive at `db`, which is made where there is
 * none. What was added before an error stays, but for the batch under way. PROF_EUSAGE, PROF_EIO,
 * PROF_EFORMAT and PROF_EUNSUPPORTED (of the archive), PROF_ESQL, PROF_ENOMEM.
 */
PROF_API void prof_archive_add_opts_init(struct prof_archive_add_opts *opts);
PROF_API int prof_archive_add(const char *db, const char *const *paths, size_t n,
	const struct prof_archive_add_opts *opts, const struct prof_limits *limits,
	struct prof_archive_added *out, struct prof_err *e);

/* The same as a report; and a count with its name as one. */
PROF_API int prof_count_report(const char *schema, const char *key, uint64_t n, const char *verb,
	struct prof_report **out, struct prof_err *e);
PROF_API int prof_archive_added_report(
	const struct prof_archive_added *added, struct prof_report **out, struct prof_err *e);

/* The one profile that a query names (prof-archive-ls(1)), just as it was added; and the bytes that
 * it came from, PROF_EUNSUPPORTED where they were not kept. PROF_EUSAGE when several match.
 */
PROF_API int prof_archive_export(const char *db, const char *query,
	const struct prof_limits *limits, struct prof_profile **out, struct prof_err *e);
PROF_API int prof_archive_raw(
	const char *db, const char *query, prof_write_fn *write, void *ctx, struct prof_err *e);

/* The profiles that a query names (NULL: all), a row each; and one profile in full. */
PROF_API int prof_archive_list(const char *db, const char *query, const struct prof_limits *limits,
	struct prof_report **out, struct prof_err *e);
PROF_API int prof_archive_show(const char *db, const char *query, const struct prof_limits *limits,
	struct prof_report **out, struct prof_err *e);
/* The garbage collector's pacing: GODEBUG=gctrace=1 logs (gcpacertrace=1, scavtrace=1, gctrace=2
 * and schedtrace=N too), in any application's log; execution traces; the MemStats below debug=1
 * heap profiles.
 */
struct prof_gc_opts {
	/* Settings to try: "gogc=50,200+gomemlimit=1GiB" tries both with the limit. */
	const char *const *what_if;
	size_t n_what_if;
	/* Where findings begin: "pause=1ms", "gc-cpu=5%" (prof-gc(1) has them all). */
	const char *const *thresholds;
	size_t n_thresholds;
	int64_t gogc; /* as it was; 0: inferred from the goals */
	int64_t window_ns; /* parts of the run are as long as this; 0: the live heap tells them */
	int64_t row_count; /* a row a cycle, for so many; 0: all; -1: for a few, else a row a part
			    */
};

PROF_API void prof_gc_opts_init(struct prof_gc_opts *opts);

/* One run is looked at, or two are compared (PROF_OLD and PROF_NEW): of several files, which are
 * added one by one. PROF_EUSAGE for options that cannot be, PROF_EFORMAT for files of another kind.
 * The report refers to the runs: free it first.
 */
struct prof_gc_runs;
PROF_API int prof_gc_new(
	const struct prof_gc_opts *opts, struct prof_gc_runs **out, struct prof_err *e);
PROF_API int prof_gc_add(struct prof_gc_runs *runs, enum prof_side side, const char *path,
	const struct prof_limits *limits, struct prof_err *e);
/* A gate, before the report is made: 'METRIC OP NUMBER UNIT' as prof-gc(1) has it; the text must
 * outlive the runs. With `warn` it is told, but fails nothing. PROF_EUSAGE.
 */
PROF_API int prof_gc_gate(
	struct prof_gc_runs *runs, const char *text, int warn, struct prof_err *e);
/* What the gates say, once the report is made: the worst, at least PROF_GATE_PASSES. */
PROF_API enum prof_gate_outcome prof_gc_outcome(const struct prof_gc_runs *runs);
/* PROF_EUNSUPPORTED: no cycles. *damaged (may be NULL): some lines could not be read. */
PROF_API int prof_gc_report(
	struct prof_gc_runs *runs, int *damaged, struct prof_report **out, struct prof_err *e);
PROF_API void prof_gc_free(struct prof_gc_runs *runs);

/* Heap, goal, trigger, pauses and CPU over time, as a chart. The chart is the caller's. */
struct prof_chart;
PROF_API int prof_gc_draw(
	struct prof_gc_runs *runs, int for_page, struct prof_chart **out, struct prof_err *e);
/* A picture, and a page that zooms and tells values at the pointer (`for_page`). */
PROF_API int prof_chart_svg(
	const struct prof_chart *c, prof_write_fn *write, void *ctx, struct prof_err *e);
PROF_API int prof_chart_html(
	const struct prof_chart *c, prof_write_fn *write, void *ctx, struct prof_err *e);
PROF_API void prof_chart_free(struct prof_chart *c);

/* Sets labels ("key=value", "key=" takes one away) of the profiles that a query names; *changed:
 * how many these are. `rollback_journal`: for file systems that are not of this machine.
 */
PROF_API int prof_archive_tag(const char *db, const char *query, const char *const *labels,
	size_t n, int rollback_journal, const struct prof_limits *limits, uint64_t *changed,
	struct prof_err *e);

/* What to keep; ages are spans ("180d") before the archive's newest profile. */
struct prof_archive_prune_opts {
	const char *query; /* only these may go; NULL: all */
	const char *keep; /* all that are younger; NULL: none for that reason; "none": nothing at
			   * all of what the query, which is needed then, names */
	const char *keep_weekly, *keep_monthly; /* that are younger: of each service and kind the
						 * last of a week, of 30 days; NULL: none */
	int dry_run; /* only count */
	int rollback_journal;
};

/* Removes the others, and gives the room back. Where a span says what stays, profiles whose time
 * is not known do. *removed counts them also where only the room could not be given back.
 */
PROF_API int prof_archive_prune(const char *db, const struct prof_archive_prune_opts *opts,
	const struct prof_limits *limits, uint64_t *removed, struct prof_err *e);

/* Looks at every checksum and whether everything fits; the report has a row a problem. */
PROF_API int prof_archive_verify(const char *db, const struct prof_limits *limits,
	uint64_t *problems, struct prof_report **out, struct prof_err *e);

/* What the archive's bytes hold. */
PROF_API int prof_archive_stats(const char *db, const struct prof_limits *limits,
	struct prof_report **out, struct prof_err *e);

/* What functions cost night by night, and where that changed for good. */
struct prof_archive_trend_opts {
	const char *query; /* of one service and kind; NULL: all */
	const char *func; /* functions whose name matches this expression; NULL: any */
	const char
		*package; /* functions of this package; NULL: any. Neither: each function apart */
	const char *sample_index; /* NULL: what reports show */
	int flat; /* flat, not cum, of what is asked for */
	int all; /* of metric "goroutines": each entry function apart */
	double alpha; /* 0.05: p of a step, q among all functions */
	double effect; /* 0.1: the least change of a share, relative, that is one */
};

struct prof_trend;
PROF_API void prof_archive_trend_opts_init(struct prof_archive_trend_opts *opts);

/* `opts` must outlive the trend. PROF_EUSAGE when several services or kinds match. */
PROF_API int prof_archive_trend(const char *db, const struct prof_archive_trend_opts *opts,
	const struct prof_limits *limits, struct prof_trend **out, struct prof_err *e);
PROF_API void prof_trend_free(struct prof_trend *trend);
/* Whether any stack has a function that was asked for. */
PROF_API int prof_trend_matched(const struct prof_trend *trend);

/* What traces and logs tell of the collector, or goroutines, night by night, and where that changed
 * for good. `metric`: one of prof_gc_gate's ("pause.p99", "gc_cpu", "live" …), or "goroutines": how
 * many there are at a trace's end or in a goroutine profile; opts->func: of those whose entry
 * function matches; opts->all: of each entry function. PROF_EUSAGE: no such metric, several
 * services or kinds match.
 */
PROF_API int prof_archive_trend_metric(const char *db, const struct prof_archive_trend_opts *opts,
	const char *metric, const struct prof_limits *limits, struct prof_report **out,
	struct prof_err *e);

/* As a report; and a chart of it, or only its line, as SVG (PROF_EUSAGE without func or package).
 */
PROF_API int prof_trend_report(
	const struct prof_trend *trend, struct prof_report **out, struct prof_err *e);
PROF_API int prof_trend_svg(const struct prof_trend *trend, int sparkline, prof_write_fn *write,
	void *ctx, struct prof_err *e);

/* SQL over an archive, with the functions that sql/ documents. Without `write` only reading
 * statements are let through.
 */
struct prof_sql_session;

enum prof_sql_format { PROF_SQL_TABLE, PROF_SQL_CSV, PROF_SQL_JSON };

PROF_API int prof_sql_open(const char *db, int write, const struct prof_limits *limits,
	struct prof_sql_session **out, struct prof_err *e);
PROF_API void prof_sql_close(struct prof_sql_session *session);

/* Runs the statements of a text, and writes the rows of each. PROF_EUSAGE for what is wrong with a
 * statement, PROF_EIO when `write` fails.
 */
PROF_API int prof_sql_exec(struct prof_sql_session *session, const char *text,
	enum prof_sql_format format, prof_write_fn *write, void *ctx, struct prof_err *e);

/* Whether a text ends where a statement does. */
PROF_API int prof_sql_complete(const char *text);

/* All tables, views and functions, and what their columns are. */
PROF_API const char *prof_sql_schema(void);

#ifdef __cplusplus
}
#endif

#endif
