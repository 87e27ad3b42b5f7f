/* Writes testdata/fuzz/store: the pages and samples of small profiles, and of an archive (.db) what
 * it has of traces, logs and dumps. (The archives there are made
 * with `prof archive add`, and shrunk by PRAGMA page_size = 512; VACUUM.)
 *
 *	cc -I. -Ibuild -o /tmp/make tests/fuzz/make_store_corpus.c build/libprof.a $(pkg-config \
 *		--libs zlib libisal libdeflate liblzma libpcre2-8 libprotobuf-c libgvc libcgraph \
 *		sqlite3 nettle) -lm
 *	cd testdata && /tmp/make fuzz/store leaky.goroutine.t0.pb.gz contend.mutex.pb.gz …
 */
#include <stdio.h>
#include <stdlib.h>

#include "libprof/store/capture.h"

static struct prof_err err;

static void must(int rc)
{
	if (!rc)
		return;
	fprintf(stderr, "%s\n", err.msg);
	exit(1);
}

static void page(struct prof_buf *out, unsigned series, const struct prof_buf *raw)
{
	prof_put_uvarint(out, series);
	prof_put_uvarint(out, 0);
	prof_put_uvarint(out, raw->n);
	prof_buf_put(out, raw->p, raw->n);
}

static void pages(struct prof_profile *p, struct prof_buf *out)
{
	uint8_t sha256[32];
	struct prof_packed k;
	struct prof_dict d;
	struct prof_buf raw;
	size_t n;
	bool full;

	prof_buf_init(&raw, NULL, NULL);
	must(prof_dict_init(&d, UINT64_MAX, &err));
	must(prof_dict_add_build(&d, &err));
	prof_packed_init(&k, UINT64_MAX);
	must(prof_pack(&d, 0, p, &k, &err));
	must(prof_samples_sizes(&d, &k, &err));
	for (unsigned s = 0; s < PROF_SERIES; s++, raw.n = 0) {
		must(prof_dict_encode(
			&d, (enum prof_series)s, 0, s <= PROF_NODE, &raw, &n, &full, &err));
		page(out, s, &raw);
	}
	must(prof_samples_encode(&k, PROF_ORDER_CHEAP, 0, &raw, sha256, &err));
	page(out, 255, &raw);
	prof_buf_fini(&raw);
	prof_packed_fini(&k);
	prof_dict_fini(&d);
}

/* A blob with its seal, as small as it can be. */
static void sealed(struct prof_buf *out, const struct prof_buf *raw)
{
	const struct prof_seal_context context = {{0}};
	struct prof_sealer s = {.effort = PROF_SEAL_TIGHT};
	struct prof_buf b;

	prof_buf_init(&b, NULL, NULL);
	must(prof_seal(&s, &context, raw->p, raw->n, &b, &err));
	page(out, 247, &b);
	prof_buf_fini(&b);
	prof_sealer_fini(&s);
}

/* The parts of the captures of an archive. */
static void captures(const char *path, struct prof_buf *out)
{
	struct prof_store *s;
	struct prof_buf raw;

	prof_buf_init(&raw, NULL, NULL);
	must(prof_store_open(&s, path, PROF_DB_READ, false, NULL, &err));
	for (int64_t id = 1; id < 10; id++)
		for (unsigned part = 0; part < PROF_CAPTURE_PARTS; part++)
			if (!prof_capture_get(s, id, (enum prof_capture_part)part, &raw, NULL))
				page(out, 254 - part, &raw);
	for (int64_t id = 1; id < 10; id++) {
		if (prof_capture_blob(s, id, PROF_CAPTURE_INDEX, 0, &raw, NULL) > 0) {
			page(out, 249, &raw);
			sealed(out, &raw);
		}
		if (prof_capture_blob(s, id, PROF_CAPTURE_TIMES, 0, &raw, NULL) > 0)
			page(out, 246, &raw);
		if (prof_capture_blob(s, id, PROF_CAPTURE_WHO, 0, &raw, NULL) > 0)
			page(out, 245, &raw);
		for (unsigned t = 0; t < PROF_ROWS_TABLES; t++)
			if (prof_capture_blob(s, id, PROF_CAPTURE_ROWS + t, 0, &raw, NULL) > 0)
				page(out, 200 + t, &raw);
	}
	prof_store_close(s);
	prof_buf_fini(&raw);
}

int main(int argc, char **argv)
{
	for (int i = 2; i < argc; i++) {
		struct prof_profile *p = NULL;
		struct prof_buf out;
		char path[4096];
		FILE *f;

		prof_buf_init(&out, NULL, NULL);
		if (strstr(argv[i], ".db")) {
			captures(argv[i], &out);
		} else {
			must(prof_profile_open(argv[i], NULL, &p, &err));
			pages(p, &out);
		}
		snprintf(path, sizeof(path), "%s/pages-%d", argv[1], i - 1);
		f = fopen(path, "wb");
		if (!f || fwrite(out.p, 1, out.n, f) != out.n || fclose(f))
			return 1;
		prof_buf_fini(&out);
		prof_profile_free(p);
	}
	return 0;
}
