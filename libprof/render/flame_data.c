#include "libprof/render/flame_data.h"

#include <math.h>
#include <stdlib.h>

#include "libprof/base/escape.h"
#include "libprof/base/fmt.h"
#include "libprof/render/palette.h"

static void put_key(struct prof_buf *b, const char *key)
{
	prof_buf_printf(b, ",\n\"%s\":", key);
}

static void put_bool(struct prof_buf *b, const char *key, bool v)
{
	put_key(b, key);
	prof_buf_str(b, v ? "true" : "false");
}

/* The units that values are shown in, with their factors, found by asking how powers of two look.
 */
static void put_steps(struct prof_buf *b, const struct prof_flame_type *t)
{
	struct prof_str last = PROF_STR("?"), unit;
	bool any = false;

	prof_buf_str(b, ",\"steps\":[");
	for (int k = 0; k < 63; k++) {
		double shown = prof_unit_scale(INT64_C(1) << k, t->unit, t->out_unit, &unit);
		double factor = (double)(INT64_C(1) << k) / shown;

		if (prof_str_eq(unit, last))
			continue;
		last = unit;
		prof_buf_str(b, any ? ",[" : "[");
		any = true;
		prof_buf_double(b, factor >= 1 ? round(factor) : factor, 'g', 17);
		prof_buf_char(b, ',');
		prof_buf_script(b, unit);
		prof_buf_char(b, ']');
	}
	prof_buf_char(b, ']');
}

static void put_types(const struct prof_flame *f, struct prof_buf *b)
{
	put_key(b, "types");
	prof_buf_char(b, '[');
	for (size_t i = 0; i < f->types.n; i++) {
		const struct prof_flame_type *t = &f->types.v[i];

		prof_buf_str(b, i ? ",\n{\"name\":" : "\n{\"name\":");
		prof_buf_script(b, t->name);
		prof_buf_str(b, ",\"unit\":");
		prof_buf_script(b, t->unit);
		prof_buf_str(b, ",\"total\":[");
		prof_buf_i64(b, t->total[PROF_NEW]);
		prof_buf_char(b, ',');
		prof_buf_i64(b, t->total[PROF_OLD]);
		prof_buf_char(b, ']');
		put_steps(b, t);
		prof_buf_char(b, '}');
	}
	prof_buf_str(b, "]");
	put_key(b, "type");
	prof_buf_u64(b, f->type);
}

struct packages {
	struct prof_strtab names;
	uint32_t *of; /* of each frame */
};

static int find_packages(
	struct packages *p, const struct prof_flame *f, struct prof_mem *mem, struct prof_err *e)
{
	int rc = prof_strtab_init(&p->names, mem, e);

	p->of = prof_mem_zalloc(mem, f->frames.n, sizeof(*p->of), e);
	if (!p->of)
		return e->code;
	for (size_t i = 0; !rc && i < f->frames.n; i++) {
		struct prof_str s = f->frames.v[i].package;

		rc = prof_strtab_add(&p->names, s.p, s.len, &p->of[i], e);
	}
	return rc;
}

static void put_frames(const struct prof_flame *f, const struct packages *p, struct prof_buf *b)
{
	put_key(b, "frames");
	prof_buf_char(b, '[');
	for (size_t i = 0; i < f->frames.n; i++) {
		const struct prof_flame_frame *frame = &f->frames.v[i];

		prof_buf_str(b, i ? ",\n[" : "\n[");
		prof_buf_script(b, frame->name);
		prof_buf_printf(b, ",%u", p->of[i]);
		if (frame->file.len || frame->line) {
			prof_buf_char(b, ',');
			prof_buf_script(b, frame->function);
			prof_buf_char(b, ',');
			prof_buf_script(b, frame->file);
			prof_buf_char(b, ',');
			prof_buf_i64(b, frame->line);
		}
		prof_buf_char(b, ']');
	}
	prof_buf_str(b, "]");
	put_key(b, "packages");
	for (uint32_t i = 0; i < p->names.strs.n; i++) {
		prof_buf_char(b, i ? ',' : '[');
		prof_buf_script(b, prof_strtab_get(&p->names, i));
	}
	prof_buf_str(b, "]");
	put_key(b, "colours");
	for (uint32_t i = 0; i < p->names.strs.n; i++) {
		prof_buf_char(b, i ? ',' : '[');
		prof_buf_u64(b, prof_package_colour(prof_strtab_get(&p->names, i)));
	}
	prof_buf_str(b, "]");
}

enum part { SELF, REST };

static void put_columns(
	const struct prof_flame *f, const char *key, enum part part, struct prof_buf *b)
{
	put_key(b, key);
	prof_buf_char(b, '[');
	for (uint32_t c = 0; c < prof_flame_columns(f); c++) {
		prof_buf_str(b, c ? ",\n[" : "[");
		for (uint32_t i = 0; i < f->nodes.n; i++) {
			if (i)
				prof_buf_char(b, ',');
			prof_buf_i64(b,
				part == SELF ? prof_flame_self(f, i, c) : prof_flame_rest(f, i, c));
		}
		prof_buf_char(b, ']');
	}
	prof_buf_char(b, ']');
}

static void put_nodes(const struct prof_flame *f, struct prof_buf *b)
{
	put_key(b, "nodes");
	prof_buf_str(b, "{\"frame\":[");
	for (uint32_t i = 0; i < f->nodes.n; i++)
		prof_buf_printf(b, i ? ",%u" : "%u", i ? f->nodes.v[i].frame : 0);
	prof_buf_char(b, ']');
	put_key(b, "kids");
	for (uint32_t i = 0; i < f->nodes.n; i++)
		prof_buf_printf(b, "%c%u", i ? ',' : '[', f->nodes.v[i].n_children);
	prof_buf_char(b, ']');
	put_key(b, "inlined");
	prof_buf_char(b, '"');
	for (uint32_t i = 0; i < f->nodes.n; i++)
		prof_buf_char(b, (char)('0' + f->nodes.v[i].inlined));
	prof_buf_char(b, '"');
	put_columns(f, "self", SELF, b);
	put_columns(f, "rest", REST, b);
	if (f->differential) {
		put_key(b, "changed");
		prof_buf_char(b, '[');
		for (uint32_t t = 0; t < f->types.n; t++) {
			prof_buf_str(b, t ? ",\n[" : "[");
			for (uint32_t i = 0; i < f->nodes.n; i++)
				prof_buf_printf(b, i ? ",%u" : "%u",
					f->changed.v[(size_t)i * f->types.n + t]);
			prof_buf_char(b, ']');
		}
		prof_buf_char(b, ']');
	}
	prof_buf_char(b, '}');
}

static void put_rows(const struct prof_flame *f, struct prof_buf *b)
{
	put_key(b, "nRows");
	prof_buf_u64(b, f->n_rows);
	put_key(b, "rows");
	prof_buf_str(b, "{\"frame\":[");
	for (size_t i = 0; i < f->rows.n; i++)
		prof_buf_printf(b, i ? ",%u" : "%u", f->rows.v[i].frame);
	for (int cum = 0; cum < 2; cum++) {
		prof_buf_str(b, cum ? "],\n\"cum\":[" : "],\n\"flat\":[");
		for (uint32_t c = 0; c < prof_flame_columns(f); c++) {
			prof_buf_str(b, c ? ",\n[" : "[");
			for (size_t i = 0; i < f->rows.n; i++) {
				const struct prof_flame_row *row = &f->rows.v[i];

				if (i)
					prof_buf_char(b, ',');
				prof_buf_i64(b, cum ? row->cum[c] : row->flat[c]);
			}
			prof_buf_char(b, ']');
		}
	}
	prof_buf_str(b, "]}");
}

int prof_flame_data(const struct prof_flame *f, struct prof_buf *b, struct prof_err *e)
{
	static const char *const widths[] = {"new", "old", "larger"};
	struct prof_mem mem = {.limit = f->mem.limit};
	struct packages p = {0};
	int rc = find_packages(&p, f, &mem, e);

	if (!rc) {
		prof_buf_str(b, "{\"title\":");
		prof_buf_script(b, f->title);
		put_key(b, "head");
		prof_buf_char(b, '[');
		for (size_t i = 0; i < f->head.n; i++) {
			prof_buf_str(b, i ? "," : "");
			prof_buf_script(b, f->head.v[i]);
		}
		prof_buf_char(b, ']');
		put_key(b, "ratio");
		prof_buf_double(b, f->ratio, 'g', 17);
		prof_buf_printf(b, ",\n\"what\":\"%s\"", f->what);
		put_bool(b, "diff", f->differential);
		put_bool(b, "share", f->diff_by_share);
		prof_buf_printf(b, ",\n\"width\":\"%s\"", widths[f->opts.width]);
		put_bool(b, "byCum", f->by_cum);
		put_bool(b, "byName", f->opts.by_name);
		put_bool(b, "inverted", f->opts.inverted);
		put_key(b, "cut");
		prof_buf_double(b, f->cut, 'g', 3);
		put_types(f, b);
		put_frames(f, &p, b);
		put_nodes(f, b);
		put_rows(f, b);
		prof_buf_str(b, "}");
	}
	prof_strtab_fini(&p.names);
	prof_mem_zfree(&mem, p.of, f->frames.n, sizeof(*p.of));
	return rc;
}
