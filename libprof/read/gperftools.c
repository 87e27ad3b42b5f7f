#include "libprof/read/gperftools.h"

#include "libprof/base/hash.h"
#include "libprof/read/text_impl.h"

enum { HEADER_WORDS = 5, MAX_WORD = 8 };

/* How a file's words are written. */
struct words {
	unsigned bytes;
	bool big;
};

struct stack {
	uint64_t count;
	size_t first;
	size_t n; /* addresses */
};

struct gperftools {
	struct prof_input *in;
	struct prof_profile *p;
	struct prof_mem *mem;
	struct prof_err *e;
	struct prof_build b;
	struct words words;
	uint64_t period; /* microseconds */
	bool ended; /* the end mark was there */
	PROF_VEC(struct stack) stacks;
	PROF_VEC(uint64_t) addrs;
	PROF_VEC(uint32_t) locations; /* scratch */
};

static uint64_t word(const uint8_t *p, struct words w)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < w.bytes; i++)
		v = v << 8 | p[w.big ? i : w.bytes - 1 - i];
	return v;
}

/* Finds out how the header's words are written. */
static bool header(const uint8_t *p, size_t n, struct words *out, bool *java, uint64_t *period)
{
	static const struct words all[] = {{4, false}, {4, true}, {8, false}, {8, true}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		uint64_t h[HEADER_WORDS];

		if (n < HEADER_WORDS * all[i].bytes)
			continue;
		for (size_t k = 0; k < HEADER_WORDS; k++)
			h[k] = word(p + k * all[i].bytes, all[i]);
		if (h[0] || h[1] != 3 || h[2] > 1 || !h[3] || h[4])
			continue;
		*out = all[i];
		*java = h[2];
		*period = h[3];
		return true;
	}
	return false;
}

bool prof_gperftools_is_cpu(const void *p, size_t n)
{
	struct words w;
	uint64_t period;
	bool java;

	return header(p, n, &w, &java, &period);
}

/* The next word. 1, 0 at the end of the input, or an error. */
static int next(struct gperftools *g, uint64_t *v)
{
	struct prof_input *in = g->in;
	size_t n = g->words.bytes;
	int rc = 0;

	if ((size_t)(in->end - in->p) < n)
		rc = prof_input_fill(in, n, g->e);
	if (rc)
		return rc;
	if ((size_t)(in->end - in->p) < n)
		return 0;
	*v = word(in->p, g->words);
	in->p += n;
	return 1;
}

static int cut(struct gperftools *g)
{
	return prof_fail(
		g->e, PROF_EFORMAT, (int64_t)prof_input_offset(g->in), "ends inside a stack");
}

/* 1: a stack was read; 0: the end; or an error. */
static int read_stack(struct gperftools *g)
{
	struct stack s = {.first = g->addrs.n};
	uint64_t n = 0, address = 0;
	int rc = next(g, &s.count);

	if (rc <= 0)
		return rc || g->in->p == g->in->end ? rc : cut(g);
	rc = next(g, &n);
	for (uint64_t i = 0; rc > 0 && i < n; i++) {
		rc = next(g, &address);
		if (rc <= 0)
			break;
		if (prof_vec_reserve(g->mem, &g->addrs, 1, g->e))
			return g->e->code;
		/* The leaf is where the program was, the others are where calls return to. */
		g->addrs.v[g->addrs.n++] = i ? address - 1 : address;
	}
	if (rc <= 0)
		return rc ? rc : cut(g);
	s.n = (size_t)n;
	if (!s.count && n == 1 && !g->addrs.v[s.first]) {
		g->ended = true;
		return 0;
	}
	rc = prof_vec_reserve(g->mem, &g->stacks, 1, g->e);
	if (rc)
		return rc;
	g->stacks.v[g->stacks.n++] = s;
	return 1;
}

static int read_maps(struct gperftools *g)
{
	struct prof_text_vars vars = {0};
	struct prof_text_line l;
	int rc;

	while ((rc = prof_text_next(g->in, &l, g->e)) > 0) {
		bool known;

		if (prof_text_ended(&l))
			continue;
		rc = prof_text_maps_line(&g->b, &vars, l, &known);
		if (rc)
			return rc;
		g->p->unknown_fields += !known;
	}
	return rc;
}

/* The second address goes; the leaf takes its place. */
static void drop_second(struct gperftools *g, struct stack *s)
{
	g->addrs.v[s->first + 1] = g->addrs.v[s->first];
	s->first++;
	s->n--;
}

/* An address that all stacks but one in 32 have behind the leaf is no caller of it. Who can be in
 * so many is found by counting up and down, then counted for sure.
 */
static void drop_handler(struct gperftools *g)
{
	size_t n = g->stacks.n, count = 0;
	uint64_t who = 0;

	for (size_t i = 0; i < n; i++) {
		const struct stack *s = &g->stacks.v[i];
		uint64_t second = s->n > 1 ? g->addrs.v[s->first + 1] : 0;

		if (s->n > 1 && count && who != second) {
			count--;
		} else if (s->n > 1) {
			who = second;
			count++;
		}
	}
	count = 0;
	for (size_t i = 0; i < n; i++)
		count += g->stacks.v[i].n > 1 && g->addrs.v[g->stacks.v[i].first + 1] == who;
	if (!count || count < n - n / 32)
		return;
	for (size_t i = 0; i < n; i++)
		if (g->stacks.v[i].n > 1 && g->addrs.v[g->stacks.v[i].first + 1] == who)
			drop_second(g, &g->stacks.v[i]);
}

static int add_sample(struct gperftools *g, const struct stack *s)
{
	const int64_t values[2] = {(int64_t)s->count, (int64_t)(s->count * (uint64_t)g->p->period)};
	uint32_t id;
	int rc = prof_vec_reserve(g->mem, &g->locations, s->n, g->e);

	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < s->n; i++)
		rc = prof_build_location(
			&g->b, g->addrs.v[s->first + i], PROF_NONE, NULL, 0, &g->locations.v[i]);
	if (!rc)
		rc = prof_build_stack(&g->b, g->locations.v, s->n, &id);
	return rc ? rc : prof_build_sample(&g->b, id, 0, values);
}

static int build(struct gperftools *g)
{
	static const char *const types[][2] = {{"samples", "count"}, {"cpu", "nanoseconds"}};
	int rc = prof_build_types(&g->b, types, 2);

	if (rc)
		return rc;
	g->p->period_type = g->p->types.v[1];
	g->p->period = (int64_t)(g->period * 1000);
	drop_handler(g);
	drop_handler(g);
	for (size_t i = 0; !rc && i < g->stacks.n; i++) {
		struct stack *s = &g->stacks.v[i];

		/* The leaf comes from the signal, and once more from unwinding. */
		if (s->n > 1 && g->addrs.v[s->first] == g->addrs.v[s->first + 1] + 1)
			drop_second(g, s);
		rc = add_sample(g, s);
	}
	if (!rc)
		rc = prof_text_maps_attach(&g->b);
	if (!rc)
		rc = prof_text_legacy_frames(&g->b, false, false);
	return rc || g->ended ? rc
			      : prof_build_comment(&g->b, "the file has no end mark: cut off?");
}

static int decode(struct gperftools *g)
{
	struct prof_input *in = g->in;
	bool java;
	int rc = prof_input_fill(in, HEADER_WORDS * MAX_WORD, g->e);

	if (rc)
		return rc;
	if (!header(in->p, (size_t)(in->end - in->p), &g->words, &java, &g->period))
		return prof_fail(g->e, PROF_EFORMAT, 0, "no header of a gperftools CPU profile");
	if (java)
		return prof_fail(g->e, PROF_EUNSUPPORTED, 0, "a CPU profile of a Java program");
	in->p += HEADER_WORDS * g->words.bytes;
	while ((rc = read_stack(g)) > 0)
		;
	if (!rc)
		rc = read_maps(g);
	g->p->input_bytes = in->total;
	g->p->gzipped = in->gzipped;
	return rc ? rc : build(g);
}

int prof_gperftools_decode(struct prof_input *in, struct prof_profile **out, struct prof_err *e)
{
	struct gperftools g = {.in = in, .e = e};
	struct prof_err none = {0};
	int rc;

	if (!e)
		g.e = &none;
	g.p = prof_profile_new(&in->limits, g.e);
	if (!g.p)
		return g.e->code;
	g.mem = &g.p->mem;
	prof_build_init(&g.b, g.p, &in->limits, g.e);
	rc = decode(&g);
	prof_build_fini(&g.b);
	prof_vec_fini(g.mem, &g.stacks);
	prof_vec_fini(g.mem, &g.addrs);
	prof_vec_fini(g.mem, &g.locations);
	if (rc)
		prof_profile_free(g.p);
	else
		*out = g.p;
	return rc;
}
