/* What analyses return and renderers print: a report is named fields, lines of prose and a table. A
 * renderer sees nothing else, so every analysis has every format.
 *
 * A table's columns say for whom they are: `key` names a value in JSON ("flat.old" nests), `title`
 * heads a column of text; NULL leaves the column out there. Cells are typed; what is not known is
 * PROF_CELL_NULL, never 0.
 *
 * Values that are lists or objects (the frames of a path, the gates of a comparison) are for JSON;
 * text has a row's notes instead: lines of prose below it, as wide as the page. A renderer that
 * has no notes (CSV) leaves them out; what they say is in the lists, too.
 *
 * All memory is the report's arena: strings that are put into one are copied.
 */
#ifndef PROF_MODEL_REPORT_H
#define PROF_MODEL_REPORT_H

#include "libprof/base/buf.h"

enum prof_cell_kind {
	PROF_CELL_NULL,
	PROF_CELL_BOOL,
	PROF_CELL_INT,
	PROF_CELL_UINT, /* addresses */
	PROF_CELL_REAL,
	PROF_CELL_STR,
	PROF_CELL_LIST,
	PROF_CELL_OBJECT,
};

struct prof_cell;
struct prof_field;

struct prof_cell_list {
	const struct prof_cell *v;
	size_t n;
};

struct prof_cell_object {
	const struct prof_field *v;
	size_t n;
};

struct prof_cell {
	enum prof_cell_kind kind;
	union {
		bool b;
		int64_t i;
		uint64_t u;
		double f;
		struct prof_str s;
		struct prof_cell_list list; /* in the report's arena, as prof_report_list made it */
		struct prof_cell_object object; /* prof_report_object */
	};
};

/* How a column of integers is written as text. */
enum prof_column_form {
	PROF_FORM_PLAIN,
	PROF_FORM_UNIT, /* in `unit`, shown in the report's out_unit */
	PROF_FORM_CHANGE, /* the same with its sign, "+" too */
	PROF_FORM_PERCENT, /* |cell / of|, as pprof */
	PROF_FORM_REAL_PERCENT, /* a REAL: "+12.3%" */
	PROF_FORM_REAL_POINTS, /* a REAL: "+1.23pp" */
};

struct prof_table_column {
	const char *key, *title;
	const char *group; /* neighbours of one group share a heading above their titles */
	enum prof_column_form form;
	int64_t of; /* PROF_FORM_PERCENT's total */
	unsigned width; /* at least; text is padded to it, 0: to the widest cell */
	unsigned gap; /* blanks before it, at least 1 but for the first column */
	bool left; /* aligned to the left */
	bool is_name; /* out of a file: code where there is such a thing */
	bool detail; /* left out where there is no room for all */
	bool optional; /* JSON leaves it out where it is null */
	bool nested; /* lists or objects: not in CSV */
};

struct prof_field {
	const char *key;
	struct prof_cell value;
};

/* A graph as a result: nodes in the order to show them, each with its edges, heaviest first. `peer`
 * is the name at the edge's other end.
 */
struct prof_tree_edge {
	struct prof_str peer;
	int64_t weight;
	bool inlined, residual;
};

struct prof_tree_node {
	struct prof_str name;
	int64_t flat, cum, sum; /* sum: of flat so far */
	uint32_t callers, n_callers, n_callees; /* edges [callers, …), then those to callees */
};

struct prof_tree {
	PROF_VEC(struct prof_tree_node) nodes;
	PROF_VEC(struct prof_tree_edge) edges;
	int64_t total;
	bool any; /* of the graph's nodes, also of those not shown here */
};

/* A line of text below a row of the table. */
struct prof_note {
	size_t row;
	struct prof_str text;
};

struct prof_diagram;
struct prof_curves;
struct prof_bars;

struct prof_report {
	struct prof_mem mem;
	struct prof_arena arena;
	const char *schema; /* "prof.top/1" */
	PROF_VEC(struct prof_field) fields;
	struct prof_str headline; /* all of it in one line; "": none. The lines below have it too */
	PROF_VEC(struct prof_str) head; /* lines of text before the table, and behind it */
	PROF_VEC(struct prof_str) foot;
	const struct prof_table_column *columns; /* in the arena, or constant */
	size_t n_columns, n_rows;
	PROF_VEC(struct prof_cell) cells;
	PROF_VEC(struct prof_note) notes; /* by row */
	struct prof_str damage; /* what the file lacks; "": nothing */
	struct prof_str unit, out_unit; /* of PROF_FORM_UNIT and _CHANGE */
	struct prof_tree *tree; /* NULL: the report is a table; in the arena */
	struct prof_diagram *diagram; /* NULL: none; in the arena */
	const struct prof_curves *curves; /* beside the table; NULL: none; in the arena */
	const struct prof_bars *bars; /* likewise */
	const char *rows_key; /* of the rows in JSON; NULL: "rows" */
	bool csv; /* of several parts the one that CSV has */
	/* Rows that are too many to be kept: written into `out`, n_columns cells, whose lists and
	 * strings last until the next call. `rows` outlives the report. Such a table has no titles,
	 * so it is for JSON and CSV only.
	 */
	void (*pull)(void *rows, size_t row, struct prof_cell *out);
	void *rows;
	struct prof_report *next; /* a further part, shown behind this one; owned */
	double ratio; /* which these are multiplied by; 0: not */
};

struct prof_report *prof_report_new(const char *schema, struct prof_err *e);

static inline struct prof_cell prof_cell_int(int64_t i)
{
	return (struct prof_cell){.kind = PROF_CELL_INT, .i = i};
}

static inline struct prof_cell prof_cell_uint(uint64_t u)
{
	return (struct prof_cell){.kind = PROF_CELL_UINT, .u = u};
}

static inline struct prof_cell prof_cell_real(double f)
{
	return (struct prof_cell){.kind = PROF_CELL_REAL, .f = f};
}

static inline struct prof_cell prof_cell_bool(bool b)
{
	return (struct prof_cell){.kind = PROF_CELL_BOOL, .b = b};
}

/* `s` is copied when it goes into the report. */
static inline struct prof_cell prof_cell_str(struct prof_str s)
{
	return (struct prof_cell){.kind = PROF_CELL_STR, .s = s};
}

#define PROF_NULL_CELL ((struct prof_cell){.kind = PROF_CELL_NULL})

/* NULL is not known. */
static inline struct prof_cell prof_cell_text(const char *s)
{
	return s ? prof_cell_str(prof_str_of(s)) : PROF_NULL_CELL;
}

/* Copies a string that belongs to something else into the report. */
int prof_report_keep(struct prof_report *r, struct prof_str *s, struct prof_err *e) PROF_CHECKED;

/* A further part at the end of r's. Its schema is r's: JSON has its fields and rows in the same
 * document, so their keys must differ; a part whose columns have no keys is for text only.
 */
struct prof_report *prof_report_part(struct prof_report *r, struct prof_err *e);

/* The cells of a row; `room` is for n_columns of them. */
const struct prof_cell *prof_report_cells(
	const struct prof_report *r, size_t row, struct prof_cell *room);

/* Keys are constants; fields keep their order. */
int prof_report_field(struct prof_report *r, const char *key, struct prof_cell value,
	struct prof_err *e) PROF_CHECKED;

/* A row of n_columns cells. */
int prof_report_row(
	struct prof_report *r, const struct prof_cell *cells, struct prof_err *e) PROF_CHECKED;

/* A list of n cells, and an object of n fields, whose cells and strings are copied: a value of a
 * field, of a row's cell, or of another list or object. Keys are constants.
 */
int prof_report_list(struct prof_report *r, const struct prof_cell *cells, size_t n,
	struct prof_cell *out, struct prof_err *e) PROF_CHECKED;
int prof_report_object(struct prof_report *r, const struct prof_field *fields, size_t n,
	struct prof_cell *out, struct prof_err *e) PROF_CHECKED;

/* A note on the last row, from what `b` holds; empties b. */
int prof_report_note(struct prof_report *r, struct prof_buf *b, struct prof_err *e) PROF_CHECKED;

/* A line of text, from what `b` holds; empties b. */
int prof_report_headline(
	struct prof_report *r, struct prof_buf *b, struct prof_err *e) PROF_CHECKED;
int prof_report_head(struct prof_report *r, struct prof_buf *b, struct prof_err *e) PROF_CHECKED;
int prof_report_foot(struct prof_report *r, struct prof_buf *b, struct prof_err *e) PROF_CHECKED;

/* One unit for all the values of a report, by pprof's rule: that of the smallest value (`least`),
 * or of a hundred times it where the largest (`most`) has another.
 */
struct prof_str prof_report_unit(
	int64_t least, int64_t most, struct prof_str unit, bool integers_only);

#endif
