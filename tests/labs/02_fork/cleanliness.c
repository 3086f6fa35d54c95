/* Lab 02: what is left when run_workers has returned? */
#include "judge.h"
#include "run.h"

static void look_at_leftovers(struct test *t, void (*judge)(struct verdict *, const struct outcome *),
                              const struct call *how)
{
	struct run *run = run_create(3);
	for (int rank = 0; rank < run->workers; rank++)
		run->worker[rank].seconds = 0.005; /* they end well within the grace */
	if (run_succeeds(t, run, how))
		judge(&t->verdict, &t->outcome);
	run_free(run);
}

void reaps_every_child(struct test *t)
{
	look_at_leftovers(t, judge_children, NULL);
}

void leaves_other_children_alone(struct test *t)
{
	struct call with_children = { .bystanders = true };
	look_at_leftovers(t, judge_children, &with_children);
}

void ends_children_quietly(struct test *t)
{
	look_at_leftovers(t, judge_output, NULL);
}

static void judge_open_things(struct verdict *verdict, const struct outcome *outcome)
{
	judge_descriptors(verdict, outcome);
	judge_shared(verdict, outcome);
}

void leaves_nothing_open(struct test *t)
{
	look_at_leftovers(t, judge_open_things, NULL);
}
