/* pprof's raw report and its comments: the profile as it is, as text. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "libprof/analyse/filter.h"
#include "libprof/analyse/view.h"
#include "libprof/base/escape.h"

static void put(const struct prof_profile *p, uint32_t id, struct prof_buf *b)
{
	prof_buf_plain(b, prof_profile_str(p, id));
}

/* A number right-aligned in `width`: raw is long, and printf slow. */
static void put_i64(struct prof_buf *b, int64_t v, size_t width)
{
	char text[24];
	struct prof_buf t = {.p = text, .cap = sizeof(text)};

	prof_buf_i64(&t, v);
	if (t.n < width)
		prof_buf_fill(b, ' ', width - t.n);
	prof_buf_put(b, text, t.n);
}

/* The first four characters of Go's Duration text: "1h2m3.5s", "24.8617s", "51.5ms", "7µs", "0s".
 */
static void put_duration(struct prof_buf *b, int64_t ns)
{
	uint64_t u = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	char text[64];
	size_t n = 0, end;
	const char *unit = u < 1000 ? "ns" : u < 1000000 ? "µs" : u < 1000000000 ? "ms" : "s";
	uint64_t factor = u < 1000 ? 1 : u < 1000000 ? 1000 : u < 1000000000 ? 1000000 : 1000000000;

	if (ns < 0)
		text[n++] = '-';
	if (!u) {
		unit = "s";
	} else if (factor == 1000000000 && u / 3600000000000u) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%" PRIu64 "h%" PRIu64 "m",
			u / 3600000000000u, u / 60000000000u % 60);
		u %= 60000000000u;
	} else if (factor == 1000000000 && u / 60000000000u) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%" PRIu64 "m", u / 60000000000u);
		u %= 60000000000u;
	}
	n += (size_t)snprintf(text + n, sizeof(text) - n, "%" PRIu64, u / factor);
	if (u % factor) {
		uint64_t rest = u % factor;

		text[n++] = '.';
		for (uint64_t f = factor / 10; rest; f /= 10) {
			text[n++] = (char)('0' + rest / f);
			rest %= f;
		}
	}
	n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", unit);
	for (int left = 4; left > 0 && n; left--) {
		for (end = 1; end < n && (text[end] & 0xc0) == 0x80; end++)
			;
		prof_buf_put(b, text, end);
		memmove(text, text + end, n - end);
		n -= end;
	}
}

static void header(const struct prof_view *v, struct prof_buf *b)
{
	const struct prof_profile *p = v->p;

	for (size_t i = 0; i < p->comments.n; i++) {
		prof_buf_str(b, "Comment: ");
		put(p, p->comments.v[i], b);
		prof_buf_char(b, '\n');
	}
	if (p->doc_url) {
		prof_buf_str(b, "Doc: ");
		put(p, p->doc_url, b);
		prof_buf_char(b, '\n');
	}
	prof_buf_str(b, "PeriodType: ");
	put(p, p->period_type.type, b);
	prof_buf_char(b, ' ');
	put(p, p->period_type.unit, b);
	prof_buf_str(b, "\nPeriod: ");
	prof_buf_i64(b, p->period);
	prof_buf_char(b, '\n');
	if (p->time_ns) {
		prof_buf_str(b, "Time: ");
		prof_buf_str(b, v->opts.time_text ? v->opts.time_text : "");
		prof_buf_char(b, '\n');
	}
	if (p->duration_ns) {
		prof_buf_str(b, "Duration: ");
		put_duration(b, p->duration_ns);
		prof_buf_char(b, '\n');
	}
	prof_buf_str(b, "Samples:\n");
	for (size_t t = 0; t < p->types.n; t++) {
		if (t)
			prof_buf_char(b, ' ');
		put(p, p->types.v[t].type, b);
		prof_buf_char(b, '/');
		put(p, p->types.v[t].unit, b);
		if (p->types.v[t].type == p->default_type)
			prof_buf_str(b, "[dflt]");
	}
	prof_buf_char(b, '\n');
}

/* The labels of one set, made once: strings, then numbers, each key:[values] sorted as text. */
struct set_text {
	struct prof_str *lines; /* two a set */
	struct prof_arena arena;
};

static int compare_text(const void *a, const void *b)
{
	return prof_str_cmp(*(const struct prof_str *)a, *(const struct prof_str *)b);
}

/* "key:[v v]" of the labels from `first` of the same key and kind; marks them as done. */
static void put_group(
	const struct prof_profile *p, uint32_t first, uint32_t end, bool *done, struct prof_buf *b)
{
	const struct prof_label *l = &p->labels.v[first];
	bool units = false, any = false;

	for (uint32_t k = first; k < end; k++)
		if (p->labels.v[k].key == l->key && p->labels.v[k].is_str == l->is_str)
			units |= p->labels.v[k].unit != 0;
	put(p, l->key, b);
	prof_buf_str(b, ":[");
	for (uint32_t k = first; k < end; k++) {
		const struct prof_label *m = &p->labels.v[k];

		if (m->key != l->key || m->is_str != l->is_str || !prof_label_counts(m))
			continue;
		done[k - first] = true;
		if (any)
			prof_buf_char(b, ' ');
		any = true;
		if (m->is_str) {
			put(p, m->str, b);
			continue;
		}
		prof_buf_i64(b, m->num);
		if (units) {
			prof_buf_char(b, ' ');
			put(p, m->unit, b);
		}
	}
	prof_buf_char(b, ']');
}

static int set_line(const struct prof_profile *p, uint32_t set, bool strings, struct set_text *t,
	struct prof_str *line, struct prof_err *e)
{
	uint32_t begin = p->label_start.v[set], end = p->label_start.v[set + 1], n = 0;
	struct prof_str *groups = calloc(end - begin + 1, sizeof(*groups));
	bool *done = calloc(end - begin + 1, sizeof(*done));
	struct prof_buf b;
	int rc = groups && done ? 0 : prof_nomem(e);

	prof_buf_init(&b, NULL, NULL);
	for (uint32_t k = begin; !rc && k < end; k++) {
		if (done[k - begin] || p->labels.v[k].is_str != strings ||
			!prof_label_counts(&p->labels.v[k]))
			continue;
		b.n = 0;
		put_group(p, k, end, done + (k - begin), &b);
		groups[n].p = b.code ? NULL : prof_arena_dup(&t->arena, b.p, b.n, e);
		groups[n].len = (uint32_t)b.n;
		rc = groups[n++].p ? 0 : PROF_ENOMEM;
	}
	if (!rc && n) {
		qsort(groups, n, sizeof(*groups), compare_text);
		b.n = 0;
		prof_buf_fill(&b, ' ', 16);
		for (uint32_t i = 0; i < n; i++) {
			if (i)
				prof_buf_char(&b, ' ');
			prof_buf_put(&b, groups[i].p, groups[i].len);
		}
		prof_buf_char(&b, '\n');
		line->p = b.code ? NULL : prof_arena_dup(&t->arena, b.p, b.n, e);
		line->len = (uint32_t)b.n;
		rc = line->p ? 0 : PROF_ENOMEM;
	}
	prof_buf_fini(&b);
	free(groups);
	free(done);
	return rc;
}

/* Each location's id as text, made once: stacks are long. */
struct id_text {
	char text[21];
	uint8_t len;
};

static void samples(const struct prof_profile *p, const struct set_text *sets,
	const struct id_text *ids, struct prof_buf *b)
{
	for (size_t i = 0; i < p->sample_stack.n; i++) {
		uint32_t s = p->sample_stack.v[i], set = p->sample_labels.v[i];

		for (size_t t = 0; t < p->values.n; t++) {
			prof_buf_char(b, ' ');
			put_i64(b, p->values.v[t].v[i], 10);
		}
		prof_buf_str(b, ": ");
		for (uint32_t k = p->stack_start.v[s]; k < p->stack_start.v[s + 1]; k++) {
			const struct id_text *id = &ids[p->stack_loc.v[k]];

			/* A fixed length is copied in one move; what is too much is overwritten. */
			if (!prof_buf_room(b, sizeof(id->text)))
				return;
			memcpy(b->p + b->n, id->text, sizeof(id->text));
			b->n += id->len;
		}
		prof_buf_char(b, '\n');
		for (int k = 0; set && k < 2; k++)
			prof_buf_put(b,
				sets->lines[2 * set + k].p ? sets->lines[2 * set + k].p : "",
				sets->lines[2 * set + k].len);
	}
}

static void location(const struct prof_view *v, const struct prof_location *l, struct prof_buf *b)
{
	const struct prof_profile *p = v->p;
	uint32_t first = v->opts.no_inlines && l->n_lines ? l->n_lines - 1 : 0;
	bool columns = !v->opts.no_inlines || v->opts.show_columns;

	prof_buf_printf(b, "%6" PRIu64 ": 0x%" PRIx64 " ", l->id, l->address);
	if (l->mapping != PROF_NONE)
		prof_buf_printf(b, "M=%" PRIu64 " ", p->mappings.v[l->mapping].id);
	if (l->folded)
		prof_buf_str(b, "[F] ");
	if (!l->n_lines)
		prof_buf_char(b, '\n');
	for (uint32_t i = first; i < l->n_lines; i++) {
		const struct prof_line *line = &p->lines.v[l->first_line + i];
		const struct prof_function *f = &p->functions.v[line->function];

		if (i > first)
			prof_buf_fill(b, ' ', 13);
		put(p, f->name, b);
		prof_buf_char(b, ' ');
		put(p, f->file, b);
		prof_buf_printf(b, ":%" PRId64 ":%" PRId64 " s=%" PRId64, line->line,
			columns ? line->column : 0, f->start_line);
		if (f->name != f->system_name) {
			prof_buf_char(b, '(');
			put(p, f->system_name, b);
			prof_buf_char(b, ')');
		}
		prof_buf_char(b, '\n');
	}
}

static void mapping(const struct prof_view *v, const struct prof_mapping *m, struct prof_buf *b)
{
	static const char *const bits[] = {"[FN]", "[FL]", "[LN]", "[IN]"};
	unsigned has = v->opts.no_inlines ? m->has & ~(unsigned)PROF_HAS_INLINE_FRAMES : m->has;

	prof_buf_printf(b, "%" PRIu64 ": 0x%" PRIx64 "/0x%" PRIx64 "/0x%" PRIx64 " ", m->id,
		m->start, m->limit, m->offset);
	put(v->p, m->file, b);
	prof_buf_char(b, ' ');
	put(v->p, m->build_id, b);
	prof_buf_char(b, ' ');
	for (int i = 0; i < 4; i++)
		if (has & 1u << i)
			prof_buf_str(b, bits[i]);
	prof_buf_char(b, '\n');
}

static int print(const struct prof_view *v, const struct set_text *sets, const struct id_text *ids,
	struct prof_buf *b)
{
	const struct prof_profile *p = v->p;

	header(v, b);
	samples(p, sets, ids, b);
	prof_buf_str(b, "Locations\n");
	for (size_t i = 0; i < p->locations.n; i++)
		location(v, &p->locations.v[i], b);
	prof_buf_str(b, "Mappings\n");
	for (size_t i = 0; i < p->mappings.n; i++)
		mapping(v, &p->mappings.v[i], b);
	return prof_buf_done(b, v->e);
}

int prof_raw(struct prof_profile *p, const struct prof_view_opts *opts, unsigned *missed,
	prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_view v;
	struct prof_buf b;
	struct set_text sets = {0};
	struct id_text *ids = NULL;
	size_t n_sets = p->label_start.n - 1;
	int rc = prof_view_init(&v, p, opts, missed, e);

	prof_buf_init(&b, write, ctx);
	prof_arena_init(&sets.arena, &p->mem);
	sets.lines = prof_mem_zalloc(&p->mem, 2 * n_sets, sizeof(*sets.lines), e);
	ids = prof_mem_zalloc(&p->mem, p->locations.n, sizeof(*ids), e);
	if (!rc && (!sets.lines || !ids))
		rc = e->code;
	for (uint32_t s = 0; !rc && s < n_sets; s++) {
		rc = set_line(p, s, true, &sets, &sets.lines[2 * s], e);
		if (!rc)
			rc = set_line(p, s, false, &sets, &sets.lines[2 * s + 1], e);
	}
	for (size_t i = 0; !rc && i < p->locations.n; i++)
		ids[i].len = (uint8_t)snprintf(
			ids[i].text, sizeof(ids[i].text), "%" PRIu64 " ", p->locations.v[i].id);
	if (!rc)
		rc = print(&v, &sets, ids, &b);
	prof_mem_zfree(&p->mem, sets.lines, 2 * n_sets, sizeof(*sets.lines));
	prof_mem_zfree(&p->mem, ids, p->locations.n, sizeof(*ids));
	prof_arena_fini(&sets.arena);
	prof_buf_fini(&b);
	prof_view_fini(&v);
	return rc;
}

int prof_comments(struct prof_profile *p, const struct prof_view_opts *opts, unsigned *missed,
	prof_write_fn *write, void *ctx, struct prof_err *e)
{
	struct prof_view v;
	struct prof_buf b;
	int rc = prof_view_init(&v, p, opts, missed, e);

	prof_buf_init(&b, write, ctx);
	for (size_t i = 0; !rc && i < p->comments.n; i++) {
		put(p, p->comments.v[i], &b);
		prof_buf_char(&b, '\n');
	}
	if (!rc)
		rc = prof_buf_done(&b, e);
	prof_buf_fini(&b);
	prof_view_fini(&v);
	return rc;
}
