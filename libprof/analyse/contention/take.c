/* Takes inputs up: their stacks, each once, with what they say of it. */
#include <stdlib.h>

#include "libprof/analyse/contention/contention.h"
#include "libprof/analyse/locks.h"
#include "libprof/base/num.h"

#define NOT_WAITING (PROF_NONE - 1) /* in the map of stacks */

struct taking {
	struct prof_contention *k;
	struct prof_profile *p;
	struct prof_err *e;
	struct prof_contention_input *in;
	uint32_t *functions; /* of the profile -> of k; PROF_NONE: not looked up yet */
	uint32_t first_place; /* of k: the profile's first location */
	bool *accepts; /* by string of the profile: a function that accepts connections */
	struct prof_map64 stacks; /* stack and label set of the profile -> stack of k */
	PROF_VEC(uint32_t) places;
	PROF_VEC(uint32_t) sample_of; /* by stack of k; PROF_NONE: none yet */
};

static void end(struct taking *t)
{
	prof_map64_fini(&t->stacks);
	prof_vec_fini(&t->k->mem, &t->places);
	prof_vec_fini(&t->k->mem, &t->sample_of);
	free(t->functions);
	free(t->accepts);
}

static int add_line(struct taking *t, const struct prof_line *line)
{
	const struct prof_function *f = &t->p->functions.v[line->function];
	uint32_t *id = &t->functions[line->function];
	int rc = prof_vec_reserve(&t->k->mem, &t->k->frames, 1, t->e);

	if (!rc && *id == PROF_NONE)
		rc = prof_contention_function(t->k, prof_profile_str(t->p, f->name),
			prof_profile_str(t->p, f->file), id, t->e);
	if (!rc)
		t->k->frames.v[t->k->frames.n++] = (struct prof_contention_frame){
			*id, line->line > 0 && line->line < UINT32_MAX ? (uint32_t)line->line : 0};
	return rc;
}

/* Locations become places, in their order. */
static int add_places(struct taking *t)
{
	const struct prof_profile *p = t->p;
	struct prof_mem *mem = &t->k->mem;
	int rc;

	t->first_place = (uint32_t)t->k->places.n;
	if ((rc = prof_vec_reserve(mem, &t->k->places, p->locations.n, t->e)) ||
		(rc = prof_vec_reserve(mem, &t->k->facts, p->locations.n, t->e)) ||
		(rc = prof_vec_reserve(mem, &t->k->frames, p->lines.n, t->e)) ||
		(rc = prof_vec_reserve(mem, &t->k->functions, p->functions.n, t->e)))
		return rc;
	for (size_t i = 0; !rc && i < p->locations.n; i++) {
		const struct prof_location *l = &p->locations.v[i];

		for (uint32_t j = 0; !rc && j < l->n_lines; j++)
			rc = add_line(t, &p->lines.v[l->first_line + j]);
		if (!rc)
			rc = prof_contention_add_place(t->k, l->n_lines, t->e);
	}
	return rc;
}

static int begin(struct taking *t)
{
	size_t n = t->p->functions.n + 1;

	t->functions = malloc(n * sizeof(*t->functions));
	if (!t->functions)
		return prof_nomem(t->e);
	memset(t->functions, 0xff, n * sizeof(*t->functions));
	return add_places(t);
}

/* A stack of the profile as one of k's. */
static int stack_of(struct taking *t, uint32_t stack, enum prof_wait_class said, uint32_t *id)
{
	const struct prof_profile *p = t->p;
	uint32_t from = p->stack_start.v[stack], to = p->stack_start.v[stack + 1];
	int rc = prof_vec_reserve(&t->k->mem, &t->places, to - from, t->e);

	if (rc)
		return rc;
	for (uint32_t i = from; i < to; i++)
		t->places.v[i - from] = t->first_place + p->stack_loc.v[i];
	return prof_contention_stack(t->k, t->places.v, to - from, said, id, t->e);
}

/* The input's sample of a stack of k. */
static int sample_of(struct taking *t, uint32_t stack, uint32_t *sample)
{
	struct prof_mem *mem = &t->k->mem;
	int rc = 0;

	while (!rc && t->sample_of.n <= stack) {
		rc = prof_vec_reserve(mem, &t->sample_of, 1, t->e);
		if (!rc)
			t->sample_of.v[t->sample_of.n++] = PROF_NONE;
	}
	if (rc)
		return rc;
	*sample = t->sample_of.v[stack];
	if (*sample != PROF_NONE)
		return 0;
	if ((rc = prof_vec_reserve(mem, &t->in->stacks, 1, t->e)) ||
		(rc = prof_vec_reserve(mem, &t->in->counts, 1, t->e)) ||
		(rc = prof_vec_reserve(mem, &t->in->delays, 1, t->e)))
		return rc;
	*sample = t->sample_of.v[stack] = (uint32_t)t->in->stacks.n;
	t->in->stacks.v[t->in->stacks.n++] = stack;
	t->in->counts.v[t->in->counts.n++] = 0;
	t->in->delays.v[t->in->delays.n++] = 0;
	return 0;
}

static int column(const struct prof_profile *p, const char *name)
{
	for (size_t t = 0; t < p->types.n; t++)
		if (prof_str_eq(prof_profile_str(p, p->types.v[t].type), prof_str_of(name)))
			return (int)t;
	return -1;
}

/* Gives *to, which is empty, a column of the profile, and the budget the charge for it. */
static void move_column(struct taking *t, struct prof_column *to, int from)
{
	struct prof_column *c = &t->p->values.v[from];

	*to = *c;
	*c = (struct prof_column){0};
	t->p->mem.used -= to->cap * sizeof(*to->v);
	t->k->mem.used += to->cap * sizeof(*to->v);
}

/* Of the first input, in text, which lists no stacks, they and their values stay as they are: one
 * of many stacks is not copied, and not searched for stacks that are equal.
 */
static int first_contentions(struct taking *t, int count, int delay)
{
	struct prof_contention *k = t->k;
	struct prof_profile *p = t->p;
	int rc = prof_vec_reserve(&k->mem, &k->stacks, p->stack_start.n, t->e);

	if (rc)
		return rc;
	k->stack_places.v = p->stack_loc.v;
	k->stack_places.n = p->stack_loc.n;
	k->stack_places.cap = p->stack_loc.cap;
	p->stack_loc.v = NULL;
	p->stack_loc.n = p->stack_loc.cap = 0;
	p->mem.used -= k->stack_places.cap * sizeof(uint32_t);
	k->mem.used += k->stack_places.cap * sizeof(uint32_t);
	for (uint32_t i = 0; !rc && i + 1 < p->stack_start.n; i++)
		rc = prof_contention_new_stack(k, p->stack_start.v[i],
			p->stack_start.v[i + 1] - p->stack_start.v[i], t->e);
	move_column(t, &t->in->counts, count);
	move_column(t, &t->in->delays, delay);
	return rc;
}

static int further_contentions(struct taking *t, int count, int delay)
{
	const struct prof_profile *p = t->p;
	struct prof_contention_input *in = t->in;
	uint32_t *ids = malloc((p->stack_start.n + 1) * sizeof(*ids));
	int rc = ids ? 0 : prof_nomem(t->e);

	for (uint32_t i = 0; !rc && i + 1 < p->stack_start.n; i++)
		rc = stack_of(t, i, PROF_WAIT_OTHER, &ids[i]);
	for (size_t i = 0; !rc && i < p->sample_stack.n; i++) {
		uint32_t s;

		rc = sample_of(t, ids[p->sample_stack.v[i]], &s);
		if (rc)
			break;
		in->counts.v[s] = prof_add_sat(in->counts.v[s], p->values.v[count].v[i]);
		in->delays.v[s] = prof_add_sat(in->delays.v[s], p->values.v[delay].v[i]);
	}
	free(ids);
	return rc;
}

static bool is_stack_a_sample(const struct prof_profile *p)
{
	bool yes = p->sample_stack.n + 1 == p->stack_start.n;

	for (size_t i = 0; yes && i < p->sample_stack.n; i++)
		yes = p->sample_stack.v[i] == i;
	return yes;
}

static bool any_unlocks(const struct taking *t)
{
	const struct prof_contention *k = t->k;

	for (size_t i = 0; i < t->in->counts.n; i++)
		if (k->stacks.v[t->in->stacks.n ? t->in->stacks.v[i] : i].unlocks)
			return true;
	return false;
}

static int contentions(struct taking *t, int count, int delay)
{
	struct prof_contention_input *in = t->in;
	bool first = !t->k->inputs.n && !t->k->places.n && t->k->opts.only_text;
	int rc = begin(t);

	if (rc)
		return rc;
	rc = first && is_stack_a_sample(t->p) ? first_contentions(t, count, delay)
					      : further_contentions(t, count, delay);
	for (size_t i = 0; !rc && i < in->counts.n; i++) {
		in->count = prof_add_sat(in->count, in->counts.v[i]);
		in->ns = prof_add_sat(in->ns, in->delays.v[i]);
	}
	in->kind = any_unlocks(t) ? PROF_CONTENTION_MUTEX : PROF_CONTENTION_BLOCK;
	if (!rc)
		prof_contention_sampling(in, t->p->period);
	return rc;
}

static const struct prof_label *label(const struct prof_profile *p, uint32_t set, const char *key)
{
	struct prof_str want = prof_str_of(key);

	for (uint32_t i = p->label_start.v[set]; i < p->label_start.v[set + 1]; i++)
		if (prof_str_eq(prof_profile_str(p, p->labels.v[i].key), want))
			return &p->labels.v[i];
	return NULL;
}

/* Marks the functions that are on stacks which wait for a connection to accept. */
static int find_accepting(struct taking *t)
{
	const struct prof_profile *p = t->p;

	t->accepts = calloc(p->strings.strs.n + 1, sizeof(*t->accepts));
	if (!t->accepts)
		return prof_nomem(t->e);
	for (size_t s = 0; s + 1 < p->stack_start.n; s++) {
		bool accepts = false;

		for (uint32_t i = p->stack_start.v[s]; i < p->stack_start.v[s + 1]; i++) {
			const struct prof_location *l = &p->locations.v[p->stack_loc.v[i]];

			for (uint32_t j = 0; j < l->n_lines; j++) {
				uint32_t name =
					p->functions.v[p->lines.v[l->first_line + j].function].name;

				accepts |= prof_str_eq(prof_profile_str(p, name),
					PROF_STR("internal/poll.(*FD).Accept"));
				t->accepts[name] |= accepts;
			}
		}
	}
	return 0;
}

/* What the state says, and who started the goroutine. */
static enum prof_wait_class said_of(const struct taking *t, struct prof_str state, uint32_t set)
{
	const struct prof_label *creator = label(t->p, set, PROF_LABEL_CREATOR);
	enum prof_wait_class said = prof_contention_said(state);

	return said == PROF_WAIT_NETWORK && creator && t->accepts[creator->str] ? PROF_WAIT_ACCEPTED
										: said;
}

/* The stack of a goroutine; PROF_NONE: it does not wait. A profile does not tell states: frames do,
 * or a leaf without a name, which is the runtime's.
 */
static int goroutine(struct taking *t, uint32_t stack, uint32_t set, uint32_t *id)
{
	const struct prof_profile *p = t->p;
	const struct prof_label *told = label(p, set, PROF_LABEL_STATE);
	uint32_t leaf = p->stack_start.v[stack];
	bool unnamed = leaf < p->stack_start.v[stack + 1] &&
		       !p->locations.v[p->stack_loc.v[leaf]].n_lines;
	struct prof_str state = told ? prof_profile_str(p, told->str) : PROF_STR("");
	const struct prof_go_state *s = told ? prof_go_state_of(state) : NULL;
	int rc;

	*id = PROF_NONE;
	if (s && (s->class == PROF_GO_RUNNING || s->class == PROF_GO_RUNNABLE))
		return 0;
	rc = stack_of(t, stack, said_of(t, state, set), id);
	if (!rc && !told && !unnamed && t->k->stacks.v[*id].class == PROF_WAIT_OTHER)
		*id = PROF_NONE;
	return rc;
}

static struct prof_str state_of(const struct prof_profile *p, uint32_t sample)
{
	const struct prof_label *state = label(p, p->sample_labels.v[sample], PROF_LABEL_STATE);

	return state ? prof_profile_str(p, state->str) : PROF_STR("");
}

/* Who holds what goroutine i waits for, if that is known. */
static int find_holder(struct taking *t, const struct prof_goroutines *s,
	const struct prof_locks *locks, uint32_t i, struct prof_contention_grip *grip)
{
	uint32_t holder = prof_locks_holder(locks, i), sample;
	int rc;

	if (holder == PROF_NONE)
		return 0;
	sample = s->g.v[holder].sample;
	grip->goroutine = s->g.v[holder].id;
	rc = stack_of(t, t->p->sample_stack.v[sample], prof_contention_said(state_of(t->p, sample)),
		&grip->holder);
	if (!rc && t->k->stacks.v[grip->holder].site == PROF_NONE)
		grip->holder = PROF_NONE;
	return rc;
}

/* Goroutine i of the dump waits for a lock. */
static int add_grip(struct taking *t, const struct prof_goroutines *s,
	const struct prof_locks *locks, uint32_t i, struct prof_map64 *known)
{
	uint32_t sample = s->g.v[i].sample, lock = locks->wanted[i], id;
	struct prof_contention_grip grip = {.input = (uint32_t)t->k->inputs.n, .holder = PROF_NONE};
	uint64_t key;
	int rc;

	grip.waiter = prof_map64_get(&t->stacks,
		(uint64_t)t->p->sample_stack.v[sample] << 32 | t->p->sample_labels.v[sample]);
	if (lock == PROF_NONE || grip.waiter >= NOT_WAITING ||
		!prof_wait_is_lock(t->k->stacks.v[grip.waiter].class))
		return 0;
	key = (uint64_t)grip.waiter << 32 | lock;
	id = prof_map64_get(known, key);
	if (id != PROF_NONE) {
		t->k->grips.v[id].n++;
		return 0;
	}
	grip.n = 1;
	grip.address = locks->v.v[lock].address;
	grip.object = locks->v.v[lock].object;
	if ((rc = find_holder(t, s, locks, i, &grip)) ||
		(rc = prof_vec_reserve(&t->k->mem, &t->k->grips, 1, t->e)) ||
		(rc = prof_map64_add(known, key, (uint32_t)t->k->grips.n, t->e)))
		return rc;
	t->k->grips.v[t->k->grips.n++] = grip;
	return 0;
}

static int find_grips(struct taking *t, const struct prof_goroutines *s)
{
	struct prof_locks locks = {.n = 0};
	struct prof_map64 known;
	int rc = prof_locks_find(&locks, s, &t->k->mem, t->e);

	prof_map64_init(&known, &t->k->mem);
	for (uint32_t i = 0; !rc && i < s->g.n; i++)
		rc = add_grip(t, s, &locks, i, &known);
	prof_map64_fini(&known);
	prof_locks_fini(&locks);
	return rc;
}

/* Whether a goroutine waits for a lock. */
static bool any_lock(const struct taking *t)
{
	for (size_t i = 0; i < t->in->stacks.n; i++)
		if (prof_wait_is_lock(t->k->stacks.v[t->in->stacks.v[i]].class))
			return true;
	return false;
}

/* The stack of k that goroutines of a stack and label set wait at; from NOT_WAITING on: none. */
static int waiting_at(struct taking *t, uint32_t stack, uint32_t set, uint32_t *id)
{
	uint64_t key = (uint64_t)stack << 32 | set;
	int rc;

	*id = prof_map64_get(&t->stacks, key);
	if (*id != PROF_NONE)
		return 0;
	rc = goroutine(t, stack, set, id);
	if (!rc && *id == PROF_NONE)
		*id = NOT_WAITING;
	return rc ? rc : prof_map64_add(&t->stacks, key, *id, t->e);
}

static int goroutines(struct taking *t, const struct prof_goroutines *s)
{
	const struct prof_profile *p = t->p;
	struct prof_contention_input *in = t->in;
	int count = column(p, "goroutine"), rc = begin(t);

	in->kind = PROF_CONTENTION_DUMP;
	if (!rc)
		rc = find_accepting(t);
	for (size_t i = 0; !rc && i < p->sample_stack.n; i++) {
		uint32_t set = p->sample_labels.v[i], stack, at;
		const struct prof_label *wait = label(p, set, PROF_LABEL_WAIT);
		int64_t n = count < 0 ? 1 : p->values.v[count].v[i];

		in->count = prof_add_sat(in->count, n);
		rc = waiting_at(t, p->sample_stack.v[i], set, &stack);
		if (rc || stack >= NOT_WAITING)
			continue;
		rc = sample_of(t, stack, &at);
		if (rc)
			break;
		in->counts.v[at] = prof_add_sat(in->counts.v[at], n);
		if (wait && wait->num > in->delays.v[at])
			in->delays.v[at] = wait->num;
	}
	return rc || !s || !any_lock(t) ? rc : find_grips(t, s);
}

static int string_of(struct taking *t, uint32_t id, uint32_t *out)
{
	struct prof_str s = prof_profile_str(t->p, id);

	return prof_strtab_add(&t->k->names, s.p, s.len, out, t->e);
}

/* What the file says of the process. */
static int about_process(struct taking *t)
{
	const struct prof_profile *p = t->p;
	int rc = 0;

	for (size_t i = 0; i < p->mappings.n; i++)
		if (prof_str_eq(prof_profile_str(p, p->mappings.v[i].file), PROF_STR("[vdso]")))
			t->in->process = p->mappings.v[i].start;
	if (p->mappings.n)
		rc = string_of(t, p->mappings.v[0].file, &t->in->binary);
	if (!rc && p->mappings.n)
		rc = string_of(t, p->mappings.v[0].build_id, &t->in->build_id);
	return rc;
}

int prof_contention_take(struct prof_contention *k, struct prof_profile *p,
	const struct prof_goroutines *s, struct prof_contention_input in, struct prof_err *e)
{
	struct taking t = {.k = k, .p = p, .e = e, .in = &in};
	int count = column(p, "contentions"), delay = column(p, "delay"), rc;

	if ((count < 0 || delay < 0) && column(p, "goroutine") < 0)
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"neither a block or mutex profile, nor goroutines, nor a trace");
	in.time_ns = in.time_ns ? in.time_ns : p->time_ns;
	in.duration_ns = p->duration_ns > 0 ? p->duration_ns : 0;
	prof_map64_init(&t.stacks, &k->mem);
	rc = about_process(&t);
	if (!rc)
		rc = count >= 0 && delay >= 0 ? contentions(&t, count, delay) : goroutines(&t, s);
	if (!rc)
		rc = prof_vec_reserve(&k->mem, &k->inputs, 1, e);
	if (!rc)
		k->inputs.v[k->inputs.n++] = in;
	else
		prof_contention_input_fini(k, &in);
	end(&t);
	return rc;
}
