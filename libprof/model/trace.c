#include "libprof/model/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct prof_trace *prof_trace_new(const struct prof_limits *limits, struct prof_err *e)
{
	struct prof_trace *t = calloc(1, sizeof(*t));

	if (!t) {
		(void)prof_nomem(e);
		return NULL;
	}
	t->limits = *limits;
	t->mem.limit = (size_t)limits->memory_bytes;
	prof_index_init(&t->stack_index, &t->mem);
	prof_idtable_init(&t->type_of, &t->mem);
	prof_arena_init(&t->texts, &t->mem);
	t->events = prof_mem_zalloc(&t->mem, PROF_TRACE_BATCH, sizeof(*t->events), e);
	if (!t->events || prof_strtab_init(&t->strings, &t->mem, e) ||
		prof_vec_reserve(&t->mem, &t->stack_start, 2, e)) {
		prof_trace_free(t);
		return NULL;
	}
	t->stack_start.v[0] = t->stack_start.v[1] = 0;
	t->stack_start.n = 2;
	return t;
}

void prof_trace_free(struct prof_trace *t)
{
	if (!t)
		return;
	if (t->close)
		t->close(t);
	if (t->close_input)
		t->close_input(t->input);
	prof_strtab_fini(&t->strings);
	prof_vec_fini(&t->mem, &t->stack_start);
	prof_vec_fini(&t->mem, &t->frames);
	prof_index_fini(&t->stack_index);
	prof_vec_fini(&t->mem, &t->goroutines);
	prof_vec_fini(&t->mem, &t->procs);
	prof_vec_fini(&t->mem, &t->threads);
	prof_vec_fini(&t->mem, &t->damage);
	prof_vec_fini(&t->mem, &t->types);
	prof_idtable_fini(&t->type_of);
	prof_arena_fini(&t->texts);
	if (t->dump_count)
		prof_mem_zfree(&t->mem, t->dump_count, PROF_TRACE_WIRE_TYPES, sizeof(uint64_t));
	prof_mem_zfree(&t->mem, t->events, PROF_TRACE_BATCH, sizeof(*t->events));
	free(t);
}

int prof_trace_next(struct prof_trace *t, const struct prof_trace_event **ev, struct prof_err *e)
{
	while (t->at == t->n) {
		int rc = prof_trace_fill(t, e);

		if (rc <= 0)
			return rc;
	}
	*ev = &t->events[t->at++];
	return 1;
}

int prof_trace_add_string(
	struct prof_trace *t, const void *p, size_t len, uint32_t *id, struct prof_err *e)
{
	if (len > t->limits.string_bytes || t->strings.strs.n >= t->limits.strings)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET,
			"more or longer strings than allowed (--limit strings=…, string=…)");
	return prof_strtab_add(&t->strings, p, len, id, e);
}

static uint64_t hash_frames(const struct prof_trace_frame *f, size_t n)
{
	uint64_t h = n;

	for (size_t i = 0; i < n; i++) {
		h = prof_hash_mix(h, f[i].pc);
		h = prof_hash_mix(h, f[i].line ^ (uint64_t)f[i].function << 32 ^ f[i].file);
	}
	return h;
}

static bool same_frames(
	const struct prof_trace_frame *a, const struct prof_trace_frame *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].pc != b[i].pc || a[i].line != b[i].line ||
			a[i].function != b[i].function || a[i].file != b[i].file)
			return false;
	return true;
}

/* A new stack of the frames at the end of t->frames. */
static int end_stack(struct prof_trace *t, uint32_t *id, struct prof_err *e)
{
	int rc = prof_vec_reserve(&t->mem, &t->stack_start, 1, e);

	if (rc)
		return rc;
	if (t->frames.n >= UINT32_MAX || t->stack_start.n >= UINT32_MAX - 1)
		return prof_fail(e, PROF_ELIMIT, PROF_NO_OFFSET, "too many distinct stacks");
	*id = (uint32_t)t->stack_start.n - 1;
	t->stack_start.v[t->stack_start.n++] = (uint32_t)t->frames.n;
	return 0;
}

int prof_trace_add_stack(struct prof_trace *t, const struct prof_trace_frame *frames, size_t n,
	uint32_t *id, struct prof_err *e)
{
	uint64_t h = hash_frames(frames, n);
	struct prof_index_it it = prof_index_first(&t->stack_index, h);
	const struct prof_trace_frame *have;
	uint32_t i;
	int rc;

	if (!n) {
		*id = 0;
		return 0;
	}
	while ((i = prof_index_next(&t->stack_index, &it)) != PROF_NONE) {
		if (prof_trace_stack(t, i, &have) == n && same_frames(have, frames, n)) {
			*id = i;
			return 0;
		}
	}
	rc = prof_vec_reserve(&t->mem, &t->frames, n, e);
	if (rc)
		return rc;
	memcpy(t->frames.v + t->frames.n, frames, n * sizeof(*frames));
	t->frames.n += n;
	rc = end_stack(t, id, e);
	return rc ? rc : prof_index_add(&t->stack_index, h, *id, e);
}

int prof_trace_add_lost_stack(struct prof_trace *t, struct prof_idtable *stacks, uint64_t file_id,
	uint32_t *id, struct prof_err *e)
{
	int rc = end_stack(t, id, e);

	return rc ? rc : prof_idtable_set(stacks, file_id, *id, e);
}

int prof_trace_damaged(struct prof_trace *t, int64_t offset, uint64_t generation,
	struct prof_err *e, const char *fmt, ...)
{
	struct prof_trace_damage d = {.offset = offset, .generation = generation};
	char text[sizeof(e->msg)];
	va_list ap;
	int rc;

	if (t->damage.n == PROF_TRACE_DAMAGES) {
		t->damage_left_out++;
		return 0;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d.what = prof_arena_dup(&t->texts, text, strlen(text), e);
	if (!d.what)
		return e ? e->code : PROF_ENOMEM;
	rc = prof_vec_reserve(&t->mem, &t->damage, 1, e);
	if (!rc)
		t->damage.v[t->damage.n++] = d;
	return rc;
}

const char *prof_trace_header(const struct prof_trace *t)
{
	return t->header;
}

unsigned prof_trace_can(const struct prof_trace *t)
{
	return t->can;
}

size_t prof_trace_known_stack(
	const struct prof_trace *t, uint32_t id, const struct prof_trace_frame **frames)
{
	size_t n = prof_trace_stack(t, id, frames);

	return n == 1 && !(*frames)->pc ? 0 : n;
}

int64_t prof_trace_goroutine(const struct prof_trace *t, uint32_t slot)
{
	return slot < t->goroutines.n ? t->goroutines.v[slot] : -1;
}

int64_t prof_trace_proc(const struct prof_trace *t, uint32_t slot)
{
	return slot < t->procs.n ? t->procs.v[slot] : -1;
}

int64_t prof_trace_thread(const struct prof_trace *t, uint32_t slot)
{
	return slot < t->threads.n ? t->threads.v[slot] : -1;
}

const char *prof_trace_string(const struct prof_trace *t, uint32_t id, size_t *len)
{
	struct prof_str s = id < t->strings.strs.n ? t->strings.strs.v[id] : PROF_STR("");

	if (len)
		*len = s.len;
	return s.p;
}

size_t prof_trace_stack(
	const struct prof_trace *t, uint32_t id, const struct prof_trace_frame **frames)
{
	if (!id || id + (size_t)1 >= t->stack_start.n || !t->frames.v) {
		*frames = NULL;
		return 0;
	}
	*frames = t->frames.v + t->stack_start.v[id];
	return t->stack_start.v[id + 1] - t->stack_start.v[id];
}

const char *prof_trace_event_name(const struct prof_trace *t, const struct prof_trace_event *ev)
{
	const char *name = t->wire[ev->type].name;

	return name ? name : "";
}

const char *prof_trace_event_args(const struct prof_trace *t, const struct prof_trace_event *ev)
{
	const char *args = t->wire[ev->type].args;

	return args ? args : "";
}

int prof_trace_memory(const struct prof_trace *t, const struct prof_trace_event *ev,
	struct prof_trace_memory *out)
{
	const uint64_t units[] = {t->layout.page, t->layout.object, t->layout.stack};
	unsigned at = ev->type - PROF_EV_SPAN; /* three kinds of three events each */
	uint64_t size = ev->args[1]; /* pages, a type, or an order */
	uint32_t type;

	if (ev->kind != PROF_TRACE_EXPERIMENT || at >= PROF_EV_END - PROF_EV_SPAN)
		return 0;
	*out = (struct prof_trace_memory){.what = at / 3, .change = at % 3, .type = ev->name};
	out->address = t->layout.base + ev->args[0] * units[out->what];
	if (!units[out->what])
		out->address = 0;
	if (out->change == PROF_MEMORY_FREE)
		return 1;
	if (out->what == PROF_MEMORY_SPAN) {
		out->bytes = size * t->layout.page;
	} else if (out->what == PROF_MEMORY_STACK) {
		out->bytes = size && size <= 64 ? (uint64_t)1 << (size - 1) : 0;
	} else {
		type = prof_idtable_get(&t->type_of, size);
		out->bytes = type == PROF_NONE ? 0 : t->types.v[type].bytes;
	}
	return 1;
}

int prof_trace_clock(const struct prof_trace *t, struct prof_trace_clock *out)
{
	if (t->has_clock)
		*out = t->clock;
	return t->has_clock;
}

size_t prof_trace_damage(const struct prof_trace *t, const struct prof_trace_damage **list)
{
	*list = t->damage.v;
	return t->damage.n;
}
