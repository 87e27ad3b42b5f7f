#include "libprof/base/goquote.h"
#include "libprof/render/trace_events.h"

static void put_pair(struct prof_buf *b, const char *name, size_t len, uint64_t v)
{
	prof_buf_put(b, name, len);
	prof_buf_char(b, '=');
	prof_buf_u64(b, v);
}

void prof_render_wire(struct prof_buf *b, const struct prof_wire_record *r)
{
	static const char *const fields[] = {"pc", "func", "file", "line"};
	const char *name = r->row->args;

	prof_buf_str(b, r->row->name);
	for (unsigned i = 0; i < r->row->n_args; i++) {
		size_t len = strcspn(name, " ");

		prof_buf_char(b, ' ');
		put_pair(b, name, len, r->args[i]);
		name += len + (name[len] == ' ');
	}
	for (size_t i = 0; i < r->n_frames; i++) {
		prof_buf_str(b, i % 4 ? " " : "\n\t");
		put_pair(b, fields[i % 4], strlen(fields[i % 4]), r->frames[i]);
	}
	if (r->data && r->len) {
		prof_buf_str(b, "\n\tdata=");
		prof_buf_go_quote(b, (struct prof_str){(const char *)r->data, (uint32_t)r->len});
	}
	prof_buf_char(b, '\n');
}
