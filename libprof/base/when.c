#include "libprof/base/when.h"

#define SECOND INT64_C(1000000000)

/* A cursor over what is left to read. */
struct text {
	const char *p, *end;
};

static unsigned digits(const struct text *t)
{
	unsigned n = 0;

	while (t->p + n < t->end && t->p[n] >= '0' && t->p[n] <= '9')
		n++;
	return n;
}

static bool number(struct text *t, unsigned n, int64_t *v)
{
	*v = 0;
	if (digits(t) < n)
		return false;
	for (; n; n--)
		*v = *v * 10 + (*t->p++ - '0');
	return true;
}

static bool skip(struct text *t, const char *any)
{
	if (t->p == t->end || !strchr(any, *t->p))
		return false;
	t->p++;
	return true;
}

/* Days from 1970-01-01 in the Gregorian calendar (Howard Hinnant's days_from_civil). */
static int64_t days(int64_t y, int64_t m, int64_t d)
{
	int64_t era, year, day;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	year = y - era * 400;
	day = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + year * 365 + year / 4 - year / 100 + day - 719468;
}

static bool is_date(int64_t y, int64_t m, int64_t d)
{
	static const int8_t length[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return y >= 1678 && y <= 2261 && m >= 1 && m <= 12 && d >= 1 && d <= length[m - 1] &&
	       (m != 2 || d < 29 || leap);
}

static bool zone(struct text *t, int64_t *seconds)
{
	bool west = t->p < t->end && *t->p == '-';
	int64_t h, m = 0;

	*seconds = 0;
	if (t->p == t->end || skip(t, "Zz"))
		return true;
	if (!skip(t, "+-") || !number(t, 2, &h))
		return false;
	skip(t, ":");
	if (t->p < t->end && !number(t, 2, &m))
		return false;
	*seconds = (h * 3600 + m * 60) * (west ? -1 : 1);
	return h < 24 && m < 60;
}

/* What stands behind the date. */
static bool time_of_day(struct text *t, int64_t *ns)
{
	int64_t h, m, s = 0, away, scale = SECOND;

	*ns = 0;
	if (t->p == t->end)
		return true;
	skip(t, "Tt _-");
	if (!number(t, 2, &h))
		return false;
	if (t->p == t->end) {
		*ns = h * 3600 * SECOND;
		return h < 24;
	}
	skip(t, ":-");
	if (!number(t, 2, &m))
		return false;
	if (skip(t, ":-") || digits(t) >= 2)
		if (!number(t, 2, &s))
			return false;
	if (skip(t, ".,"))
		for (; digits(t); scale /= 10)
			*ns += (*t->p++ - '0') * (scale / 10);
	if (h > 23 || m > 59 || s > 60 || !zone(t, &away))
		return false;
	*ns += (h * 3600 + m * 60 + s - away) * SECOND;
	return true;
}

static bool since_1970(struct prof_str s, int64_t *ns)
{
	struct text t = {s.p, s.p + s.len};
	int64_t scale = s.len <= 11 ? SECOND : s.len <= 13 ? 1000000 : s.len <= 16 ? 1000 : 1, v;

	if (s.len < 9 || s.len > 19 || s.len == 14 || s.len == 17 || digits(&t) != s.len)
		return false;
	if (!number(&t, s.len < 18 ? s.len : 18, &v))
		return false;
	if (s.len == 19) {
		int64_t last = *t.p - '0';

		if (v > (INT64_MAX - last) / 10)
			return false;
		v = v * 10 + last;
	}
	if (v > INT64_MAX / scale)
		return false;
	*ns = v * scale;
	return true;
}

bool prof_when_parse(struct prof_str s, int64_t *ns)
{
	struct text t = {s.p, s.p + s.len};
	int64_t y, m, d, day;
	bool dashed;

	if (since_1970(s, ns))
		return true;
	if (!number(&t, 4, &y))
		return false;
	dashed = skip(&t, "-/.");
	if (!number(&t, 2, &m) || (dashed && !skip(&t, "-/.")) || !number(&t, 2, &d) ||
		!is_date(y, m, d) || !time_of_day(&t, &day) || t.p != t.end)
		return false;
	*ns = days(y, m, d) * 86400 * SECOND + day;
	return true;
}

bool prof_when_parse_span(struct prof_str s, int64_t *ns)
{
	static const char units[] = "smhdwy";
	static const int64_t seconds[] = {1, 60, 3600, 86400, 7 * 86400, 365 * 86400};
	struct text t = {s.p, s.p + s.len};
	int64_t sum = 0;

	while (t.p < t.end) {
		unsigned n = digits(&t);
		const char *unit;
		int64_t v;

		if (!n || n > 9 || !number(&t, n, &v) || t.p == t.end ||
			!(unit = strchr(units, *t.p)) || !*unit)
			return false;
		t.p++;
		if (v > (INT64_MAX / SECOND - sum) / seconds[unit - units])
			return false;
		sum += v * seconds[unit - units];
	}
	*ns = sum * SECOND;
	return s.len > 0;
}

static void two(struct prof_buf *b, int64_t v)
{
	prof_buf_char(b, (char)('0' + v / 10 % 10));
	prof_buf_char(b, (char)('0' + v % 10));
}

/* The other way round: Hinnant's civil_from_days. */
void prof_when_put(struct prof_buf *b, int64_t ns)
{
	int64_t seconds = ns / SECOND - (ns % SECOND < 0), day, rest, era, doe, yoe, doy, m;

	if (!ns) {
		prof_buf_char(b, '-');
		return;
	}
	day = seconds / 86400 - (seconds % 86400 < 0);
	rest = seconds - day * 86400;
	day += 719468;
	era = (day >= 0 ? day : day - 146096) / 146097;
	doe = day - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	m = (5 * doy + 2) / 153;
	yoe += era * 400 + (m >= 10);
	two(b, yoe / 100);
	two(b, yoe % 100);
	prof_buf_char(b, '-');
	two(b, m + (m < 10 ? 3 : -9));
	prof_buf_char(b, '-');
	two(b, doy - (153 * m + 2) / 5 + 1);
	prof_buf_char(b, ' ');
	two(b, rest / 3600);
	prof_buf_char(b, ':');
	two(b, rest / 60 % 60);
	prof_buf_char(b, ':');
	two(b, rest % 60);
}
