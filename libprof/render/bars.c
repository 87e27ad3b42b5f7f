/* Bars as an SVG: a name, its bar in parts, the sum; above all a key with every series. */
#include "libprof/model/bars.h"

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"
#include "libprof/render/render.h"

enum {
	WIDTH = 960,
	NAMES = 380, /* where bars begin */
	VALUES = 90, /* room for the sum behind the longest one */
	TITLE = 36,
	KEY = 20, /* a line of the key */
	KEY_COLUMNS = 3,
	ROW = 20,
	GAP = 8, /* before a group */
	THICK = 13,
	NAME_CHARS = 52, /* that fit */
};

static const char style[] =
	"<style>.bars text{font:13px system-ui,sans-serif;fill:#222}.bars .bt{font-size:15px;"
	"font-weight:600}.bars .bn{font-size:12px}.bars .bv{font-size:12px;fill:#666}"
	".s0{fill:#c62828}.s1{fill:#2e7d32}.s2{fill:#f9a825}.s3{fill:#6a1b9a}.s4{fill:#1565c0}"
	".s5{fill:#8a8a8a}"
	"@media (prefers-color-scheme:dark){.bars text{fill:#ddd}.bars .bv{fill:#999}"
	".s0{fill:#ef5350}.s1{fill:#66bb6a}.s2{fill:#ffca28}.s3{fill:#ba68c8}.s4{fill:#64b5f6}}"
	"</style>\n";

static int64_t sum_of(const struct prof_bars *s, const struct prof_bar *bar)
{
	int64_t sum = 0;

	for (size_t i = 0; i < s->n_series; i++)
		sum = prof_add_sat(sum, bar->v[i]);
	return sum;
}

/* Whether any bar has something of a series: then it is in the key. */
static bool used(const struct prof_bars *s, size_t series)
{
	bool any = false;

	for (size_t i = 0; i < s->n; i++)
		any |= s->bars[i].v[series] > 0;
	return any;
}

static int key_lines(const struct prof_bars *s)
{
	int n = 0;

	for (size_t i = 0; i < s->n_series; i++)
		n += used(s, i);
	return (n + KEY_COLUMNS - 1) / KEY_COLUMNS;
}

int prof_bars_height(const struct prof_bars *s)
{
	int y = TITLE + key_lines(s) * KEY;

	for (size_t i = 0; i < s->n; i++)
		y += ROW + (s->bars[i].first ? GAP : 0);
	return y + GAP;
}

static void put_value(const struct prof_bars *s, int64_t v, struct prof_buf *b)
{
	prof_fmt_scaled(b, v, s->unit, PROF_STR("auto"));
}

static void put_key(const struct prof_bars *s, struct prof_buf *b)
{
	int n = 0;

	for (size_t i = 0; i < s->n_series; i++) {
		int x = 10 + n % KEY_COLUMNS * 310, y = TITLE + n / KEY_COLUMNS * KEY;

		if (!used(s, i))
			continue;
		n++;
		prof_buf_printf(b,
			"<rect class=\"s%zu\" x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" />"
			"<text class=\"bn\" x=\"%d\" y=\"%d\">",
			i, x, y, x + 18, y + 10);
		prof_buf_xml(b, prof_str_of(s->series[i]));
		prof_buf_str(b, "</text>\n");
	}
}

/* As much of a name as fits, its end: packages are told less than functions are. */
static void put_name(struct prof_str s, struct prof_buf *b)
{
	size_t at = 0, n = 0;
	uint32_t c;

	for (size_t i = 0; i < s.len; n++) {
		unsigned len = prof_utf8_at(s.p + i, s.len - i, &c);

		i += len ? len : 1;
	}
	for (; n > NAME_CHARS; n--) {
		unsigned len = prof_utf8_at(s.p + at, s.len - at, &c);

		at += len ? len : 1;
	}
	prof_buf_str(b, at ? "…" : "");
	prof_buf_xml(b, (struct prof_str){s.p + at, s.len - (uint32_t)at});
}

static void put_bar(
	const struct prof_bars *s, const struct prof_bar *bar, int y, double px, struct prof_buf *b)
{
	double x = NAMES;

	prof_buf_str(b, "<g><title>");
	prof_buf_xml(b, bar->name);
	for (size_t i = 0; i < s->n_series; i++) {
		if (!bar->v[i])
			continue;
		prof_buf_str(b, "\n");
		prof_buf_xml(b, prof_str_of(s->series[i]));
		prof_buf_str(b, ": ");
		put_value(s, bar->v[i], b);
	}
	prof_buf_printf(b, "</title><text class=\"bn\" text-anchor=\"end\" x=\"%d\" y=\"%d\">",
		NAMES - 8, y + 11);
	put_name(bar->name, b);
	prof_buf_str(b, "</text>");
	for (size_t i = 0; i < s->n_series; i++) {
		double w = (double)bar->v[i] * px;

		if (!bar->v[i])
			continue;
		prof_buf_printf(b, "<rect class=\"s%zu\" x=\"", i);
		prof_buf_double(b, x, 'f', 1);
		prof_buf_printf(b, "\" y=\"%d\" width=\"", y);
		prof_buf_double(b, w, 'f', 1);
		prof_buf_printf(b, "\" height=\"%d\" />", THICK);
		x += w;
	}
	prof_buf_str(b, "<text class=\"bv\" x=\"");
	prof_buf_double(b, x + 6, 'f', 1);
	prof_buf_printf(b, "\" y=\"%d\">", y + 11);
	put_value(s, sum_of(s, bar), b);
	prof_buf_str(b, "</text></g>\n");
}

void prof_render_bars(const struct prof_bars *s, struct prof_buf *b)
{
	int height = prof_bars_height(s), y = TITLE + key_lines(s) * KEY;
	int64_t most = 1;

	for (size_t i = 0; i < s->n; i++)
		most = sum_of(s, &s->bars[i]) > most ? sum_of(s, &s->bars[i]) : most;
	prof_buf_printf(b,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"bars\" viewBox=\"0 0 %d %d\" "
		"width=\"%d\" height=\"%d\" role=\"img\">\n",
		WIDTH, height, WIDTH, height);
	prof_buf_str(b, style);
	prof_buf_str(b, "<text class=\"bt\" x=\"10\" y=\"22\">");
	prof_buf_xml(b, s->title);
	prof_buf_str(b, "</text>\n");
	put_key(s, b);
	for (size_t i = 0; i < s->n; i++) {
		y += s->bars[i].first ? GAP : 0;
		put_bar(s, &s->bars[i], y, (WIDTH - NAMES - VALUES) / (double)most, b);
		y += ROW;
	}
	prof_buf_str(b, "</svg>\n");
}
