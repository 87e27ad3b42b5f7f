/* Takes inputs up: their stacks, each once, with what they say of it. */
#include <stdlib.h>

#include "libprof/analyse/contention/contention.h"
#include "libprof/analyse/leak/leak.h"
#include "libprof/base/num.h"

#define NOT_WAITING (PROF_NONE - 1) /* in the map of stacks */

struct taking {
	struct prof_contention *k;
	const struct prof_profile *p;
	struct prof_err *e;
	uint32_t *functions; /* of the profile -> of k; PROF_NONE: not looked up yet */
	struct prof_contention_frame *of_line; /* of the profile */
	struct prof_map64 stacks; /* stack and label set of the profile -> stack of k */
	PROF_VEC(struct prof_contention_frame) frames;
};

static void end(struct taking *t)
{
	prof_map64_fini(&t->stacks);
	prof_vec_fini(&t->k->mem, &t->frames);
	free(t->functions);
	free(t->of_line);
}

/* What a line of the profile is as a frame. */
static int find_frames(struct taking *t)
{
	const struct prof_profile *p = t->p;
	int rc = 0;

	for (size_t i = 0; !rc && i < p->lines.n; i++) {
		const struct prof_line *line = &p->lines.v[i];
		const struct prof_function *f = &p->functions.v[line->function];
		uint32_t *id = &t->functions[line->function];

		if (*id == PROF_NONE)
			rc = prof_contention_function(t->k, prof_profile_str(p, f->name),
				prof_profile_str(p, f->file), id, t->e);
		t->of_line[i] = (struct prof_contention_frame){
			*id, line->line > 0 && line->line < UINT32_MAX ? (uint32_t)line->line : 0};
	}
	return rc;
}

static int begin(struct taking *t)
{
	size_t n = t->p->functions.n + 1;

	prof_map64_init(&t->stacks, &t->k->mem);
	t->functions = malloc(n * sizeof(*t->functions));
	t->of_line = malloc((t->p->lines.n + 1) * sizeof(*t->of_line));
	if (!t->functions || !t->of_line)
		return prof_nomem(t->e);
	memset(t->functions, 0xff, n * sizeof(*t->functions));
	return find_frames(t);
}

/* A stack of the profile as one of k's. */
static int stack_of(struct taking *t, uint32_t stack, struct prof_str state, uint32_t *id)
{
	const struct prof_profile *p = t->p;
	int rc = 0;

	t->frames.n = 0;
	for (uint32_t i = p->stack_start.v[stack]; !rc && i < p->stack_start.v[stack + 1]; i++) {
		const struct prof_location *l = &p->locations.v[p->stack_loc.v[i]];

		rc = prof_vec_reserve(&t->k->mem, &t->frames, l->n_lines, t->e);
		for (uint32_t j = 0; !rc && j < l->n_lines; j++)
			t->frames.v[t->frames.n++] = t->of_line[l->first_line + j];
	}
	return rc ? rc : prof_contention_stack(t->k, t->frames.v, t->frames.n, state, id, t->e);
}

static uint64_t divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Recovers the rate of a block profile (SetBlockProfileRate): a wait that is shorter counts, when
 * it is taken at all, as one of this length, so no stack has less. People set round rates; Go makes
 * cycles of them, and ns of those, and rounds down.
 */
static void find_rate(
	struct prof_contention_input *in, const struct prof_contention_sample *s, size_t n)
{
	int64_t least = INT64_MAX, unit = 1, round;

	for (size_t i = 0; i < n; i++)
		least = s[i].ns > 0 && s[i].ns < least ? s[i].ns : least;
	if (least == INT64_MAX)
		return;
	while (least / unit >= 100)
		unit *= 10;
	round = (least / unit + 1) * unit;
	if (least % unit == 0)
		round = least;
	if (least >= 1000 && round - least <= round / 10000)
		in->rate_ns = round;
}

/* Gives the input its samples: one a stack of k that has something. */
static int keep(struct taking *t, struct prof_contention_input *in,
	const struct prof_contention_sample *by_stack)
{
	struct prof_contention *k = t->k;
	int rc = prof_vec_reserve(&k->mem, &k->inputs, 1, t->e);

	in->first = (uint32_t)k->samples.n;
	for (size_t i = 0; !rc && i < k->stacks.n; i++) {
		struct prof_contention_sample s = by_stack[i];

		if (!s.count && !s.ns)
			continue;
		s.stack = (uint32_t)i;
		rc = prof_vec_reserve(&k->mem, &k->samples, 1, t->e);
		if (!rc)
			k->samples.v[k->samples.n++] = s;
	}
	in->n = (uint32_t)k->samples.n - in->first;
	if (!rc)
		k->inputs.v[k->inputs.n++] = *in;
	return rc;
}

static int column(const struct prof_profile *p, const char *name)
{
	for (size_t t = 0; t < p->types.n; t++)
		if (prof_str_eq(prof_profile_str(p, p->types.v[t].type), prof_str_of(name)))
			return (int)t;
	return -1;
}

/* Recovers the fraction of a mutex profile, whose counts are multiples of it. That they are so by
 * chance is the less likely the more there are, and the larger it is.
 */
static void find_fraction(struct prof_contention_input *in, const struct prof_contention_sample *s,
	size_t n, int64_t period)
{
	const double sure = 10000;
	uint64_t all = 0;
	double chances = 1;
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		all = divisor(all, (uint64_t)prof_abs(s[i].count));
		used += s[i].count != 0;
	}
	for (size_t i = 0; i < used && chances < sure; i++)
		chances *= (double)all;
	if (period > 1)
		in->fraction = period;
	else if (chances >= sure || all == 1)
		in->fraction = (int64_t)all;
}

static int contentions(struct taking *t, struct prof_contention_input *in, int count, int delay)
{
	const struct prof_profile *p = t->p;
	struct prof_contention *k = t->k;
	struct prof_contention_sample *by_stack = NULL;
	uint32_t *ids = malloc((p->stack_start.n + 1) * sizeof(*ids));
	bool unlocks = false;
	int rc = ids ? 0 : prof_nomem(t->e);

	for (uint32_t i = 0; !rc && i + 1 < p->stack_start.n; i++) {
		rc = stack_of(t, i, PROF_STR(""), &ids[i]);
		unlocks |= !rc && k->stacks.v[ids[i]].unlocks;
	}
	if (!rc && !(by_stack = calloc(k->stacks.n + 1, sizeof(*by_stack))))
		rc = prof_nomem(t->e);
	for (size_t i = 0; !rc && i < p->sample_stack.n; i++) {
		struct prof_contention_sample *s = &by_stack[ids[p->sample_stack.v[i]]];

		s->count = prof_add_sat(s->count, p->values.v[count].v[i]);
		s->ns = prof_add_sat(s->ns, p->values.v[delay].v[i]);
		in->count = prof_add_sat(in->count, p->values.v[count].v[i]);
		in->ns = prof_add_sat(in->ns, p->values.v[delay].v[i]);
	}
	in->kind = unlocks ? PROF_CONTENTION_MUTEX : PROF_CONTENTION_BLOCK;
	if (!rc && unlocks)
		find_fraction(in, by_stack, k->stacks.n, p->period);
	if (!rc && !unlocks)
		find_rate(in, by_stack, k->stacks.n);
	if (!rc)
		rc = keep(t, in, by_stack);
	free(by_stack);
	free(ids);
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
	rc = stack_of(t, stack, state, id);
	if (!rc && !told && !unnamed && t->k->stacks.v[*id].class == PROF_WAIT_OTHER)
		*id = PROF_NONE;
	return rc;
}

/* A goroutine that prof leak found to hold what another waits for, by addresses in arguments. */
static int add_held(
	struct taking *t, const struct prof_goroutines *s, uint32_t waiter, uint32_t holder)
{
	const struct prof_profile *p = t->p;
	uint32_t w = s->g.v[waiter].sample, h = s->g.v[holder].sample;
	const struct prof_label *state = label(p, p->sample_labels.v[h], PROF_LABEL_STATE);
	struct prof_contention_grip held = {.input = (uint32_t)t->k->inputs.n - 1,
		.goroutine = s->g.v[holder].id,
		.waiter = prof_map64_get(
			&t->stacks, (uint64_t)p->sample_stack.v[w] << 32 | p->sample_labels.v[w])};
	int rc = prof_vec_reserve(&t->k->mem, &t->k->grips, 1, t->e);

	if (!rc)
		rc = stack_of(t, p->sample_stack.v[h],
			state ? prof_profile_str(p, state->str) : PROF_STR(""), &held.holder);
	if (!rc && held.waiter < NOT_WAITING)
		t->k->grips.v[t->k->grips.n++] = held;
	return rc;
}

static int find_held(struct taking *t, const struct prof_goroutines *s)
{
	struct prof_leak_opts opts;
	struct prof_leak *leak;
	struct prof_map64 ids;
	int rc;

	prof_leak_opts_init(&opts);
	rc = prof_leak_new(&opts, &leak, t->e);
	if (rc)
		return rc;
	prof_map64_init(&ids, &t->k->mem);
	rc = prof_leak_take(leak, s, "", 0, t->e);
	for (uint32_t i = 0; !rc && leak->waits.n && i < s->g.n; i++)
		rc = prof_map64_add(&ids, s->g.v[i].id, i, t->e);
	for (size_t i = 0; !rc && i < leak->waits.n; i++)
		rc = add_held(t, s, prof_map64_get(&ids, leak->waits.v[i].waiter),
			prof_map64_get(&ids, leak->waits.v[i].holder));
	prof_map64_fini(&ids);
	prof_leak_free(leak);
	return rc;
}

/* Whether a goroutine of the last input waits for a lock. */
static bool any_lock(const struct prof_contention *k)
{
	const struct prof_contention_input *in = &k->inputs.v[k->inputs.n - 1];

	for (uint32_t i = in->first; i < in->first + in->n; i++)
		if (prof_wait_is_lock(k->stacks.v[k->samples.v[i].stack].class))
			return true;
	return false;
}

static int goroutines(
	struct taking *t, const struct prof_goroutines *s, struct prof_contention_input *in)
{
	const struct prof_profile *p = t->p;
	int count = column(p, "goroutine");
	PROF_VEC(struct prof_contention_sample) by_stack = {0};
	int rc = 0;

	in->kind = PROF_CONTENTION_DUMP;
	for (size_t i = 0; !rc && i < p->sample_stack.n; i++) {
		uint32_t stack = p->sample_stack.v[i], set = p->sample_labels.v[i], id;
		uint64_t key = (uint64_t)stack << 32 | set;
		const struct prof_label *wait = label(p, set, PROF_LABEL_WAIT);
		int64_t n = count < 0 ? 1 : p->values.v[count].v[i];

		in->count = prof_add_sat(in->count, n);
		id = prof_map64_get(&t->stacks, key);
		if (id == PROF_NONE) {
			rc = goroutine(t, stack, set, &id);
			if (!rc)
				rc = prof_map64_add(
					&t->stacks, key, id == PROF_NONE ? NOT_WAITING : id, t->e);
		}
		if (rc || id >= NOT_WAITING)
			continue;
		while (!rc && by_stack.n <= id) {
			rc = prof_vec_reserve(&t->k->mem, &by_stack, id + 1 - by_stack.n, t->e);
			if (!rc)
				by_stack.v[by_stack.n++] = (struct prof_contention_sample){0};
		}
		if (rc)
			break;
		by_stack.v[id].count = prof_add_sat(by_stack.v[id].count, n);
		if (wait && wait->num > by_stack.v[id].ns)
			by_stack.v[id].ns = wait->num;
	}
	while (!rc && by_stack.n < t->k->stacks.n) {
		rc = prof_vec_reserve(&t->k->mem, &by_stack, 1, t->e);
		if (!rc)
			by_stack.v[by_stack.n++] = (struct prof_contention_sample){0};
	}
	if (!rc)
		rc = keep(t, in, by_stack.v);
	prof_vec_fini(&t->k->mem, &by_stack);
	return rc || !s || !any_lock(t->k) ? rc : find_held(t, s);
}

static int string_of(struct taking *t, uint32_t id, uint32_t *out)
{
	struct prof_str s = prof_profile_str(t->p, id);

	return prof_strtab_add(&t->k->names, s.p, s.len, out, t->e);
}

int prof_contention_take(struct prof_contention *k, const struct prof_profile *p,
	const struct prof_goroutines *s, struct prof_contention_input in, struct prof_err *e)
{
	struct taking t = {.k = k, .p = p, .e = e};
	int count = column(p, "contentions"), delay = column(p, "delay"), rc;

	if ((count < 0 || delay < 0) && column(p, "goroutine") < 0)
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
			"neither a block or mutex profile, nor goroutines, nor a trace");
	in.time_ns = in.time_ns ? in.time_ns : p->time_ns;
	in.duration_ns = p->duration_ns > 0 ? p->duration_ns : 0;
	for (size_t i = 0; i < p->mappings.n; i++)
		if (prof_str_eq(prof_profile_str(p, p->mappings.v[i].file), PROF_STR("[vdso]")))
			in.process = p->mappings.v[i].start;
	rc = begin(&t);
	if (!rc && p->mappings.n)
		rc = string_of(&t, p->mappings.v[0].file, &in.binary);
	if (!rc && p->mappings.n)
		rc = string_of(&t, p->mappings.v[0].build_id, &in.build_id);
	if (!rc)
		rc = count >= 0 && delay >= 0 ? contentions(&t, &in, count, delay)
					      : goroutines(&t, s, &in);
	end(&t);
	return rc;
}
