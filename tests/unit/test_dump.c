/* Goroutine dumps of all versions become profiles and side tables. */
#include "tests/unit/unit.h"

#include "libprof/read/dump.h"
#include "libprof/read/dump_header.h"

static struct prof_text_line line_of(const char *s)
{
	return (struct prof_text_line){.p = s, .start = s, .end = s + strlen(s)};
}

static const struct {
	const char *line, *want; /* "id|status|minutes|bubble|flags"; NULL: no header */
} headers[] = {
	/* 1.5 to 1.21 */
	{"goroutine 1 [running]:", "1|running|0|0|0"},
	{"goroutine 20 [chan receive, 3 minutes]:", "20|chan receive|3|0|0"},
	{"goroutine 7 [syscall, 12 minutes, locked to thread]:", "7|syscall|12|0|8"},
	{"goroutine 6 [select (no cases)]:", "6|select (no cases)|0|0|0"},
	{"goroutine 6 [chan receive (nil chan), 1 minutes]:", "6|chan receive (nil chan)|1|0|0"},
	{"goroutine 6 [runnable (scan)]:", "6|runnable|0|0|2"},
	/* 1.22: GOTRACEBACK=system */
	{"goroutine 1 gp=0xc000002380 m=0 mp=0x5f8640 [running]:", "1|running|0|0|0"},
	{"goroutine 2 gp=0xc000002e00 m=nil [force gc (idle)]:", "2|force gc (idle)|0|0|0"},
	/* 1.24: synctest */
	{"goroutine 9 [chan receive (synctest), synctest group 3]:", "9|chan receive|0|3|4"},
	{"goroutine 9 [sleep, 2 minutes, synctest group 3]:", "9|sleep|2|3|0"},
	/* 1.25 */
	{"goroutine 9 [select (durable), synctest bubble 3]:", "9|select|0|3|4"},
	{"goroutine 9 [sleep (durable), 5 minutes, locked to thread, synctest bubble 4]:",
		"9|sleep|5|4|12"},
	/* 1.26: leaks, labels inside */
	{"goroutine 9 [chan send (leaked)]:", "9|chan send|0|0|1"},
	{"goroutine 9 [chan send (leaked) (scan), 7 minutes]:", "9|chan send|7|0|3"},
	{"goroutine 9 [sleep labels:{\"k\": \"v\"}]:", "9|sleep|0|0|0|k=v"},
	{"goroutine 9 [select, 4 minutes labels:{\"a b\": \"]}:\\\"\", \"c\": \"\\u20ac\"}]:",
		"9|select|4|0|0|a b=]}:\"|c=\xe2\x82\xac"},
	/* 1.27: labels behind */
	{"goroutine 9 [sleep] {k: v}:", "9|sleep|0|0|0|k=v"},
	{"goroutine 9 gp=0x1 m=nil [sleep, 2 minutes] {route: /order, tenant: \"a b\\\"]: \"}:",
		"9|sleep|2|0|0|route=/order|tenant=a b\"]: "},
	{"goroutine 9 [sleep] {: , \"a, b\": \"\"}:", "9|sleep|0|0|0|=|a, b="},
	/* in a log */
	{"Nov 20 15:48:01 host app[1]: goroutine 1 [running]:", "1|running|0|0|0"},
	{"goroutine 1 [running]:  ", "1|running|0|0|0"},
	/* not one */
	{"goroutine 1 [running]", NULL},
	{"goroutine x [running]:", NULL},
	{"goroutine 1 []:", NULL},
	{"goroutine 1 [running", NULL},
	{"goroutine 1 [sleep labels:{\"k]:", NULL},
	{"goroutine 99999999999999999999 [running]:", NULL},
	{"[originating from goroutine 1]:", NULL},
	{"created by main.main in goroutine 1", NULL},
	{"goroutine profile: total 3", NULL},
	{"", NULL},
};

static void header_forms(void **state)
{
	struct prof_mem mem = {.limit = 1 << 20};
	struct prof_dump_chars chars = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		struct prof_text_line l = line_of(headers[i].line);
		struct prof_dump_header h;
		struct prof_str k, v;
		struct prof_buf b;

		if (!headers[i].want) {
			if (prof_dump_header(&l, &h))
				fail_msg("%s: taken for a header", headers[i].line);
			continue;
		}
		if (!prof_dump_header(&l, &h))
			fail_msg("%s: not taken for a header", headers[i].line);
		prof_buf_init(&b, NULL, NULL);
		prof_buf_printf(&b, "%llu|%.*s|%d|%u|%u", (unsigned long long)h.id,
			(int)h.status.len, h.status.p, h.minutes, h.bubble, h.flags);
		while (h.labels.p && prof_dump_label(&h.labels, &mem, &chars, &k, &v, NULL) > 0)
			prof_buf_printf(&b, "|%.*s=%.*s", (int)k.len, k.p, (int)v.len, v.p);
		assert_buf(&b, headers[i].want);
		prof_buf_fini(&b);
	}
	prof_vec_fini(&mem, &chars.v);
}

/* A dump's goroutines, a line each: "id state wait creator@line<creator id [elided] leaf<caller".
 */
static void put_goroutine(
	struct prof_buf *b, const struct prof_goroutines *s, const struct prof_goroutine *g)
{
	const struct prof_profile *p = s->p;
	uint32_t set = p->sample_labels.v[g->sample], stack = p->sample_stack.v[g->sample];

	prof_buf_printf(b, "%llu", (unsigned long long)g->id);
	for (uint32_t i = p->label_start.v[set]; i < p->label_start.v[set + 1]; i++) {
		const struct prof_label *l = &p->labels.v[i];

		if (l->is_str)
			prof_buf_printf(b, " %s", prof_profile_str(p, l->str).p);
		else
			prof_buf_printf(b, " %lldm", (long long)(l->num / 60000000000));
	}
	if (g->created_at != PROF_NONE)
		prof_buf_printf(b, "@%lld",
			(long long)p->lines.v[p->locations.v[g->created_at].first_line].line);
	if (g->creator)
		prof_buf_printf(b, "<%llu", (unsigned long long)g->creator);
	if (g->elided)
		prof_buf_printf(b, " [%d]", g->elided);
	for (uint32_t i = p->stack_start.v[stack]; i < p->stack_start.v[stack + 1]; i++) {
		const struct prof_location *l = &p->locations.v[p->stack_loc.v[i]];

		for (uint32_t k = l->first_line; k < l->first_line + l->n_lines; k++) {
			const struct prof_function *f = &p->functions.v[p->lines.v[k].function];

			prof_buf_printf(b, "%s%s:%lld", k > l->first_line ? "<" : " ",
				prof_profile_str(p, f->name).p, (long long)p->lines.v[k].line);
		}
	}
	prof_buf_char(b, '\n');
}

static void put_dumps(struct prof_buf *b, const char *text, size_t n)
{
	struct prof_dump_reader *d;
	struct prof_goroutines *s;
	struct prof_err e = {0};
	struct prof_input in;
	int rc;

	assert_ok(prof_input_memory(&in, text, n, NULL, &e), &e);
	assert_ok(prof_dump_reader_new(&in, &d, &e), &e);
	while ((rc = prof_dump_next(d, &s, &e)) > 0) {
		assert_null(prof_profile_check(s->p));
		prof_buf_str(b, "dump");
		prof_buf_str(b, s->asleep ? " asleep" : "");
		for (size_t i = 0; i < s->p->comments.n; i++)
			prof_buf_printf(b, " (%s)", prof_profile_str(s->p, s->p->comments.v[i]).p);
		if (s->p->damage)
			prof_buf_printf(b, " !%s", prof_profile_damage(s->p));
		prof_buf_char(b, '\n');
		for (size_t i = 0; i < s->g.n; i++)
			put_goroutine(b, s, &s->g.v[i]);
		prof_goroutines_free(s);
	}
	assert_int_equal(rc, 0);
	prof_dump_reader_free(d);
	prof_input_close(&in);
}

static void is(const char *text, const char *want)
{
	struct prof_buf b;

	prof_buf_init(&b, NULL, NULL);
	put_dumps(&b, text, strlen(text));
	assert_buf(&b, want);
	prof_buf_fini(&b);
}

static void frames(void **state)
{
	(void)state;
	is("goroutine 20 [chan receive, 3 minutes]:\n"
	   "main.(*pool).worker(0x0?)\n\tshop/main.go:88 +0x77\n"
	   "created by main.main in goroutine 1\n\tshop/main.go:99 +0xda\n",
		"dump\n20 chan receive 3m main.main@99<1 main.(*pool).worker:88\n");
	/* up to 1.20 the creator has no goroutine; the main goroutine has no creator */
	is("goroutine 1 [sleep]:\ntime.Sleep(0x3b9aca00)\n\truntime/time.go:195 +0x135\n"
	   "main.main()\n\t/a b/x.go:12 +0x25\n\n"
	   "goroutine 5 [select]:\nmain.f[...](0x1, {0x2, 0x3})\n\tC:/x.go:7 +0x1\n"
	   "created by main.main\n\tC:/x.go:3 +0x2\n",
		"dump\n1 sleep time.Sleep:195 main.main:12\n"
		"5 select main.main@3 main.f[...]:7\n");
	/* inlined frames join the frame that they are in; panics have their name */
	is("goroutine 1 [running]:\npanic({0x1, 0x2})\n\tpanic.go:1 +0x1\n"
	   "main.g(...)\n\tx.go:5\nmain.h(...)\n\tx.go:6\nmain.main()\n\tx.go:7 +0x1d\n",
		"dump\n1 running runtime.gopanic:1 main.g:5<main.h:6<main.main:7\n");
	/* semacquire says who waits only by its frames */
	is("goroutine 4 [semacquire]:\nsync.runtime_Semacquire(0x1)\n\tsema.go:1 +0x1\n"
	   "sync.(*WaitGroup).Wait(0x1)\n\twaitgroup.go:2 +0x1\n\n"
	   "goroutine 5 [semacquire]:\nsync.runtime_SemacquireMutex(0x1)\n\tsema.go:1 +0x1\n"
	   "sync.(*Mutex).lockSlow(0x1)\n\tmutex.go:3 +0x1\n\n",
		"dump\n4 sync.WaitGroup.Wait sync.runtime_Semacquire:1 "
		"sync.(*WaitGroup).Wait:2\n"
		"5 sync.Mutex.Lock sync.runtime_SemacquireMutex:1 sync.(*Mutex).lockSlow:3\n");
	is("goroutine 4 [chan receive]:\nmain.f()\n\tx.go:1 +0x1\n...56 frames elided...\n"
	   "main.g()\n\tx.go:2 +0x1\n\ngoroutine 5 [chan receive]:\nmain.f()\n\tx.go:1 +0x1\n"
	   "...additional frames elided...\ncreated by main.g\n\tx.go:3 +0x1\n",
		"dump\n4 chan receive [56] main.f:1 main.g:2\n"
		"5 chan receive main.g@3 [-1] main.f:1\n");
	/* C, and ancestors, whose frames are not this one's */
	is("goroutine 4 [syscall]:\nnon-Go function\n\tx.c:3 pc=0x12\n"
	   "main.f()\n\tx.go:1 +0x1\ncreated by main.g\n\tx.go:3 +0x1\n"
	   "[originating from goroutine 1]:\nmain.main(...)\n\tx.go:9 +0x1\n\nbye\n",
		"dump\n4 syscall main.g@3 non-Go function:3 main.f:1\n");
	is("goroutine 0 [idle]:\nruntime.futex()\n\tx.s:1 +0x1\n\ngoroutine 7 [runnable]:\n"
	   "\tgoroutine running on other thread; stack unavailable\n"
	   "created by main.g in goroutine 1\n\tx.go:3 +0x1\nexit status 2\n",
		"dump\n7 runnable main.g@3<1\n");
}

static void several_dumps(void **state)
{
	(void)state;
	is("start\ngoroutine 1 [running]:\nmain.f()\n\tx.go:1 +0x1\n\nlog line\n"
	   "goroutine 1 [running]:\nmain.f()\n\tx.go:2 +0x1\n\n"
	   "goroutine 2 [select]:\nmain.f()\n\tx.go:2 +0x1\n",
		"dump\n1 running main.f:1\ndump\n1 running main.f:2\n2 select main.f:2\n");
	is("fatal error: all goroutines are asleep - deadlock!\n\n"
	   "goroutine 1 [chan receive]:\nmain.main()\n\tx.go:1 +0x1\nexit status 2\n"
	   "panic: again\n\ngoroutine 8 [running]:\nmain.f()\n\tx.go:2 +0x1\n",
		"dump asleep (fatal error: all goroutines are asleep - deadlock!)\n"
		"1 chan receive main.main:1\n"
		"dump (panic: again)\n8 running main.f:2\n");
	/* GOTRACEBACK=crash: the second time it has a stack */
	is("SIGQUIT: quit\nPC=0x1 m=0 sigcode=0\n\ngoroutine 5 [running]:\n"
	   "\tgoroutine running on other thread; stack unavailable\n"
	   "created by main.g in goroutine 1\n\tx.go:3 +0x1\n\n-----\n\nSIGQUIT: quit\n"
	   "PC=0x1 m=2 sigcode=0\n\ngoroutine 5 gp=0x1 m=2 mp=0x3 [running]:\n"
	   "main.f()\n\tx.go:2 +0x1 fp=0x300 sp=0x200 pc=0x1\n"
	   "created by main.g in goroutine 1\n\tx.go:3 +0x1\n",
		"dump (SIGQUIT: quit)\n5 running main.g@3<1 main.f:2\n");
}

static void what_is_cut_is_told(void **state)
{
	static const char text[] = "goroutine 4 [select]:\nmain.f()\n\tx.go:1 +0x1\n"
				   "created by main.g\n\tx.go:3 +0x1\n\n"
				   "goroutine 5 [select]:\nmain.f()\n\tx.go:1 +0x1\n"
				   "created by main.g\n\tx.go:3 +0x1\n";
	size_t whole = (size_t)(strstr(text, "goroutine 5") - text);

	(void)state;
	for (size_t n = whole; n <= sizeof(text) - 1; n++) {
		struct prof_buf b;
		bool two, told;

		prof_buf_init(&b, NULL, NULL);
		put_dumps(&b, text, n);
		prof_buf_char(&b, 0);
		two = strstr(b.p, "\n5 ") != NULL;
		told = strstr(b.p, "!ends inside goroutine 5") != NULL;
		/* cut within the header it is no goroutine yet */
		assert_true(strstr(b.p, "\n4 select main.g@3 main.f:1\n") != NULL);
		if (n >= whole + strlen("goroutine 5 [select]:"))
			assert_true(two != told);
		prof_buf_fini(&b);
	}
	is("goroutine 4 [select]:\nmain.f()\nmain.g()\n\tx.go:1 +0x1\n\n",
		"dump !lacks the place of 1 frames, the first at offset 31\n"
		"4 select main.g:1\n");
}

/* The same goroutine in every wrapping that logs have. */
static void logs(void **state)
{
	static const char want[] = "dump\n5 select main.g@3 main.f:1\n";

	(void)state;
	is("Nov  1 15:48:01 host app[71]: goroutine 5 [select]:\n"
	   "Nov  1 15:48:01 host app[71]: main.f()\nNov  1 15:48:02 host app[71]: \tx.go:1 +0x1\n"
	   "Nov 10 15:48:02 host other[8]: noise (x)\n"
	   "Nov 10 15:48:02 host app[71]: created by main.g\n"
	   "Nov 10 15:48:02 host app[71]: \tx.go:3 +0x1\nNov 10 15:48:02 host app[71]:\n",
		want);
	is("Nov  1 15:48:01 host app[71]: goroutine 5 [select]:\n"
	   "Nov  1 15:48:01 host app[71]: main.f()\nNov  1 15:48:02 host app[71]: #011x.go:1 +0x1\n"
	   "Nov 10 15:48:02 host app[71]: created by main.g\n"
	   "Nov 10 15:48:02 host app[71]: #011x.go:3 +0x1\n",
		want);
	is("2026-11-20T15:48:01.123456Z stderr F goroutine 5 [select]:\n"
	   "2026-11-20T15:48:01.1234Z stderr F main.f()\n"
	   "2026-11-20T15:48:01.12Z stderr F \tx.go:1 +0x1\n"
	   "2026-11-20T15:48:01Z stderr F created by main.g\n"
	   "2026-11-20T15:48:01.5Z stderr F \tx.go:3 +0x1\n",
		want);
	is("app_1  | goroutine 5 [select]:\napp_1  | main.f()\napp_1  | \tx.go:1 +0x1\n"
	   "app_1  | created by main.g\napp_1  | \tx.go:3 +0x1\n",
		want);
	/* package log: only the first line has it */
	is("2026/11/20 15:48:01 goroutine 5 [select]:\nmain.f()\n\tx.go:1 +0x1\n"
	   "created by main.g\n\tx.go:3 +0x1\n",
		want);
	is("    goroutine 5 [select]:\n    main.f()\n    \tx.go:1 +0x1\n"
	   "    created by main.g\n    \tx.go:3 +0x1\n",
		want);
	is("goroutine 5 [select]:\r\nmain.f()\r\n\tx.go:1 +0x1\r\n"
	   "created by main.g\r\n\tx.go:3 +0x1\r\n",
		want);
	is("{\"log\":\"goroutine 5 [select]:\\n\",\"stream\":\"stderr\"}\n"
	   "{\"log\":\"main.f()\\n\",\"stream\":\"stderr\"}\n"
	   "{\"log\":\"\\tx.go:1 +0x1\\n\",\"stream\":\"stderr\"}\n"
	   "{\"log\":\"created by main.g\\n\",\"stream\":\"stderr\"}\n"
	   "{\"log\":\"\\tx.go:3 +0x1\\n\",\"stream\":\"stderr\"}\n",
		want);
	is("{\"level\":\"error\",\"stack\":\"goroutine 5 [select]:\\nmain.f()\\n\\tx.go:1 +0x1\\n"
	   "created by main.g\\n\\tx.go:3 +0x1\\n\",\"n\":1}\n{\"level\":\"info\"}\n",
		want);
}

static void arguments_stay_beside(void **state)
{
	static const char text[] = "goroutine 5 [select]:\nmain.a(...)\n\tx.go:1\n"
				   "main.f(0x1, {0x2, 0x3?})\n\tx.go:2 +0x1\nmain.g()\n"
				   "\tx.go:1 +0x1 fp=0x300 sp=0x200 pc=0x1\n\n";
	struct prof_dump_reader *d;
	struct prof_goroutines *s;
	struct prof_err e = {0};
	struct prof_input in;

	(void)state;
	assert_ok(prof_input_memory(&in, text, sizeof(text) - 1, NULL, &e), &e);
	assert_ok(prof_dump_reader_new(&in, &d, &e), &e);
	assert_int_equal(prof_dump_next(d, &s, &e), 1);
	assert_int_equal(s->g.v[0].n_args, 19);
	assert_memory_equal(s->args.v, "\n0x1, {0x2, 0x3?}\n\n", 19);
	assert_int_equal(s->g.v[0].stack_bytes, 0x100);
	prof_goroutines_free(s);
	prof_dump_reader_free(d);
	prof_input_close(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_forms),
		cmocka_unit_test(frames),
		cmocka_unit_test(several_dumps),
		cmocka_unit_test(what_is_cut_is_told),
		cmocka_unit_test(logs),
		cmocka_unit_test(arguments_stay_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
