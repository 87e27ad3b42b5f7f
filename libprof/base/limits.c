#include "libprof/prof.h"

void prof_limits_init(struct prof_limits *limits)
{
	*limits = (struct prof_limits){
		.memory_bytes = UINT64_C(4) << 30,
		.inflated_bytes = UINT64_C(16) << 30,
		.inflate_ratio = 200,
		.strings = UINT64_C(64) << 20,
		.string_bytes = UINT64_C(16) << 20,
	};
}

const char *prof_version(void)
{
	return PROF_VERSION;
}
