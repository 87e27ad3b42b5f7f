#include "libprof/base/fmt.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>

#include "libprof/base/escape.h"
#include "libprof/base/num.h"

struct unit {
	const char *name;
	const char *aliases[4];
	double factor;
};

struct family {
	const char *default_name;
	double default_factor;
	struct unit units[10];
};

static const struct family families[] = {
	{"B", 1,
		{{"B", {"b", "byte"}, 1}, {"kB", {"kb", "kbyte", "kilobyte"}, 0x1p10},
			{"MB", {"mb", "mbyte", "megabyte"}, 0x1p20},
			{"GB", {"gb", "gbyte", "gigabyte"}, 0x1p30},
			{"TB", {"tb", "tbyte", "terabyte"}, 0x1p40},
			{"PB", {"pb", "pbyte", "petabyte"}, 0x1p50}}},
	{"s", 1e9,
		{{"ns", {"ns", "nanosecond"}, 1}, {"us", {"\xce\xbcs", "us", "microsecond"}, 1e3},
			{"ms", {"ms", "millisecond"}, 1e6}, {"s", {"s", "sec", "second"}, 1e9},
			{"hrs", {"hour", "hr"}, 3600e9}}},
	{"GCU", 1,
		{{"n*GCU", {"nanogcu"}, 1e-9}, {"u*GCU", {"microgcu"}, 1e-6},
			{"m*GCU", {"milligcu"}, 1e-3}, {"GCU", {"gcu"}, 1},
			{"k*GCU", {"kilogcu"}, 1e3}, {"M*GCU", {"megagcu"}, 1e6},
			{"G*GCU", {"gigagcu"}, 1e9}, {"T*GCU", {"teragcu"}, 1e12},
			{"P*GCU", {"petagcu"}, 1e15}}},
};

enum { N_FAMILIES = sizeof(families) / sizeof(families[0]) };

void prof_buf_double(struct prof_buf *b, double v, char conv, int precision)
{
	const char *point = localeconv()->decimal_point;
	size_t n = strlen(point);
	char text[400], *at;

	switch (conv) {
	case 'f':
		snprintf(text, sizeof(text), "%.*f", precision, v);
		break;
	case 'e':
		snprintf(text, sizeof(text), "%.*e", precision, v);
		break;
	default:
		snprintf(text, sizeof(text), "%.*g", precision, v);
	}
	if (n && strcmp(point, ".") != 0 && (at = strstr(text, point))) {
		*at = '.';
		memmove(at + 1, at + n, strlen(at + n) + 1);
	}
	prof_buf_str(b, text);
}

/* The unit of a family that an alias names. As pprof: lower-cased, and a plural s taken off only
 * where more than two bytes are there, so that "s" and "ms" stay.
 */
static const struct unit *find_unit(const struct family *f, struct prof_str name)
{
	char low[16];
	uint32_t n = name.len;

	if (n >= sizeof(low) || (n && memchr(name.p, '\0', n)))
		return NULL;
	for (uint32_t i = 0; i < n; i++)
		low[i] = (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] | 0x20
								     : name.p[i]);
	if (n > 2 && low[n - 1] == 's')
		n--;
	low[n] = '\0';
	for (const struct unit *u = f->units; u->name; u++)
		for (int i = 0; i < 4 && u->aliases[i]; i++)
			if (strcmp(u->aliases[i], low) == 0)
				return u;
	return NULL;
}

static double auto_scale(const struct family *f, double v, struct prof_str *unit)
{
	double factor = 0;

	for (const struct unit *u = f->units; u->name; u++) {
		if (u->factor >= factor && v / u->factor >= 1) {
			factor = u->factor;
			*unit = prof_str_of(u->name);
		}
	}
	if (factor > 0)
		return v / factor;
	*unit = prof_str_of(f->default_name);
	return v / f->default_factor;
}

static bool is_auto(struct prof_str unit)
{
	return prof_str_eq(unit, PROF_STR("auto")) || prof_str_eq(unit, PROF_STR("minimum"));
}

double prof_unit_scale(
	int64_t value, struct prof_str from, struct prof_str to, struct prof_str *unit)
{
	static const char *const silent[] = {"count", "sample", "unit", "minimum", "auto"};

	if (value < 0 && value != INT64_MIN)
		return -prof_unit_scale(-value, from, to, unit);
	for (int i = 0; i < N_FAMILIES; i++) {
		const struct family *f = &families[i];
		const struct unit *u = find_unit(f, from), *t;
		double v;

		if (!u)
			continue;
		v = (double)value * u->factor;
		if (is_auto(to))
			return auto_scale(f, v, unit);
		t = find_unit(f, to);
		*unit = prof_str_of(t ? t->name : f->default_name);
		return v / (t ? t->factor : f->default_factor);
	}
	*unit = to;
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		if (prof_str_eq(to, prof_str_of(silent[i])))
			*unit = PROF_STR("");
	return (double)value;
}

bool prof_unit_compatible(struct prof_str a, struct prof_str b)
{
	if (prof_str_eq(a, b))
		return true;
	for (int i = 0; i < N_FAMILIES; i++)
		if (find_unit(&families[i], a) && find_unit(&families[i], b))
			return true;
	return false;
}

void prof_fmt_scaled(struct prof_buf *b, int64_t value, struct prof_str from, struct prof_str to)
{
	struct prof_str unit;
	double v = prof_unit_scale(value, from, to, &unit);
	char text[400];
	struct prof_buf t = {.p = text, .cap = sizeof(text)};

	prof_buf_double(&t, v, 'f', 2);
	if (t.n > 3 && memcmp(t.p + t.n - 3, ".00", 3) == 0)
		t.n -= 3;
	if ((t.n == 1 && t.p[0] == '0') || (t.n == 2 && memcmp(t.p, "-0", 2) == 0)) {
		prof_buf_char(b, '0');
		return;
	}
	prof_buf_put(b, t.p, t.n);
	prof_buf_plain(b, unit); /* a name out of a file, where it is none of ours */
}

void prof_fmt_value(
	struct prof_buf *b, int64_t value, double ratio, struct prof_str from, struct prof_str to)
{
	if (ratio > 0 && ratio != 1)
		value = prof_to_i64((double)value * ratio);
	prof_fmt_scaled(b, value, from, to);
}

void prof_fmt_share(struct prof_buf *b, int64_t value, int64_t total)
{
	double ratio = total ? fabs((double)value / (double)total) * 100 : 0;

	if (ratio >= 99.95 && ratio <= 100.05)
		prof_buf_str(b, "100");
	else if (ratio >= 1)
		prof_buf_double(b, ratio, 'f', 2);
	else
		prof_buf_double(b, ratio, 'g', 2);
	prof_buf_char(b, '%');
}

void prof_fmt_percent(struct prof_buf *b, int64_t value, int64_t total)
{
	char text[64];
	struct prof_buf t = {.p = text, .cap = sizeof(text)};

	prof_fmt_share(&t, value, total);
	if (t.n < 6)
		prof_buf_fill(b, ' ', 6 - t.n);
	prof_buf_put(b, t.p, t.n);
}
