#include "cmd/opt.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libprof/prof.h"

enum { MAX_NAMES = 256, MAX_CHOSEN = 32, HELP_COLUMN = 26, WIDTH = 96 };

/* Levenshtein's distance with transpositions, up to 31 characters. */
static unsigned distance(const char *a, const char *b)
{
	unsigned d[32][32];
	size_t n = strlen(a), m = strlen(b);

	if (n > 31 || m > 31)
		return 99;
	for (size_t i = 0; i <= n; i++) {
		for (size_t j = 0; j <= m; j++) {
			unsigned best;

			if (!i || !j) {
				d[i][j] = (unsigned)(i + j);
				continue;
			}
			best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
				d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	}
	return d[n][m];
}

const char *opt_near(const char *name, const char *const *names, size_t n)
{
	const char *best = NULL;
	unsigned least = strlen(name) > 4 ? 3 : 2;

	for (size_t i = 0; i < n; i++) {
		unsigned d = distance(name, names[i]);

		if (d < least) {
			least = d;
			best = names[i];
		}
	}
	return best;
}

/* One argument, taken apart: -name=value, dashes for underscores. */
struct word {
	char name[64];
	const char *value; /* behind '=', or NULL */
	int negated; /* --no-… */
};

static int split(const char *arg, struct word *w)
{
	const char *name = arg + 1 + (arg[1] == '-'), *eq = strchr(name, '=');
	size_t n = eq ? (size_t)(eq - name) : strlen(name);

	if (!n || n >= sizeof(w->name))
		return -1;
	memcpy(w->name, name, n);
	w->name[n] = '\0';
	for (char *c = w->name; *c; c++)
		if (*c == '_')
			*c = '-';
	w->value = eq ? eq + 1 : NULL;
	w->negated = 0;
	return 0;
}

/* Whether an option's name (which may be written with underscores) is `name`. */
static int is_named(const struct opt *o, const char *name)
{
	const char *p = o->name;

	if (o->letter && name[0] == o->letter && !name[1])
		return 1;
	for (; *p && *name; p++, name++)
		if ((*p == '_' ? '-' : *p) != *name)
			return 0;
	return !*p && !*name;
}

static const struct opt *find(const struct opt *const *blocks, struct word *w)
{
	for (const struct opt *const *b = blocks; *b; b++)
		for (const struct opt *o = *b; o->type; o++)
			if (is_named(o, w->name))
				return o;
	if (strncmp(w->name, "no-", 3) != 0)
		return NULL;
	for (const struct opt *const *b = blocks; *b; b++) {
		for (const struct opt *o = *b; o->type; o++) {
			if ((o->type == OPT_BOOL || o->type == OPT_SET) &&
				is_named(o, w->name + 3)) {
				w->negated = 1;
				return o;
			}
		}
	}
	return NULL;
}

static int unknown(const char *who, const struct opt *const *blocks, const struct word *w)
{
	const char *names[MAX_NAMES], *near;
	size_t n = 0;

	for (const struct opt *const *b = blocks; *b; b++)
		for (const struct opt *o = *b; o->type && n < MAX_NAMES; o++)
			if (o->help)
				names[n++] = o->name;
	near = opt_near(w->name, names, n);
	fprintf(stderr,
		near ? "%s: unknown option --%s; did you mean --%s?\n"
		     : "%s: unknown option --%s (-h lists them)\n",
		who, w->name, near);
	return -1;
}

static int parse_bool(const char *v, int *out)
{
	static const char *const yes[] = {"1", "t", "T", "true", "TRUE", "True", "yes"};
	static const char *const no[] = {"0", "f", "F", "false", "FALSE", "False", "no"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (!strcmp(v, yes[i]) || !strcmp(v, no[i])) {
			*out = !strcmp(v, yes[i]);
			return 0;
		}
	}
	return -1;
}

/* "512", "64K", "4G", "2GiB" in powers of 1024. */
static int parse_size(const char *v, uint64_t *out)
{
	static const char suffixes[] = "KMGT";
	char *end;
	unsigned long long n;
	const char *s;
	unsigned shift = 0;

	errno = 0;
	n = strtoull(v, &end, 10);
	if (end == v || errno || *v == '-')
		return -1;
	if (*end && (s = strchr(suffixes, *end & ~0x20))) {
		shift = (unsigned)(s - suffixes + 1) * 10;
		end++;
		if (!strcmp(end, "iB") || !strcmp(end, "B"))
			end = strchr(end, '\0');
	}
	if (*end || n > UINT64_MAX >> shift)
		return -1;
	*out = (uint64_t)n << shift;
	return 0;
}

static int parse_limit(const char *v, struct prof_limits *limits)
{
	const struct {
		const char *name;
		uint64_t *target;
	} all[] = {
		{"memory=", &limits->memory_bytes},
		{"inflated=", &limits->inflated_bytes},
		{"ratio=", &limits->inflate_ratio},
		{"strings=", &limits->strings},
		{"string=", &limits->string_bytes},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strncmp(v, all[i].name, strlen(all[i].name)) == 0)
			return parse_size(v + strlen(all[i].name), all[i].target);
	return -1;
}

/* "1.5s", "200ms", "3m": a length of time as Go writes it, of one unit. */
static int parse_time(const char *v, int64_t *out)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = {{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 6e10},
		{"h", 3.6e12}};
	char *end;
	double n = strtod(v, &end);

	if (end == v || !(n >= 0))
		return -1;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].name) != 0 || n * units[i].ns >= 9e18)
			continue;
		*out = (int64_t)(n * units[i].ns + 0.5);
		return 0;
	}
	return -1;
}

static int parse_choice(const struct opt *o, const char *v)
{
	for (const struct opt_choice *c = o->choices; c->name; c++) {
		if (strcmp(c->name, v) == 0) {
			*(int *)o->target = c->value;
			return 0;
		}
	}
	return -1;
}

static int add_to_list(struct opt_list *l, const char *v)
{
	const char **more = realloc(l->v, (l->n + 1) * sizeof(*more));

	if (!more)
		return -1;
	l->v = more;
	l->v[l->n++] = v;
	return 0;
}

/* Stores a value; -1 when it is not of the option's type. */
static int store(const struct opt *o, const char *v)
{
	char *end;

	errno = 0;
	switch (o->type) {
	case OPT_INT: {
		long long n = strtoll(v, &end, 10);

		*(int64_t *)o->target = n;
		return *end || end == v || errno ? -1 : 0;
	}
	case OPT_REAL:
		*(double *)o->target = strtod(v, &end);
		return *end || end == v || errno ? -1 : 0;
	case OPT_STR:
		*(const char **)o->target = v;
		return 0;
	case OPT_LIST:
		return add_to_list(o->target, v);
	case OPT_CHOICE:
		return parse_choice(o, v);
	case OPT_TIME:
		return parse_time(v, o->target);
	case OPT_LIMIT:
		return parse_limit(v, o->target);
	default:
		return parse_bool(v, o->target);
	}
}

/* One command line under way. */
struct parse {
	const char *who;
	const struct opt *chosen[MAX_CHOSEN]; /* OPT_SETs that are on */
	size_t n_chosen;
};

/* An OPT_SET is on or off when all has been read: the last word on it counts. */
static void choose(struct parse *p, const struct opt *o, int on)
{
	size_t i = 0;

	while (i < p->n_chosen && p->chosen[i] != o)
		i++;
	if (!on && i < p->n_chosen)
		p->chosen[i] = p->chosen[--p->n_chosen];
	else if (on && i == p->n_chosen && i < MAX_CHOSEN)
		p->chosen[p->n_chosen++] = o;
}

/* Of those with one target only one may be on. */
static int apply_chosen(const struct parse *p)
{
	for (size_t i = 0; i < p->n_chosen; i++) {
		for (size_t k = 0; k < i; k++) {
			if (p->chosen[k]->target != p->chosen[i]->target)
				continue;
			fprintf(stderr, "%s: --%s and --%s exclude one another\n", p->who,
				p->chosen[k]->name, p->chosen[i]->name);
			return -1;
		}
		*(int *)p->chosen[i]->target = p->chosen[i]->value;
	}
	return 0;
}

/* Applies one option; *i moves on when its value is the next argument. */
static int apply(
	struct parse *p, const struct opt *o, const struct word *w, int argc, char **argv, int *i)
{
	const char *who = p->who;
	const char *v = w->value;

	if (o->type == OPT_BOOL || o->type == OPT_SET) {
		int on = 1;

		if (v && parse_bool(v, &on)) {
			fprintf(stderr, "%s: --%s takes true or false, not '%s'\n", who, w->name,
				v);
			return -1;
		}
		on = on != w->negated;
		if (o->type == OPT_BOOL)
			*(int *)o->target = on;
		else
			choose(p, o, on);
		return 0;
	}
	if (o->type == OPT_MARK) {
		fprintf(stderr, "%s: --%s takes no value: what stands behind it does\n", who,
			o->name);
		return -1;
	}
	if (!v && *i + 1 >= argc) {
		fprintf(stderr, "%s: --%s needs a value (%s)\n", who, o->name, o->arg);
		return -1;
	}
	if (!v)
		v = argv[++*i];
	if (store(o, v)) {
		fprintf(stderr, "%s: --%s takes %s, not '%s'\n", who, o->name, o->arg, v);
		return -1;
	}
	return 0;
}

int opt_parse(
	const char *who, const struct opt *const *blocks, int argc, char **argv, int *operands)
{
	struct parse p = {.who = who};
	int n = 0, i;

	for (i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const struct opt *o;
		struct word w;

		if (argv[i][0] != '-' || !argv[i][1]) {
			argv[n++] = argv[i];
			continue;
		}
		if (split(argv[i], &w)) {
			fprintf(stderr, "%s: bad option '%s'\n", who, argv[i]);
			return -1;
		}
		o = find(blocks, &w);
		if (!o)
			return unknown(who, blocks, &w);
		if (o->type == OPT_MARK && !w.value) {
			*(int64_t *)o->target = n;
			continue;
		}
		if (apply(&p, o, &w, argc, argv, &i))
			return -1;
	}
	for (i++; i < argc; i++)
		argv[n++] = argv[i];
	*operands = n;
	return apply_chosen(&p);
}

/* Help text wrapped at WIDTH, continued under its first line. */
static void put_help(const char *help, int column)
{
	int at = column;

	while (*help) {
		int n = (int)strcspn(help, " ");

		if (at + n + 1 > WIDTH && at > HELP_COLUMN) {
			printf("\n%*s", HELP_COLUMN, "");
			at = HELP_COLUMN;
		}
		at += printf("%s%.*s", at > HELP_COLUMN ? " " : "", n, help);
		help += n;
		help += *help == ' ';
	}
	putchar('\n');
}

/* Options that are told of: not those that stand for a choice which there is not. */
static bool is_shown(const struct opt *block, const struct opt *o)
{
	for (const struct opt *c = block; o->type == OPT_SET && c->type; c++) {
		const struct opt_choice *k = c->choices;

		if (c->type != OPT_CHOICE || c->target != o->target)
			continue;
		while (k->name && k->value != o->value)
			k++;
		return k->name && o->help;
	}
	return o->help;
}

/* Characters of UTF-8. */
static int width(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

void opt_usage(const struct opt *const *blocks)
{
	for (const struct opt *const *b = blocks; *b; b++) {
		for (const struct opt *o = *b; o->type; o++) {
			int at;

			if (!is_shown(*b, o))
				continue;
			at = o->letter ? printf("  -%c, --%s", o->letter, o->name)
				       : printf("      --%s", o->name);
			if (o->arg) {
				printf("=%s", o->arg);
				at += 1 + width(o->arg);
			}
			if (at >= HELP_COLUMN - 1) {
				putchar('\n');
				at = 0;
			}
			printf("%*s", HELP_COLUMN - at, "");
			put_help(o->help, HELP_COLUMN);
		}
		if (b[1])
			putchar('\n');
	}
}

void opt_names(const struct opt *const *blocks)
{
	for (const struct opt *const *b = blocks; *b; b++)
		for (const struct opt *o = *b; o->type; o++)
			if (is_shown(*b, o))
				printf("--%s%s\n", o->name, o->arg ? "=" : "");
}
