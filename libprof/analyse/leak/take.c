#include <stdlib.h>
#include <string.h>

#include "libprof/analyse/leak/leak.h"
#include "libprof/base/num.h"
#include "libprof/model/go_names.h"

enum {
	/* Go's profiles end after 32 frames (128 since 1.23), some of them the runtime's. */
	GROUP_FRAMES = 24,
};

/* What a snapshot's functions are here, looked up once each. */
struct function {
	uint32_t name; /* string of the leak, as it stands in keys; PROF_NONE: not looked up yet */
	bool hidden;
	const struct prof_go_state *state;
};

struct taking {
	struct prof_leak *k;
	const struct prof_goroutines *s;
	const struct prof_profile *p;
	struct prof_err *e;
	struct function *functions;
	uint32_t *groups; /* of each sample; PROF_NONE: none */
	struct prof_buf room;
	uint32_t snapshot;
	bool only_leaked;

	/* Of the sample at hand. */
	struct prof_leak_group g;
	uint64_t key[GROUP_FRAMES];
	int64_t n;
	bool leaked;
	bool unnamed; /* the leaf has no name: what it waits in is not told */
	size_t depth; /* frames that are not the runtime's */
};

static int string(struct taking *t, struct prof_str s, uint32_t *id)
{
	return prof_strtab_add(&t->k->names, s.p, s.len, id, t->e);
}

static int function_of(struct taking *t, uint32_t id, struct function **out)
{
	struct function *f = &t->functions[id];
	struct prof_str name = prof_profile_str(t->p, t->p->functions.v[id].name);

	*out = f;
	if (f->name != PROF_NONE)
		return 0;
	f->hidden = prof_go_is_hidden(name);
	f->state = prof_go_state_in(name);
	return string(t, prof_go_plain_name(name, &t->room), &f->name);
}

/* The label's value, or NULL. */
static const struct prof_label *label(const struct taking *t, uint32_t set, const char *key)
{
	const struct prof_profile *p = t->p;
	struct prof_str want = prof_str_of(key);

	for (uint32_t i = p->label_start.v[set]; i < p->label_start.v[set + 1]; i++)
		if (prof_str_eq(prof_profile_str(p, p->labels.v[i].key), want))
			return &p->labels.v[i];
	return NULL;
}

/* The frames that make the key, and the state where no label tells it. */
static int stack_key(struct taking *t, uint32_t stack, const struct prof_go_state **state)
{
	const struct prof_profile *p = t->p;
	bool lines = t->k->opts.by == PROF_LEAK_BY_LINE;
	bool site = t->k->opts.by == PROF_LEAK_BY_FUNCTION;
	uint64_t leaf = PROF_NONE;
	struct function *f;

	t->g.n_key = 0;
	t->depth = 0;
	t->unnamed = p->stack_start.v[stack] < p->stack_start.v[stack + 1] &&
		     !p->locations.v[p->stack_loc.v[p->stack_start.v[stack]]].n_lines;
	for (uint32_t i = p->stack_start.v[stack]; i < p->stack_start.v[stack + 1]; i++) {
		const struct prof_location *l = &p->locations.v[p->stack_loc.v[i]];

		for (uint32_t j = l->first_line; j < l->first_line + l->n_lines; j++) {
			const struct prof_line *line = &p->lines.v[j];
			uint64_t key;
			int rc = function_of(t, line->function, &f);

			if (rc)
				return rc;
			*state = *state ? *state : f->state;
			key = lines ? prof_hash_mix(f->name, (uint64_t)line->line) : f->name;
			leaf = leaf == PROF_NONE ? key : leaf;
			t->depth += !f->hidden;
			if (f->hidden || t->g.n_key == GROUP_FRAMES ||
				(site &&
					prof_go_is_library(prof_strtab_get(&t->k->names, f->name))))
				continue;
			if (!site || !t->g.n_key)
				t->key[t->g.n_key++] = key;
		}
	}
	if (!t->g.n_key && leaf != PROF_NONE)
		t->key[t->g.n_key++] = leaf;
	return 0;
}

/* States that one capture tells apart and another cannot are one in keys. */
static const char *key_state(const struct prof_go_state *s)
{
	if (s->class == PROF_GO_RUNNING || s->class == PROF_GO_RUNNABLE)
		return "running";
	if (strncmp(s->name, "chan receive", 12) == 0)
		return "chan receive";
	return strncmp(s->name, "chan send", 9) == 0 ? "chan send" : s->name;
}

static int state_key(struct taking *t, uint32_t set, const struct prof_go_state *state)
{
	const struct prof_label *told = label(t, set, PROF_LABEL_STATE);
	struct prof_str name = told ? prof_profile_str(t->p, told->str) : PROF_STR("");
	int rc;

	if (told)
		state = prof_go_state_of(name);
	else
		name = prof_str_of(state ? state->name : t->unnamed ? "waiting" : "running");
	t->g.class = state ? state->class : told || t->unnamed ? PROF_GO_UNKNOWN : PROF_GO_RUNNING;
	rc = string(t, name, &t->g.shown_state);
	return rc ? rc : string(t, state ? prof_str_of(key_state(state)) : name, &t->g.state);
}

/* What makes the group of a sample. */
static int make_key(struct taking *t, uint32_t stack, uint32_t set)
{
	const struct prof_leak_opts *o = &t->k->opts;
	const struct prof_go_state *state = NULL;
	const struct prof_label *l;
	int rc = stack_key(t, stack, &state);

	if (!rc)
		rc = state_key(t, set, state);
	l = label(t, set, PROF_LABEL_CREATOR);
	if (!rc && l)
		rc = string(t, prof_go_plain_name(prof_profile_str(t->p, l->str), &t->room),
			&t->g.creator);
	if (o->by == PROF_LEAK_BY_LABEL) {
		l = label(t, set, o->label);
		if (!rc && l && l->is_str)
			rc = string(t, prof_profile_str(t->p, l->str), &t->g.label);
	}
	if (o->by == PROF_LEAK_BY_CREATOR || o->by == PROF_LEAK_BY_LABEL) {
		t->g.n_key = 0;
		t->g.state = 0;
	}
	if (o->by == PROF_LEAK_BY_LABEL || o->by == PROF_LEAK_BY_FUNCTION)
		t->g.creator = 0;
	t->leaked = t->only_leaked || label(t, set, PROF_LABEL_LEAKED);
	l = label(t, set, PROF_LABEL_WAIT);
	t->g.wait_ns = l ? l->num : 0;
	return rc;
}

static int new_group(struct taking *t, uint32_t *id)
{
	struct prof_leak *k = t->k;
	int rc;

	*id = (uint32_t)k->groups.n;
	t->g.key = (uint32_t)k->keys.n;
	t->g.merged = PROF_NONE;
	if ((rc = prof_vec_reserve(&k->mem, &k->groups, 1, t->e)) ||
		(rc = prof_vec_reserve(&k->mem, &k->keys, GROUP_FRAMES, t->e)) ||
		(rc = prof_index_add(&k->index, prof_leak_group_hash(k, &t->g, t->key), *id, t->e)))
		return rc;
	for (uint32_t i = 0; i < t->g.n_key; i++)
		k->keys.v[k->keys.n++] = t->key[i];
	t->g.wait_ns = 0;
	k->groups.v[k->groups.n++] = t->g;
	return 0;
}

int prof_leak_add_frames(struct prof_leak *k, const struct prof_profile *p, uint32_t stack,
	uint32_t *first, uint32_t *n, struct prof_err *e)
{
	*first = (uint32_t)k->frames.n;
	for (uint32_t i = p->stack_start.v[stack]; i < p->stack_start.v[stack + 1]; i++) {
		const struct prof_location *l = &p->locations.v[p->stack_loc.v[i]];

		for (uint32_t j = l->first_line; j < l->first_line + l->n_lines; j++) {
			const struct prof_function *f = &p->functions.v[p->lines.v[j].function];
			struct prof_leak_frame frame = {.line = p->lines.v[j].line};
			struct prof_str name = prof_profile_str(p, f->name);
			struct prof_str file = prof_profile_str(p, f->file);
			int rc;

			if (prof_go_is_hidden(name) &&
				!(i + 1 == p->stack_start.v[stack + 1] && k->frames.n == *first))
				continue;
			if ((rc = prof_vec_reserve(&k->mem, &k->frames, 1, e)) ||
				(rc = prof_strtab_add(
					 &k->names, name.p, name.len, &frame.function, e)) ||
				(rc = prof_strtab_add(&k->names, file.p, file.len, &frame.file, e)))
				return rc;
			k->frames.v[k->frames.n++] = frame;
		}
	}
	*n = (uint32_t)k->frames.n - *first;
	return 0;
}

/* Counts the user's labels of the sample for its group. */
static int tally(struct taking *t, uint32_t group, uint32_t set)
{
	const struct prof_profile *p = t->p;
	struct prof_leak *k = t->k;

	for (uint32_t i = p->label_start.v[set]; i < p->label_start.v[set + 1]; i++) {
		const struct prof_label *l = &p->labels.v[i];
		struct prof_str key = prof_profile_str(p, l->key);
		struct prof_leak_tally new = {.group = group, .snapshot = t->snapshot};
		struct prof_index_it it;
		uint64_t hash;
		uint32_t id;
		int rc;

		if (!l->is_str || prof_str_has_prefix(key, "prof::") ||
			prof_str_has_prefix(key, "pprof::"))
			continue;
		if ((rc = string(t, key, &new.key)) ||
			(rc = string(t, prof_profile_str(p, l->str), &new.value)))
			return rc;
		hash = prof_hash_mix(prof_hash_mix(group, new.key), new.value);
		it = prof_index_first(&k->tally_index, hash);
		while ((id = prof_index_next(&k->tally_index, &it)) != PROF_NONE)
			if (k->tallies.v[id].group == group && k->tallies.v[id].key == new.key &&
				k->tallies.v[id].value == new.value)
				break;
		if (id == PROF_NONE) {
			id = (uint32_t)k->tallies.n;
			if ((rc = prof_vec_reserve(&k->mem, &k->tallies, 1, t->e)) ||
				(rc = prof_index_add(&k->tally_index, hash, id, t->e)))
				return rc;
			k->tallies.v[k->tallies.n++] = new;
		}
		if (k->tallies.v[id].snapshot != t->snapshot)
			k->tallies.v[id].n = 0;
		k->tallies.v[id].snapshot = t->snapshot;
		k->tallies.v[id].n += t->n;
	}
	return 0;
}

/* What Go's stacks grow to for so many frames: at least 2 KiB, doubled as long as it takes. A frame
 * takes some 100 bytes on average, and those of the runtime that park it as much as eight.
 */
static int64_t stack_estimate(size_t depth)
{
	int64_t bytes = 2048, need = (int64_t)(depth < 1 << 20 ? depth : 1 << 20) * 100 + 800;

	while (bytes < need)
		bytes *= 2;
	return bytes;
}

/* Adds the sample to its group. */
static int add_sample(struct taking *t, uint32_t stack, uint32_t set, uint32_t *group)
{
	struct prof_leak *k = t->k;
	struct prof_leak_group *g;
	struct prof_leak_count *c;
	uint32_t id;
	int rc;

	t->g = (struct prof_leak_group){0};
	rc = make_key(t, stack, set);
	if (rc)
		return rc;
	id = prof_leak_find(k, &t->g, t->key);
	if (id == PROF_NONE) {
		int64_t wait = t->g.wait_ns;

		rc = new_group(t, &id);
		if (rc)
			return rc;
		t->g.wait_ns = wait;
	}
	*group = id;
	g = &k->groups.v[id];
	if (!g->counts.n || g->counts.v[g->counts.n - 1].snapshot != t->snapshot) {
		rc = prof_vec_reserve(&k->mem, &g->counts, 1, t->e);
		if (rc)
			return rc;
		g->counts.v[g->counts.n++] = (struct prof_leak_count){.snapshot = t->snapshot};
		g->wait_ns = g->stack_bytes = 0;
	}
	c = &g->counts.v[g->counts.n - 1];
	c->n = prof_add(c->n, t->n);
	c->leaked += t->leaked ? t->n : 0;
	g->wait_ns = t->g.wait_ns > g->wait_ns ? t->g.wait_ns : g->wait_ns;
	g->stack_bytes = prof_add(
		g->stack_bytes, (int64_t)((uint64_t)stack_estimate(t->depth) * (uint64_t)t->n));
	if (t->g.class == PROF_GO_NEVER) {
		g->class = PROF_GO_NEVER;
		g->shown_state = t->g.shown_state;
	}
	if (!g->n_example || t->n > g->example_count) {
		g->example_count = t->n;
		rc = prof_leak_add_frames(k, t->p, stack, &g->example, &g->n_example, t->e);
	}
	return rc ? rc : tally(t, id, set);
}

static int samples(struct taking *t)
{
	const struct prof_profile *p = t->p;
	struct prof_leak_snapshot *snap = &t->k->snapshots.v[t->snapshot];
	int rc = 0;

	for (size_t i = 0; !rc && i < p->sample_stack.n; i++) {
		t->n = p->values.v[0].v[i];
		t->groups[i] = PROF_NONE;
		if (t->n <= 0)
			continue;
		snap->n = prof_add(snap->n, t->n);
		rc = add_sample(t, p->sample_stack.v[i], p->sample_labels.v[i], &t->groups[i]);
		snap->creators |= t->g.creator != 0;
		snap->vague |= t->g.class == PROF_GO_UNKNOWN && t->unnamed;
	}
	return rc;
}

/* The place of the go statement, from the first goroutine of each group that tells it. */
static int creation(struct taking *t, struct prof_leak_group *g, const struct prof_goroutine *o)
{
	const struct prof_location *l;
	const struct prof_function *f;
	int rc;

	if (g->created_at.function || o->created_at == PROF_NONE)
		return 0;
	l = &t->p->locations.v[o->created_at];
	f = &t->p->functions.v[t->p->lines.v[l->first_line].function];
	g->created_at.line = t->p->lines.v[l->first_line].line;
	rc = string(t, prof_profile_str(t->p, f->file), &g->created_at.file);
	return rc ? rc : string(t, prof_profile_str(t->p, f->name), &g->created_at.function);
}

/* Who of the snapshot before is still there, and where from all are. */
static int goroutines(struct taking *t)
{
	struct prof_leak *k = t->k;
	struct prof_map64 alive;
	int rc = 0;

	if (!t->s->g.n)
		return 0;
	prof_map64_init(&alive, &k->mem);
	for (size_t i = 0; i < k->alive.keys.n; i++)
		k->groups.v[k->alive.values.v[i]].before++;
	for (size_t i = 0; !rc && i < t->s->g.n; i++) {
		const struct prof_goroutine *g = &t->s->g.v[i];
		uint32_t group = t->groups[g->sample];

		if (group == PROF_NONE)
			continue;
		if (prof_map64_get(&k->alive, g->id) == group)
			k->groups.v[group].survived++;
		rc = prof_map64_add(&alive, g->id, group, t->e);
		if (!rc)
			rc = creation(t, &k->groups.v[group], g);
	}
	prof_map64_fini(&k->alive);
	k->alive = alive;
	return rc;
}

static int begin(struct taking *t, const char *name, int64_t file_ns)
{
	struct prof_leak_snapshot snap = {
		.file_ns = file_ns, .time_ns = t->p->time_ns, .only_leaked = t->only_leaked};
	int rc = prof_vec_reserve(&t->k->mem, &t->k->snapshots, 1, t->e);

	t->snapshot = (uint32_t)t->k->snapshots.n;
	snap.ids = t->s->g.n > 0;
	snap.asleep = t->s->asleep;
	if (!rc)
		rc = string(t, prof_str_of(name), &snap.name);
	if (!rc)
		t->k->snapshots.v[t->k->snapshots.n++] = snap;
	return rc;
}

int prof_leak_take(struct prof_leak *k, const struct prof_goroutines *s, const char *name,
	int64_t file_ns, struct prof_err *e)
{
	const struct prof_profile *p = s->p;
	struct taking t = {.k = k, .s = s, .p = p, .e = e};
	struct prof_str type = p->types.n ? prof_profile_str(p, p->types.v[0].type) : PROF_STR("");
	int rc;

	t.only_leaked = prof_str_eq(type, PROF_STR("goroutineleak"));
	if (!t.only_leaked && !prof_str_eq(type, PROF_STR("goroutine")))
		return prof_fail(e, PROF_EUNSUPPORTED, PROF_NO_OFFSET,
			"counts %.40s, not goroutines", type.len ? type.p : "nothing");
	t.functions = calloc(p->functions.n + 1, sizeof(*t.functions));
	t.groups = calloc(p->sample_stack.n + 1, sizeof(*t.groups));
	prof_buf_init(&t.room, NULL, NULL);
	rc = t.functions && t.groups ? begin(&t, name, file_ns) : prof_nomem(e);
	for (size_t i = 0; !rc && i < p->functions.n; i++)
		t.functions[i].name = PROF_NONE;
	if (!rc)
		rc = samples(&t);
	if (!rc)
		rc = goroutines(&t);
	if (!rc)
		rc = prof_leak_locks(k, s, t.groups, e);
	if (!rc && t.room.code)
		rc = prof_nomem(e);
	prof_buf_fini(&t.room);
	free(t.functions);
	free(t.groups);
	return rc;
}
