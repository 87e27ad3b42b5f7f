#include "libprof/store/db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BUSY_MS = 120000, RETRY_MS = 20, LONGEST = 1 << 30 };

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
	if ((sqlite & 0xff) == SQLITE_BUSY)
		return prof_fail(e, code, PROF_NO_OFFSET,
			"is being written by somebody else, who does not let go of it");
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
	static const int limits[][2] = {{SQLITE_LIMIT_LENGTH, LONGEST},
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

/* Our tables are tables, and nothing runs by itself. */
static int check_schema(sqlite3 *h, struct prof_err *e)
{
	int64_t tables = 0, fakes = 0, others = 0;
	int rc = prof_db_int(h,
		"SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 "
		"AND name IN "
		"('service', 'build', 'profile', 'total', 'label', 'profile_label', 'digest', "
		"'page', 'sample', 'raw')",
		0, &tables, e);

	if (!rc)
		rc = prof_db_int(h, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'", 0,
			&others, e);
	if (!rc)
		rc = prof_db_int(h,
			"SELECT count(*) FROM sqlite_schema "
			"WHERE (type <> 'table' OR rootpage <= 0) AND name IN "
			"('capture', 'capture_data', 'name', 'damage', 'gc_cycle', 'pause', "
			"'metric', 'goroutine_group', 'group_wait', 'group_histogram', "
			"'goroutine', 'task', 'region', 'log', 'goroutine_label', "
			"'cpu_sample', 'transition')",
			0, &fakes, e);
	if (!rc && (tables != 10 || fakes || others))
		return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
			"is damaged: its tables are not those of an archive");
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

static int is_empty(sqlite3 *h, bool *empty, struct prof_err *e)
{
	int64_t n = 0;
	int rc = prof_db_int(h, "SELECT count(*) FROM sqlite_schema", 0, &n, e);

	*empty = n == 0;
	return rc;
}

int prof_db_update(sqlite3 *h, int64_t *from, struct prof_err *e)
{
	int64_t application;
	char end[80];
	int rc = versions(h, &application, from, e);

	if (rc || *from >= PROF_DB_PLAIN)
		return rc;
	if (!*from)
		rc = prof_db_exec(h, table_script, e);
	if (!rc)
		rc = prof_db_exec(h, view_script, e);
	snprintf(end, sizeof(end), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		PROF_DB_APPLICATION, *from == 3 || *from == 5 ? PROF_DB_VERSION : PROF_DB_PLAIN);
	return rc ? rc : prof_db_exec(h, end, e);
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
	if (!rc && empty) /* most blobs take a few of these, and half of the last is lost */
		rc = prof_db_exec(h, "PRAGMA page_size = 2048", e);
	if (!rc)
		rc = prof_db_journal(h, rollback || empty, e);
	return rc ? rc : prof_db_exec(h, "PRAGMA cache_size = -32768", e);
}

/* "file:" and the path, whatever is in it. */
static char *uri(const char *path, const char *options)
{
	static const char hex[] = "0123456789abcdef";
	char *s = malloc(strlen(path) * 3 + strlen(options) + 8), *p = s;

	if (!s)
		return NULL;
	memcpy(p, "file:", 5);
	for (p += 5; *path; path++) {
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

static int connect(
	const char *path, int flags, const char *options, sqlite3 **h, struct prof_err *e)
{
	char *name = uri(path, options);
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
	return 0;
}

/* Whether a journal or log beside the file holds what the file does not. */
static bool has_log(const char *path)
{
	static const char *const ends[] = {"-wal", "-journal"};
	char *name = malloc(strlen(path) + 9);
	struct stat st;
	bool has = false;

	for (size_t i = 0; name && i < 2; i++) {
		snprintf(name, strlen(path) + 9, "%s%s", path, ends[i]);
		has |= stat(name, &st) == 0 && st.st_size > 0;
	}
	free(name);
	return has;
}

static int open_to_read(const char *path, sqlite3 **out, struct prof_err *e)
{
	struct prof_err err = {0};
	int rc = connect(path, SQLITE_OPEN_READWRITE, "", out, &err);

	if (!rc)
		rc = prof_db_exec(*out, "PRAGMA query_only = ON; BEGIN", &err);
	if (!rc)
		rc = prof_db_check(*out, &err);
	if (rc == PROF_EIO && !has_log(path)) {
		/* A file in write-ahead mode where nothing may be written beside it. */
		sqlite3_close(*out);
		*out = NULL;
		rc = connect(path, SQLITE_OPEN_READONLY, "?immutable=1", out, e);
		return rc ? rc : prof_db_check(*out, e);
	}
	return rc ? prof_fail(e, rc, err.offset, "%s", err.msg) : 0;
}

int prof_db_open(
	const char *path, enum prof_db_mode mode, bool rollback, sqlite3 **out, struct prof_err *e)
{
	struct stat st;
	int rc;

	*out = NULL;
	if (mode != PROF_DB_CREATE && stat(path, &st) != 0)
		return prof_fail(e, PROF_EIO, PROF_NO_OFFSET, "%s", strerror(errno));
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return prof_fail(e, PROF_EIO, PROF_NO_OFFSET, "is not a file");
	if (mode == PROF_DB_READ) {
		rc = open_to_read(path, out, e);
	} else {
		rc = connect(path,
			SQLITE_OPEN_READWRITE | (mode == PROF_DB_CREATE ? SQLITE_OPEN_CREATE : 0),
			"", out, e);
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
