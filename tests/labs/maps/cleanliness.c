/* Every map: what is left when it has returned? */
#include "map.h"

typedef void judge_fn(struct verdict *, const struct outcome *);

/* Two calls, because what one leaves the next may hide. */
static void look_after(struct test *t, const struct map_kind *kind, size_t n, judge_fn *judge,
                       const struct call *how)
{
	struct map *map = map_create(t, kind, n, 3);
	map->plan.calls = 2;
	if (map_succeeds(t, map, how))
		judge(&t->verdict, &t->outcome);
	map_free(map);
}

static void look(struct test *t, const struct map_kind *kind, judge_fn *judge,
                 const struct call *how)
{
	look_after(t, kind, 100, judge, how);
}

/* The results have come, but the child needs a little longer to end: whoever asks
 * only once whether it has is too early. */
void map_test_children(struct test *t, const struct map_kind *kind)
{
	struct call with_slow_ends = { .faults = { .end_delay_seconds = 0.003 } };
	look(t, kind, judge_children, &with_slow_ends);
}

void map_test_bystanders(struct test *t, const struct map_kind *kind)
{
	struct call with_children = { .bystanders = true };
	look(t, kind, judge_children, &with_children);
}

void map_test_quiet(struct test *t, const struct map_kind *kind)
{
	look(t, kind, judge_output, NULL);
}

static void judge_open_things(struct verdict *verdict, const struct outcome *outcome)
{
	judge_descriptors(verdict, outcome);
	judge_shared(verdict, outcome);
}

void map_test_nothing_left(struct test *t, const struct map_kind *kind)
{
	enum { SEVERAL_PAGES = 10000 }; /* of results: a part of a mapping may be left, too */
	look_after(t, kind, SEVERAL_PAGES, judge_open_things, NULL);
}

/* A caller may have closed its standard input, and the next pipe is then 0. */
void map_test_descriptors(struct test *t, const struct map_kind *kind)
{
	static const struct {
		enum map_descriptors which;
		const char *about;
	} callers[] = {
		{ FDS_NO_0, "The caller had closed descriptor 0, so that the next pipe gets it" },
		{ FDS_NO_1, "The caller had closed descriptor 1, so that the next pipe gets it" },
		{ FDS_NO_0_1_2, "The caller had closed descriptors 0, 1 and 2" },
		{ FDS_MANY, "The caller held some 30 descriptors, with gaps between them" },
	};
	for (size_t i = 0; i < sizeof callers / sizeof *callers && verdict_open(&t->verdict); i++) {
		struct map *map = map_create(t, kind, 100, 3);
		map->plan.descriptors = callers[i].which;
		if (map_succeeds(t, map, NULL)) {
			map_judge(t, map);
			judge_descriptors(&t->verdict, &t->outcome);
		}
		verdict_before(&t->verdict, "%s. ", callers[i].about);
		map_free(map);
	}
}
