#include "libprof/analyse/gc/units.h"

#include <math.h>

#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/model/timeline.h"

void prof_gc_put_ns(struct prof_buf *b, int64_t ns)
{
	if (ns == PROF_ABSENT)
		prof_buf_char(b, '-');
	else
		prof_fmt_scaled(b, ns, PROF_STR("ns"), PROF_STR("auto"));
}

void prof_gc_put_bytes(struct prof_buf *b, int64_t bytes)
{
	if (bytes == PROF_ABSENT)
		prof_buf_char(b, '-');
	else
		prof_fmt_scaled(b, bytes, PROF_STR("B"), PROF_STR("auto"));
}

void prof_gc_put_rate(struct prof_buf *b, double bytes)
{
	if (!isfinite(bytes)) {
		prof_buf_char(b, '-');
		return;
	}
	prof_gc_put_bytes(b, prof_to_i64(bytes));
	prof_buf_str(b, "/s");
}

void prof_gc_put_part(struct prof_buf *b, double part)
{
	double percent = part * 100;

	if (!isfinite(percent)) {
		prof_buf_char(b, '-');
		return;
	}
	prof_buf_double(b, percent, 'f', fabs(percent) >= 99.5 ? 0 : fabs(percent) >= 9.95 ? 1 : 2);
	prof_buf_char(b, '%');
}

void prof_gc_put_number(struct prof_buf *b, double v)
{
	prof_buf_double(b, v, 'g', 4);
}

void prof_gc_put_gogc(struct prof_buf *b, const struct prof_gc *gc)
{
	prof_buf_printf(b, "%lld", (long long)gc->least_gogc);
	if (gc->most_gogc != gc->least_gogc)
		prof_buf_printf(b, " to %lld", (long long)gc->most_gogc);
}

void prof_gc_put_pauses(struct prof_buf *b, const struct prof_gc_cycle *c)
{
	int64_t pause[2];
	int n = prof_gc_cycle_pauses(c, pause);

	if (!n)
		prof_buf_char(b, '-');
	for (int i = 0; i < n; i++) {
		prof_buf_str(b, i ? " + " : "");
		prof_gc_put_ns(b, pause[i]);
	}
}

void prof_gc_put_count(struct prof_buf *b, int64_t n, const char *of)
{
	prof_buf_printf(b, "%lld %s%s", (long long)n, of, n == 1 ? "" : "s");
}

static const struct {
	const char *name;
	enum prof_gc_unit unit;
	double factor;
} units[] = {
	/* A name stands before those that are the beginning of it. */
	{"ns", PROF_GC_UNIT_TIME, 1},
	{"us", PROF_GC_UNIT_TIME, 1e3},
	{"\xc2\xb5s", PROF_GC_UNIT_TIME, 1e3},
	{"\xce\xbcs", PROF_GC_UNIT_TIME, 1e3},
	{"ms", PROF_GC_UNIT_TIME, 1e6},
	{"s", PROF_GC_UNIT_TIME, 1e9},
	{"h", PROF_GC_UNIT_TIME, 3600e9},
	{"KiB", PROF_GC_UNIT_SIZE, 0x1p10},
	{"MiB", PROF_GC_UNIT_SIZE, 0x1p20},
	{"GiB", PROF_GC_UNIT_SIZE, 0x1p30},
	{"TiB", PROF_GC_UNIT_SIZE, 0x1p40},
	{"kB", PROF_GC_UNIT_SIZE, 0x1p10},
	{"KB", PROF_GC_UNIT_SIZE, 0x1p10},
	{"MB", PROF_GC_UNIT_SIZE, 0x1p20},
	{"GB", PROF_GC_UNIT_SIZE, 0x1p30},
	{"TB", PROF_GC_UNIT_SIZE, 0x1p40},
	{"B", PROF_GC_UNIT_SIZE, 1},
	{"min", PROF_GC_UNIT_TIME, 60e9},
	{"m", PROF_GC_UNIT_TIME, 60e9},
	{"%", PROF_GC_UNIT_PART, 0.01},
};

bool prof_gc_number(const char **s, double *v, enum prof_gc_unit *unit)
{
	const char *p = *s;
	double n = 0, digit = 1;
	bool point = false, any = false;

	for (; (*p >= '0' && *p <= '9') || (*p == '.' && !point); p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		any = true;
		digit = point ? digit / 10 : 1;
		n = point ? n + (*p - '0') * digit : n * 10 + (*p - '0');
		if (n > 1e18)
			return false;
	}
	if (!any)
		return false;
	p += *p == ' ';
	*unit = PROF_GC_UNIT_NONE;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strncmp(p, units[i].name, strlen(units[i].name)) != 0)
			continue;
		*unit = units[i].unit;
		n *= units[i].factor;
		p += strlen(units[i].name);
		break;
	}
	*s = p;
	*v = n;
	return true;
}
