#include "libprof/analyse/gc/settings.h"

#include <math.h>
#include <string.h>

#include "libprof/analyse/gc/units.h"

/* "gogc" takes a plain number, "gomemlimit" a size (a plain number is bytes). */
static bool take_value(const char **s, bool is_limit, double *v)
{
	enum prof_gc_unit unit;

	if (strncmp(*s, "off", 3) == 0) {
		*s += 3;
		*v = INFINITY;
		return true;
	}
	return prof_gc_number(s, v, &unit) &&
	       (unit == PROF_GC_UNIT_NONE || (is_limit && unit == PROF_GC_UNIT_SIZE) ||
		       (!is_limit && unit == PROF_GC_UNIT_PART)) &&
	       *v >= 1 && *v < 1e18;
}

struct values {
	double v[PROF_GC_MAX_SETTINGS];
	size_t n;
};

static bool take_values(const char **s, bool is_limit, struct values *out)
{
	for (out->n = 0; out->n < PROF_GC_MAX_SETTINGS; (*s)++) {
		if (!take_value(s, is_limit, &out->v[out->n++]))
			return false;
		if (**s != ',')
			return true;
	}
	return false;
}

int prof_gc_settings(const char *text, struct prof_gc_setting *out, size_t *n, struct prof_err *e)
{
	struct values gogc = {.v = {NAN}}, limit = {.v = {NAN}};
	const char *s = text;
	bool good = true;

	for (bool more = true; good && more; s += more) {
		if (!gogc.n && strncmp(s, "gogc=", 5) == 0) {
			s += 5;
			good = take_values(&s, false, &gogc);
		} else if (!limit.n && strncmp(s, "gomemlimit=", 11) == 0) {
			s += 11;
			good = take_values(&s, true, &limit);
		} else {
			good = false;
		}
		more = *s == '+';
	}
	if (!good || *s)
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"what-if takes gogc=N,… and gomemlimit=SIZE,…, joined by +, not '%.80s'",
			text);
	*n = 0;
	for (size_t i = 0; i < (gogc.n ? gogc.n : 1); i++)
		for (size_t k = 0; k < (limit.n ? limit.n : 1); k++) {
			if (*n == PROF_GC_MAX_SETTINGS)
				return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
					"more than %d settings to try", PROF_GC_MAX_SETTINGS);
			out[(*n)++] = (struct prof_gc_setting){.gogc = gogc.v[i],
				.limit_bytes = limit.v[k],
				.has_gogc = gogc.n > 0,
				.has_limit = limit.n > 0};
		}
	return 0;
}
