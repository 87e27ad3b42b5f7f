#include "libprof/base/err.h"

#include <stdio.h>

int prof_fail(struct prof_err *e, int code, int64_t offset, const char *fmt, ...)
{
	va_list ap;

	if (!e || e->code)
		return code;
	e->code = code;
	e->offset = offset;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	return code;
}

int prof_nomem(struct prof_err *e)
{
	return prof_fail(e, PROF_ENOMEM, PROF_NO_OFFSET, "out of memory");
}
