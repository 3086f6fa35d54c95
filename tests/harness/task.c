/* The work that is mapped: the reference and the probe. */
#define _GNU_SOURCE
#include <check.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"
#include "reference.h"
#include "shared.h"

enum { TEST_SECONDS = 120 };

/* --- the reference ------------------------------------------------------------ */

/* Printed by numpy 1.24: seed(s); randint(0, 10) ** 2. The last one needs 11
 * draws: no seed up to 10,000 needs more. */
static const struct {
	uint32_t seed;
	int32_t square;
} numpy[] = {
	{ 0u, 25 }, { 1u, 25 }, { 2u, 64 }, { 3u, 64 },
	{ 4u, 49 }, { 5u, 9 }, { 6u, 81 }, { 7u, 16 },
	{ 8u, 9 }, { 9u, 25 }, { 10u, 81 }, { 11u, 81 },
	{ 12u, 36 }, { 13u, 4 }, { 14u, 64 }, { 15u, 64 },
	{ 16u, 81 }, { 17u, 1 }, { 18u, 9 }, { 19u, 25 },
	{ 99u, 1 }, { 623u, 36 }, { 624u, 81 }, { 65535u, 25 },
	{ 65536u, 0 }, { 2147483647u, 81 }, { 2147483648u, 16 }, { 2147483649u, 1 },
	{ 4294967294u, 64 }, { 4294967295u, 9 }, { 647892279u, 25 }, { 2795742288u, 81 },
	{ 2301595691u, 36 }, { 2179419893u, 81 }, { 161042648u, 25 }, { 1862494042u, 16 },
	{ 300026767u, 49 }, { 1823296038u, 16 }, { 4070378921u, 81 }, { 1703729684u, 25 },
	{ 4192983756u, 36 }, { 3687093963u, 25 }, { 1243862422u, 49 }, { 776213899u, 25 },
	{ 2744112455u, 49 }, { 1599435267u, 49 }, { 884585951u, 36 }, { 1349251823u, 4 },
	{ 1946412080u, 49 }, { 1287489453u, 16 }, { 3411833895u, 4 }, { 1048386555u, 25 },
	{ 2467131055u, 49 }, { 2255701793u, 16 }, { 3758686919u, 49 }, { 3132943648u, 16 },
	{ 4209818936u, 36 }, { 1795823848u, 36 }, { 3251895551u, 64 }, { 2100080514u, 81 },
	{ 2869965264u, 64 }, { 1347535308u, 64 }, { 2986270863u, 9 }, { 2552799181u, 64 },
	{ 1959386986u, 36 }, { 3607634174u, 36 }, { 4057374422u, 25 }, { 2852512026u, 36 },
	{ 3012885302u, 16 }, { 3530140069u, 64 }, { 2871841566u, 1 }, { 1982966162u, 64 },
	{ 502922616u, 4 }, { 253207296u, 81 }, { 3299535553u, 1 }, { 1063497603u, 36 },
	{ 3742728880u, 81 }, { 346094055u, 1 }, { 1929245186u, 0 }, { 2359826449u, 36 },
	{ 3794104665u, 64 }, { 3518780121u, 16 }, { 3797579269u, 49 }, { 4113424221u, 1 },
	{ 648200381u, 81 }, { 756849392u, 49 }, { 1002170858u, 64 }, { 2530266207u, 81 },
	{ 1128488133u, 81 }, { 17581913u, 81 }, { 2432417041u, 1 }, { 4093524416u, 0 },
	{ 231897701u, 9 }, { 1685254563u, 64 }, { 1713601028u, 1 }, { 444688428u, 9 },
	{ 9586u, 64 },
};

START_TEST(squares_are_numpys)
{
	for (size_t i = 0; i < sizeof numpy / sizeof *numpy; i++)
		ck_assert_msg(reference_square(numpy[i].seed) == numpy[i].square,
		              "seed %u: %d. Expected: %d.", numpy[i].seed,
		              reference_square(numpy[i].seed), numpy[i].square);
}
END_TEST

START_TEST(sums_are_the_books)
{
	ck_assert_uint_eq(reference_sum(0, 100), 2806);
	ck_assert_uint_eq(reference_sum(0, 1000000), 28524147);
}
END_TEST

START_TEST(sums_of_parts)
{
	ck_assert_uint_eq(reference_sum(7, 0), 0);
	ck_assert_uint_eq(reference_sum(3, 4), 64 + 49 + 9 + 81);
	ck_assert_uint_eq(reference_sum(0, 40) + reference_sum(40, 60), 2806);
	ck_assert_uint_eq(reference_sum(UINT32_MAX, 2), 9 + 25); /* on to seed 0 */
}
END_TEST

/* --- the probe ---------------------------------------------------------------- */

/* A log that shares memory with the processes that this one starts. */
static struct probe_log *log_create(size_t capacity)
{
	return probe_init(shared_alloc(probe_log_size(capacity) + 64), capacity);
}

START_TEST(probe_notes_each_task)
{
	struct probe_log *log = log_create(4);
	struct timespec now;
	ck_assert_uint_eq(probe_entries(log), 0);
	reference_sum(0, 50000); /* CPU time that is not the tasks' */
	for (uint32_t seed = 10; seed < 13; seed++)
		ck_assert_int_eq(probe_task(seed), reference_square(seed));
	clock_gettime(CLOCK_MONOTONIC, &now);
	ck_assert_uint_eq(probe_entries(log), 3);
	for (uint32_t i = 0; i < 3; i++) {
		const struct probe_entry *e = &log->entry[i];
		ck_assert_uint_eq(e->seed, 10 + i);
		ck_assert_int_eq(e->pid, getpid());
		ck_assert_int_eq(e->tid, getpid());
		ck_assert(e->start > 0 && e->start < e->end);
		ck_assert(e->end <= (double)now.tv_sec + (double)now.tv_nsec * 1e-9);
		ck_assert(e->cpu_seconds > 0 && e->cpu_seconds < e->end - e->start + 0.001);
		ck_assert(i == 0 || e->start >= log->entry[i - 1].end);
	}
}
END_TEST

START_TEST(probe_counts_how_often)
{
	struct probe_log *log = log_create(8);
	probe_task(5);
	probe_task(6);
	probe_task(5);
	ck_assert_uint_eq(probe_times_run(log, 5), 2);
	ck_assert_uint_eq(probe_times_run(log, 6), 1);
	ck_assert_uint_eq(probe_times_run(log, 0), 0);
}
END_TEST

/* What there is no room for is counted, and written nowhere. */
START_TEST(probe_log_can_be_full)
{
	struct probe_log *log = log_create(2);
	static const char untouched[64];
	for (uint32_t seed = 0; seed < 5; seed++)
		ck_assert_int_eq(probe_task(seed), reference_square(seed));
	ck_assert_uint_eq(atomic_load(&log->count), 5);
	ck_assert_uint_eq(probe_entries(log), 2);
	ck_assert_uint_eq(probe_times_run(log, 4), 0);
	ck_assert_int_eq(memcmp((char *)log + probe_log_size(2), untouched, sizeof untouched), 0);
}
END_TEST

START_TEST(probe_starts_afresh)
{
	struct probe_log *log = log_create(2);
	probe_task(1);
	ck_assert_ptr_eq(probe_init(log, 2), log);
	ck_assert_uint_eq(probe_entries(log), 0);
	ck_assert_uint_eq(log->capacity, 2);
}
END_TEST

/* Four processes at once: each task has an entry of its own, with its process. */
START_TEST(probe_notes_processes)
{
	enum { PROCESSES = 4, TASKS = 250 };
	struct probe_log *log = log_create(PROCESSES * TASKS);
	pid_t pid[PROCESSES];
	for (uint32_t p = 0; p < PROCESSES; p++) {
		pid[p] = fork();
		for (uint32_t i = 0; pid[p] == 0 && i < TASKS; i++)
			probe_task(p * TASKS + i);
		if (pid[p] == 0)
			_exit(0);
	}
	for (int p = 0; p < PROCESSES; p++)
		ck_assert_int_eq(waitpid(pid[p], NULL, 0), pid[p]);
	ck_assert_uint_eq(probe_entries(log), PROCESSES * TASKS);
	for (uint32_t seed = 0; seed < PROCESSES * TASKS; seed++)
		ck_assert_uint_eq(probe_times_run(log, seed), 1);
	for (size_t i = 0; i < probe_entries(log); i++)
		ck_assert_int_eq(log->entry[i].pid, pid[log->entry[i].seed / TASKS]);
}
END_TEST

static void *run_task(void *arg)
{
	probe_task(3);
	return arg;
}

START_TEST(probe_notes_threads)
{
	struct probe_log *log = log_create(1);
	pthread_t thread;
	ck_assert_int_eq(pthread_create(&thread, NULL, run_task, NULL), 0);
	pthread_join(thread, NULL);
	ck_assert_int_eq(log->entry[0].pid, getpid());
	ck_assert_int_ne(log->entry[0].tid, getpid());
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("task");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, squares_are_numpys);
	tcase_add_test(t, sums_are_the_books);
	tcase_add_test(t, sums_of_parts);
	tcase_add_test(t, probe_notes_each_task);
	tcase_add_test(t, probe_counts_how_often);
	tcase_add_test(t, probe_log_can_be_full);
	tcase_add_test(t, probe_starts_afresh);
	tcase_add_test(t, probe_notes_processes);
	tcase_add_test(t, probe_notes_threads);
	Suite *suite = suite_create("task");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
