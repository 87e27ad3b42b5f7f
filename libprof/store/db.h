/* SQLite as the archive uses it: defensively opened, with errors that become ours.
 *
 * A file that nobody writes is one file, in SQLite's rollback mode: anybody who may read it can,
 * also from read-only media. Writers turn it to write-ahead logging, so that readers go on, and the
 * last one of them turns it back. What goes first into a new file needs no log: there is nothing to
 * be read yet, and each page is written once.
 */
#ifndef PROF_STORE_DB_H
#define PROF_STORE_DB_H

/* In the extension, SQLite is the one that loads it. */
#ifdef PROF_SQLITE_EXTENSION
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3
enum { PROF_DB_GUARDED = 0 };
#else
#include <sqlite3.h>
enum { PROF_DB_GUARDED = 1 };
#endif
#include <stdbool.h>

#include "libprof/base/err.h"
#include "libprof/base/strtab.h"

enum {
	PROF_DB_APPLICATION = 0x70726f66, /* "prof" */
	/* PRAGMA user_version. Before: 1, no views; 2 and 3, where `profiles` did not go by labels;
	 * until 4 and 5, digests of content were of numbers that had 8 bytes each. 3 and 5 had
	 * captures, whose rows were in tables (store/capture_tables.h); so had 7 transitions alone.
	 * Until 7, digests of captures were of timelines' older encoding (store/timeline_fields.h).
	 */
	PROF_DB_PLAIN = 6, /* there are profiles alone */
	PROF_DB_PAGES = 7, /* rows of captures, but for transitions, are in pages: since then */
	PROF_DB_VERSION = 8, /* with captures of other kinds (store/capture.h) */
	PROF_DB_LONGEST = 1 << 30, /* bytes of a value */
};

enum prof_db_mode {
	PROF_DB_READ,
	PROF_DB_WRITE, /* an archive that exists */
	PROF_DB_CREATE, /* one is made where there is none */
};

/* What statements may cost. Pages of a hostile file may lead to others in circles, or many to one,
 * and no scan finds the end of them in good time: so the work is counted, in steps of SQLite's and
 * pages that they fetch, and where it is more than a file of that size is worth, or what was
 * written to it since, the statement fails with PROF_EFORMAT.
 *
 * A connection has one such count, and programs that load the extension may have their own: there
 * they are who guards.
 */
struct prof_db_guard {
	sqlite3 *h;
	uint64_t bytes; /* of the file */
	uint64_t work; /* since it was started */
	int fetched; /* pages, until the last look */
	int changes; /* rows, until it was started */
	bool off, tripped;
	bool schema; /* all that is read is what tables there are */
};

/* Guards a connection from now on, to a database of so many bytes where it is in no file: the guard
 * must last as long.
 */
void prof_db_guard(struct prof_db_guard *g, sqlite3 *h, uint64_t bytes);

/* What follows is a piece of work of its own; or none of ours, which may be as much as somebody
 * wants it to be. Nothing is done to NULL, or to one that guards nothing.
 */
void prof_db_guard_start(struct prof_db_guard *g);
void prof_db_guard_stop(struct prof_db_guard *g);

/* Opens an archive; to read it is to see one state of it until it is closed. `rollback`: writes
 * with a rollback journal, for file systems that are not of this machine. PROF_EIO, PROF_EFORMAT
 * (not an archive), PROF_EUNSUPPORTED (of a newer version), PROF_ESQL, PROF_ENOMEM.
 */
int prof_db_open(const char *path, enum prof_db_mode mode, bool rollback, struct prof_db_guard *g,
	sqlite3 **out, struct prof_err *e) PROF_CHECKED;

/* Within a transaction: makes the tables of a new archive, and brings those of an older one up to
 * date. *from: its version until then; 0: new.
 */
int prof_db_update(sqlite3 *h, int64_t *from, struct prof_err *e) PROF_CHECKED;

/* Makes the file as small as can be; not within a transaction. */
int prof_db_vacuum(sqlite3 *h, struct prof_err *e) PROF_CHECKED;

/* How changes are written from the next transaction on, which open has set for all but new files:
 * those begin with `rollback`.
 */
int prof_db_journal(sqlite3 *h, bool rollback, struct prof_err *e) PROF_CHECKED;

/* Closes. The last writer leaves one file. */
void prof_db_close(sqlite3 *h, enum prof_db_mode mode);

/* What makes a connection safe against a hostile schema; prof_db_open has done it. */
void prof_db_defend(sqlite3 *h);

/* Whether the connection's file is an archive that this version can read. */
int prof_db_check(sqlite3 *h, struct prof_err *e) PROF_CHECKED;

/* Whether SQLite finds the file's pages in order, for what goes through all of them: PROF_EFORMAT.
 */
int prof_db_whole(sqlite3 *h, struct prof_err *e) PROF_CHECKED;

/* What a row of SQLite's checks says, without its heading; empty: all is well. */
struct prof_str prof_db_finding(sqlite3_stmt *s);

/* The connection's last error as ours. */
int prof_db_fail(sqlite3 *h, struct prof_err *e) __attribute__((cold));

/* Scripts, statements. prof_db_step: 1 a row, 0 the end, < 0 an error. */
int prof_db_exec(sqlite3 *h, const char *sql, struct prof_err *e) PROF_CHECKED;
int prof_db_prepare(
	sqlite3 *h, const char *sql, sqlite3_stmt **out, struct prof_err *e) PROF_CHECKED;
int prof_db_step(sqlite3_stmt *s, struct prof_err *e) PROF_CHECKED;

/* Runs a statement to its end, and makes it ready for the next time. */
int prof_db_run(sqlite3_stmt *s, struct prof_err *e) PROF_CHECKED;

/* One number out of the first row; `or` where there is none. */
int prof_db_int(
	sqlite3 *h, const char *sql, int64_t or, int64_t *out, struct prof_err *e) PROF_CHECKED;

void prof_db_bind_str(sqlite3_stmt *s, int place, struct prof_str str);

/* A column as bytes, which the next step ends. */
struct prof_str prof_db_str(sqlite3_stmt *s, int column);

#endif
