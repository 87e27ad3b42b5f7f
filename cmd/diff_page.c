#include "cmd/diff_page.h"

#include <stdlib.h>
#include <unistd.h>

enum { PAGE_BOXES = 10000 };

static int64_t duration(struct prof_profile *const *p, size_t n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += prof_profile_duration(p[i]);
	return sum;
}

static struct prof_view_opts view_of(const struct prof_diff_opts *opts, const char *sample_type)
{
	struct prof_view_opts view;

	prof_view_opts_init(&view);
	view.by = opts->by;
	view.sample_index = sample_type;
	view.filter = opts->filter;
	return view;
}

static struct prof_flame_opts flame_of(
	const struct prof_diff_opts *opts, const struct diff_profiles *p)
{
	struct prof_flame_opts flame;

	prof_flame_opts_init(&flame);
	flame.differential = 1;
	flame.normalize = opts->normalize ? 1 : -1;
	flame.max_rows = 0;
	if (cmd_format() == FORMAT_HTML)
		flame.max_boxes = PAGE_BOXES;
	for (int side = 0; side < 2; side++)
		flame.duration_ns[side] = duration(p->v[side], p->n[side]);
	return flame;
}

/* Takes the profiles over. Pictures make shares of values themselves. */
static int combine(struct diff_profiles *p, const struct prof_diff_opts *opts,
	struct prof_profile **both, struct prof_err *e)
{
	int normalize = opts->normalize && cmd_format() == FORMAT_FOLDED;
	int rc = prof_combine(p->v[PROF_NEW], p->n[PROF_NEW], p->v[PROF_OLD], p->n[PROF_OLD], 1,
		normalize, both, e);

	p->n[PROF_OLD] = p->n[PROF_NEW] = 0;
	return rc;
}

static int put_flame(struct prof_profile *both, const struct prof_report *r,
	const struct prof_view_opts *view, const struct prof_flame_opts *opts, struct prof_err *e)
{
	struct prof_flame *flame;
	unsigned missed;
	int rc;

	if (cmd_format() == FORMAT_FOLDED)
		return prof_flame_folded(both, view, opts, &missed, cmd_write, NULL, e);
	rc = prof_flame(both, view, opts, &missed, &flame, e);
	if (rc)
		return rc;
	rc = cmd_format() == FORMAT_HTML ? prof_report_html(r, flame, cmd_write, NULL, e)
					 : prof_flame_svg(flame, cmd_write, NULL, e);
	prof_flame_free(flame);
	return rc;
}

void diff_profiles_fini(struct diff_profiles *p)
{
	for (int side = 0; side < 2; side++) {
		for (size_t i = 0; i < p->n[side]; i++)
			prof_profile_free(p->v[side][i]);
		free(p->v[side]);
	}
	*p = (struct diff_profiles){.n = {0}};
}

int diff_put_page(const struct prof_report *r, const struct prof_diff_opts *opts,
	const char *sample_type, struct diff_profiles *p)
{
	struct prof_view_opts view = view_of(opts, sample_type);
	struct prof_flame_opts flame = flame_of(opts, p);
	struct prof_err err = {.offset = -1};
	struct prof_profile *both;
	int status, closed;

	if (combine(p, opts, &both, &err))
		return cmd_error(NULL, &err);
	status = cmd_open_output();
	if (!status) {
		status = cmd_write_status(put_flame(both, r, &view, &flame, &err), &err);
		closed = cmd_close_output();
		status = status ? status : closed;
	}
	prof_profile_free(both);
	return status;
}
