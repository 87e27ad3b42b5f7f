/* The files that oracles are asked about: all below testdata, and of the packs (PACKS=DIR) those
 * that profiles are among. Whoever includes this defines _XOPEN_SOURCE 700 first, for nftw.
 */
#ifndef PROF_TESTS_PACKS_H
#define PROF_TESTS_PACKS_H

#include <ftw.h>

#include "tests/unit/unit.h"

/* Looks at one file, and says whether it was one to look at. */
static bool (*packs_look)(const char *path);
static unsigned packs_files;

static inline int packs_visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	packs_files += type == FTW_F && packs_look(path);
	return 0;
}

static inline void packs_told(void)
{
	print_message("%u files\n", packs_files);
	assert_int_not_equal(packs_files, 0);
}

static inline void each_in_testdata(bool (*look)(const char *path))
{
	packs_look = look;
	packs_files = 0;
	assert_int_equal(nftw(TESTDATA, packs_visit, 16, FTW_PHYS), 0);
	packs_told();
}

static inline void each_of_the_packs(bool (*look)(const char *path))
{
	static const char *const below[] = {"captures", "nightly", "conformance/pprof/inputs"};
	const char *packs = getenv("PACKS");
	char path[4096];

	if (!packs || !*packs)
		skip();
	packs_look = look;
	packs_files = 0;
	for (size_t i = 0; i < COUNT(below); i++) {
		snprintf(path, sizeof(path), "%s/%s", packs, below[i]);
		(void)nftw(path, packs_visit, 16, FTW_PHYS);
	}
	packs_told();
}

#endif
