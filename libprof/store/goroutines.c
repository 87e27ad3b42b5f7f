#include "libprof/store/goroutines.h"

#include "libprof/store/bytes.h"

/* The later one is of dumps that others stand before in their file. */
enum { FIRST_VERSION = 1, VERSION = 2 };

/* A location: its address, and function, file and line of each of its lines. */
static void put_location(struct prof_buf *b, const struct prof_profile *p, uint32_t id)
{
	const struct prof_location *l = &p->locations.v[id];

	prof_put_uvarint(b, l->address);
	prof_put_uvarint(b, l->n_lines);
	for (uint32_t i = 0; i < l->n_lines; i++) {
		const struct prof_line *line = &p->lines.v[l->first_line + i];

		prof_put_str(b, prof_profile_str(p, p->functions.v[line->function].name));
		prof_put_str(b, prof_profile_str(p, p->functions.v[line->function].file));
		prof_put_varint(b, line->line);
	}
}

/* Those that are a go statement's, in the order of their first use: their places. */
static void put_locations(struct prof_buf *b, const struct prof_goroutines *s, uint32_t *place)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s->g.n; i++)
		if (s->g.v[i].created_at != PROF_NONE && !place[s->g.v[i].created_at])
			place[s->g.v[i].created_at] = ++n;
	prof_put_uvarint(b, n);
	n = 0;
	for (size_t i = 0; i < s->g.n; i++)
		if (s->g.v[i].created_at != PROF_NONE && place[s->g.v[i].created_at] == n + 1) {
			put_location(b, s->p, s->g.v[i].created_at);
			n++;
		}
}

static void put_goroutine(
	struct prof_buf *b, const struct prof_goroutine *g, uint64_t last, const uint32_t *place)
{
	prof_put_varint(b, (int64_t)(g->id - last));
	prof_put_uvarint(b, g->creator);
	prof_put_uvarint(b, g->sample);
	prof_put_uvarint(b, g->created_at == PROF_NONE ? 0 : place[g->created_at]);
	prof_put_uvarint(b, g->args);
	prof_put_uvarint(b, g->n_args);
	prof_put_uvarint(b, g->stack_bytes);
	prof_put_uvarint(b, g->bubble);
	prof_put_varint(b, g->minutes);
	prof_put_varint(b, g->elided);
	prof_put_uvarint(b, g->flags);
}

void prof_goroutines_encode(const struct prof_goroutines *s, struct prof_buf *out)
{
	struct prof_mem mem = {.limit = SIZE_MAX / 2};
	uint32_t *place = prof_mem_zalloc(&mem, s->p->locations.n, sizeof(*place), NULL);
	uint64_t last = 0;

	if (!place) {
		out->code = PROF_ENOMEM;
		return;
	}
	prof_put_uvarint(out, s->earlier ? VERSION : FIRST_VERSION);
	if (s->earlier)
		prof_put_uvarint(out, s->earlier);
	prof_put_uvarint(out, s->asleep);
	prof_put_str(out, s->p->damage ? prof_profile_str(s->p, s->p->damage) : PROF_STR(""));
	prof_put_uvarint(out, s->args.n);
	prof_buf_put(out, s->args.v, s->args.n);
	put_locations(out, s, place);
	prof_put_uvarint(out, s->g.n);
	for (size_t i = 0; i < s->g.n; i++) {
		put_goroutine(out, &s->g.v[i], last, place);
		last = s->g.v[i].id;
	}
	prof_mem_zfree(&mem, place, s->p->locations.n, sizeof(*place));
}

struct decoder {
	struct prof_rd r;
	struct prof_goroutines *s;
	struct prof_index index; /* of the profile's locations */
	PROF_VEC(uint32_t) locations; /* that are go statements' */
	struct prof_err *e;
};

static uint64_t mix_line(uint64_t h, uint32_t function, uint32_t file, int64_t line)
{
	return prof_hash_mix(prof_hash_mix(h, (uint64_t)function << 32 | file), (uint64_t)line);
}

static int index_locations(struct decoder *d)
{
	const struct prof_profile *p = d->s->p;
	int rc = 0;

	for (uint32_t i = 0; !rc && i < p->locations.n; i++) {
		const struct prof_location *l = &p->locations.v[i];
		uint64_t h = l->address;

		for (uint32_t k = 0; k < l->n_lines; k++) {
			const struct prof_line *line = &p->lines.v[l->first_line + k];
			const struct prof_function *f = &p->functions.v[line->function];

			h = mix_line(h, f->name, f->file, line->line);
		}
		rc = prof_index_add(&d->index, h, i, d->e);
	}
	return rc;
}

/* The location that these bytes tell. */
static int get_location(struct decoder *d)
{
	const struct prof_profile *p = d->s->p;
	uint64_t address = prof_rd_uvarint(&d->r), h = address;
	uint64_t lines = prof_rd_count(&d->r, 3);
	struct prof_index_it it;
	uint32_t id;
	int rc = prof_vec_reserve(&d->s->p->mem, &d->locations, 1, d->e);

	if (rc)
		return rc;
	for (uint64_t i = 0; i < lines; i++) {
		uint32_t function = prof_strtab_find(&p->strings, prof_rd_str(&d->r));
		uint32_t file = prof_strtab_find(&p->strings, prof_rd_str(&d->r));

		h = mix_line(h, function, file, prof_rd_varint(&d->r));
	}
	it = prof_index_first(&d->index, h);
	do {
		id = prof_index_next(&d->index, &it);
	} while (id != PROF_NONE &&
		 (p->locations.v[id].address != address || p->locations.v[id].n_lines != lines));
	if (id == PROF_NONE)
		prof_rd_fail(&d->r, "a go statement that the profile does not have");
	d->locations.v[d->locations.n++] = id;
	return 0;
}

static int get_goroutine(struct decoder *d, uint64_t last)
{
	struct prof_goroutines *s = d->s;
	struct prof_goroutine *g;
	uint32_t at;
	int rc = prof_vec_reserve(&s->p->mem, &s->g, 1, d->e);

	if (rc)
		return rc;
	g = &s->g.v[s->g.n];
	g->id = last + (uint64_t)prof_rd_varint(&d->r);
	g->creator = prof_rd_uvarint(&d->r);
	g->sample = prof_rd_id(&d->r, s->p->sample_stack.n);
	at = prof_rd_id(&d->r, d->locations.n + 1);
	g->created_at = at ? d->locations.v[at - 1] : PROF_NONE;
	g->args = prof_rd_id(&d->r, s->args.n + 1);
	g->n_args = prof_rd_id(&d->r, s->args.n - g->args + 1);
	g->stack_bytes = (uint32_t)prof_rd_uvarint(&d->r);
	g->bubble = (uint32_t)prof_rd_uvarint(&d->r);
	g->minutes = (int32_t)prof_rd_varint(&d->r);
	g->elided = (int32_t)prof_rd_varint(&d->r);
	g->flags = (unsigned)prof_rd_uvarint(&d->r);
	s->g.n += !d->r.why;
	return 0;
}

/* What stands in front: earlier dumps, whether all are asleep, the damage. */
static struct prof_str get_front(struct prof_rd *r, uint64_t *earlier, bool *asleep)
{
	uint64_t version = prof_rd_uvarint(r);

	if (version < FIRST_VERSION || version > VERSION)
		prof_rd_fail(r, "goroutines of another version");
	*earlier = version == VERSION ? prof_rd_uvarint(r) : 0;
	*asleep = prof_rd_uvarint(r) != 0;
	return prof_rd_str(r);
}

static int damaged(const struct prof_rd *r, struct prof_err *e)
{
	return prof_fail(
		e, PROF_EFORMAT, PROF_NO_OFFSET, "is damaged: a dump's goroutines: %s", r->why);
}

int prof_goroutines_damage(const void *p, size_t n, struct prof_str *out, struct prof_err *e)
{
	struct prof_rd r = prof_rd_of(p, n);
	uint64_t earlier;
	bool asleep;

	*out = get_front(&r, &earlier, &asleep);
	return r.why ? damaged(&r, e) : 0;
}

static int get_head(struct decoder *d)
{
	struct prof_goroutines *s = d->s;
	struct prof_str damage = get_front(&d->r, &s->earlier, &s->asleep);
	struct prof_str args = prof_rd_str(&d->r);
	int rc = prof_strtab_add(&s->p->strings, damage.p, damage.len, &s->p->damage, d->e);

	if (!rc)
		rc = prof_vec_reserve(&s->p->mem, &s->args, args.len, d->e);
	if (rc)
		return rc;
	if (args.len)
		memcpy(s->args.v, args.p, args.len);
	s->args.n = args.len;
	return 0;
}

static int get_all(struct decoder *d)
{
	uint64_t last = 0;
	int rc = get_head(d);

	if (!rc)
		rc = index_locations(d);
	for (uint64_t n = prof_rd_count(&d->r, 2); !rc && n && !d->r.why; n--)
		rc = get_location(d);
	for (uint64_t n = prof_rd_count(&d->r, 11); !rc && n && !d->r.why; n--) {
		rc = get_goroutine(d, last);
		last = d->s->g.n ? d->s->g.v[d->s->g.n - 1].id : 0;
	}
	if (!rc)
		prof_rd_end(&d->r, "bytes behind its end");
	if (!rc && d->r.why)
		rc = damaged(&d->r, d->e);
	return rc;
}

int prof_goroutines_decode(const void *p, size_t n, struct prof_goroutines *s, struct prof_err *e)
{
	struct decoder d = {.r = prof_rd_of(p, n), .s = s, .e = e};
	int rc;

	prof_index_init(&d.index, &s->p->mem);
	rc = get_all(&d);
	prof_index_fini(&d.index);
	prof_vec_fini(&s->p->mem, &d.locations);
	return rc;
}
