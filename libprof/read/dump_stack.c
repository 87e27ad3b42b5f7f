#include <string.h>

#include "libprof/read/dump_impl.h"

int prof_dump_stacks_init(struct prof_dump_reader *d)
{
	int rc;

	prof_arena_init(&d->arena, d->mem);
	prof_index_init(&d->frame_index, d->mem);
	prof_index_init(&d->stack_index, d->mem);
	prof_map64_init(&d->ids, d->mem);
	d->frames.n = d->seq.n = d->stacks.n = d->rows.n = 0;
	d->seq_start.n = 0;
	d->first_frame = d->last_frame = PROF_NONE;
	rc = prof_vec_reserve(d->mem, &d->seq_start, 2, d->e);
	if (!rc)
		d->seq_start.v[d->seq_start.n++] = 0;
	return rc;
}

void prof_dump_stacks_fini(struct prof_dump_reader *d)
{
	prof_arena_fini(&d->arena);
	prof_index_fini(&d->frame_index);
	prof_index_fini(&d->stack_index);
	prof_map64_fini(&d->ids);
	prof_vec_fini(d->mem, &d->frames);
	prof_vec_fini(d->mem, &d->seq);
	prof_vec_fini(d->mem, &d->seq_start);
	prof_vec_fini(d->mem, &d->stacks);
	prof_vec_fini(d->mem, &d->rows);
	prof_vec_fini(d->mem, &d->labels);
	prof_vec_fini(d->mem, &d->locations);
	prof_vec_fini(d->mem, &d->stack_lines);
	prof_vec_fini(d->mem, &d->chars.v);
}

static bool is(struct prof_str s, const char *p, const char *end)
{
	return s.len == (size_t)(end - p) && memcmp(s.p, p, s.len) == 0;
}

/* Adds the arguments (and a line end) to the goroutine's. */
static int arguments(struct prof_dump_reader *d, const char *p, const char *end)
{
	struct prof_goroutines *s = d->s;
	size_t n = (size_t)(end - p);
	int rc;

	if (s->args.n > UINT32_MAX - n - 1)
		return prof_fail(d->e, PROF_ELIMIT, PROF_NO_OFFSET, "too many arguments");
	rc = prof_vec_reserve(d->mem, &s->args, n + 1, d->e);
	if (rc)
		return rc;
	memcpy(s->args.v + s->args.n, p, n);
	s->args.n += n;
	s->args.v[s->args.n++] = '\n';
	return 0;
}

/* The frame that is likely next. */
static uint32_t guess(const struct prof_dump_reader *d)
{
	return d->last_frame == PROF_NONE ? d->first_frame : d->frames.v[d->last_frame].next;
}

/* Remembers the function of a frame that begins: of a name that is likely, only which. */
static int begin_frame(
	struct prof_dump_reader *d, enum prof_dump_half half, const char *p, const char *end)
{
	uint32_t g = half == PROF_HALF_CREATOR ? PROF_NONE : guess(d);

	d->pending.half = half;
	d->pending.guess = PROF_NONE;
	if (g != PROF_NONE && is(d->frames.v[g].function, p, end)) {
		d->pending.guess = g;
		return 0;
	}
	/* The one function that dumps call by another name. */
	if (is(PROF_STR("panic"), p, end))
		return prof_build_text(&d->b, "runtime.gopanic", &d->pending.function);
	return prof_build_string(&d->b, p, (size_t)(end - p), &d->pending.function);
}

int prof_dump_function(struct prof_dump_reader *d, struct prof_text_line l, bool *yes)
{
	static const char in[] = " in goroutine ";
	const char *open;
	int rc;

	*yes = true;
	if (prof_text_take(&l, "created by ")) {
		const char *p = l.end;

		while (p > l.p && prof_text_is_digit(p[-1]))
			p--;
		if (p < l.end && (size_t)(p - l.p) > sizeof(in) - 1 &&
			memcmp(p - (sizeof(in) - 1), in, sizeof(in) - 1) == 0) {
			struct prof_text_line n = {.p = p, .end = l.end};
			int64_t id;

			if (prof_text_int(&n, &id))
				d->open.g.creator = (uint64_t)id;
			l.end = p - (sizeof(in) - 1);
		}
		rc = begin_frame(d, PROF_HALF_CREATOR, l.p, l.end);
		d->open.creator = d->pending.function;
		return rc;
	}
	for (open = l.end > l.p ? l.end - 1 : l.p; open > l.p && *open != '('; open--)
		;
	d->pending.args = d->s->args.n;
	if (open == l.p || l.end[-1] != ')') {
		/* A frame of C, of which only the next line tells that it is one. */
		*yes = l.p < l.end && !prof_text_is_blank(*l.p);
		d->pending.inlined = false;
		return *yes ? begin_frame(d, PROF_HALF_PLAIN, l.p, l.end) : 0;
	}
	d->pending.inlined = l.end - open == 5 && memcmp(open, "(...)", 5) == 0;
	rc = d->pending.inlined ? arguments(d, open, open) : arguments(d, open + 1, l.end - 1);
	return rc ? rc : begin_frame(d, PROF_HALF_FRAME, l.p, open);
}

/* "fp=0x…" and the like at the end of the line, which it is taken off. */
static bool take_last(struct prof_text_line *l, const char *key, uint64_t *v)
{
	const char *p = l->end;
	struct prof_text_line word;

	while (p > l->p && !prof_text_is_blank(p[-1]))
		p--;
	word = (struct prof_text_line){.p = p, .end = l->end};
	if (p == l->p || !prof_text_take(&word, key) || !prof_text_0x(&word, v) ||
		word.p != word.end)
		return false;
	while (p > l->p && prof_text_is_blank(p[-1]))
		p--;
	l->end = p;
	return true;
}

/* "FILE:LINE", all of l. */
static bool file_line(const struct prof_text_line *l, const char **colon, int64_t *line)
{
	struct prof_text_line n = *l;

	for (n.p = l->end; n.p > l->p && prof_text_is_digit(n.p[-1]); n.p--)
		;
	if (n.p <= l->p + 1 || n.p[-1] != ':')
		return false;
	*colon = n.p - 1;
	return prof_text_int(&n, line);
}

/* The frame of the pending function at a place, found by its strings or made. */
static int frame_of(struct prof_dump_reader *d, uint32_t function,
	const struct prof_text_line *place, const char *colon, int64_t line, uint32_t *id)
{
	bool inlined = d->pending.inlined;
	struct prof_dump_frame f = {.function_id = function,
		.line = line,
		.next = PROF_NONE,
		.inlined = inlined,
		.function = prof_profile_str(d->p, function),
		.place = {place->p, (uint32_t)(place->end - place->p)}};
	struct prof_index_it it;
	uint64_t hash;
	int rc = prof_build_string(&d->b, place->p, (size_t)(colon - place->p), &f.file_id);

	if (rc)
		return rc;
	hash = prof_hash_mix(
		prof_hash_mix(inlined, (uint64_t)function << 32 | f.file_id), (uint64_t)line);
	it = prof_index_first(&d->frame_index, hash);
	while ((*id = prof_index_next(&d->frame_index, &it)) != PROF_NONE) {
		const struct prof_dump_frame *have = &d->frames.v[*id];

		if (have->function_id == function && have->file_id == f.file_id &&
			have->line == line && have->inlined == inlined)
			return 0;
	}
	*id = (uint32_t)d->frames.n;
	f.place.p = prof_arena_dup(&d->arena, place->p, f.place.len, d->e);
	if (!f.place.p)
		return d->e->code;
	f.state = prof_go_state_in(f.function);
	if ((rc = prof_vec_reserve(d->mem, &d->frames, 1, d->e)) ||
		(rc = prof_index_add(&d->frame_index, hash, *id, d->e)))
		return rc;
	d->frames.v[d->frames.n++] = f;
	return 0;
}

static int created_at(struct prof_dump_reader *d, const struct prof_text_line *place,
	const char *colon, int64_t number)
{
	struct prof_line line = {.line = number};
	uint32_t file;
	int rc = prof_build_string(&d->b, place->p, (size_t)(colon - place->p), &file);

	if (!rc)
		rc = prof_build_function(&d->b, d->pending.function, file, 0, &line.function);
	return rc ? rc : prof_build_location(&d->b, 0, PROF_NONE, &line, 1, &d->open.g.created_at);
}

static int add_frame(struct prof_dump_reader *d, uint32_t frame)
{
	int rc = prof_vec_reserve(d->mem, &d->seq, 1, d->e);

	if (rc)
		return rc;
	if (d->seq.n >= PROF_NONE)
		return prof_fail(d->e, PROF_ELIMIT, PROF_NO_OFFSET, "too many stacks");
	if (d->last_frame == PROF_NONE)
		d->first_frame = frame;
	else
		d->frames.v[d->last_frame].next = frame;
	d->last_frame = frame;
	d->seq.v[d->seq.n++] = frame;
	return 0;
}

int prof_dump_place(struct prof_dump_reader *d, struct prof_text_line l, bool *yes)
{
	uint64_t v, fp = 0, sp = 0;
	enum prof_dump_half half = d->pending.half;
	uint32_t frame = d->pending.guess;
	const char *colon;
	int64_t line;
	int rc;

	while (l.p < l.end && prof_text_is_blank(*l.p))
		l.p++;
	prof_text_take(&l, "#011"); /* a tab, as syslog has it */
	take_last(&l, "pc=", &v);
	take_last(&l, "sp=", &sp);
	take_last(&l, "fp=", &fp);
	take_last(&l, "+", &v);
	*yes = true;
	if (sp && fp) {
		d->open.first_sp = d->open.first_sp ? d->open.first_sp : sp;
		d->open.last_fp = fp;
	}
	if (frame != PROF_NONE && is(d->frames.v[frame].place, l.p, l.end) &&
		d->frames.v[frame].inlined == d->pending.inlined) {
		d->pending.half = PROF_HALF_NONE;
		return add_frame(d, frame);
	}
	*yes = file_line(&l, &colon, &line);
	if (!*yes)
		return 0;
	d->pending.half = PROF_HALF_NONE;
	d->open.created = half == PROF_HALF_CREATOR;
	if (d->open.created)
		return created_at(d, &l, colon, line);
	rc = frame_of(d, frame == PROF_NONE ? d->pending.function : d->frames.v[frame].function_id,
		&l, colon, line, &frame);
	if (!rc && half == PROF_HALF_PLAIN)
		rc = arguments(d, l.p, l.p);
	return rc ? rc : add_frame(d, frame);
}

/* Locations of frames seq[0 .. n): inlined ones share that of the frame they were inlined into. */
static int locations(struct prof_dump_reader *d, const uint32_t *seq, size_t n)
{
	int rc = 0;

	d->locations.n = d->stack_lines.n = 0;
	for (size_t i = 0; !rc && i < n; i++) {
		const struct prof_dump_frame *f = &d->frames.v[seq[i]];
		struct prof_line line = {.line = f->line};
		uint32_t loc;

		if ((rc = prof_build_function(
			     &d->b, f->function_id, f->file_id, 0, &line.function)) ||
			(rc = prof_vec_reserve(d->mem, &d->stack_lines, 1, d->e)) ||
			(rc = prof_vec_reserve(d->mem, &d->locations, 1, d->e)))
			return rc;
		d->stack_lines.v[d->stack_lines.n++] = line;
		if (f->inlined && i + 1 < n)
			continue;
		rc = prof_build_location(
			&d->b, 0, PROF_NONE, d->stack_lines.v, d->stack_lines.n, &loc);
		if (!rc)
			d->locations.v[d->locations.n++] = loc;
		d->stack_lines.n = 0;
	}
	return rc;
}

int prof_dump_stack(struct prof_dump_reader *d, uint32_t *stack)
{
	uint32_t start = d->seq_start.v[d->stacks.n], id;
	const uint32_t *seq = d->seq.v ? d->seq.v + start : NULL;
	size_t n = d->seq.n - start;
	uint64_t hash = prof_hash_bytes(seq, n * sizeof(*seq));
	struct prof_index_it it = prof_index_first(&d->stack_index, hash);
	int rc;

	d->last_frame = PROF_NONE;
	while ((id = prof_index_next(&d->stack_index, &it)) != PROF_NONE) {
		uint32_t from = d->seq_start.v[id];

		if (d->seq_start.v[id + 1] - from == n &&
			(!n || memcmp(d->seq.v + from, seq, n * sizeof(*seq)) == 0)) {
			d->seq.n = start;
			*stack = d->stacks.v[id];
			return 0;
		}
	}
	id = (uint32_t)d->stacks.n;
	if ((rc = locations(d, seq, n)) ||
		(rc = prof_build_stack(&d->b, d->locations.v, d->locations.n, stack)) ||
		(rc = prof_vec_reserve(d->mem, &d->stacks, 1, d->e)) ||
		(rc = prof_vec_reserve(d->mem, &d->seq_start, 1, d->e)) ||
		(rc = prof_index_add(&d->stack_index, hash, id, d->e)))
		return rc;
	d->stacks.v[d->stacks.n++] = *stack;
	d->seq_start.v[d->seq_start.n++] = (uint32_t)d->seq.n;
	return 0;
}
