/* pprof's traces: every sample in the order of the file, with its labels and its stack. */
#include <stdlib.h>

#include "libprof/analyse/filter.h"
#include "libprof/analyse/view.h"
#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/base/num.h"

static const char separator[] =
	"-----------+-------------------------------------------------------\n";

/* Text that is made once and used for many samples: of a location its lines, of a label set its
 * own. */
struct texts {
	struct prof_view v;
	struct prof_arena arena;
	struct prof_str *location; /* each line with its indent, but for the first line of all */
	struct prof_str *labels;
	struct prof_buf b;
};

static int compare_text(const void *a, const void *b)
{
	return prof_str_cmp(*(const struct prof_str *)a, *(const struct prof_str *)b);
}

static int keep(struct texts *x, struct prof_str *to)
{
	if (x->b.code)
		return prof_nomem(x->v.e);
	to->p = prof_arena_dup(&x->arena, x->b.p ? x->b.p : "", x->b.n, x->v.e);
	to->len = (uint32_t)x->b.n;
	return to->p ? 0 : PROF_ENOMEM;
}

/* "       key:  values" of the labels of one key, from label `first` on. */
static void put_key(struct texts *x, uint32_t first, uint32_t end)
{
	const struct prof_profile *p = x->v.p;
	const struct prof_label *l = &p->labels.v[first];
	struct prof_str key = prof_profile_str(p, l->key);
	size_t width = prof_plain_width(key);
	bool any = false;

	x->b.n = 0;
	prof_buf_fill(&x->b, ' ', width < 10 ? 10 - width : 0);
	prof_buf_plain(&x->b, key);
	prof_buf_str(&x->b, ":  ");
	for (uint32_t k = first; k < end; k++) {
		const struct prof_label *m = &p->labels.v[k];

		if (m->key != l->key || m->is_str != l->is_str || !prof_label_counts(m))
			continue;
		if (any)
			prof_buf_char(&x->b, ' ');
		any = true;
		if (m->is_str)
			prof_buf_plain(&x->b, prof_profile_str(p, m->str));
		else
			prof_fmt_scaled(&x->b, m->num,
				m->key ? prof_profile_str(p, x->v.label_units[m->key])
				       : PROF_STR(""),
				PROF_STR("auto"));
	}
	prof_buf_char(&x->b, '\n');
}

static bool is_first_of_key(const struct prof_profile *p, uint32_t begin, uint32_t k)
{
	for (uint32_t j = begin; j < k; j++)
		if (p->labels.v[j].key == p->labels.v[k].key &&
			p->labels.v[j].is_str == p->labels.v[k].is_str &&
			prof_label_counts(&p->labels.v[j]))
			return false;
	return prof_label_counts(&p->labels.v[k]);
}

/* Strings, then numbers, each sorted as lines. */
static int label_text(struct texts *x, uint32_t set)
{
	const struct prof_profile *p = x->v.p;
	uint32_t begin = p->label_start.v[set], end = p->label_start.v[set + 1];
	struct prof_str *lines = calloc(end - begin + 1, sizeof(*lines));
	size_t n = 0, strings = 0;
	int rc = lines ? 0 : prof_nomem(x->v.e);

	for (int numbers = 0; !rc && numbers < 2; numbers++) {
		for (uint32_t k = begin; !rc && k < end; k++) {
			if (p->labels.v[k].is_str == numbers || !is_first_of_key(p, begin, k))
				continue;
			put_key(x, k, end);
			rc = keep(x, &lines[n++]);
		}
		if (!numbers)
			strings = n;
	}
	if (!rc) {
		qsort(lines, strings, sizeof(*lines), compare_text);
		qsort(lines + strings, n - strings, sizeof(*lines), compare_text);
		x->b.n = 0;
		for (size_t i = 0; i < n; i++)
			prof_buf_put(&x->b, lines[i].p, lines[i].len);
		rc = keep(x, &x->labels[set]);
	}
	free(lines);
	return rc;
}

static int location_text(struct texts *x, uint32_t l)
{
	const struct prof_graph *g = &x->v.g;
	uint32_t first = g->loc_start.v[l], last = g->loc_start.v[l + 1];
	struct prof_buf name;

	prof_buf_init(&name, NULL, NULL);
	x->b.n = 0;
	for (uint32_t j = first; j < last; j++) {
		name.n = 0;
		prof_node_name(g, g->node_of.v[j], &name);
		if (j > first)
			prof_buf_fill(&x->b, ' ', 13);
		prof_buf_plain(&x->b, (struct prof_str){name.p, (uint32_t)name.n});
		prof_buf_str(&x->b, j + 1 < last ? " (inline)\n" : "\n");
	}
	prof_buf_fini(&name);
	return keep(x, &x->location[l]);
}

static void put_sample(struct texts *x, size_t i, struct prof_buf *b)
{
	static const char indent[] = "             ";
	const struct prof_profile *p = x->v.p;
	uint32_t s = p->sample_stack.v[i], set = p->sample_labels.v[i];
	int64_t v = p->values.v[x->v.index].v[i], d = x->v.opts.mean ? p->values.v[0].v[i] : 0;
	size_t width;

	if (p->stack_start.v[s] == p->stack_start.v[s + 1])
		return;
	prof_buf_put(b, separator, sizeof(separator) - 1);
	if (set)
		prof_buf_put(b, x->labels[set].p, x->labels[set].len);
	x->b.n = 0;
	prof_view_put(&x->v, &x->b, d ? prof_div(v, d) : v);
	width = prof_plain_width((struct prof_str){x->b.p, (uint32_t)x->b.n});
	prof_buf_fill(b, ' ', width < 10 ? 10 - width : 0);
	prof_buf_put(b, x->b.p, x->b.n);
	prof_buf_str(b, "   ");
	for (uint32_t k = p->stack_start.v[s]; k < p->stack_start.v[s + 1]; k++) {
		const struct prof_str *text = &x->location[p->stack_loc.v[k]];

		if (k > p->stack_start.v[s])
			prof_buf_put(b, indent, sizeof(indent) - 1);
		prof_buf_put(b, text->p, text->len);
	}
}

static int make_texts(struct texts *x)
{
	struct prof_profile *p = x->v.p;
	int rc = 0;

	x->location = prof_mem_zalloc(&p->mem, p->locations.n, sizeof(*x->location), x->v.e);
	x->labels = prof_mem_zalloc(&p->mem, p->label_start.n, sizeof(*x->labels), x->v.e);
	if (!x->location || !x->labels)
		return x->v.e->code;
	for (uint32_t l = 0; !rc && l < p->locations.n; l++)
		rc = location_text(x, l);
	for (uint32_t s = 0; !rc && s + 1 < p->label_start.n; s++)
		rc = label_text(x, s);
	return rc;
}

static int print(struct texts *x, prof_write_fn *write, void *ctx)
{
	struct prof_report *head = prof_report_new("", x->v.e);
	struct prof_buf b;
	int rc = head ? prof_view_profile_head(&x->v, head) : x->v.e->code;

	prof_buf_init(&b, write, ctx);
	for (size_t i = 0; !rc && i < head->head.n; i++) {
		prof_buf_put(&b, head->head.v[i].p, head->head.v[i].len);
		prof_buf_char(&b, '\n');
	}
	/* pprof joins no lines to an empty one. */
	if (!rc && !head->head.n)
		prof_buf_char(&b, '\n');
	for (size_t i = 0; !rc && !b.code && i < x->v.p->sample_stack.n; i++)
		put_sample(x, i, &b);
	prof_buf_str(&b, separator);
	if (!rc)
		rc = x->b.code ? prof_nomem(x->v.e) : prof_buf_done(&b, x->v.e);
	prof_buf_fini(&b);
	prof_report_free(head);
	return rc;
}

int prof_traces(struct prof_profile *p, const struct prof_view_opts *opts, unsigned *missed,
	prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct texts x = {.location = NULL};
	size_t locations, sets;
	int rc = prof_view_init(&x.v, p, opts, missed, e);

	prof_buf_init(&x.b, NULL, NULL);
	prof_arena_init(&x.arena, &p->mem);
	locations = p->locations.n;
	sets = p->label_start.n;
	x.v.untrimmed = true;
	if (!rc)
		rc = prof_view_nodes(&x.v, false);
	if (!rc)
		rc = make_texts(&x);
	if (!rc)
		rc = print(&x, write, ctx);
	prof_buf_fini(&x.b);
	prof_mem_zfree(&p->mem, x.location, locations, sizeof(*x.location));
	prof_mem_zfree(&p->mem, x.labels, sets, sizeof(*x.labels));
	prof_arena_fini(&x.arena);
	prof_view_fini(&x.v);
	return rc;
}
