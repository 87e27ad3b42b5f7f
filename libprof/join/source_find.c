#include "libprof/join/source_find.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libprof/analyse/source_trim.h"
#include "libprof/base/escape.h"

enum {
	MAX_PATH_BYTES = 4096,
	MAX_FILE_BYTES = 64 << 20,
	MAX_MOD_BYTES = 1 << 20,
	MAX_TAILS = 16,
};

/* Places under a directory where files may be; those that are not there are passed over. */
enum place { IN_DIR, IN_MOD, IN_VENDOR, IN_SRC, N_PLACES };

static const char *const places[N_PLACES] = {"", "pkg/mod/", "vendor/", "src/"};

/* Where else in a directory a file may be. */
struct tails {
	struct {
		enum place place;
		struct prof_str rest;
	} v[MAX_TAILS];
	size_t n;
	struct prof_str in_module; /* begins with a module's path; empty: does not */
};

static struct prof_str after(struct prof_str s, size_t n)
{
	return (struct prof_str){s.p + n, s.len - (uint32_t)n};
}

/* Where `what` begins in s, at or behind `from`; s.len: nowhere. */
static uint32_t find(struct prof_str s, uint32_t from, struct prof_str what)
{
	for (uint32_t i = from; what.len <= s.len && i <= s.len - what.len; i++) {
		const char *p = memchr(s.p + i, what.p[0], s.len - what.len - i + 1);

		if (!p)
			break;
		i = (uint32_t)(p - s.p);
		if (memcmp(p, what.p, what.len) == 0)
			return i;
	}
	return s.len;
}

/* What is behind the last "/WHAT/" in s, or behind "WHAT/" at its beginning. */
static bool cut_behind(struct prof_str *s, struct prof_str what)
{
	uint32_t last = s->len;

	for (uint32_t i = find(*s, 0, what); i < s->len; i = find(*s, i + 1, what))
		last = i;
	if (last < s->len)
		*s = after(*s, last + what.len);
	else if (prof_str_has_prefix(*s, what.p + 1))
		*s = after(*s, what.len - 1);
	else
		return false;
	return true;
}

static char *current_dir(struct prof_err *e)
{
	char *p = malloc(PATH_MAX);

	if (!p) {
		prof_nomem(e);
	} else if (!getcwd(p, PATH_MAX)) {
		prof_fail(e, PROF_EIO, PROF_NO_OFFSET, "could not stat current dir: %s",
			strerror(errno));
		free(p);
		p = NULL;
	}
	return p;
}

/* Go's filepath.Dir: false when there is nothing above. */
static bool to_parent(struct prof_str *dir)
{
	uint32_t n = dir->len;

	while (n && dir->p[n - 1] != '/')
		n--;
	if (!n) {
		if (prof_str_eq(*dir, PROF_STR(".")))
			return false;
		*dir = PROF_STR(".");
		return true;
	}
	while (n > 1 && dir->p[n - 1] == '/')
		n--;
	if (n == dir->len)
		return false;
	dir->len = n;
	return true;
}

/* Each directory of the list, then its parents; none twice. */
static int list_dirs(struct prof_source_find *f, struct prof_err *e)
{
	const char *dirs = prof_path_list(f->search);
	struct prof_str dir;
	int rc = 0;

	while (!rc && prof_path_list_next(&dirs, &dir)) {
		do {
			size_t i = 0;

			while (i < f->dirs.n && !prof_str_eq(f->dirs.v[i].path, dir))
				i++;
			if (i < f->dirs.n)
				break; /* as are all above it */
			rc = prof_vec_reserve(f->mem, &f->dirs, 1, e);
			if (!rc)
				f->dirs.v[f->dirs.n++] = (struct prof_source_dir){.path = dir};
		} while (!rc && to_parent(&dir));
	}
	return rc;
}

int prof_source_find_init(struct prof_source_find *f, struct prof_mem *mem, const char *source_path,
	const char *trim_path, struct prof_err *e)
{
	*f = (struct prof_source_find){.mem = mem,
		.trim_path = trim_path ? trim_path : "",
		.source_path = source_path ? source_path : ""};
	prof_arena_init(&f->arena, mem);
	prof_map64_init(&f->known, mem);
	prof_buf_init(&f->path, NULL, NULL);
	prof_buf_init(&f->version, NULL, NULL);
	prof_buf_init(&f->escape, NULL, NULL);
	if (!*f->source_path) {
		f->search = current_dir(e);
		return f->search ? list_dirs(f, e) : e->code;
	}
	f->search = malloc(strlen(source_path) + 1);
	if (!f->search)
		return prof_nomem(e);
	memcpy(f->search, source_path, strlen(source_path) + 1);
	return list_dirs(f, e);
}

void prof_source_find_fini(struct prof_source_find *f)
{
	if (!f->mem)
		return;
	for (size_t i = 0; i < f->texts.n; i++) {
		prof_mem_zfree(f->mem, f->texts.v[i].p, f->texts.v[i].size, 1);
		prof_vec_fini(f->mem, &f->texts.v[i].starts);
	}
	prof_vec_fini(f->mem, &f->texts);
	prof_vec_fini(f->mem, &f->dirs);
	prof_arena_fini(&f->arena);
	prof_map64_fini(&f->known);
	prof_buf_fini(&f->path);
	prof_buf_fini(&f->version);
	prof_buf_fini(&f->escape);
	free(f->search);
}

/* Opens a regular file: looked at before, because to open some devices is to do something, and
 * after. */
static int open_regular(const char *path, size_t cap, size_t *size)
{
	struct stat st;
	int fd;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return -1;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 0 &&
		(uint64_t)st.st_size <= cap) {
		*size = (size_t)st.st_size;
		return fd;
	}
	close(fd);
	return -1;
}

/* Reads what f->path names. Not found is no error. */
static int read_file(struct prof_source_find *f, size_t cap, struct prof_source_text *t,
	size_t *used, struct prof_err *e)
{
	size_t size, n = 0;
	int fd;

	prof_buf_char(&f->path, '\0');
	if (f->path.code)
		return prof_nomem(e);
	if (f->path.n > MAX_PATH_BYTES || strlen(f->path.p) + 1 != f->path.n)
		return 0;
	fd = open_regular(f->path.p, cap, &size);
	if (fd < 0)
		return 0;
	t->p = prof_mem_zalloc(f->mem, size, 1, e);
	t->size = size;
	while (t->p && n < size) {
		ssize_t k = read(fd, t->p + n, size - n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			break;
		n += (size_t)k;
	}
	close(fd);
	*used = n;
	t->found = t->p != NULL;
	return t->p ? 0 : e->code;
}

static int index_lines(
	struct prof_source_find *f, struct prof_source_text *t, size_t used, struct prof_err *e)
{
	size_t i = 0;
	int rc = 0;

	while (!rc && i < used) {
		const char *end = memchr(t->p + i, '\n', used - i);

		rc = prof_vec_reserve(f->mem, &t->starts, 2, e);
		if (!rc)
			t->starts.v[t->starts.n++] = i;
		i = end ? (size_t)(end - t->p) + 1 : used;
	}
	/* The end of the last line, as if a line began behind it. */
	if (!rc && used)
		t->starts.v[t->starts.n] = t->p[used - 1] == '\n' ? used : used + 1;
	return rc;
}

bool prof_source_text_line(const struct prof_source_text *t, int64_t line, struct prof_str *out)
{
	size_t start, end;

	if (line < 1 || (uint64_t)line > t->starts.n)
		return false;
	start = t->starts.v[line - 1];
	end = t->starts.v[line] - 1;
	if (end > start && t->p[end - 1] == '\r')
		end--;
	*out = (struct prof_str){t->p + start, (uint32_t)(end - start)};
	return true;
}

/* dir/prefix/rest into f->path; ".." at the front of rest undoes parts of dir, not of what dir
 * links to. */
static void join(
	struct prof_source_find *f, struct prof_str dir, const char *prefix, struct prof_str rest)
{
	f->path.n = 0;
	while (!*prefix && prof_str_has_prefix(rest, "../") && dir.len &&
		!prof_str_eq(prof_str_base(dir), PROF_STR("..")) &&
		!prof_str_eq(dir, PROF_STR("."))) {
		to_parent(&dir);
		rest = after(rest, 3);
	}
	prof_buf_put(&f->path, dir.p, dir.len);
	if (dir.len)
		prof_buf_char(&f->path, '/');
	prof_buf_str(&f->path, prefix);
	prof_buf_put(&f->path, rest.p, rest.len);
}

static void add_tail(struct tails *t, enum place place, struct prof_str rest)
{
	if (!rest.len || rest.p[0] == '/' || prof_str_has_prefix(rest, "../") || t->n == MAX_TAILS)
		return;
	t->v[t->n].place = place;
	t->v[t->n++].rest = rest;
}

/* "m/n@v1.2/x.go" without its version, and with the upper case letters of "M/n@V1.2" as the module
 * cache writes them.
 */
static void rewrite_version(struct prof_source_find *f, struct prof_str s, uint32_t at)
{
	uint32_t end = find(s, at, PROF_STR("/"));

	f->version.n = f->escape.n = 0;
	prof_buf_put(&f->version, s.p, at);
	prof_buf_put(&f->version, s.p + end, s.len - end);
	for (uint32_t i = 0; i < end; i++) {
		bool upper = s.p[i] >= 'A' && s.p[i] <= 'Z';

		if (upper)
			prof_buf_char(&f->escape, '!');
		prof_buf_char(&f->escape, upper ? (char)(s.p[i] - 'A' + 'a') : s.p[i]);
	}
	prof_buf_put(&f->escape, s.p + end, s.len - end);
}

static void add_versioned(
	struct prof_source_find *f, struct prof_str s, uint32_t at, struct tails *t)
{
	struct prof_str plain, escaped;
	uint32_t src = find(s, at, PROF_STR("/src/"));

	rewrite_version(f, s, at);
	plain = (struct prof_str){f->version.p, (uint32_t)f->version.n};
	escaped = (struct prof_str){f->escape.p, (uint32_t)f->escape.n};
	add_tail(t, IN_DIR, s);
	add_tail(t, IN_MOD, s);
	add_tail(t, IN_DIR, escaped);
	add_tail(t, IN_MOD, escaped);
	add_tail(t, IN_VENDOR, plain);
	add_tail(t, IN_SRC, plain);
	t->in_module = plain;
	/* A toolchain that go fetched holds the standard library. */
	if (prof_str_has_prefix(s, "golang.org/toolchain@") && src < s.len) {
		add_tail(t, IN_DIR, after(s, src + 5));
		add_tail(t, IN_SRC, after(s, src + 5));
	}
}

/* What pprof does not think of. */
static int guess_tails(
	struct prof_source_find *f, struct prof_str path, struct tails *t, struct prof_err *e)
{
	bool absolute = path.len && path.p[0] == '/';
	uint32_t src = find(path, 0, PROF_STR("/src/")), at;
	struct prof_str rest = path, vendored = path;

	*t = (struct tails){.n = 0};
	if (!cut_behind(&rest, PROF_STR("/pkg/mod/")) && absolute)
		rest = src < path.len ? after(path, src + 5) : PROF_STR("");
	at = find(rest, 0, PROF_STR("@"));
	if (at < rest.len) {
		add_versioned(f, rest, at, t);
	} else if (find(rest, 0, PROF_STR("/")) < rest.len) {
		add_tail(t, IN_DIR, rest);
		add_tail(t, IN_SRC, rest);
		add_tail(t, IN_VENDOR, rest);
		t->in_module = rest;
	}
	if (cut_behind(&vendored, PROF_STR("/vendor/")))
		add_tail(t, IN_VENDOR, vendored);
	return f->version.code || f->escape.code ? prof_nomem(e) : 0;
}

/* The path that a go.mod gives its module. */
static struct prof_str module_path(const char *p, size_t n)
{
	while (n) {
		const char *end = memchr(p, '\n', n);
		size_t len = end ? (size_t)(end - p) : n, from = 6, to;

		if (len > from && memcmp(p, "module", from) == 0 && strchr(" \t\"", p[from])) {
			while (from < len && strchr(" \t\"`", p[from]))
				from++;
			for (to = from; to < len && !strchr(" \t\"`\r", p[to]); to++)
				;
			return (struct prof_str){p + from, (uint32_t)(to - from)};
		}
		len = end ? len + 1 : n;
		p += len;
		n -= len;
	}
	return PROF_STR("");
}

/* What there is in a directory, asked once. */
static int learn(struct prof_source_find *f, struct prof_source_dir *dir, struct prof_err *e)
{
	struct prof_source_text text = {.found = false};
	struct stat st;
	size_t used = 0;
	int rc;

	for (int i = 0; i < N_PLACES; i++) {
		join(f, dir->path, places[i], PROF_STR("."));
		prof_buf_char(&f->path, '\0');
		if (f->path.code)
			return prof_nomem(e);
		if (stat(f->path.p, &st) == 0)
			dir->has |= 1u << i;
	}
	join(f, dir->path, "", PROF_STR("go.mod"));
	rc = read_file(f, MAX_MOD_BYTES, &text, &used, e);
	if (!rc && text.found) {
		dir->module = module_path(text.p, used);
		dir->module.p = prof_arena_dup(&f->arena, dir->module.p, dir->module.len, e);
		rc = dir->module.p ? 0 : e->code;
	}
	prof_mem_zfree(f->mem, text.p, text.size, 1);
	dir->known = true;
	return rc;
}

/* Whether a path begins with a module's, which is cut off. */
static bool cut_module(struct prof_str *path, struct prof_str module)
{
	return module.len && path->len > module.len && prof_path_cut_prefix(path, module);
}

/* One directory: pprof's own way (`t` NULL), or ours. */
static int look_in(struct prof_source_find *f, struct prof_source_dir *dir, struct prof_str path,
	const struct tails *t, struct prof_source_text *text, size_t *used, struct prof_err *e)
{
	int rc = 0;

	if (!t) {
		join(f, dir->path, "", path);
		return read_file(f, MAX_FILE_BYTES, text, used, e);
	}
	if (!dir->known)
		rc = learn(f, dir, e);
	for (size_t i = 0; !rc && !text->found && i < t->n; i++) {
		if (!(dir->has & 1u << t->v[i].place))
			continue;
		join(f, dir->path, places[t->v[i].place], t->v[i].rest);
		rc = read_file(f, MAX_FILE_BYTES, text, used, e);
	}
	path = t->in_module;
	if (rc || text->found || !cut_module(&path, dir->module))
		return rc;
	return look_in(f, dir, path, NULL, text, used, e);
}

static int look_everywhere(struct prof_source_find *f, struct prof_str path, const struct tails *t,
	struct prof_source_text *text, size_t *used, struct prof_err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && !text->found && i < f->dirs.n; i++)
		rc = look_in(f, &f->dirs.v[i], path, t, text, used, e);
	return rc;
}

static int look(struct prof_source_find *f, struct prof_str path, struct prof_source_text *text,
	size_t *used, struct prof_err *e)
{
	struct tails tails;
	int rc;

	if (path.len >= MAX_PATH_BYTES)
		return 0;
	path = prof_source_trim(path, f->trim_path, f->search);
	if (path.len && path.p[0] == '/') {
		join(f, PROF_STR(""), "", path);
		rc = read_file(f, MAX_FILE_BYTES, text, used, e);
	} else {
		rc = look_everywhere(f, path, NULL, text, used, e);
	}
	if (rc || text->found)
		return rc;
	rc = guess_tails(f, path, &tails, e);
	return rc ? rc : look_everywhere(f, path, &tails, text, used, e);
}

int prof_source_find(struct prof_source_find *f, uint32_t id, struct prof_str path,
	const struct prof_source_text **out, struct prof_err *e)
{
	uint32_t at = prof_map64_get(&f->known, id);
	struct prof_source_text *text;
	size_t used = 0;
	int rc;

	if (at == PROF_NONE) {
		at = (uint32_t)f->texts.n;
		if ((rc = prof_vec_reserve(f->mem, &f->texts, 1, e)) ||
			(rc = prof_map64_add(&f->known, id, at, e)))
			return rc;
		text = &f->texts.v[f->texts.n++];
		*text = (struct prof_source_text){.found = false};
		rc = look(f, path, text, &used, e);
		if (!rc)
			rc = index_lines(f, text, used, e);
		if (rc)
			return rc;
	}
	*out = &f->texts.v[at];
	return 0;
}

void prof_source_find_places(
	const struct prof_source_find *f, struct prof_str path, struct prof_buf *b)
{
	const char *dirs = prof_path_list(f->source_path);
	struct prof_str dir;
	bool any;

	path = prof_source_trim(path, f->trim_path, f->search);
	any = path.len && path.p[0] == '/';
	if (any)
		prof_buf_plain(b, path);
	if (!dirs)
		prof_buf_str(b, any ? ", ." : ".");
	while (prof_path_list_next(&dirs, &dir)) {
		prof_buf_str(b, any ? ", " : "");
		prof_buf_plain(b, dir.len ? dir : PROF_STR("."));
		any = true;
	}
}
