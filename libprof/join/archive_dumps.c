/* A text with several goroutine dumps: each is an entry of its own. */
#include <stdio.h>

#include "libprof/join/archive_capture.h"
#include "libprof/read/dump.h"
#include "libprof/store/goroutines.h"

/* One dump, whose profile is taken. */
static int add(struct prof_store *s, struct prof_store_item *item, struct prof_profile *p,
	const struct prof_capture_text *text, struct prof_err *e)
{
	int rc = text->goroutines->code ? prof_nomem(e) : prof_store_pack(s, item, p, e);

	if (!rc)
		rc = prof_store_seal(item, &s->sealer, e);
	prof_profile_free(p);
	if (!rc)
		rc = prof_capture_text(s, item, text, e);
	return rc;
}

/* What is wrong with a dump, the first thing that is. */
static void tell(struct prof_err *damage, uint64_t dump, const char *what)
{
	if (damage->code)
		return;
	damage->code = PROF_EFORMAT;
	damage->offset = PROF_NO_OFFSET;
	snprintf(damage->msg, sizeof(damage->msg), "dump %llu: %.200s", (unsigned long long)dump,
		what);
}

static int add_next(struct prof_store *s, const struct prof_store_item *like,
	struct prof_goroutines *g, uint64_t dumps, uint64_t *added, struct prof_err *damage,
	struct prof_err *e)
{
	struct prof_store_item item = *like;
	struct prof_capture_text text = {.dump = g->earlier + 1, .dumps = dumps};
	struct prof_err err = {.offset = PROF_NO_OFFSET};
	struct prof_buf b;
	int rc;

	prof_buf_init(&b, NULL, NULL);
	prof_goroutines_encode(g, &b);
	text.goroutines = &b;
	text.damages = g->p->damage != 0;
	if (g->p->damage)
		tell(damage, text.dump, prof_profile_damage(g->p));
	item.sha256 = NULL;
	item.raw = (struct prof_str){0};
	item.keep_order = PROF_ORDER_ALWAYS; /* goroutines name samples by their places */
	rc = add(s, &item, prof_goroutines_profile(g), &text, &err);
	*added += !rc && !item.known;
	prof_store_item_fini(&item);
	prof_buf_fini(&b);
	if (rc == PROF_EFORMAT || rc == PROF_ELIMIT || rc == PROF_EUNSUPPORTED) {
		tell(damage, text.dump, err.msg);
		return 0;
	}
	return rc ? prof_fail(e, rc, err.offset, "%s", err.msg) : 0;
}

int prof_capture_dumps(struct prof_store *s, const struct prof_store_item *item,
	struct prof_input *in, uint64_t n, uint64_t *added, struct prof_err *damage,
	struct prof_err *e)
{
	struct prof_dump_reader *d = NULL;
	struct prof_goroutines *g;
	int rc = prof_dump_reader_new(in, &d, e);

	*added = 0;
	for (uint64_t i = 0; !rc && i < n; i++) {
		rc = prof_dump_next(d, &g, e);
		if (rc <= 0)
			break;
		rc = add_next(s, item, g, n + 1, added, damage, e);
	}
	prof_dump_reader_free(d);
	return rc;
}
