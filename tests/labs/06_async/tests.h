/* The tests of lab 06 that no other lab has: see rows.c. */
#ifndef ASYNC_TESTS_H
#define ASYNC_TESTS_H

#include "pools.h"

/* results.c */
test_fn gets_what_it_applied, gets_what_it_mapped, copies_the_seeds, gets_in_any_order;
test_fn gets_twice, queues_behind_a_large_map, takes_each_task_once;

/* waiting.c */
test_fn waits_as_long_as_asked, waits_for_any, ready_never_blocks;

/* asleep.c */
test_fn waiting_caller_sleeps;

/* together.c */
test_fn overlaps_with_the_caller, results_run_together, keeps_its_workers;

/* endings.c */
test_fn frees_before_ready, results_leak_nothing, close_finishes_the_queue, terminate_cancels;

/* faults.c */
test_fn death_fails_its_results_only, survives_interruptions, refuses_without_memory;
test_fn rejects_bad_results;

/* races.c */
test_fn has_no_race;

/* --- what they share (kit.c) ------------------------------------------------------- */

/* Runs the program, with patience where something blocks: the test lets held tasks go only
 * when nobody has moved for a while. Returns whether the verdict is still open. */
bool async_run(struct test *t, struct session *s);

/* The same for a program that needs nothing of its session but s->number. */
void async_run_program(struct test *t, void (*program)(struct session *), int number);

/* For programs: gives each of so many workers a task that it is kept in until the test
 * releases it (session_release), and waits until all are in theirs. */
void async_hold(struct session *s, struct pool *pool, int workers, struct session_result held[]);

/* Puts so many results into a random order. */
void async_shuffle(struct session *s, struct session_result r[], size_t count);

/* A random number below `bound`. */
size_t async_random(struct session *s, size_t bound);

#endif
