/* A main for fuzz targets where libFuzzer is not: runs them on the files, and the files in the
 * directories, that are named.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

static size_t inputs;

static int file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = NULL;
	size_t n = 0, got;

	if (!f) {
		perror(path);
		return 1;
	}
	do {
		p = realloc(p, n + 65536);
		if (!p)
			abort();
		got = fread(p + n, 1, 65536, f);
		n += got;
	} while (got);
	fclose(f);
	/* Exactly n bytes, so that a sanitizer sees what reads past them. */
	p = realloc(p, n ? n : 1);
	LLVMFuzzerTestOneInput(p, n);
	free(p);
	inputs++;
	return 0;
}

static int directory(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *x;
	int rc = 0;

	if (!d) {
		perror(path);
		return 1;
	}
	while (!rc && (x = readdir(d))) {
		char name[4096];

		if (x->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, x->d_name);
		rc = file(name);
	}
	closedir(d);
	return rc;
}

int main(int argc, char **argv)
{
	struct stat st;
	int rc = 0;

	for (int i = 1; !rc && i < argc; i++)
		rc = stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode) ? directory(argv[i])
								    : file(argv[i]);
	printf("%zu inputs replayed\n", inputs);
	return rc;
}
