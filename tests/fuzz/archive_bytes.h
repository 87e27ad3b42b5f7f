/* Any bytes as the SQLite file of a connection, which is made safe as prof does. */
#ifndef PROF_FUZZ_ARCHIVE_BYTES_H
#define PROF_FUZZ_ARCHIVE_BYTES_H

#include <string.h>

#include "libprof/store/db.h"
#include "tests/fuzz/fuzz.h"

static inline int is_archive(const uint8_t *data, size_t size)
{
	return size > 512 && memcmp(data, "SQLite format 3", 16) == 0;
}

static inline sqlite3 *archive_of(const uint8_t *data, size_t size)
{
	unsigned char *copy = sqlite3_malloc64(size);
	sqlite3 *h = NULL;

	must(copy && sqlite3_open(":memory:", &h) == SQLITE_OK);
	memcpy(copy, data, size);
	prof_db_defend(h);
	must(sqlite3_deserialize(h, "main", copy, (sqlite3_int64)size, (sqlite3_int64)size,
		     SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY) == SQLITE_OK);
	return h;
}

#endif
