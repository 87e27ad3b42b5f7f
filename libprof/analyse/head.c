#include "libprof/analyse/head.h"

#include <time.h>

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

struct lines {
	const struct prof_head *h;
	struct prof_report *r;
	struct prof_buf b;
	struct prof_err *e;
	int rc;
};

static void end_line(struct lines *l)
{
	if (!l->rc)
		l->rc = prof_report_head(l->r, &l->b, l->e);
}

static void text_line(struct lines *l, const char *label, struct prof_str s)
{
	prof_buf_str(&l->b, label);
	prof_buf_plain(&l->b, s);
	end_line(l);
}

static void put_value(struct lines *l, int64_t v)
{
	prof_fmt_value(&l->b, v, l->r->ratio, l->r->unit, l->r->out_unit);
}

void prof_put_utc(struct prof_buf *b, int64_t ns)
{
	time_t s = (time_t)(ns / 1000000000 - (ns % 1000000000 < 0));
	struct tm tm;
	char text[64];

	if (gmtime_r(&s, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm))
		prof_buf_str(b, text);
}

static void duration_line(struct lines *l)
{
	const struct prof_head *h = l->h;
	int64_t duration = h->profile->duration_ns;
	struct prof_str unit;
	double nanos = prof_unit_scale(h->total, l->r->unit, PROF_STR("nanoseconds"), &unit);

	prof_buf_str(&l->b, "Duration: ");
	prof_fmt_scaled(&l->b, duration, PROF_STR("nanoseconds"), PROF_STR("auto"));
	prof_buf_str(&l->b, ", Total samples = ");
	put_value(l, h->total);
	prof_buf_char(&l->b, ' ');
	if (prof_str_eq(unit, PROF_STR("ns")) && nanos != 0) {
		prof_buf_char(&l->b, '(');
		prof_fmt_percent(&l->b, prof_to_i64(nanos), duration);
		prof_buf_char(&l->b, ')');
	}
	end_line(l);
}

static void profile_lines(struct lines *l)
{
	const struct prof_profile *p = l->h->profile;

	if (p->mappings.n && p->mappings.v[0].file)
		text_line(l, "File: ", prof_str_base(prof_profile_str(p, p->mappings.v[0].file)));
	if (p->mappings.n && p->mappings.v[0].build_id)
		text_line(l, "Build ID: ", prof_profile_str(p, p->mappings.v[0].build_id));
	for (size_t i = 0; i < p->comments.n; i++)
		if (!prof_str_has_prefix(prof_profile_str(p, p->comments.v[i]), "#"))
			text_line(l, "", prof_profile_str(p, p->comments.v[i]));
	if (p->types.v[l->h->index].type || l->h->mean)
		text_line(l, l->h->mean ? "Type: mean_" : "Type: ",
			prof_profile_str(p, p->types.v[l->h->index].type));
	if (p->doc_url)
		text_line(l, "Doc: ", prof_profile_str(p, p->doc_url));
	if (p->time_ns) {
		prof_buf_str(&l->b, "Time: ");
		if (l->h->time_text)
			prof_buf_str(&l->b, l->h->time_text);
		else
			prof_put_utc(&l->b, p->time_ns);
		end_line(l);
	}
	if (p->duration_ns)
		duration_line(l);
}

/* The filters, each cut at 80 bytes as pprof does. */
static void filter_line(struct lines *l, const char *name, const char *value, bool *any)
{
	struct prof_buf b;
	size_t n;

	if (!value || !*value)
		return;
	if (!*any) {
		prof_buf_str(&l->b, "Active filters:");
		end_line(l);
		*any = true;
	}
	prof_buf_init(&b, NULL, NULL);
	prof_buf_printf(&b, "%s=%s", name, value);
	n = b.n > 80 ? 80 : b.n;
	prof_buf_str(&l->b, "   ");
	if (!b.code)
		prof_buf_plain(&l->b, (struct prof_str){b.p, (uint32_t)n});
	if (b.n > 80)
		prof_buf_str(&l->b, "…");
	prof_buf_fini(&b);
	end_line(l);
}

static void filter_lines(struct lines *l)
{
	const struct prof_filter *f = l->h->filter;
	bool any = false;

	filter_line(l, "focus", f->focus, &any);
	filter_line(l, "ignore", f->ignore, &any);
	filter_line(l, "hide", f->hide, &any);
	filter_line(l, "show", f->show, &any);
	filter_line(l, "show_from", f->show_from, &any);
	filter_line(l, "tagfocus", f->tag_focus, &any);
	filter_line(l, "tagignore", f->tag_ignore, &any);
	filter_line(l, "tagshow", f->tag_show, &any);
	filter_line(l, "taghide", f->tag_hide, &any);
}

static void dropped_line(
	struct lines *l, size_t n, const char *what, const char *value, double fraction)
{
	if (!l->h->total || !n)
		return;
	prof_buf_printf(&l->b, "Dropped %zu %s%s (%s <= ", n, what, n > 1 ? "s" : "", value);
	put_value(l, prof_abs(prof_to_i64((double)l->h->total * fraction)));
	prof_buf_char(&l->b, ')');
	end_line(l);
}

static void shown_lines(struct lines *l)
{
	const struct prof_head *h = l->h;

	prof_buf_str(&l->b, "Showing nodes accounting for ");
	put_value(l, h->shown);
	prof_buf_str(&l->b, ", ");
	prof_fmt_share(&l->b, h->shown, h->total);
	prof_buf_str(&l->b, " of ");
	put_value(l, h->total);
	prof_buf_str(&l->b, " total");
	end_line(l);
	dropped_line(l, h->dropped_nodes, "node", "cum", h->node_fraction);
	dropped_line(l, h->dropped_edges, "edge", "freq", h->edge_fraction);
	if (h->total && h->shown_nodes && h->shown_nodes < h->nodes) {
		prof_buf_printf(
			&l->b, "Showing top %zu nodes out of %zu", h->shown_nodes, h->nodes);
		end_line(l);
	}
}

int prof_head_report(const struct prof_head *h, struct prof_report *r, struct prof_err *e)
{
	struct lines l = {.h = h, .r = r, .e = e};

	prof_buf_init(&l.b, NULL, NULL);
	if (!h->compact)
		profile_lines(&l);
	if (h->shows_part) {
		filter_lines(&l);
		shown_lines(&l);
	}
	prof_buf_fini(&l.b);
	return l.rc;
}
