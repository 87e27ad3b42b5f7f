/* The table-valued functions as a loadable extension: `.load prof` in the sqlite3 shell,
 * sqlite3_load_extension anywhere else.
 */
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1

#include "libprof/join/sql.h"

PROF_API int sqlite3_prof_init(sqlite3 *h, char **why, const sqlite3_api_routines *api);

int sqlite3_prof_init(sqlite3 *h, char **why, const sqlite3_api_routines *api)
{
	struct prof_err e = {.offset = -1};

	SQLITE_EXTENSION_INIT2(api);
	if (prof_sql_register(h, NULL, NULL, &e)) {
		*why = sqlite3_mprintf("%s", e.msg);
		return SQLITE_ERROR;
	}
	return SQLITE_OK;
}
