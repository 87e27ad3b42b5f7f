/* What fuzz targets share: each is the one function, and aborts where something must not be. */
#ifndef PROF_FUZZ_FUZZ_H
#define PROF_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(int yes)
{
	if (!yes)
		abort();
}

#endif
