/* What `make plot` calls: ways from different plug-ins in one process, timed, and
 * held against each other place by place.
 */
#include "plugins/call_a_plugin.c"

#include <math.h>

#include "plot_call.h"
#include "reference.h"
#include "start.h"

static struct verdict verdict;
static struct plot_library library[3];

/* Compiled, and read into memory. */
static const struct plot_library *library_of(int which, const char *plugin)
{
	snprintf(library[which].path, PATH_LENGTH, "%s", plugin_build(plugin));
	ck_assert_int_eq(plot_library_read(&library[which]), 0);
	return &library[which];
}

static struct plot_call *run(struct plot_call call)
{
	static struct plot_call result;
	memset(&verdict, 0, sizeof verdict);
	call.clean = true;
	bool whole = plot_call_run(&call, NULL, &verdict);
	ck_assert_int_eq(whole, verdict_open(&verdict));
	expect_nobody_left(&(struct outcome){ 0 });
	result = call;
	return &result;
}

#define LOOP { PLOT_LOOP, "loop", NULL }

START_TEST(loop_and_workers)
{
	const struct plot_library *workers = library_of(0, "runs_workers");
	struct plot_call *c = run((struct plot_call){ .n = 1001, .rounds = 3, .workers = 3, .ways = 2,
		                      .way = { LOOP, { PLOT_WORKERS, "run_workers", workers } } });
	ck_assert_msg(verdict_open(&verdict), "%s", verdict.message);
	ck_assert_uint_eq(c->sum, reference_sum(0, 1001));
	ck_assert_int_eq(c->done, 6);
	for (int round = 0; round < FIGURE_ROUNDS; round++)
		for (int way = 0; way < FIGURE_WAYS; way++) {
			double seconds = c->seconds[round][way];
			ck_assert(round < 3 && way < 2 ? seconds > 0 && seconds < 60 : isnan(seconds));
		}
}
END_TEST

START_TEST(one_number)
{
	const struct plot_library *workers = library_of(0, "runs_workers");
	run((struct plot_call){ .n = 1, .rounds = 2, .workers = 7, .ways = 2,
	                        .way = { LOOP, { PLOT_WORKERS, "run_workers", workers } } });
	ck_assert_msg(verdict_open(&verdict), "%s", verdict.message);
}
END_TEST

/* Serial and the task are of one plug-in, workers of another, maps of a third; all
 * squares are 1 then. */
START_TEST(ways_of_several_plugins)
{
	const struct plot_library *ones = library_of(0, "maps_wrongly");
	const struct plot_library *workers = library_of(1, "runs_workers");
	const struct plot_library *maps = library_of(2, "maps_in_the_caller");
	struct plot_call *c = run((struct plot_call){ .n = 500, .rounds = 4, .workers = 2, .ways = 4,
		                      .task = ones,
		                      .way = { { PLOT_SERIAL, "serial_map", ones },
		                               { PLOT_WORKERS, "run_workers", workers },
		                               { PLOT_MAP, "pipe_map", maps },
		                               { PLOT_CHUNKS, "shared_map_dynamic", maps } } });
	ck_assert_msg(verdict_open(&verdict), "%s", verdict.message);
	ck_assert_uint_eq(c->sum, 500);
	ck_assert_int_eq(c->done, 16);
}
END_TEST

/* One pool for all rounds, closed at the end: nothing is left. */
START_TEST(pool_beside_a_map)
{
	const struct plot_library *pools = library_of(0, "maps_in_a_pool");
	const struct plot_library *maps = library_of(1, "maps_in_the_caller");
	struct plot_call *c = run((struct plot_call){ .n = 500, .rounds = 4, .workers = 3, .ways = 3,
		                      .way = { LOOP, { PLOT_POOL, "pool_map", pools },
		                               { PLOT_MAP, "pipe_map", maps } } });
	ck_assert_msg(verdict_open(&verdict), "%s", verdict.message);
	ck_assert_uint_eq(c->sum, reference_sum(0, 500));
	ck_assert_int_eq(c->done, 12);
	c = run((struct plot_call){ .n = 5, .rounds = 1, .workers = 2, .ways = 3,
	                            .way = { LOOP, { PLOT_MAP, "pipe_map", maps },
	                                     { PLOT_POOL, "pool_map", pools } } });
	ck_assert_int_eq(verdict.diagnosis, UNEXPECTED_ERROR); /* pool_create wants 3 */
	ck_assert_int_eq(c->running, 2);
	ck_assert_int_eq(c->done, 0);
}
END_TEST

START_TEST(wrong_at_a_place)
{
	const struct plot_library *maps = library_of(0, "maps_in_the_caller");
	struct plot_call *c = run((struct plot_call){ .n = 50, .rounds = 2, .workers = 2, .ways = 2,
		                      .way = { LOOP, { PLOT_MAP, "map_but_one", maps } } });
	ck_assert_int_eq(verdict.diagnosis, WRONG_RESULT);
	ck_assert_str_eq(verdict.message, "results[17] was -1 after map_but_one. Expected: 1.");
	ck_assert_int_eq(c->running, 1);
	ck_assert_int_eq(c->done, 1);
	ck_assert(isnan(c->seconds[0][1]));
}
END_TEST

START_TEST(wrong_squares)
{
	const struct plot_library *ones = library_of(0, "maps_wrongly");
	run((struct plot_call){ .n = 50, .rounds = 1, .workers = 1, .ways = 2, .task = ones,
	                        .way = { LOOP, { PLOT_SERIAL, "serial_map", ones } } });
	ck_assert_int_eq(verdict.diagnosis, WRONG_RESULT);
	ck_assert_ptr_nonnull(strstr(verdict.message, "results[0] was 1 after serial_map"));
}
END_TEST

START_TEST(failures)
{
	const struct plot_library *ones = library_of(0, "maps_wrongly");
	run((struct plot_call){ .n = 50, .rounds = 1, .workers = 1, .ways = 2,
	                        .way = { LOOP, { PLOT_WORKERS, "run_workers", ones } } });
	ck_assert_int_eq(verdict.diagnosis, WRONG_RESULT);
	ck_assert_ptr_nonnull(strstr(verdict.message, "run_workers returned 1."));
	const struct plot_library *none = library_of(1, "runs_no_workers");
	run((struct plot_call){ .n = 50, .rounds = 1, .workers = 1, .ways = 2,
	                        .way = { LOOP, { PLOT_WORKERS, "run_workers", none } } });
	ck_assert_int_eq(verdict.kind, VERDICT_NOT_STARTED);
	run((struct plot_call){ .n = 50, .rounds = 1, .workers = 1, .ways = 2,
	                        .way = { LOOP, { PLOT_MAP, "pipe_map", none } } });
	ck_assert_int_eq(verdict.diagnosis, DOES_NOT_COMPILE);
}
END_TEST

START_TEST(hangs_and_what_is_left)
{
	const struct plot_library *maps = library_of(0, "maps_in_the_caller");
	run((struct plot_call){ .n = 50, .rounds = 1, .workers = 1, .ways = 2,
	                        .way = { LOOP, { PLOT_MAP, "map_and_hang", maps } } });
	ck_assert_int_eq(verdict.kind, VERDICT_FAILED);
	run((struct plot_call){ .n = 50, .rounds = 1, .workers = 1, .ways = 2,
	                        .way = { LOOP, { PLOT_MAP, "map_and_leave_a_zombie", maps } } });
	ck_assert_int_eq(verdict.diagnosis, ZOMBIE);
}
END_TEST

START_TEST(no_such_library)
{
	struct plot_library nowhere = { .path = "/nowhere" };
	ck_assert_int_eq(plot_library_read(&nowhere), -1);
}
END_TEST

START_TEST(start_of_processes)
{
	double one = start_measure(1);
	ck_assert(one > 0 && one < 10);
	ck_assert(start_measure(3) > 0);
	expect_nobody_left(&(struct outcome){ 0 });
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("plot");
	tcase_add_test(t, loop_and_workers);
	tcase_add_test(t, one_number);
	tcase_add_test(t, ways_of_several_plugins);
	tcase_add_test(t, pool_beside_a_map);
	tcase_add_test(t, wrong_at_a_place);
	tcase_add_test(t, wrong_squares);
	tcase_add_test(t, failures);
	tcase_add_test(t, hangs_and_what_is_left);
	tcase_add_test(t, no_such_library);
	tcase_add_test(t, start_of_processes);
	return run_case("grade: plot", t);
}
