#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "libprof/base/buf.h"
#include "libprof/base/when.h"
#include "libprof/join/archive_add.h"

static int append(struct prof_paths *list, char *path, struct prof_err *e)
{
	if (list->n == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 64;
		char **v = realloc(list->v, cap * sizeof(*v));

		if (!v) {
			free(path);
			return prof_nomem(e);
		}
		list->v = v;
		list->cap = cap;
	}
	list->v[list->n++] = path;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *below(const char *path, const char *name)
{
	size_t n = strlen(path), m = strlen(name), slash = n && path[n - 1] != '/';
	char *s = malloc(n + m + 2);

	if (s) {
		memcpy(s, path, n);
		s[n] = '/';
		memcpy(s + n + slash, name, m + 1);
	}
	return s;
}

/* The entries of a directory that is open. */
static int entries(DIR *dir, const char *path, struct prof_paths *names, struct prof_err *e)
{
	struct dirent *d;
	int rc = 0;

	errno = 0;
	while (!rc && (d = readdir(dir))) {
		char *s = d->d_name[0] == '.' ? NULL : below(path, d->d_name);

		if (s)
			rc = append(names, s, e);
		else if (d->d_name[0] != '.')
			rc = prof_nomem(e);
		errno = 0;
	}
	if (!rc && errno)
		rc = prof_fail(e, PROF_EIO, PROF_NO_OFFSET, "%.120s: %s", path, strerror(errno));
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), by_name);
	return rc;
}

static bool is_left_out(const struct prof_paths *list, const struct stat *st)
{
	for (size_t i = 0; i < list->n_out; i++)
		if (list->out[i].dev == st->st_dev && list->out[i].ino == st->st_ino)
			return true;
	return false;
}

static bool is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

/* Takes over a path. One that was named is taken as it is; in directories links lead to files but
 * not to directories, which may go in circles, and pipes, sockets and devices are no captures.
 * What cannot be looked at is appended: who reads it tells why.
 */
static int add(struct prof_paths *list, char *path, bool named, struct prof_err *e)
{
	struct prof_paths names = {0};
	struct stat st;
	DIR *dir;
	int rc = 0;

	if (stat(path, &st) != 0)
		return append(list, path, e);
	if (!S_ISDIR(st.st_mode)) {
		if (named || (S_ISREG(st.st_mode) && !is_left_out(list, &st)))
			return append(list, path, e);
	} else if (named || !is_link(path)) {
		dir = opendir(path);
		if (!dir)
			return append(list, path, e);
		rc = entries(dir, path, &names, e);
		closedir(dir);
	}
	for (size_t i = 0; !rc && i < names.n; i++) {
		rc = add(list, names.v[i], false, e);
		names.v[i] = NULL;
	}
	prof_paths_fini(&names);
	free(path);
	return rc;
}

int prof_paths_add(struct prof_paths *list, const char *path, struct prof_err *e)
{
	char *copy = strdup(path);

	return copy ? add(list, copy, true, e) : prof_nomem(e);
}

void prof_paths_leave_out(struct prof_paths *list, const char *db)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	struct prof_buf b;
	struct stat st;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		prof_buf_init(&b, NULL, NULL);
		prof_buf_str(&b, db);
		prof_buf_str(&b, ends[i]);
		prof_buf_char(&b, '\0');
		if (!b.code && stat(b.p, &st) == 0) {
			list->out[list->n_out].dev = st.st_dev;
			list->out[list->n_out++].ino = st.st_ino;
		}
		prof_buf_fini(&b);
	}
}

void prof_paths_fini(struct prof_paths *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
}

static int keep(struct prof_path_labels *l, struct prof_str *s, struct prof_err *e)
{
	uint32_t id;
	int rc = prof_strtab_add(&l->strings, s->p, s->len, &id, e);

	if (!rc)
		*s = prof_strtab_get(&l->strings, id);
	return rc;
}

/* Sets a label, over one of the same key. */
static int set(
	struct prof_path_labels *l, struct prof_str key, struct prof_str value, struct prof_err *e)
{
	size_t i = 0;
	int rc;

	while (i < l->v.n && prof_str_cmp(l->v.v[i].key, key) < 0)
		i++;
	if ((rc = keep(l, &key, e)) || (rc = keep(l, &value, e)) ||
		(rc = prof_vec_reserve(&l->mem, &l->v, 1, e)))
		return rc;
	if (i == l->v.n || !prof_str_eq(l->v.v[i].key, key)) {
		memmove(l->v.v + i + 1, l->v.v + i, (l->v.n - i) * sizeof(*l->v.v));
		l->v.n++;
	}
	l->v.v[i] = (struct prof_entry_label){key, value};
	return 0;
}

struct group {
	struct prof_path_labels *l;
	struct prof_err *e;
};

static int take_group(void *ctx, const char *name, struct prof_str value)
{
	struct group *g = ctx;

	if (strcmp(name, "time") != 0)
		return value.len ? set(g->l, prof_str_of(name), value, g->e) : 0;
	if (prof_when_parse(value, &g->l->time_ns))
		return 0;
	return prof_fail(g->e, PROF_EUSAGE, PROF_NO_OFFSET,
		"the time \"%.*s\" in its path is none that prof knows",
		(int)(value.len < 60 ? value.len : 60), value.p);
}

int prof_path_labels_init(struct prof_path_labels *l, const char *const *fixed, size_t n,
	struct prof_regex *from, const char *path, struct prof_err *e)
{
	struct group g = {l, e};
	int rc;

	*l = (struct prof_path_labels){.mem = {.limit = SIZE_MAX / 2}};
	rc = prof_strtab_init(&l->strings, &l->mem, e);
	if (!rc && from)
		rc = prof_regex_groups(from, prof_str_of(path), &l->matched, take_group, &g, e);
	for (size_t i = 0; !rc && i < n; i++) {
		const char *eq = strchr(fixed[i], '=');

		if (!eq || eq == fixed[i])
			rc = prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET,
				"the label \"%.80s\" is not KEY=VALUE", fixed[i]);
		else
			rc = set(l, (struct prof_str){fixed[i], (uint32_t)(eq - fixed[i])},
				prof_str_of(eq + 1), e);
	}
	return rc;
}

void prof_path_labels_fini(struct prof_path_labels *l)
{
	prof_vec_fini(&l->mem, &l->v);
	prof_strtab_fini(&l->strings);
}
