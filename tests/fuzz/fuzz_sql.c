/* SQL over any bytes: two arguments of functions, each ended by a zero byte, and a file. One that
 * is an SQLite file is asked as an archive, by all functions and views; of any other, functions
 * that read files make rows.
 *
 *	printf 'type=cpu\0samples\0' | cat - testdata/fuzz/store/archive-1
 *
 * A statement fails with an error, or gives rows that fit one another.
 */
#include <unistd.h>

#include "libprof/join/sql.h"
#include "tests/fuzz/archive_bytes.h"

enum { MEMORY = 64 << 20, MOST_ROWS = 300, STEP = 10000, MOST_STEPS = 100, LONGEST = 100 };

/* ?1 and ?2: the arguments. ?3: the path of the file. */
static const char *const of_archives[] = {"SELECT * FROM prof_samples(?1)",
	"SELECT sum(value), max(node), count(DISTINCT labels) FROM prof_samples(?1)",
	"SELECT k.* FROM prof_samples(?1) s, prof_stack(s.node) k",
	"SELECT k.* FROM prof_samples(?1) s, prof_stack(s.node, s.profile) k",
	"SELECT * FROM prof_stack(?1)", "SELECT * FROM prof_stack(?1, ?2)",
	"SELECT * FROM prof_functions", "SELECT * FROM prof_functions(?1)",
	"SELECT * FROM prof_functions WHERE service = ?2 ORDER BY name DESC",
	"SELECT * FROM prof_top(?1, ?2)", "SELECT name, cum FROM prof_top(?1) LIMIT 3",
	"SELECT * FROM prof_flame(?1, ?2)", "SELECT depth, count(*) FROM prof_flame(?1) GROUP BY 1",
	"SELECT * FROM prof_file(?3 || ':' || ?1)", "SELECT * FROM prof_gc(?3 || ':' || ?2)",
	"SELECT * FROM prof_diff(?1, ?2)", "SELECT * FROM prof_diff('all', ?1, ?2)",
	"SELECT p.id, t.* FROM profiles p, prof_top(p.id, ?2) t", "SELECT * FROM transitions",
	"SELECT * FROM transitions WHERE actor > 0 ORDER BY t_ns",
	"SELECT * FROM transitions WHERE goroutine = ?1 AND t_ns BETWEEN 1000 AND ?2",
	("SELECT * FROM goroutines g JOIN transitions t ON t.profile = g.profile "
	 "AND t.goroutine = g.id AND t.new = 'running' ORDER BY t.profile, t.t_ns"),
	("SELECT count(*) FROM transitions a JOIN transitions b ON b.profile = a.profile "
	 "AND b.actor = a.goroutine AND b.t_ns > a.t_ns"),
	("SELECT a.name FROM profile p JOIN prof_top a ON a.ids = p.id AND a.of_type = ?2 "
	 "JOIN prof_top(p.id) b USING(name)")};

/* A file may have a view of that name, which tells what somebody wants it to. */
#define UNLESS_ITS_OWN " AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE name LIKE 'transitions')"

/* What there is none of, whatever the archive. */
static const char *const of_none[] = {
	"SELECT 1 FROM prof_flame(?1, ?2) WHERE parent >= id OR (parent IS NULL) <> (depth = 0)",
	"SELECT 1 FROM prof_top(?1, ?2) GROUP BY 1 HAVING min(total) <> max(total)",
	"SELECT 1 FROM prof_samples(?1) WHERE profile IS NULL OR node IS NULL OR type IS NULL",
	"SELECT 1 FROM transitions WHERE (old IS NULL OR new IS NULL)" UNLESS_ITS_OWN,
	("SELECT 1 FROM (SELECT t_ns < lag(t_ns) OVER (PARTITION BY profile) AS before "
	 "FROM transitions) WHERE before" UNLESS_ITS_OWN),
	"SELECT 1 FROM prof_stack(?1) WHERE line IS NOT NULL OR address IS NOT NULL"};

static const char *const of_files[] = {"SELECT * FROM prof_file(?3)", "SELECT * FROM prof_gc(?3)",
	"SELECT * FROM prof_events(?3)",
	"SELECT event, count(stack) FROM prof_events(?3) GROUP BY 1",
	"SELECT * FROM prof_transitions(?3)",
	("SELECT a.*, b.* FROM prof_transitions(?3) a JOIN prof_goroutines(?3) b "
	 "ON a.goroutine = b.id"),
	"SELECT * FROM prof_goroutines(?3)"};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct input {
	sqlite3 *h;
	const char *args[2];
	const char *path;
	int steps; /* by STEP, of the statement under way */
};

static int give_up(void *ctx)
{
	return ++*(int *)ctx > MOST_STEPS;
}

/* Runs a statement, for no more than some rows and steps: how many rows. */
static int ask(struct input *x, const char *text)
{
	sqlite3_stmt *q = NULL;
	int rc, n = 0;

	x->steps = 0;
	rc = sqlite3_prepare_v2(x->h, text, -1, &q, NULL);
	if (rc == SQLITE_OK) {
		for (int i = 0; i < sqlite3_bind_parameter_count(q) && i < 2; i++)
			if (*x->args[i])
				sqlite3_bind_text(q, i + 1, x->args[i], -1, SQLITE_STATIC);
		sqlite3_bind_text(q, 3, x->path, -1, SQLITE_STATIC);
		while ((rc = sqlite3_step(q)) == SQLITE_ROW && n++ < MOST_ROWS)
			for (int i = 0; i < sqlite3_column_count(q); i++)
				must(sqlite3_column_text(q, i) || !sqlite3_column_bytes(q, i));
	}
	must(rc != SQLITE_MISUSE && rc != SQLITE_INTERNAL);
	must(rc == SQLITE_ROW || rc == SQLITE_DONE || *sqlite3_errmsg(x->h));
	sqlite3_finalize(q);
	return n;
}

/* Views are those of the file: what they say is what somebody else wrote. */
static void ask_views(struct input *x)
{
	sqlite3_stmt *q = NULL;
	char text[600];

	x->steps = 0;
	if (sqlite3_prepare_v2(x->h,
		    "SELECT name FROM sqlite_schema WHERE type = 'view' AND length(name) < 100", -1,
		    &q, NULL) != SQLITE_OK)
		return;
	for (int n = 0; n < 20 && sqlite3_step(q) == SQLITE_ROW; n++) {
		sqlite3_snprintf(
			sizeof(text), text, "SELECT * FROM \"%w\"", sqlite3_column_text(q, 0));
		ask(x, text);
	}
	sqlite3_finalize(q);
}

static char path[] = "/tmp/prof-fuzz-XXXXXX";

static void remove_file(void)
{
	unlink(path);
}

static void write_file(const uint8_t *data, size_t size)
{
	static int fd = -1;

	if (fd < 0) {
		must((fd = mkstemp(path)) >= 0);
		atexit(remove_file);
	}
	must(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
}

/* One of the arguments, which is at most so long. */
static const char *argument(const uint8_t **data, size_t *size)
{
	const char *s = (const char *)*data;
	const uint8_t *end = memchr(*data, 0, *size < LONGEST ? *size : LONGEST);

	if (!end)
		return "";
	*size -= (size_t)(end + 1 - *data);
	*data = end + 1;
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input x = {.path = path};
	struct prof_limits limits;
	struct prof_err e = {0};

	for (int i = 0; i < 2; i++)
		x.args[i] = is_archive(data, size) ? "" : argument(&data, &size);
	write_file(data, size);
	prof_limits_init(&limits);
	limits.memory_bytes = limits.inflated_bytes = MEMORY;
	if (is_archive(data, size))
		x.h = archive_of(data, size);
	else
		must(sqlite3_open(":memory:", &x.h) == SQLITE_OK);
	must(prof_sql_register(x.h, NULL, &limits, &e) == 0);
	sqlite3_progress_handler(x.h, STEP, give_up, &x.steps);
	if (is_archive(data, size)) {
		for (size_t i = 0; i < COUNT(of_archives); i++)
			ask(&x, of_archives[i]);
		for (size_t i = 0; i < COUNT(of_none); i++)
			must(ask(&x, of_none[i]) == 0);
		ask_views(&x);
	} else {
		for (size_t i = 0; i < COUNT(of_files); i++)
			ask(&x, of_files[i]);
	}
	must(sqlite3_close(x.h) == SQLITE_OK);
	return 0;
}
