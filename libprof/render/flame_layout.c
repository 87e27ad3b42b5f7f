#include "libprof/render/flame_layout.h"

#include <stdlib.h>

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/render/palette.h"

/* A value of a side, in units that both sides are compared in. */
static double scaled(const struct prof_flame *f, int64_t v, enum prof_side side)
{
	int64_t total = f->types.v[f->type].total[side];

	if (!f->differential || !f->diff_by_share)
		return (double)v;
	return total > 0 ? (double)v / (double)total : 0;
}

/* The width of a part of node `n`: new and old are of that part. */
static double width(const struct prof_flame *f, uint32_t n, int64_t new, int64_t old)
{
	double a = scaled(f, new, PROF_NEW), b = scaled(f, old, PROF_OLD);

	if (!f->differential)
		return a;
	if (f->opts.width == PROF_WIDTH_LARGER)
		return a > b ? a : b;
	if (f->opts.width == PROF_WIDTH_NEW)
		return prof_flame_cum(f, n, prof_flame_column(f, f->type, PROF_NEW)) > 0 ? a : b;
	return prof_flame_cum(f, n, prof_flame_column(f, f->type, PROF_OLD)) > 0 ? b : a;
}

struct placed {
	double w;
	uint32_t node;
};

static int compare_placed(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->w != y->w)
		return x->w > y->w ? -1 : 1;
	return (x->node > y->node) - (x->node < y->node);
}

static void find_widths(struct prof_flame_layout *l)
{
	const struct prof_flame *f = l->f;
	uint32_t new = prof_flame_column(f, f->type, PROF_NEW);
	uint32_t old = prof_flame_column(f, f->type, PROF_OLD);

	for (uint32_t i = (uint32_t)f->nodes.n; i-- > 0;) {
		const struct prof_flame_node *n = &f->nodes.v[i];

		for (uint32_t k = n->first; k < n->first + n->n_children; k++)
			l->kids[i] += l->w[k];
		l->rest[i] = width(f, i, prof_flame_rest(f, i, new), prof_flame_rest(f, i, old));
		l->w[i] = l->kids[i] + l->rest[i] +
			  width(f, i, prof_flame_self(f, i, new), prof_flame_self(f, i, old));
	}
}

/* Puts the children of each node side by side. */
static void place(struct prof_flame_layout *l, struct placed *order)
{
	const struct prof_flame *f = l->f;

	for (uint32_t i = 0; i < f->nodes.n; i++) {
		const struct prof_flame_node *node = &f->nodes.v[i];
		double x = l->x[i];

		for (uint32_t k = 0; k < node->n_children; k++)
			order[k] = (struct placed){l->w[node->first + k], node->first + k};
		if (!f->opts.by_name)
			qsort(order, node->n_children, sizeof(*order), compare_placed);
		for (uint32_t k = 0; k < node->n_children; k++) {
			l->x[order[k].node] = x;
			x += order[k].w;
		}
	}
	for (uint32_t i = (uint32_t)f->nodes.n; l->w[0] > 0 && i-- > 0;) {
		l->x[i] /= l->w[0];
		l->rest[i] /= l->w[0];
		l->kids[i] /= l->w[0];
		l->w[i] /= l->w[0];
	}
}

int prof_flame_layout(struct prof_flame_layout *l, const struct prof_flame *f, struct prof_err *e)
{
	size_t n = f->nodes.n;
	struct placed *order;
	bool ok;

	*l = (struct prof_flame_layout){.f = f, .mem.limit = f->mem.limit};
	l->x = prof_mem_zalloc(&l->mem, n, sizeof(*l->x), e);
	l->w = prof_mem_zalloc(&l->mem, n, sizeof(*l->w), e);
	l->rest = prof_mem_zalloc(&l->mem, n, sizeof(*l->rest), e);
	l->kids = prof_mem_zalloc(&l->mem, n, sizeof(*l->kids), e);
	order = prof_mem_zalloc(&l->mem, n, sizeof(*order), e);
	ok = l->x && l->w && l->rest && l->kids && order;
	if (ok) {
		find_widths(l);
		place(l, order);
	}
	prof_mem_zfree(&l->mem, order, n, sizeof(*order));
	return ok ? 0 : e->code;
}

void prof_flame_layout_fini(struct prof_flame_layout *l)
{
	size_t n = l->f ? l->f->nodes.n : 0;

	prof_mem_zfree(&l->mem, l->x, n, sizeof(*l->x));
	prof_mem_zfree(&l->mem, l->w, n, sizeof(*l->w));
	prof_mem_zfree(&l->mem, l->rest, n, sizeof(*l->rest));
	prof_mem_zfree(&l->mem, l->kids, n, sizeof(*l->kids));
}

/* cum on both sides, in units that compare. */
static void both(const struct prof_flame *f, uint32_t node, double *new, double *old)
{
	*new = scaled(
		f, prof_flame_cum(f, node, prof_flame_column(f, f->type, PROF_NEW)), PROF_NEW);
	*old = scaled(
		f, prof_flame_cum(f, node, prof_flame_column(f, f->type, PROF_OLD)), PROF_OLD);
}

bool prof_flame_one_sided(const struct prof_flame *f, uint32_t node)
{
	double new, old;

	if (!f->differential)
		return false;
	both(f, node, &new, &old);
	return (new > 0) != (old > 0);
}

void prof_flame_class(const struct prof_flame *f, uint32_t node, struct prof_buf *b)
{
	uint8_t bit = f->diff_by_share ? PROF_CHANGED_SHARE : PROF_CHANGED_VALUE;
	double new, old, part;

	if (!f->differential) {
		prof_buf_printf(b, "p%u",
			f->nodes.v[node].frame == PROF_NONE
				? PROF_PACKAGE_COLOURS
				: prof_package_colour(f->frames.v[f->nodes.v[node].frame].package));
		return;
	}
	both(f, node, &new, &old);
	if (!(f->changed.v[(size_t)node * f->types.n + f->type] & bit) || new == old) {
		prof_buf_str(b, "d0");
		return;
	}
	part = new > old ? (new - old) / new : (old - new) / old;
	prof_buf_printf(b, "%c%d", new > old ? 'u' : 'n',
		part < .1    ? 1
		: part < .25 ? 2
		: part < .5  ? 3
			     : 4);
}

/* Appends " file.go:12". */
static void put_place(const struct prof_flame_frame *f, bool whole, struct prof_buf *b)
{
	struct prof_str file = whole || !f->file.len ? f->file : prof_str_base(f->file);

	if (b->n && (f->line || file.len))
		prof_buf_char(b, ' ');
	prof_buf_plain(b, file);
	if (f->line) {
		prof_buf_char(b, ':');
		prof_buf_i64(b, f->line);
	}
}

/* Where the name behind the package's path begins, the one behind the package, and the one behind
 * the receiver.
 */
static void parts(struct prof_str s, uint32_t *short_name, uint32_t *bare, uint32_t *method)
{
	uint32_t i;

	*short_name = 0;
	for (i = 0; i < s.len && s.p[i] != '[' && s.p[i] != '('; i++)
		if (s.p[i] == '/')
			*short_name = i + 1;
	for (i = *short_name; i < s.len && s.p[i] != '[' && s.p[i] != '.';)
		i++;
	*bare = *method = i < s.len && s.p[i] == '.' ? i + 1 : *short_name;
	if (*bare >= s.len || s.p[*bare] != '(')
		return;
	for (i = *bare; i + 2 < s.len && !(s.p[i] == ')' && s.p[i + 1] == '.');)
		i++;
	if (i + 2 < s.len)
		*method = i + 2;
}

/* A name without what its type arguments are. */
static void put_without_arguments(struct prof_str s, struct prof_buf *b)
{
	uint32_t depth = 0, from = 0;

	for (uint32_t i = 0; i < s.len; i++) {
		if (s.p[i] == '[' && !depth++) {
			prof_buf_plain(b, (struct prof_str){s.p + from, i - from});
			prof_buf_str(b, "[\xe2\x80\xa6]");
			from = s.len;
		} else if (s.p[i] == ']' && depth && !--depth) {
			from = i + 1;
		}
	}
	if (from < s.len)
		prof_buf_plain(b, (struct prof_str){s.p + from, s.len - from});
}

enum {
	WAYS = 5, /* to write a name, each shorter than the one before */
	LEAST_LABEL = 2,
	LEAST_CUT = 5, /* columns: a shorter piece of a name says nothing */
};

/* Columns that text takes: other scripts' characters may be twice as wide. */
static unsigned columns_of(const struct prof_buf *b, unsigned most, size_t *end)
{
	unsigned n = 0;

	*end = 0;
	for (size_t i = 0; i < b->n;) {
		uint32_t c = 0;
		unsigned len = prof_utf8_at(b->p + i, b->n - i, &c);

		n += c >= 0x1100 && c != 0x2026 ? 2 : 1;
		i += len ? len : 1;
		if (n < most)
			*end = i; /* this much leaves a column for the ellipsis */
	}
	return n;
}

void prof_flame_label(const struct prof_flame_frame *f, unsigned columns, struct prof_buf *b)
{
	struct prof_str name = f->function.len ? f->function : f->name, last;
	uint32_t from[WAYS] = {0};
	struct prof_buf text;
	size_t end = 0;

	if (columns < LEAST_LABEL)
		return;
	prof_buf_init(&text, NULL, NULL);
	if (!f->function.len && f->file.len)
		name = PROF_STR("");
	parts(name, &from[1], &from[3], &from[4]);
	from[2] = from[1];
	for (int way = 0; way < WAYS; way++) {
		text.n = 0;
		last = (struct prof_str){name.p + from[way], name.len - from[way]};
		if (way < 2)
			prof_buf_plain(&text, last);
		else
			put_without_arguments(last, &text);
		put_place(f, !way, &text);
		if (text.code || columns_of(&text, columns, &end) <= columns) {
			end = text.n;
			break;
		}
	}
	if (text.code)
		b->code = text.code;
	else if (end == text.n || columns >= LEAST_CUT)
		prof_buf_put(b, text.p ? text.p : "", end);
	if (!text.code && end < text.n && columns >= LEAST_CUT)
		prof_buf_str(b, "\xe2\x80\xa6");
	prof_buf_fini(&text);
}

void prof_flame_value(const struct prof_flame *f, uint32_t type, int64_t value, struct prof_buf *b)
{
	const struct prof_flame_type *t = &f->types.v[type];

	prof_fmt_value(b, value, f->ratio, t->unit, t->out_unit);
}

void prof_flame_percent(int64_t value, int64_t total, struct prof_buf *b)
{
	size_t begin = b->n, from;

	prof_fmt_percent(b, value, total);
	if (b->code)
		return;
	for (from = begin; from < b->n && b->p[from] == ' ';)
		from++;
	memmove(b->p + begin, b->p + from, b->n - from);
	b->n -= from - begin;
}

static void put_amount(
	const struct prof_flame *f, int64_t value, enum prof_side side, struct prof_buf *b)
{
	prof_flame_value(f, f->type, value, b);
	prof_buf_str(b, " (");
	prof_flame_percent(value, f->types.v[f->type].total[side], b);
	prof_buf_char(b, ')');
}

static void put_line(
	const struct prof_flame *f, const char *what, int64_t new, int64_t old, struct prof_buf *b)
{
	prof_buf_str(b, what);
	if (f->differential) {
		put_amount(f, old, PROF_OLD, b);
		prof_buf_str(b, " \xe2\x86\x92 ");
	}
	put_amount(f, new, PROF_NEW, b);
}

/* How much a box has changed, by what is compared; the root's share is always all. As changeOf of
 * flame.js.
 */
static void put_change(const struct prof_flame *f, uint32_t node, struct prof_buf *b)
{
	uint8_t bit = f->diff_by_share ? PROF_CHANGED_SHARE : PROF_CHANGED_VALUE;
	int64_t now = prof_flame_cum(f, node, prof_flame_column(f, f->type, PROF_NEW));
	int64_t was = prof_flame_cum(f, node, prof_flame_column(f, f->type, PROF_OLD));
	double new, old;

	both(f, node, &new, &old);
	prof_buf_char(b, '\n');
	if (now == was && !(f->diff_by_share && node)) {
		prof_buf_str(b, "unchanged");
		return;
	}
	if (!now || !was) {
		prof_buf_str(b, now ? "new" : "gone");
	} else if (f->diff_by_share && node) {
		prof_buf_str(b, new < old ? "" : "+");
		prof_buf_double(b, (new - old) * 100, 'f', 2);
		prof_buf_str(b, " points of the total");
	} else {
		prof_buf_str(b, now < was ? "" : "+");
		prof_flame_value(f, f->type, now - was, b);
		prof_buf_str(b, now < was ? " (" : " (+");
		prof_buf_double(b, ((double)now / (double)was - 1) * 100, 'f', 1);
		prof_buf_str(b, "%)");
	}
	if (node && !(f->changed.v[(size_t)node * f->types.n + f->type] & bit))
		prof_buf_str(b, ", no more than noise");
}

void prof_flame_details(const struct prof_flame *f, uint32_t node, struct prof_buf *b)
{
	const struct prof_flame_node *n = &f->nodes.v[node];
	uint32_t new = prof_flame_column(f, f->type, PROF_NEW);
	uint32_t old = prof_flame_column(f, f->type, PROF_OLD);

	prof_buf_plain(b, n->frame == PROF_NONE ? f->title : f->frames.v[n->frame].name);
	put_line(f, "\n", prof_flame_cum(f, node, new), prof_flame_cum(f, node, old), b);
	if (prof_flame_self(f, node, new) || prof_flame_self(f, node, old))
		put_line(f, "\nself ", prof_flame_self(f, node, new), prof_flame_self(f, node, old),
			b);
	if (f->differential)
		put_change(f, node, b);
	if (n->inlined == PROF_INLINED_ALWAYS)
		prof_buf_str(b, "\ninlined into its caller");
	if (n->inlined == PROF_INLINED_SOMETIMES)
		prof_buf_str(b, "\ninlined in places");
}
