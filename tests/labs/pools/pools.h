/* The tests that all pools share: lab 05 is graded with them, and the pool in lab 06. */
#ifndef POOLS_H
#define POOLS_H

#include "session.h"

/* correctness.c */
test_fn pool_test_order, pool_test_apply, pool_test_any_task, pool_test_million, pool_test_once;

/* processes.c */
test_fn pool_test_processes, pool_test_keeps_workers, pool_test_together, pool_test_sharing;
test_fn pool_test_two_pools, pool_test_idle, pool_test_waiting;

/* cleanliness.c */
test_fn pool_test_children, pool_test_bystanders, pool_test_quiet, pool_test_nothing_left;
test_fn pool_test_many_pools, pool_test_growth;

/* robustness.c */
test_fn pool_test_interruptions, pool_test_failed_start, pool_test_after_failure;
test_fn pool_test_arguments, pool_test_parent_dies, pool_test_ctrl_c;

/* deaths.c */
test_fn pool_test_death_in_task, pool_test_death_asleep, pool_test_terminate;

/* races.c */
test_fn pool_test_races;

/* speed.c */
test_fn pool_test_faster;

/* Whether a session without faults, of a few maps in so many workers, is good: so that
 * what fails with faults is due to them. */
bool pool_good_without_faults(struct test *t);

/* Whether all tasks ran in as many processes as the pools were made with, and whether no
 * others were started. */
void pool_judge_processes(struct test *t, const struct session *s);

/* A program in which workers die, with s->number, s->other = round and a random number of
 * its own. What goes wrong is blamed on `what`, a sentence without its full stop. */
void pool_judge_death(struct test *t, void (*program)(struct session *), int number, int round,
                      const char *what);

/* The first call that took more than a second; or NULL. */
const struct session_call *pool_too_late(const struct session *s);

/* Two programs while signals are handled, calls return EINTR and transfers come short: one
 * with so many tasks, that moves much, and one in which workers get in each other's way. */
void pool_judge_interruptions(struct test *t, void (*much)(struct session *), size_t tasks,
                              void (*crowd)(struct session *));

/* Whether so many workers of a pool meet, in their tasks, once; if not, decides so. */
bool pool_meets(struct test *t, int workers);

#endif
