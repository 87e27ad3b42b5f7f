/* What a program that uses the installed library looks like: prints a profile's top as JSON. */
#include <prof.h>
#include <stdio.h>

static int put(void *ctx, const char *bytes, size_t len)
{
	return fwrite(bytes, 1, len, ctx) != len;
}

int main(int argc, char **argv)
{
	struct prof_err err = {0};
	struct prof_profile *p = NULL;
	struct prof_view_opts opts;
	struct prof_report *r = NULL;
	int rc;

	if (argc != 2)
		return 2;
	prof_view_opts_init(&opts);
	opts.node_count = 3;
	rc = prof_profile_open(argv[1], NULL, &p, &err);
	if (!rc)
		rc = prof_top(p, &opts, NULL, &r, &err);
	if (!rc)
		rc = prof_report_json(r, put, stdout, &err);
	if (rc)
		fprintf(stderr, "%s: %s\n", argv[1], err.msg);
	prof_report_free(r);
	prof_profile_free(p);
	return rc != 0;
}
