#include "tests/unit/unit.h"

#include "libprof/model/graph.h"
#include "libprof/model/report.h"

static void a_report_keeps_copies(void **state)
{
	struct prof_err e = {0};
	struct prof_report *r = prof_report_new("test/1", &e);
	char text[] = "text";
	struct prof_cell row[3] = {
		prof_cell_int(-1), prof_cell_str(prof_str_of(text)), PROF_NULL_CELL};

	(void)state;
	assert_non_null(r);
	r->n_columns = 3;
	assert_ok(prof_report_field(r, "field", prof_cell_str(prof_str_of(text)), &e), &e);
	for (int i = 0; i < 100; i++)
		assert_ok(prof_report_row(r, row, &e), &e);
	memset(text, '!', 4);
	assert_str(r->fields.v[0].value.s, "text");
	assert_string_equal(r->fields.v[0].key, "field");
	assert_int_equal(r->n_rows, 100);
	assert_int_equal(r->cells.n, 300);
	for (size_t i = 0; i < 300; i += 3) {
		assert_int_equal(r->cells.v[i].i, -1);
		assert_str(r->cells.v[i + 1].s, "text");
		assert_int_equal(r->cells.v[i + 2].kind, PROF_CELL_NULL);
	}
	prof_report_free(r);
	prof_report_free(NULL);
}

static void cells_know_their_kind(void **state)
{
	(void)state;
	assert_int_equal(prof_cell_bool(true).kind, PROF_CELL_BOOL);
	assert_true(prof_cell_bool(true).b);
	assert_int_equal(prof_cell_uint(UINT64_MAX).kind, PROF_CELL_UINT);
	assert_true(prof_cell_uint(UINT64_MAX).u == UINT64_MAX);
	assert_int_equal(prof_cell_real(0.5).kind, PROF_CELL_REAL);
	assert_true(prof_cell_real(0.5).f == 0.5);
	assert_int_equal(prof_cell_int(INT64_MIN).kind, PROF_CELL_INT);
	assert_int_equal(PROF_NULL_CELL.kind, 0); /* an array of zeros is one of nulls */
}

static void lines_are_taken_from_the_buffer(void **state)
{
	struct prof_err e = {0};
	struct prof_report *r = prof_report_new("test/1", &e);
	struct prof_buf b;

	(void)state;
	prof_buf_init(&b, NULL, NULL);
	assert_ok(prof_report_head(r, &b, &e), &e); /* an empty line */
	for (int i = 0; i < 50; i++) {
		prof_buf_printf(&b, "line %d", i);
		assert_ok(prof_report_head(r, &b, &e), &e);
		assert_int_equal(b.n, 0);
	}
	prof_buf_str(&b, "foot");
	assert_ok(prof_report_foot(r, &b, &e), &e);
	assert_int_equal(r->head.n, 51);
	assert_str(r->head.v[0], "");
	assert_str(r->head.v[50], "line 49");
	assert_int_equal(r->foot.n, 1);
	assert_str(r->foot.v[0], "foot");
	b.code = PROF_ENOMEM;
	assert_int_equal(prof_report_foot(r, &b, &e), PROF_ENOMEM);
	assert_int_equal(r->foot.n, 1);
	prof_buf_fini(&b);
	prof_report_free(r);
}

enum { NAME = 1, FILE_GO, OBJECT, SLASH };

static const struct {
	struct prof_node_info info;
	const char *name;
} names[] = {
	{{0}, "<unknown>"},
	{{.name = NAME}, "main.f"},
	{{.file = FILE_GO}, "/src/f.go"},
	{{.object = OBJECT}, "[libc.so]"},
	{{.object = SLASH}, "[/]"},
	{{.name = NAME, .object = OBJECT}, "main.f"},
	{{.name = NAME, .file = FILE_GO}, "main.f /src/f.go"},
	{{.name = NAME, .file = FILE_GO, .line = 7}, "main.f /src/f.go:7"},
	{{.name = NAME, .file = FILE_GO, .line = 7, .column = 3}, "main.f /src/f.go:7:3"},
	{{.name = NAME, .file = FILE_GO, .column = 3}, "main.f /src/f.go"},
	{{.name = NAME, .line = -7}, "main.f :-7"},
	{{.name = NAME, .address = 0x4a0}, "00000000000004a0 main.f"},
	{{.address = UINT64_MAX}, "ffffffffffffffff <unknown>"},
	{{.address = 1, .object = OBJECT}, "0000000000000001 [libc.so]"},
	{{.name = NAME, .address = 1, .file = FILE_GO, .line = 2},
		"0000000000000001 main.f /src/f.go:2"},
	{{.name = NAME, .start_line = 9}, "main.f"},
};

static void nodes_have_pprofs_names(void **state)
{
	struct prof_limits limits;
	struct prof_err e = {0};
	struct prof_graph g = {0};
	struct prof_profile *p;
	struct prof_buf b;
	uint32_t id;

	(void)state;
	prof_limits_init(&limits);
	p = prof_profile_new(&limits, &e);
	assert_ok(prof_strtab_add(&p->strings, "main.f", 6, &id, &e), &e);
	assert_ok(prof_strtab_add(&p->strings, "/src/f.go", 9, &id, &e), &e);
	assert_ok(prof_strtab_add(&p->strings, "/lib/libc.so", 12, &id, &e), &e);
	assert_ok(prof_strtab_add(&p->strings, "/", 1, &id, &e), &e);
	g = (struct prof_graph){.profile = p, .mem = &p->mem};
	assert_ok(prof_vec_reserve(&p->mem, &g.nodes, COUNT(names), &e), &e);
	prof_buf_init(&b, NULL, NULL);
	for (uint32_t i = 0; i < COUNT(names); i++) {
		g.nodes.v[g.nodes.n++] = names[i].info;
		prof_node_name(&g, i, &b);
		assert_buf(&b, names[i].name);
	}
	prof_buf_str(&b, "kept: ");
	prof_node_name(&g, 1, &b);
	assert_buf(&b, "kept: main.f");
	prof_buf_fini(&b);
	prof_graph_fini(&g);
	prof_graph_fini(&g);
	prof_profile_free(p);
}

static void means_divide_where_they_can(void **state)
{
	struct prof_node_value v = {.flat = 10, .cum = -35};

	(void)state;
	assert_int_equal(prof_node_flat(&v), 10);
	assert_int_equal(prof_node_cum(&v), -35);
	v.flat_div = 4;
	v.cum_div = 10;
	assert_int_equal(prof_node_flat(&v), 2);
	assert_int_equal(prof_node_cum(&v), -3);
	v = (struct prof_node_value){.flat = INT64_MIN, .flat_div = -1};
	assert_true(prof_node_flat(&v) == INT64_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_keeps_copies),
		cmocka_unit_test(cells_know_their_kind),
		cmocka_unit_test(lines_are_taken_from_the_buffer),
		cmocka_unit_test(nodes_have_pprofs_names),
		cmocka_unit_test(means_divide_where_they_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
