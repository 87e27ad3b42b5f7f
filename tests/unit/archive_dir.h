/* A folder of a test's own for one archive: setup and teardown of its group. To be included behind
 * _XOPEN_SOURCE 700 (mkdtemp).
 */
#ifndef PROF_TESTS_ARCHIVE_DIR_H
#define PROF_TESTS_ARCHIVE_DIR_H

#include <unistd.h>

#include "tests/unit/unit.h"

static char dir[] = "/tmp/prof-test-archive-XXXXXX", path[sizeof(dir) + 8];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/n.db", dir);
	return 0;
}

static int remove_dir(void **state)
{
	char log[sizeof(path) + 8];

	(void)state;
	snprintf(log, sizeof(log), "%s-journal", path);
	unlink(log);
	unlink(path);
	return rmdir(dir);
}

#endif
