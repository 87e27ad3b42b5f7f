#include "libprof/join/sql_held.h"

#include <stdlib.h>

#include "libprof/model/timeline.h"

static int find(struct prof_held *h, struct prof_err *e)
{
	struct prof_mem mem = {.limit = h->mem.limit};
	struct prof_capture c = {0};
	struct prof_strtab strings;
	int rc = prof_strtab_init(&strings, &mem, e);

	if (!rc)
		rc = prof_capture_find(h->store, h->profile, &strings, &c, e);
	prof_strtab_fini(&strings);
	h->there = rc > 0;
	return rc < 0 ? rc : 0;
}

int prof_held_new(struct prof_store *s, struct prof_db_guard *guard, int64_t profile,
	struct prof_held **out, struct prof_err *e)
{
	struct prof_held *h = calloc(1, sizeof(*h));
	int rc;

	if (!h)
		return prof_nomem(e);
	h->refs = 1;
	h->store = s;
	h->guard = guard;
	h->profile = profile;
	h->mem.limit = (size_t)s->limits.memory_bytes;
	prof_db_guard_start(guard);
	rc = find(h, e);
	prof_db_guard_stop(guard);
	if (rc)
		prof_held_drop(h);
	else
		*out = h;
	return rc;
}

static void drop_table(struct prof_held *h, struct prof_held_table *t)
{
	for (unsigned i = 0; i < PROF_ROWS_WIDEST; i++) {
		prof_vec_fini(&h->mem, &t->columns[i]);
		prof_vec_fini(&h->mem, &t->keys[i]);
	}
}

bool prof_held_drop(struct prof_held *h)
{
	if (!h || --h->refs)
		return false;
	for (unsigned i = 0; i < PROF_ROWS_TABLES; i++)
		drop_table(h, &h->tables[i]);
	if (h->has_strings)
		prof_strtab_fini(&h->strings);
	prof_transitions_fini(&h->transitions);
	prof_vec_fini(&h->mem, &h->groups);
	free(h);
	return true;
}

int prof_held_strings(struct prof_held *h, struct prof_err *e)
{
	int rc;

	if (h->has_strings)
		return 0;
	prof_db_guard_start(h->guard);
	rc = prof_strtab_init(&h->strings, &h->mem, e);
	if (!rc)
		rc = prof_capture_strings(h->store, h->profile, &h->strings, e);
	prof_db_guard_stop(h->guard);
	if (rc)
		prof_strtab_fini(&h->strings);
	h->has_strings = !rc;
	return rc;
}

int prof_held_groups(struct prof_held *h, struct prof_err *e)
{
	struct prof_capture_rows r;
	int rc;

	if (h->has_groups)
		return 0;
	rc = prof_held_strings(h, e);
	if (rc)
		return rc;
	h->groups.n = 0;
	prof_db_guard_start(h->guard);
	rc = prof_capture_rows_open(&r, h->store, h->profile, PROF_ROWS_GROUP, e);
	while (!rc && (rc = prof_capture_rows_next(&r, e)) > 0) {
		rc = prof_held_check(h, PROF_ROWS_GROUP, r.v, r.n, e);
		if (!rc)
			rc = prof_vec_reserve(&h->mem, &h->groups, r.n, e);
		for (size_t i = 0; !rc && i < r.n; i++)
			h->groups.v[h->groups.n++] = (struct prof_held_group){r.v[0][i], r.v[1][i]};
	}
	prof_capture_rows_fini(&r);
	prof_db_guard_stop(h->guard);
	h->has_groups = !rc;
	return rc;
}

int prof_held_transitions(struct prof_held *h, struct prof_err *e)
{
	int rc;

	h->transitions.keeps = h->has_transitions;
	if (h->has_transitions || !h->there)
		return 0;
	rc = prof_transitions_init(&h->transitions, h->store, h->guard, h->profile, &h->mem, e);
	if (rc)
		prof_transitions_fini(&h->transitions);
	h->has_transitions = !rc;
	return rc;
}

static int damaged(
	const struct prof_held *h, enum prof_rows table, const char *what, struct prof_err *e)
{
	return prof_fail(e, PROF_EFORMAT, PROF_NO_OFFSET,
		"is damaged: capture %lld: a %s that %s has is not there", (long long)h->profile,
		what, prof_rows_tables[table].name);
}

int prof_held_check(const struct prof_held *h, enum prof_rows table, int64_t *const *v, size_t n,
	struct prof_err *e)
{
	const char *columns = prof_rows_tables[table].columns;
	int group = prof_rows_group(table);

	for (int c = 0; h->has_strings && columns[c]; c++)
		for (size_t i = 0; columns[c] == 's' && i < n; i++)
			if ((uint64_t)v[c][i] >= h->strings.strs.n && v[c][i] != PROF_ABSENT)
				return damaged(h, table, "string", e);
	for (size_t i = 0; h->has_groups && group >= 0 && i < n; i++)
		if ((uint64_t)v[group][i] >= h->groups.n)
			return damaged(h, table, "group", e);
	return 0;
}

static int add_page(struct prof_held *h, struct prof_held_table *t,
	const struct prof_capture_rows *r, size_t columns, struct prof_err *e)
{
	int rc = prof_held_check(h, r->table, r->v, r->n, e);

	for (size_t c = 0; !rc && c < columns; c++) {
		rc = prof_vec_reserve(&h->mem, &t->columns[c], r->n, e);
		if (rc)
			break;
		memcpy(t->columns[c].v + t->columns[c].n, r->v[c], r->n * sizeof(*r->v[c]));
		t->columns[c].n += r->n;
	}
	return rc;
}

int prof_held_keep(struct prof_held *h, enum prof_rows table, struct prof_err *e)
{
	size_t columns = strlen(prof_rows_tables[table].columns);
	struct prof_held_table *t = &h->tables[table];
	struct prof_capture_rows r;
	int rc;

	if (t->kept)
		return 0;
	rc = prof_rows_group(table) >= 0 ? prof_held_groups(h, e) : prof_held_strings(h, e);
	if (rc)
		return rc;
	for (size_t c = 0; c < columns; c++)
		t->columns[c].n = 0;
	prof_db_guard_start(h->guard);
	rc = prof_capture_rows_open(&r, h->store, h->profile, table, e);
	while (!rc && (rc = prof_capture_rows_next(&r, e)) > 0)
		rc = add_page(h, t, &r, columns, e);
	prof_capture_rows_fini(&r);
	prof_db_guard_stop(h->guard);
	if (rc)
		return rc;
	t->n = t->columns[0].n;
	for (size_t c = 0; c < columns; c++)
		t->v[c] = t->columns[c].v;
	t->kept = true;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	const struct prof_held_key *p = a, *q = b;

	return p->value != q->value ? (p->value > q->value ? 1 : -1)
				    : (p->row > q->row) - (p->row < q->row);
}

static int make_keys(
	struct prof_held *h, struct prof_held_table *t, unsigned column, struct prof_err *e)
{
	int rc = prof_vec_reserve(&h->mem, &t->keys[column], t->n, e);

	if (rc)
		return rc;
	for (size_t i = 0; i < t->n; i++)
		if (t->v[column][i] != PROF_ABSENT)
			t->keys[column].v[t->keys[column].n++] = (struct prof_held_key){
				t->v[column][i], (uint32_t)i};
	if (t->keys[column].n)
		qsort(t->keys[column].v, t->keys[column].n, sizeof(*t->keys[column].v), by_value);
	return 0;
}

/* The first key that is not before a value. */
static const struct prof_held_key *bound(const struct prof_held_key *keys, size_t n, int64_t value)
{
	size_t low = 0;

	while (low < n) {
		size_t at = low + (n - low) / 2;

		if (keys[at].value < value)
			low = at + 1;
		else
			n = at;
	}
	return keys + low;
}

int prof_held_find(struct prof_held *h, enum prof_rows table, unsigned column, int64_t value,
	const struct prof_held_key **first, const struct prof_held_key **end, struct prof_err *e)
{
	struct prof_held_table *t = &h->tables[table];
	const struct prof_held_key *k;
	int rc = t->n && !t->keys[column].cap ? make_keys(h, t, column, e) : 0;

	if (rc)
		return rc;
	*first = *end = NULL;
	if (!t->n || value == PROF_ABSENT)
		return 0;
	k = bound(t->keys[column].v, t->keys[column].n, value);
	*first = k;
	while (k < t->keys[column].v + t->keys[column].n && k->value == value)
		k++;
	*end = k;
	return 0;
}
