/* usage: make_year [-s SEED] [-n NIGHTS] [-k KINDS] [-p] [-u] FOLDER
 * Writes FOLDER/NIGHT.KIND.pb.gz, the profiles that a service leaves behind, and FOLDER/steps, a
 * line a planted change: what, function, first night. The same arguments make the same files.
 *	-s SEED		1
 *	-n NIGHTS	365
 *	-k KINDS	letters: c(pu) h(eap) g(oroutine) m(utex) b(lock); all of them
 *	-p		plants changes into CPU profiles: +20 % on a function of 5 %, +50 % on
 *			one of 1 %, a rename, each with a new build; a drift, a spike of two nights
 *	-u		files that share nothing: each of another service
 *
 * A service: a call graph of some 1200 functions, stacks that are walks through it: a few hundred
 * with most of the weight, and thousands of rare ones that come and go. A new build every two to
 * six nights shifts lines and addresses, and changes what some functions cost by a little. Each
 * night varies: traffic by the day of the week, functions by more than counting (some with heavy
 * tails), weights wander slowly. None of this was made to suit what looks for changes.
 */
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libprof/model/build.h"
#include "libprof/prof.h"

enum {
	PACKAGES = 48,
	FUNCTIONS = 1200,
	ENTRIES = 8, /* functions that goroutines begin with */
	CALLEES = 5,
	LEAVES = 4, /* places in a function where time goes */
	HOT = 500,
	RARE = 9000,
	PLANTED = 5,
	STACKS_EACH = 6, /* of a planted function */
	STACKS = HOT + RARE + PLANTED * STACKS_EACH,
	DEEPEST = 48,
	MOST_NIGHTS = 4000,
};

enum plant { STEP_FIVE, STEP_ONE, RENAME, DRIFT, SPIKE };

static const char *const plant_names[PLANTED] = {"step20", "step50", "rename", "drift", "spike"};
static const double plant_share[PLANTED] = {0.05, 0.01, 0.02, 0.03, 0.03};

struct function {
	char name[64], file[64];
	int64_t start_line; /* in the first build */
	uint32_t size; /* bytes of code */
	uint32_t callee[CALLEES], call_line[CALLEES], leaf_line[LEAVES];
	double noise; /* standard deviation of the logarithm of a night's cost */
	bool heavy; /* with tails as Student's t with 3 degrees of freedom */
	double wander, build; /* logarithms: as of this night, of this build */
	double night; /* factor of this night */
};

struct frame {
	uint16_t function;
	uint8_t call; /* CALLEES + i: leaf_line[i] */
};

struct stack {
	struct frame frames[DEEPEST]; /* root first */
	uint8_t depth;
	bool handler; /* follows traffic */
	double weight;
	double objects, bytes; /* heap: a day's */
	int64_t total; /* of a cumulative kind, since the process began */
};

struct year {
	uint64_t state;
	char service[32];
	struct function f[FUNCTIONS];
	struct stack s[STACKS];
	uint32_t planted[PLANTED]; /* functions */
	int planted_at[PLANTED]; /* nights; -1: not */
	bool plant;
	int nights;
	int build[MOST_NIGHTS]; /* of each night */
	double traffic_weekend, overdispersion, wandering, layout;
	int64_t line_shift[FUNCTIONS]; /* of this build */
	uint64_t address[FUNCTIONS];
	char build_id[41];
	int process_nights; /* since the process began */
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "make_year: %s\n", what);
	exit(1);
}

static uint64_t next(struct year *y)
{
	uint64_t z = y->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint32_t below(struct year *y, uint32_t n)
{
	return (uint32_t)((next(y) >> 32) * n >> 32);
}

/* Over 0, under 1. */
static double uniform(struct year *y)
{
	return ((double)(next(y) >> 12) + 0.5) / 4503599627370496.0;
}

static double normal(struct year *y)
{
	return sqrt(-2 * log(uniform(y))) * cos(6.283185307179586 * uniform(y));
}

static double student3(struct year *y)
{
	double a = normal(y), b = normal(y), c = normal(y);

	return normal(y) / sqrt((a * a + b * b + c * c) / 3) / sqrt(3);
}

static int64_t poisson(struct year *y, double mean)
{
	double product = uniform(y), end = exp(-mean);
	int64_t n = 0;

	if (mean > 60)
		return (int64_t)fmax(0, floor(mean + sqrt(mean) * normal(y) + 0.5));
	for (; product > end; product *= uniform(y))
		n++;
	return n;
}

static void make_functions(struct year *y)
{
	static const char *const verbs[] = {"Read", "Write", "Parse", "Load", "Store", "Check",
		"encode", "decode", "walk", "merge", "lookup", "hash", "next", "flush", "split",
		"apply"};
	static const char *const nouns[] = {"Order", "Cart", "Item", "Price", "User", "Token",
		"Batch", "Index", "Page", "Row", "Key", "Node", "Frame", "Header", "Event", "Rule"};

	for (uint32_t i = 0; i < FUNCTIONS; i++) {
		struct function *f = &y->f[i];
		uint32_t package = i * PACKAGES / FUNCTIONS;

		snprintf(f->name, sizeof(f->name), "%s/internal/p%02u.(*%s).%s%s%u", y->service,
			package, nouns[below(y, 16)], verbs[below(y, 16)], nouns[below(y, 16)], i);
		snprintf(f->file, sizeof(f->file), "/src/%s/internal/p%02u/%s%u.go", y->service,
			package, verbs[i / 8 % 16], i / 8);
		f->start_line = 20 + i % 8 * 60 + below(y, 30);
		f->size = 200 + below(y, 1500);
		for (unsigned c = 0; c < CALLEES; c++) {
			/* Mostly near, always further down. */
			uint32_t reach = below(y, 4) ? 60 : FUNCTIONS - i;

			f->callee[c] = i + 1 + below(y, reach);
			f->call_line[c] = 1 + below(y, 40);
		}
		for (unsigned k = 0; k < LEAVES; k++)
			f->leaf_line[k] = 1 + below(y, 40);
		f->noise = y->overdispersion * exp(0.5 * normal(y));
		f->heavy = below(y, 10) == 0;
	}
}

/* Goes on from where the stack is, for `more` frames, or to a function that calls nothing. */
static void walk(struct year *y, struct stack *s, uint32_t f, uint32_t more)
{
	for (; more && f < FUNCTIONS && s->depth < DEEPEST - 1; more--) {
		unsigned c = below(y, 5) ? 0 : below(y, CALLEES);

		s->frames[s->depth++] = (struct frame){(uint16_t)f, (uint8_t)c};
		f = y->f[f].callee[c];
	}
}

static void end_stack(struct year *y, struct stack *s)
{
	s->frames[s->depth - 1].call = (uint8_t)(CALLEES + below(y, LEAVES));
}

static void walk_from_entry(struct year *y, struct stack *s)
{
	uint32_t entry = below(y, ENTRIES);

	s->depth = 0;
	s->handler = entry < ENTRIES * 3 / 4;
	walk(y, s, entry, 6 + below(y, 30));
}

/* Begins as another stack does. */
static void branch(struct year *y, struct stack *s, const struct stack *from, uint32_t more)
{
	const struct frame *at;

	*s = *from;
	s->depth = (uint8_t)(1 + below(y, from->depth));
	at = &s->frames[s->depth - 1];
	s->frames[s->depth - 1].call = (uint8_t)below(y, CALLEES);
	if (more)
		walk(y, s, y->f[at->function].callee[at->call], more);
}

static void scale(struct stack *s, size_t n, double to)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += s[i].weight;
	for (size_t i = 0; i < n; i++)
		s[i].weight *= to / sum;
}

static void make_stacks(struct year *y)
{
	double planted = 0;
	size_t at = HOT + RARE;

	for (size_t i = 0; i < HOT + RARE; i++) {
		if (i < HOT)
			walk_from_entry(y, &y->s[i]);
		else
			branch(y, &y->s[i], &y->s[below(y, HOT)], 1 + below(y, 4));
		end_stack(y, &y->s[i]);
		y->s[i].weight = exp((i < HOT ? 1.3 : 0.5) * normal(y));
		y->s[i].bytes = 16 << below(y, 11);
		y->s[i].objects = exp(2 * normal(y)) * 4000;
	}
	for (unsigned p = 0; p < PLANTED; p++) {
		y->planted[p] = 300 + p * 160 + below(y, 160);
		for (size_t i = 0; i < HOT + RARE; i++) /* its share is ours to say */
			if (y->s[i].frames[y->s[i].depth - 1].function == y->planted[p])
				y->s[i].weight = 0;
		for (unsigned k = 0; k < STACKS_EACH; k++, at++) {
			branch(y, &y->s[at], &y->s[below(y, HOT)], 0);
			y->s[at].frames[y->s[at].depth++].function = (uint16_t)y->planted[p];
			end_stack(y, &y->s[at]);
			y->s[at].weight = 0.3 + uniform(y);
		}
		scale(&y->s[at - STACKS_EACH], STACKS_EACH, plant_share[p]);
		planted += plant_share[p];
	}
	scale(y->s, HOT, (1 - planted) * 0.9);
	scale(y->s + HOT, RARE, (1 - planted) * 0.1);
}

/* Builds, and where the changes are: away from the ends and from one another. */
static void make_calendar(struct year *y)
{
	int builds = 0, left = 0;

	for (int i = 0; i < y->nights; i++) {
		if (!left--) {
			left = 1 + (int)below(y, 5);
			builds++;
		}
		y->build[i] = builds;
	}
	for (unsigned p = 0; p < PLANTED; p++) {
		int night = y->nights / 8 + (int)below(y, (uint32_t)(y->nights * 3 / 4));

		while (p != SPIKE && night > 1 && y->build[night] == y->build[night - 1])
			night--;
		y->planted_at[p] = y->plant ? night : -1;
	}
}

static void make_year(struct year *y, uint64_t seed)
{
	*y = (struct year){.state = seed, .nights = y->nights, .plant = y->plant};
	next(y);
	snprintf(y->service, sizeof(y->service), "svc%llx", (unsigned long long)(next(y) >> 40));
	y->traffic_weekend = 0.5 + 0.5 * uniform(y);
	y->overdispersion = 0.02 + 0.08 * uniform(y);
	y->wandering = 0.01 * uniform(y);
	y->layout = 0.02 * uniform(y);
	make_functions(y);
	make_stacks(y);
	make_calendar(y);
}

static void new_build(struct year *y, int build)
{
	uint64_t address = 0x401000;
	int64_t shift = 0;

	for (uint32_t i = 0; i < FUNCTIONS; i++) {
		if (i % 8 == 0) /* a file */
			shift = 0;
		if (below(y, 200) == 0 && build > 1) {
			shift += (int64_t)below(y, 12) - 4;
			y->f[i].size += below(y, 64);
			y->f[i].leaf_line[below(y, LEAVES)] = 1 + below(y, 40);
		}
		y->line_shift[i] += shift;
		y->address[i] = address;
		address += (y->f[i].size + 31) / 32 * 32;
		y->f[i].build = y->layout * normal(y);
	}
	for (unsigned i = 0; i < 40; i++)
		y->build_id[i] = "0123456789abcdef"[below(y, 16)];
	y->process_nights = 0;
	for (size_t i = 0; i < STACKS; i++)
		y->s[i].total = 0;
}

static void new_night(struct year *y, int night)
{
	for (uint32_t i = 0; i < FUNCTIONS; i++) {
		struct function *f = &y->f[i];

		f->wander = 0.97 * f->wander + y->wandering * normal(y);
		f->night = exp(
			f->wander + f->build + f->noise * (f->heavy ? student3(y) : normal(y)));
	}
	for (unsigned p = 0; y->plant && p < PLANTED; p++) {
		int since = night - y->planted_at[p];
		double *v = &y->f[y->planted[p]].night;

		if (p == STEP_FIVE && since >= 0)
			*v *= 1.2;
		if (p == STEP_ONE && since >= 0)
			*v *= 1.5;
		if (p == DRIFT)
			*v *= 1 + 0.4 * night / y->nights;
		if (p == SPIKE && (since == 0 || since == 1))
			*v *= 3;
	}
	y->process_nights++;
}

static double traffic(const struct year *y, int night, const struct stack *s)
{
	return s->handler && night % 7 >= 5 ? y->traffic_weekend : 1;
}

/* The profile under way. */
struct maker {
	struct year *y;
	struct prof_build b;
	struct prof_profile *p;
	uint32_t main;
	int night;
	struct prof_err e;
};

static void must(const struct maker *m, int rc)
{
	if (rc)
		die(m->e.msg);
}

static uint32_t location(struct maker *m, struct frame x)
{
	struct year *y = m->y;
	const struct function *f = &y->f[x.function];
	uint32_t rel = x.call < CALLEES ? f->call_line[x.call] : f->leaf_line[x.call - CALLEES];
	struct prof_line line = {.line = f->start_line + y->line_shift[x.function] + (int64_t)rel};
	uint32_t name, file, loc;
	char renamed[80];

	snprintf(renamed, sizeof(renamed), "%s%s", f->name,
		x.function == y->planted[RENAME] && y->plant && m->night >= y->planted_at[RENAME]
			? "Fast"
			: "");
	must(m, prof_build_text(&m->b, renamed, &name));
	must(m, prof_build_text(&m->b, f->file, &file));
	must(m, prof_build_function(&m->b, name, file, f->start_line + y->line_shift[x.function],
			&line.function));
	must(m, prof_build_location(
			&m->b, y->address[x.function] + rel * 4 + x.call, m->main, &line, 1, &loc));
	return loc;
}

static void sample(struct maker *m, const struct stack *s, const int64_t *values, int64_t bytes)
{
	uint32_t locs[DEEPEST], stack, set = 0;

	for (unsigned i = 0; i < s->depth; i++)
		locs[s->depth - 1 - i] = location(m, s->frames[i]);
	must(m, prof_build_stack(&m->b, locs, s->depth, &stack));
	if (bytes) {
		struct prof_label l = {.num = bytes};

		must(m, prof_build_text(&m->b, "bytes", &l.key));
		must(m, prof_build_text(&m->b, "bytes", &l.unit));
		must(m, prof_profile_label_set(m->p, &l, 1, &set, &m->e));
	}
	must(m, prof_build_sample(&m->b, stack, set, values));
}

static void shuffled(struct year *y, uint32_t *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t k = below(y, i + 1);

		v[i] = v[k];
		v[k] = i;
	}
}

static void cpu(struct maker *m)
{
	static uint32_t order[STACKS];
	struct year *y = m->y;
	double samples = 3000 * exp(0.1 * normal(y));

	shuffled(y, order, STACKS);
	for (size_t i = 0; i < STACKS; i++) {
		const struct stack *s = &y->s[order[i]];
		double f = y->f[s->frames[s->depth - 1].function].night;
		int64_t n = poisson(y, samples * s->weight * f * traffic(y, m->night, s));
		int64_t values[] = {n, n * 10000000};

		if (n)
			sample(m, s, values, 0);
	}
}

static void heap(struct maker *m)
{
	const double rate = 512 << 10;
	struct year *y = m->y;

	for (size_t i = 0; i < HOT; i++) {
		struct stack *s = &y->s[i];
		double seen = 1 - exp(-s->bytes / rate);
		double mean = s->objects * y->f[s->frames[s->depth - 1].function].night;
		int64_t live;
		int64_t values[4];

		s->total += poisson(y, mean * traffic(y, m->night, s) * seen);
		live = poisson(y, mean / 50 * seen);
		live = live < s->total ? live : s->total;
		values[0] = (int64_t)((double)s->total / seen);
		values[1] = (int64_t)((double)s->total * s->bytes / seen);
		values[2] = (int64_t)((double)live / seen);
		values[3] = (int64_t)((double)live * s->bytes / seen);
		if (s->total)
			sample(m, s, values, (int64_t)s->bytes);
	}
}

static void goroutine(struct maker *m)
{
	for (size_t i = 0; i < 80; i++) {
		int64_t n = poisson(m->y, m->y->s[i].weight * 20000);

		if (n)
			sample(m, &m->y->s[i], &n, 0);
	}
}

struct wait {
	size_t stack;
	int64_t n, delay;
};

static int by_delay(const void *a, const void *b)
{
	const struct wait *p = a, *q = b;

	return p->delay != q->delay ? p->delay < q->delay ? 1 : -1
				    : (p->stack > q->stack) - (p->stack < q->stack);
}

/* Contentions since the process began, longest delay first, as Go writes them. */
static void contention(struct maker *m, size_t first)
{
	struct wait v[120];
	size_t n = 0;

	for (size_t i = 0; i < 120; i++) {
		struct stack *s = &m->y->s[first + i];
		double mean = s->weight * 3000 * m->y->process_nights;
		int64_t count = poisson(m->y, mean);

		if (count)
			v[n++] = (struct wait){first + i, count,
				(int64_t)((double)count * 1e5 * exp(normal(m->y)))};
	}
	qsort(v, n, sizeof(*v), by_delay);
	for (size_t i = 0; i < n; i++) {
		int64_t values[] = {v[i].n, v[i].delay};

		sample(m, &m->y->s[v[i].stack], values, 0);
	}
}

struct kind {
	char letter;
	const char *name;
	unsigned types;
	const char *type[4][2];
	const char *period[2];
	int64_t period_n;
};

static const struct kind kinds[] = {
	{'c', "cpu", 2, {{"samples", "count"}, {"cpu", "nanoseconds"}}, {"cpu", "nanoseconds"},
		10000000},
	{'h', "heap", 4,
		{{"alloc_objects", "count"}, {"alloc_space", "bytes"}, {"inuse_objects", "count"},
			{"inuse_space", "bytes"}},
		{"space", "bytes"}, 524288},
	{'g', "goroutine", 1, {{"goroutine", "count"}}, {"goroutine", "count"}, 1},
	{'m', "mutex", 2, {{"contentions", "count"}, {"delay", "nanoseconds"}},
		{"contentions", "count"}, 1},
	{'b', "block", 2, {{"contentions", "count"}, {"delay", "nanoseconds"}},
		{"contentions", "count"}, 1},
};

static void begin(struct maker *m, const struct kind *k, const struct prof_limits *limits)
{
	struct year *y = m->y;
	struct prof_mapping map = {.id = 1, .start = 0x400000, .limit = 0x1000000, .has = 15};
	char path[64];

	m->p = prof_profile_new(limits, &m->e);
	if (!m->p)
		die(m->e.msg);
	prof_build_init(&m->b, m->p, limits, &m->e);
	must(m, prof_build_types(&m->b, k->type, k->types));
	snprintf(path, sizeof(path), "/srv/bin/%s", y->service);
	must(m, prof_build_text(&m->b, path, &map.file));
	must(m, prof_build_text(&m->b, y->build_id, &map.build_id));
	must(m, prof_build_mapping(&m->b, &map, &m->main));
	must(m, prof_build_text(&m->b, k->period[0], &m->p->period_type.type));
	must(m, prof_build_text(&m->b, k->period[1], &m->p->period_type.unit));
	m->p->period = k->period_n;
	m->p->time_ns = (1735693200 + (int64_t)m->night * 86400) * 1000000000 +
			below(y, 1000000000);
	m->p->duration_ns = k->letter == 'c' ? 30000000000 + below(y, 100000000) : 0;
}

static int put(void *ctx, const char *bytes, size_t len)
{
	return fwrite(bytes, 1, len, ctx) != len;
}

static void write_profile(struct year *y, int night, const struct kind *k, const char *folder)
{
	struct maker m = {.y = y, .night = night};
	struct prof_limits limits;
	char path[4096];
	FILE *out;

	prof_limits_init(&limits);
	begin(&m, k, &limits);
	switch (k->letter) {
	case 'c':
		cpu(&m);
		break;
	case 'h':
		heap(&m);
		break;
	case 'g':
		goroutine(&m);
		break;
	case 'm':
		contention(&m, 100);
		break;
	default:
		contention(&m, 240);
	}
	snprintf(path, sizeof(path), "%s/%04d.%s.pb.gz", folder, night, k->name);
	out = fopen(path, "wbe");
	if (!out || prof_profile_write(m.p, PROF_WRITE_GZIP, put, out, &m.e) || fclose(out))
		die("cannot write a profile");
	prof_build_fini(&m.b);
	prof_profile_free(m.p);
}

static void write_steps(const struct year *y, const char *folder)
{
	char path[4096];
	FILE *out;

	snprintf(path, sizeof(path), "%s/steps", folder);
	out = fopen(path, "we");
	if (!out)
		die("cannot write the steps");
	for (unsigned p = 0; y->plant && p < PLANTED; p++)
		fprintf(out, "%s\t%s\t%d\n", plant_names[p], y->f[y->planted[p]].name,
			y->planted_at[p]);
	if (fclose(out))
		die("cannot write the steps");
}

int main(int argc, char **argv)
{
	static struct year y = {.nights = 365};
	const char *letters = "chgmb";
	bool unlike = false;
	uint64_t seed = 1;
	int o;

	while ((o = getopt(argc, argv, "s:n:k:pu")) != -1) {
		if (o == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (o == 'n')
			y.nights = (int)strtol(optarg, NULL, 10);
		else if (o == 'k')
			letters = optarg;
		else if (o == 'p')
			y.plant = true;
		else if (o == 'u')
			unlike = true;
		else
			return 2;
	}
	if (optind + 1 != argc || y.nights < 1 || y.nights > MOST_NIGHTS)
		die("usage: make_year [-s SEED] [-n NIGHTS] [-k KINDS] [-p] [-u] FOLDER");
	make_year(&y, seed);
	for (int night = 0; night < y.nights; night++) {
		if (unlike && night)
			make_year(&y, seed * 1000003 + (uint64_t)night);
		if (unlike || !night || y.build[night] != y.build[night - 1])
			new_build(&y, y.build[night]);
		new_night(&y, night);
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			if (strchr(letters, kinds[k].letter))
				write_profile(&y, night, &kinds[k], argv[optind]);
	}
	write_steps(&y, argv[optind]);
	return 0;
}
