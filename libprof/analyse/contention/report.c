#include "libprof/analyse/contention/compare.h"

const char *const prof_contention_kind_names[] = {
	"block profile", "mutex profile", "goroutines", "trace"};

const char *const prof_contention_hows[] = {[PROF_MATCH_SEEN] = "seen in the trace",
	[PROF_MATCH_OWNER] = "same type or function",
	[PROF_MATCH_CALLER] = "same caller",
	[PROF_MATCH_PACKAGE] = "only one in the package",
	[PROF_MATCH_AMOUNT] = "numbers in the package"};

const struct prof_contention_frame *prof_contention_site_frame(
	const struct contending *x, const struct prof_contention_site *s)
{
	const struct prof_contention_stack *stack = &x->k->stacks.v[s->stack];

	return stack->site != PROF_NONE ? &x->k->frames.v[stack->site] : NULL;
}

void prof_contention_put_owner(struct prof_buf *b, struct prof_str owner)
{
	for (uint32_t i = 0; i < owner.len; i++) {
		char c = owner.p[i];

		if (c == '(' && i + 1 < owner.len && owner.p[i + 1] == '*')
			i++;
		else if (c != '(' && c != ')')
			prof_buf_char(b, c);
	}
}

static int tell(struct contending *x, const struct prof_contention_changes *changes)
{
	bool fields = !x->k->opts.only_text;
	int rc = prof_contention_notes(x);

	if (!rc)
		rc = prof_contention_decide(x, changes);
	if (!rc && fields)
		rc = prof_contention_fields(x);
	if (!rc && fields && x->compared)
		rc = prof_contention_change_fields(x, changes);
	if (!rc && fields)
		rc = prof_gates_field(x->r, x->k->gates.v, x->k->gates.n, x->e);
	if (!rc)
		rc = prof_gates_head(x->r, x->k->gates.v, x->k->gates.n, x->e);
	if (!rc && x->compared)
		rc = prof_contention_change_text(x, changes);
	if (!rc)
		rc = prof_contention_text(x);
	if (!rc)
		rc = prof_contention_drawings(x);
	if (!rc && x->r->head.n)
		x->r->headline = x->r->head.v[0];
	return rc || !x->b.code ? rc : prof_nomem(x->e);
}

static int fill(struct contending *x)
{
	struct prof_contention_changes changes = {0};
	int rc = prof_contention_sites_init(&x->sides[PROF_NEW], x->k, PROF_NEW, x->e);

	if (!rc)
		rc = prof_contention_facts_init(&x->facts, &x->sides[PROF_NEW], x->e);
	if (!rc && x->compared)
		rc = prof_contention_sites_init(&x->sides[PROF_OLD], x->k, PROF_OLD, x->e);
	if (!rc && (x->compared || x->k->gates.n))
		rc = prof_contention_compare(x, &changes);
	if (!rc)
		rc = tell(x, &changes);
	prof_contention_changes_fini(x, &changes);
	return rc;
}

int prof_contention_report(struct prof_contention *k, struct prof_report **out, struct prof_err *e)
{
	struct prof_err none = {0};
	struct contending x = {.k = k, .e = e ? e : &none};
	bool any = false;
	int rc;

	for (size_t i = 0; i < k->inputs.n; i++) {
		x.compared |= k->inputs.v[i].side == PROF_OLD;
		any |= k->inputs.v[i].side == PROF_NEW;
	}
	if (!any)
		return prof_fail(e, PROF_EUSAGE, PROF_NO_OFFSET, "no input");
	x.r = prof_report_new("prof.contention/1", x.e);
	if (!x.r)
		return x.e->code;
	prof_buf_init(&x.b, NULL, NULL);
	rc = fill(&x);
	prof_contention_facts_fini(&x.facts);
	prof_contention_sites_fini(&x.sides[PROF_OLD]);
	prof_contention_sites_fini(&x.sides[PROF_NEW]);
	prof_vec_fini(&x.r->mem, &x.notes);
	prof_buf_fini(&x.b);
	if (rc)
		prof_report_free(x.r);
	else
		*out = x.r;
	return rc;
}
