#include "libprof/store/db.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BUSY_MS = 120000, RETRY_MS = 20 };

/* Work: what a step and a page cost; and what is allowed for any file, each byte of one, and each
 * row that was written. Archives that are whole cost less than a tenth of it. A row of the schema
 * is parsed, which is worth many steps: it has a limit of its own.
 */
enum { STEPS = 1000, A_PAGE = 16, ANY_FILE = 1 << 20, A_BYTE = 32, A_ROW = 10000, SCHEMA = 100000 };

static const char table_script[] =
#include "sql/tables.inc"
	;

/* Views hold nothing: an older version's make way for ours. */
static const char view_script[] = "DROP VIEW IF EXISTS profiles;"
				  "DROP VIEW IF EXISTS labels;"
				  "DROP VIEW IF EXISTS totals;"
#include "sql/views.inc"
	;

static int code_of(int sqlite)
{
	switch (sqlite & 0xff) {
	case SQLITE_NOMEM:
		return PROF_ENOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return PROF_EFORMAT;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PERM:
		return PROF_EIO;
	case SQLITE_TOOBIG:
		return PROF_ELIMIT;
	default:
		return PROF_ESQL;
	}
}

int prof_db_fail(sqlite3 *h, struct prof_err *e)
{
	int sqlite = h ? sqlite3_errcode(h) : SQLITE_NOMEM, code = code_of(sqlite);

	if (code == PROF_ENOMEM)
		return prof_nomem(e);
	if (sqlite == SQLITE_NOTADB)
		return prof_fail(e, code, PROF_NO_OFFSET, "is not an archive");
	if (sqlite == SQLITE_CORRUPT)
		return prof_fail(e, code, PROF_NO_OFFSET, "is damaged: %s", sqlite3_errmsg(h));
	if (sqlite == SQLITE_INTERRUPT && PROF_DB_GUARDED)
		return prof_fail(
			e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: its pages lead in circles");
	if ((sqlite & 0xff) == SQLITE_BUSY)
		return prof_fail(e, code, PROF_NO_OFFSET,
			"is being written by somebody else, who does not let go of it");
	if (sqlite == SQLITE_CANTOPEN && sqlite3_system_errno(h))
		return prof_fail(e, code, PROF_NO_OFFSET, "%s: %s", sqlite3_errmsg(h),
			strerror(sqlite3_system_errno(h)));
	return prof_fail(e, code, PROF_NO_OFFSET, "%s", sqlite3_errmsg(h));
}

int prof_db_exec(sqlite3 *h, const char *sql, struct prof_err *e)
{
	return sqlite3_exec(h, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : prof_db_fail(h, e);
}

int prof_db_prepare(sqlite3 *h, const char *sql, sqlite3_stmt **out, struct prof_err *e)
{
	return sqlite3_prepare_v2(h, sql, -1, out, NULL) == SQLITE_OK ? 0 : prof_db_fail(h, e);
}

int prof_db_step(sqlite3_stmt *s, struct prof_err *e)
{
	int rc = sqlite3_step(s);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : prof_db_fail(sqlite3_db_handle(s), e);
}

int prof_db_run(sqlite3_stmt *s, struct prof_err *e)
{
	int rc;

	while ((rc = prof_db_step(s, e)) > 0)
		;
	sqlite3_reset(s);
	return rc;
}

int prof_db_int(sqlite3 *h, const char *sql, int64_t or, int64_t *out, struct prof_err *e)
{
	sqlite3_stmt *s = NULL;
	int rc = prof_db_prepare(h, sql, &s, e);

	if (!rc)
		rc = prof_db_step(s, e);
	if (rc >= 0)
		*out = rc > 0 ? sqlite3_column_int64(s, 0) : or ;
	sqlite3_finalize(s);
	return rc < 0 ? rc : 0;
}

void prof_db_bind_str(sqlite3_stmt *s, int place, struct prof_str str)
{
	sqlite3_bind_text(s, place, str.p ? str.p : "", (int)str.len, SQLITE_STATIC);
}

struct prof_str prof_db_str(sqlite3_stmt *s, int column)
{
	const char *p = sqlite3_column_blob(s, column);
	int n = sqlite3_column_bytes(s, column);

	return (struct prof_str){p ? p : "", p ? (uint32_t)n : 0};
}

void prof_db_defend(sqlite3 *h)
{
	static const int limits[][2] = {{SQLITE_LIMIT_LENGTH, PROF_DB_LONGEST},
		{SQLITE_LIMIT_SQL_LENGTH, 1 << 20}, {SQLITE_LIMIT_COLUMN, 500},
		{SQLITE_LIMIT_EXPR_DEPTH, 200}, {SQLITE_LIMIT_COMPOUND_SELECT, 50},
		{SQLITE_LIMIT_VDBE_OP, 100000}, {SQLITE_LIMIT_FUNCTION_ARG, 32},
		{SQLITE_LIMIT_ATTACHED, 0}, {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
		{SQLITE_LIMIT_VARIABLE_NUMBER, 1000}, {SQLITE_LIMIT_TRIGGER_DEPTH, 10}};
	static const int off[] = {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_TRIGGER,
		SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, SQLITE_DBCONFIG_DQS_DML,
		SQLITE_DBCONFIG_DQS_DDL};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(h, limits[i][0], limits[i][1]);
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		sqlite3_db_config(h, off[i], 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_exec(h, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0", NULL, NULL, NULL);
}

/* 31 bits of it. */
static int pages_fetched(sqlite3 *h)
{
	int hits = 0, misses = 0, none = 0;

	sqlite3_db_status(h, SQLITE_DBSTATUS_CACHE_HIT, &hits, &none, 0);
	sqlite3_db_status(h, SQLITE_DBSTATUS_CACHE_MISS, &misses, &none, 0);
	return (int)(((unsigned)hits + (unsigned)misses) & INT_MAX);
}

/* What a file has, and the journal or log beside it. */
static uint64_t bytes_of(const char *path, bool logs_alone)
{
	static const char *const ends[] = {"", "-wal", "-journal"};
	char *name = malloc(strlen(path) + 9);
	uint64_t bytes = 0;
	struct stat st;

	for (size_t i = logs_alone; name && i < 3; i++) {
		snprintf(name, strlen(path) + 9, "%s%s", path, ends[i]);
		if (stat(name, &st) == 0 && st.st_size > 0)
			bytes += (uint64_t)st.st_size;
	}
	free(name);
	return bytes;
}

static int count_work(void *ctx)
{
	struct prof_db_guard *g = ctx;
	uint64_t allowed;
	int fetched;

	if (g->off)
		return 0;
	fetched = pages_fetched(g->h);
	g->work += STEPS + A_PAGE * (((uint64_t)fetched - (uint64_t)g->fetched) & INT_MAX);
	g->fetched = fetched;
	allowed = ANY_FILE + A_BYTE * g->bytes +
		  A_ROW * (uint64_t)(sqlite3_total_changes(g->h) - g->changes);
	g->tripped = g->work > (g->schema ? SCHEMA : allowed);
	return g->tripped;
}

void prof_db_guard_start(struct prof_db_guard *g)
{
	const char *path = g && g->h ? sqlite3_db_filename(g->h, "main") : NULL;

	if (!g || !g->h)
		return;
	if (path && *path)
		g->bytes = bytes_of(path, false);
	g->work = 0;
	g->fetched = pages_fetched(g->h);
	g->changes = sqlite3_total_changes(g->h);
	g->off = g->tripped = false;
}

void prof_db_guard_stop(struct prof_db_guard *g)
{
	if (g)
		g->off = true;
}

void prof_db_guard(struct prof_db_guard *g, sqlite3 *h, uint64_t bytes)
{
	*g = (struct prof_db_guard){.h = h, .bytes = bytes};
	prof_db_guard_start(g);
	sqlite3_progress_handler(h, STEPS, count_work, g);
}

#define PLAIN \
	"('service', 'build', 'profile', 'total', 'label', 'profile_label', 'digest', 'page', " \
	"'sample', 'raw')"
#define OF_CAPTURES \
	"('capture', 'capture_data', 'name', 'damage', 'gc_cycle', 'pause', 'metric', " \
	"'goroutine_group', 'group_wait', 'group_histogram', 'goroutine', 'task', 'region', " \
	"'log', 'goroutine_label', 'cpu_sample', 'transition')"

/* Our tables are tables, whose columns are in their rows, and nothing runs by itself. */
static int check_schema(sqlite3 *h, struct prof_err *e)
{
	static const struct {
		const char *sql;
		int64_t count;
	} checks[] = {{"SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 "
		       "AND name IN " PLAIN,
			      10},
		{"SELECT count(*) FROM sqlite_schema WHERE (type <> 'table' OR rootpage <= 0) "
		 "AND name IN " OF_CAPTURES,
			0},
		{"SELECT count(*) FROM pragma_user_version WHERE (user_version IN (3, 5) OR "
		 "user_version > 6) AND 2 > (SELECT count(*) FROM sqlite_schema WHERE name IN "
		 "('capture', 'capture_data'))",
			0},
		{"SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'", 0},
		{"SELECT count(*) FROM sqlite_schema AS t JOIN pragma_table_xinfo(t.name) AS c "
		 "WHERE t.type = 'table' AND c.hidden AND (t.name IN " PLAIN
		 " OR t.name IN " OF_CAPTURES ")",
			0}};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(checks) / sizeof(checks[0]); i++) {
		int64_t n = 0;

		rc = prof_db_int(h, checks[i].sql, 0, &n, e);
		if (!rc && n != checks[i].count)
			rc = prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
				"is damaged: its tables are not those of an archive");
	}
	return rc;
}

static int versions(sqlite3 *h, int64_t *application, int64_t *version, struct prof_err *e)
{
	int rc = prof_db_int(h, "PRAGMA application_id", 0, application, e);

	return rc ? rc : prof_db_int(h, "PRAGMA user_version", 0, version, e);
}

int prof_db_check(sqlite3 *h, struct prof_err *e)
{
	int64_t application, version;
	int rc = versions(h, &application, &version, e);

	if (rc)
		return rc;
	if (application != PROF_DB_APPLICATION || version < 1)
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			"is an SQLite database, but not an archive of prof");
	if (version > PROF_DB_VERSION)
		return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"is an archive of version %lld, and this prof knows versions up to %d",
			(long long)version, PROF_DB_VERSION);
	return check_schema(h, e);
}

struct prof_str prof_db_finding(sqlite3_stmt *s)
{
	struct prof_str line = prof_db_str(s, 0);
	const char *end = memchr(line.p, '\n', line.len);

	if (prof_str_eq(line, PROF_STR("ok")))
		return PROF_STR("");
	if (end && line.p[0] == '*')
		line = (struct prof_str){end + 1, (uint32_t)(line.p + line.len - end - 1)};
	return line.len < 240 ? line : (struct prof_str){line.p, 240};
}

int prof_db_whole(sqlite3 *h, struct prof_err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = prof_db_prepare(h, "PRAGMA quick_check(1)", &q, e);

	if (!rc && (rc = prof_db_step(q, e)) > 0) {
		struct prof_str line = prof_db_finding(q);

		rc = line.len ? prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: %.*s",
					(int)line.len, line.p)
			      : 0;
	}
	sqlite3_finalize(q);
	return rc;
}

static int is_empty(sqlite3 *h, bool *empty, struct prof_err *e)
{
	int64_t n = 0;
	int rc = prof_db_int(h, "SELECT 1 FROM sqlite_schema LIMIT 1", 0, &n, e);

	*empty = n == 0;
	return rc;
}

int prof_db_update(sqlite3 *h, int64_t *from, struct prof_err *e)
{
	int64_t application;
	char end[80];
	int rc = versions(h, &application, from, e);

	if (rc || *from == PROF_DB_PLAIN || *from >= PROF_DB_VERSION)
		return rc;
	if (!*from)
		rc = prof_db_exec(h, table_script, e);
	if (!rc && *from < PROF_DB_PLAIN)
		rc = prof_db_exec(h, view_script, e);
	snprintf(end, sizeof(end), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		PROF_DB_APPLICATION,
		*from == 3 || *from == 5 || *from == 7 ? PROF_DB_VERSION : PROF_DB_PLAIN);
	return rc ? rc : prof_db_exec(h, end, e);
}

int prof_db_vacuum(sqlite3 *h, struct prof_err *e)
{
	int rc, attached = sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 1); /* its copy */

	rc = prof_db_exec(h, "VACUUM", e);
	sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, attached);
	return rc;
}

/* While others come and go the journal's mode cannot be changed, and SQLite does not wait here. */
static int set_journal(sqlite3 *h, const char *sql, struct prof_err *e)
{
	int rc = sqlite3_exec(h, sql, NULL, NULL, NULL);

	for (int ms = 0; (rc & 0xff) == SQLITE_BUSY && ms < BUSY_MS; ms += RETRY_MS) {
		sqlite3_sleep(RETRY_MS);
		rc = sqlite3_exec(h, sql, NULL, NULL, NULL);
	}
	return rc == SQLITE_OK ? 0 : prof_db_fail(h, e);
}

int prof_db_journal(sqlite3 *h, bool rollback, struct prof_err *e)
{
	return set_journal(h,
		rollback ? "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL"
			 : "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
		e);
}

static int begin_writing(sqlite3 *h, bool create, bool rollback, struct prof_err *e)
{
	bool empty = false;
	int rc = is_empty(h, &empty, e);

	if (!rc && empty && !create)
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET, "is not an archive");
	if (!rc && !empty)
		rc = prof_db_check(h, e);
	/* Nearly all is blobs, and half of the last page of each is lost; each table and index has
	 * a page at least. With smaller pages reading takes a tenth longer, writing does not.
	 */
	if (!rc && empty)
		rc = prof_db_exec(h, "PRAGMA page_size = 512", e);
	if (!rc)
		rc = prof_db_journal(h, rollback || empty, e);
	return rc ? rc : prof_db_exec(h, "PRAGMA cache_size = -32768", e);
}

/* "file:" and the path, whatever is in it: to SQLite "" and ":memory:" are no files, and what
 * follows "//" is a host.
 */
static char *uri(const char *path, const char *options)
{
	static const char hex[] = "0123456789abcdef";
	const char *start = *path != '/' ? "file:./" : path[1] == '/' ? "file:/." : "file:";
	char *s = malloc(strlen(start) + strlen(path) * 3 + strlen(options) + 1), *p = s;

	if (!s)
		return NULL;
	memcpy(p, start, strlen(start));
	for (p += strlen(start); *path; path++) {
		if (strchr("?#%", *path)) {
			*p++ = '%';
			*p++ = hex[(unsigned char)*path >> 4];
			*p++ = hex[*path & 15];
		} else {
			*p++ = *path;
		}
	}
	memcpy(p, options, strlen(options) + 1);
	return s;
}

static int connect(const char *path, int flags, const char *options, struct prof_db_guard *g,
	sqlite3 **h, struct prof_err *e)
{
	char *name = uri(path, options);
	bool empty;
	int rc;

	if (!name)
		return prof_nomem(e);
	rc = sqlite3_open_v2(name, h, flags | SQLITE_OPEN_URI | SQLITE_OPEN_PRIVATECACHE, NULL);
	free(name);
	if (rc != SQLITE_OK) {
		rc = prof_db_fail(*h, e);
		sqlite3_close(*h);
		*h = NULL;
		return rc;
	}
	sqlite3_extended_result_codes(*h, 0);
	sqlite3_busy_timeout(*h, BUSY_MS);
	prof_db_defend(*h);
	prof_db_guard(g, *h, 0);
	g->schema = true;
	rc = is_empty(*h, &empty, e);
	g->schema = false;
	return rc;
}

static int open_to_read(
	const char *path, struct prof_db_guard *g, sqlite3 **out, struct prof_err *e)
{
	struct prof_err err = {0};
	int rc = connect(path, SQLITE_OPEN_READWRITE, "", g, out, &err);

	if (!rc) /* no value of an archive is longer than it, and none is made that is */
		sqlite3_limit(*out, SQLITE_LIMIT_LENGTH,
			g->bytes < PROF_DB_LONGEST - ANY_FILE ? (int)g->bytes + ANY_FILE
							      : PROF_DB_LONGEST);

	if (!rc)
		rc = prof_db_exec(*out, "PRAGMA query_only = ON; BEGIN", &err);
	if (!rc)
		rc = prof_db_check(*out, &err);
	if (rc == PROF_EIO && !bytes_of(path, true)) {
		/* A file in write-ahead mode where nothing may be written beside it. */
		sqlite3_close(*out);
		*out = NULL;
		rc = connect(path, SQLITE_OPEN_READONLY, "?immutable=1", g, out, e);
		return rc ? rc : prof_db_check(*out, e);
	}
	return rc ? prof_fail(e, rc, err.offset, "%s", err.msg) : 0;
}

int prof_db_open(const char *path, enum prof_db_mode mode, bool rollback, struct prof_db_guard *g,
	sqlite3 **out, struct prof_err *e)
{
	struct stat st;
	int rc;

	*out = NULL;
	if ((mode != PROF_DB_CREATE || !*path) && stat(path, &st) != 0)
		return prof_fail(e, PROF_EIO, PROF_NO_OFFSET, "%s", strerror(errno));
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return prof_fail(e, PROF_EIO, PROF_NO_OFFSET, "is not a file");
	if (mode == PROF_DB_READ) {
		rc = open_to_read(path, g, out, e);
	} else {
		rc = connect(path,
			SQLITE_OPEN_READWRITE | (mode == PROF_DB_CREATE ? SQLITE_OPEN_CREATE : 0),
			"", g, out, e);
		if (!rc)
			rc = begin_writing(*out, mode == PROF_DB_CREATE, rollback, e);
	}
	if (rc) {
		sqlite3_close(*out);
		*out = NULL;
	}
	return rc;
}

void prof_db_close(sqlite3 *h, enum prof_db_mode mode)
{
	if (h && mode != PROF_DB_READ) {
		/* Fails where others are still at it: then the last of them does it. */
		sqlite3_busy_timeout(h, 0);
		sqlite3_exec(h, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
		sqlite3_exec(h, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	}
	sqlite3_close(h);
}
