#include "libprof/model/graph.h"

#include "libprof/base/num.h"

void prof_graph_fini(struct prof_graph *g)
{
	if (!g->mem)
		return;
	prof_mem_zfree(g->mem, g->values, g->nodes.n, sizeof(*g->values));
	g->values = NULL;
	prof_vec_fini(g->mem, &g->nodes);
	prof_vec_fini(g->mem, &g->edges);
	prof_vec_fini(g->mem, &g->parents);
	prof_vec_fini(g->mem, &g->leaves);
	prof_vec_fini(g->mem, &g->loc_start);
	prof_vec_fini(g->mem, &g->node_of);
}

static void put(struct prof_buf *b, struct prof_str s)
{
	prof_buf_put(b, s.p, s.len);
}

void prof_node_name(const struct prof_graph *g, uint32_t i, struct prof_buf *b)
{
	const struct prof_node_info *n = &g->nodes.v[i];
	struct prof_str file = prof_profile_str(g->profile, n->file);
	size_t begin = b->n;

	if (n->address)
		prof_buf_hex(b, n->address, 16);
	if (n->name) {
		if (b->n > begin)
			prof_buf_char(b, ' ');
		put(b, prof_profile_str(g->profile, n->name));
	}
	if (!n->line && !file.len && n->name)
		return;
	if (b->n > begin)
		prof_buf_char(b, ' ');
	if (n->line) {
		put(b, file);
		prof_buf_char(b, ':');
		prof_buf_i64(b, n->line);
		if (n->column) {
			prof_buf_char(b, ':');
			prof_buf_i64(b, n->column);
		}
	} else if (file.len) {
		put(b, file);
	} else if (n->object) {
		prof_buf_char(b, '[');
		put(b, prof_str_base(prof_profile_str(g->profile, n->object)));
		prof_buf_char(b, ']');
	} else {
		prof_buf_str(b, "<unknown>");
	}
}

int64_t prof_node_flat(const struct prof_node_value *v)
{
	return v->flat_div ? prof_div(v->flat, v->flat_div) : v->flat;
}

int64_t prof_node_cum(const struct prof_node_value *v)
{
	return v->cum_div ? prof_div(v->cum, v->cum_div) : v->cum;
}
