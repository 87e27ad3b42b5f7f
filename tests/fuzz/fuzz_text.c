/* Any bytes as a text profile, or as one of gperftools: refused with an error, or a consistent
 * profile; and the same bytes with \r\n line ends are the same profile.
 */
#include <stdlib.h>

#include "libprof/model/profile.h"
#include "libprof/read/sniff.h"
#include "tests/fuzz/fuzz.h"

/* How much of each there is, and a hash of the values. */
static uint64_t digest(const struct prof_profile *p)
{
	uint64_t h = prof_hash_mix(p->locations.n, p->functions.n);

	h = prof_hash_mix(h, p->lines.n);
	h = prof_hash_mix(h, p->unknown_fields);
	h = prof_hash_mix(h, prof_hash_bytes(p->stack_loc.v, p->stack_loc.n * sizeof(uint32_t)));
	for (size_t t = 0; t < p->values.n; t++)
		h = prof_hash_mix(h, prof_hash_bytes(p->values.v[t].v, p->values.v[t].n * 8));
	return h;
}

/* 0 when the bytes are refused. */
static uint64_t read_bytes(const uint8_t *data, size_t size)
{
	struct prof_limits limits;
	struct prof_err e = {0};
	struct prof_profile *p;
	uint64_t h;
	int rc;

	prof_limits_init(&limits);
	limits.memory_bytes = limits.inflated_bytes = 64 << 20;
	rc = prof_profile_read(data, size, &limits, &p, &e);
	if (rc) {
		must(rc < 0 && e.code == rc && e.msg[0] && e.offset >= -1);
		must(e.offset <= (int64_t)size);
		return 0;
	}
	must(prof_profile_check(p) == NULL);
	for (size_t i = 0; i < p->locations.n; i++) {
		must(p->locations.v[i].id == i + 1);
		must(p->locations.v[i].mapping < p->mappings.n || !p->locations.v[i].address);
	}
	h = digest(p) | 1;
	prof_profile_free(p);
	return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum prof_kind kind;
	struct prof_input in;
	uint8_t *crlf;
	size_t n = 0, lines = 0;
	uint64_t h;

	if (size >= 2 && data[0] == 0x1f && data[1] == 0x8b)
		return 0; /* fuzz_pprof is for gzip */
	must(prof_input_memory(&in, data, size, NULL, NULL) == 0);
	must(prof_sniff(&in, &kind, NULL) == 0);
	prof_input_close(&in);
	if (kind == PROF_KIND_PPROF)
		return 0;
	h = read_bytes(data, size);
	if (kind != PROF_KIND_TEXT_PROFILE)
		return 0;
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	/* Longer, the first line might end behind what is looked at to tell kinds apart. */
	if (size + lines > 1000)
		return 0;
	crlf = malloc(size + lines + 1);
	must(crlf != NULL);
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\n')
			crlf[n++] = '\r';
		crlf[n++] = data[i];
	}
	must(read_bytes(crlf, n) == h);
	free(crlf);
	return 0;
}
