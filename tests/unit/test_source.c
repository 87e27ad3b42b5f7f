#include "tests/unit/unit.h"
#include "tests/unit/wire.h"

#include <fcntl.h>
#include <unistd.h>

#include "libprof/read/sniff.h"

static const char *file_with(const void *p, size_t n)
{
	static char path[64];
	int fd;

	strcpy(path, "/tmp/prof-test-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	close(fd);
	return path;
}

static void memory_is_handed_out_in_order(void **state)
{
	struct prof_source s;
	struct prof_err e = {0};
	char buf[8];
	size_t got;

	(void)state;
	prof_source_memory(&s, "0123456789", 10);
	assert_ok(prof_source_read(&s, buf, 8, &got, &e), &e);
	assert_int_equal(got, 8);
	assert_memory_equal(buf, "01234567", 8);
	assert_ok(prof_source_read(&s, buf, 8, &got, &e), &e);
	assert_int_equal(got, 2);
	assert_memory_equal(buf, "89", 2);
	assert_int_equal(s.offset, 10);
	assert_ok(prof_source_read(&s, buf, 8, &got, &e), &e);
	assert_int_equal(got, 0);
	prof_source_close(&s);
}

static void files_likewise(void **state)
{
	struct prof_source s;
	struct prof_err e = {0};
	const char *path = file_with("0123456789", 10);
	char buf[8];
	size_t got;

	(void)state;
	assert_ok(prof_source_open(&s, path, &e), &e);
	unlink(path);
	assert_ok(prof_source_read(&s, buf, 8, &got, &e), &e);
	assert_int_equal(got, 8);
	assert_ok(prof_source_read(&s, buf, 8, &got, &e), &e);
	assert_int_equal(got, 2);
	assert_memory_equal(buf, "89", 2);
	assert_ok(prof_source_read(&s, buf, 8, &got, &e), &e);
	assert_int_equal(got, 0);
	prof_source_close(&s);
	prof_source_close(&s);
}

static void what_cannot_be_opened(void **state)
{
	struct prof_source s;
	struct prof_err e = {0};

	(void)state;
	assert_int_equal(prof_source_open(&s, "/nonexistent/x", &e), PROF_EIO);
	assert_error(&e, PROF_EIO, PROF_NO_OFFSET, "No such file or directory");
	e = (struct prof_err){0};
	assert_int_equal(prof_source_open(&s, "/tmp", &e), PROF_EIO);
	assert_error(&e, PROF_EIO, PROF_NO_OFFSET, "is a directory");
}

static void what_cannot_be_read(void **state)
{
	struct prof_source s;
	struct prof_err e = {0};
	char buf[8];
	size_t got;

	(void)state;
	assert_ok(prof_source_open(&s, "/dev/null", &e), &e);
	close(s.fd);
	s.offset = 33;
	assert_int_equal(prof_source_read(&s, buf, 8, &got, &e), PROF_EIO);
	assert_error(&e, PROF_EIO, 33, "Bad file descriptor");
}

/* A pipe gives a byte at a time; standard input is the path "-". */
static void standard_input_in_small_pieces(void **state)
{
	struct prof_err e = {0};
	struct prof_profile *p = NULL;
	struct wire plain = {0}, gz = {0};
	const struct wire *inputs[] = {&plain, &gz};
	int old = dup(STDIN_FILENO);

	(void)state;
	wire_profile(&plain, &wire_example);
	wire_gz(&gz, plain.p, plain.n);
	for (size_t i = 0; i < 2; i++) {
		int fds[2];

		assert_int_equal(pipe(fds), 0);
		if (fork() == 0) {
			close(fds[0]);
			for (size_t k = 0; k < inputs[i]->n; k++)
				if (write(fds[1], inputs[i]->p + k, 1) != 1)
					break;
			_exit(0);
		}
		close(fds[1]);
		dup2(fds[0], STDIN_FILENO);
		close(fds[0]);
		assert_ok(prof_profile_open("-", NULL, &p, &e), &e);
		assert_int_equal(prof_profile_time(p), wire_example.time_ns);
		prof_profile_free(p);
	}
	dup2(old, STDIN_FILENO);
	close(old);
	wire_free(&plain);
	wire_free(&gz);
}

static const struct {
	const char *bytes;
	size_t n;
	enum prof_kind kind;
} kinds[] = {
	{"", 0, PROF_KIND_EMPTY},
	{"\x0a\x04\x08\x01\x10\x02", 6, PROF_KIND_PPROF},
	{"\x12\x02\x0a\x00", 4, PROF_KIND_PPROF},
	{"\x32\x00", 2, PROF_KIND_PPROF},
	{"\x6a\x01\x00", 3, PROF_KIND_PPROF}, /* comments, packed */
	{"\x68\x00", 2, PROF_KIND_PPROF}, /* and not */
	{"\x78\x00", 2, PROF_KIND_PPROF},
	{"\x48\x80\x01", 3, PROF_KIND_PPROF},
	{"\x08\x00", 2, PROF_KIND_UNKNOWN}, /* sample_type is no number */
	{"\x4a\x00", 2, PROF_KIND_UNKNOWN}, /* time_nanos no message */
	{"\x80\x01\x00", 3, PROF_KIND_UNKNOWN},
	{"\x00\x01", 2, PROF_KIND_UNKNOWN},
	{"\x1f", 1, PROF_KIND_UNKNOWN},
	{"hello, world\n", 13, PROF_KIND_UNKNOWN},
	{"goroutine profile: total 5\n", 27, PROF_KIND_TEXT_PROFILE},
	{"heap profile: 1: 2 [3: 4] @ heap/1048576\n", 41, PROF_KIND_TEXT_PROFILE},
	{"--- contention:\ncycles/second=1\n", 32, PROF_KIND_TEXT_PROFILE},
	{"--- mutex:\ncycles/second=1\n", 27, PROF_KIND_TEXT_PROFILE},
	{"goroutine 1 [running]:\nmain.main()\n", 35, PROF_KIND_GOROUTINES},
	{"panic: x\n\ngoroutine 1 [running]:\n", 33, PROF_KIND_GOROUTINES},
	{"go 1.22 trace\0\0\0", 16, PROF_KIND_TRACE},
	{"go 1.27 trace\0\0\0", 16, PROF_KIND_TRACE},
	{"go 1.27 was fine, this is no trace", 34, PROF_KIND_UNKNOWN},
	{"gc 1 @0.012s 2%: 0.1+0.2+0.3 ms clock, ", 39, PROF_KIND_GODEBUG_LOG},
	{"SCHED 0ms: gomaxprocs=2\n", 24, PROF_KIND_GODEBUG_LOG},
	{"\177ELF\x02\x01\x01", 7, PROF_KIND_BINARY},
	{"MZ\x90\x00", 4, PROF_KIND_BINARY},
	{"\xcf\xfa\xed\xfe\x07", 5, PROF_KIND_BINARY},
	{"SQLite format 3\0", 16, PROF_KIND_SQLITE},
};

static void kinds_by_content(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		for (int gz = 0; gz < 2; gz++) {
			struct prof_err e = {0};
			struct prof_input in;
			enum prof_kind kind = PROF_KIND_UNKNOWN;
			struct wire w = {0};

			if (gz)
				wire_gz(&w, kinds[i].bytes, kinds[i].n);
			else
				wire_raw(&w, kinds[i].bytes, kinds[i].n);
			assert_ok(prof_input_memory(&in, w.p, w.n, NULL, &e), &e);
			assert_int_equal(in.gzipped, gz);
			assert_ok(prof_sniff(&in, &kind, &e), &e);
			if (kind != kinds[i].kind)
				fail_msg("row %zu is %s", i, prof_kind_name(kind));
			assert_int_equal(prof_input_offset(&in), 0);
			prof_input_close(&in);
			wire_free(&w);
		}
	}
	for (int k = PROF_KIND_UNKNOWN; k <= PROF_KIND_SQLITE; k++)
		assert_non_null(prof_kind_name((enum prof_kind)k));
}

static void only_profiles_are_read_as_profiles(void **state)
{
	struct prof_err e = {0};
	struct prof_profile *p = NULL;

	(void)state;
	assert_int_equal(prof_profile_read("", 0, NULL, &p, &e), PROF_EFORMAT);
	assert_error(&e, PROF_EFORMAT, PROF_NO_OFFSET, "is empty");
	e = (struct prof_err){0};
	assert_int_equal(
		prof_profile_read("goroutine 1 [running]\n", 22, NULL, &p, &e), PROF_EFORMAT);
	assert_memory_equal(e.msg, "not a profile", 13);
	e = (struct prof_err){0};
	assert_int_equal(prof_profile_open("/dev/null", NULL, &p, &e), PROF_EFORMAT);
	assert_error(&e, PROF_EFORMAT, PROF_NO_OFFSET, "is empty");
	e = (struct prof_err){0};
	assert_int_equal(prof_profile_open("/nonexistent", NULL, &p, &e), PROF_EIO);
	assert_int_equal(prof_profile_read("\x32\x01", 2, NULL, &p, NULL), PROF_EFORMAT);
	assert_null(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_handed_out_in_order),
		cmocka_unit_test(files_likewise),
		cmocka_unit_test(what_cannot_be_opened),
		cmocka_unit_test(what_cannot_be_read),
		cmocka_unit_test(standard_input_in_small_pieces),
		cmocka_unit_test(kinds_by_content),
		cmocka_unit_test(only_profiles_are_read_as_profiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
