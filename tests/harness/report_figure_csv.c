/* The figure's numbers in a file: what is written can be read, to the last bit, and
 * what is damaged is refused with the number of its line.
 */
#define _GNU_SOURCE
#include "figures.h"

static char folder[] = "/tmp/crossover-unit-XXXXXX";
static struct figure_problem problem;

static void make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
	char command[100];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static void setup(void)
{
	const double two[] = { 100, 400 };
	ck_assert_int_eq(chdir(folder), 0);
	make_figure(2, two);
}

static int read_text(const char *text)
{
	FILE *file = fopen("read.csv", "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
	return figure_read(&figure, "read.csv", &problem);
}

#define HEAD "# crossover figure 1\n# cpus: 2\n# workers: 3\n"
#define NAMES "n,round,serial,pipe_map\n"

static void expect_wrong(const char *text, int line, const char *why)
{
	ck_assert_int_eq(read_text(text), -1);
	ck_assert_msg(problem.line == line, "line %d, not %d: %s\n%s", problem.line, line, problem.text,
	              text);
	expect_text(problem.text, why);
}

START_TEST(there_and_back)
{
	static struct figure back;
	figure_note(&figure, "pipe_map is not drawn: why, \"so\"");
	figure.seconds[5][2][2] = figure.seconds[5][1][2] = NAN;
	ck_assert_int_eq(figure_write(&figure, "there.csv"), 0);
	ck_assert_msg(figure_read(&back, "there.csv", &problem) == 0, "%d: %s", problem.line, problem.text);
	ck_assert_str_eq(back.implementation, figure.implementation);
	ck_assert_str_eq(back.machine, figure.machine);
	ck_assert_int_eq(back.cpus, figure.cpus);
	ck_assert_int_eq(back.workers, figure.workers);
	ck_assert(back.start_seconds == figure.start_seconds);
	ck_assert(back.ceiling == figure.ceiling);
	ck_assert_int_eq(back.notes, 1);
	ck_assert_str_eq(back.note[0], figure.note[0]);
	ck_assert_int_eq(memcmp(back.way, figure.way, sizeof back.way), 0);
	ck_assert_int_eq(memcmp(back.n, figure.n, sizeof back.n), 0);
	ck_assert_int_eq(memcmp(back.rounds, figure.rounds, sizeof back.rounds), 0);
	for (int size = 0; size < figure.sizes; size++)
		for (int way = 0; way < figure.ways; way++)
			for (int round = 0; round < figure.rounds[size]; round++) {
				double a = figure.seconds[size][way][round], b = back.seconds[size][way][round];
				ck_assert(a == b || (isnan(a) && isnan(b)));
			}
	ck_assert_int_eq(figure_write(&back, "again.csv"), 0);
	ck_assert_int_eq(system("cmp there.csv again.csv"), 0);
}
END_TEST

START_TEST(written_whole_or_not_at_all)
{
	ck_assert_int_eq(figure_write(&figure, "nowhere/there.csv"), -1);
	ck_assert_int_eq(system("mkdir taken.csv"), 0);
	ck_assert_int_eq(figure_write(&figure, "taken.csv"), -1);
	ck_assert_int_eq(system("test $(ls | grep -c taken) = 1"), 0); /* no other file is left */
}
END_TEST

START_TEST(what_may_be_there)
{
	ck_assert_int_eq(read_text(HEAD "# mine: 7\n#\n\n" NAMES "10,1,0.5,\n10,2,0.5,1e-3\n20,1,1,2\n"), 0);
	ck_assert_int_eq(figure.sizes, 2);
	ck_assert_int_eq(figure.rounds[0], 2);
	ck_assert(isnan(figure.seconds[0][1][0]));
	ck_assert(figure.seconds[0][1][1] == 1e-3);
	ck_assert_int_eq(read_text("# crossover figure 1\r\n# cpus: 2\r\n# workers: 3\r\nn,round,serial\r\n"
	                           "10,1,0.5\r\n"), 0);
	ck_assert_int_eq(read_text(HEAD NAMES "10,1,0.5,1"), 0); /* no end of line */
}
END_TEST

START_TEST(no_such_file)
{
	ck_assert_int_eq(figure_read(&figure, "nowhere.csv", &problem), -1);
	ck_assert_int_eq(problem.line, 0);
	expect_text(problem.text, "No such file");
	ck_assert_int_eq(figure_read(&figure, ".", &problem), -1);
}
END_TEST

START_TEST(damaged_heads)
{
	expect_wrong("", 1, "ends before the first round");
	expect_wrong("n,round,serial\n", 1, "expected \"# crossover figure 1\"");
	expect_wrong("# crossover figure 1\n# cpus: two\n", 2, "a number of CPUs, not \"two\"");
	expect_wrong("# crossover figure 1\n# workers: 0\n", 2, "a number of workers");
	expect_wrong(HEAD "# ceiling: high\n", 4, "expected a number, not \"high\"");
	expect_wrong(HEAD "# start seconds: -1\n", 4, "expected a number, not \"-1\"");
	expect_wrong("# crossover figure 1\nn,round,serial\n10,1,1\n", 4, "no cpus: and workers:");
	expect_wrong(HEAD "10,1,1,1\n", 4, "expected the columns n,round,serial");
	expect_wrong(HEAD "n,round\n", 4, "serial as the first way");
	expect_wrong(HEAD "n,round,pipe_map,serial\n", 4, "serial as the first way");
	expect_wrong(HEAD "n,round,serial,a b\n", 4, "\"a b\" is not expected");
	expect_wrong(HEAD "n,round,serial,,x\n", 4, "\"\" is not expected");
	expect_wrong(HEAD "n,round,serial,a,b,c,d,e,f,g,h,i,j\n", 4, "\"j\" is not expected");
}
END_TEST

START_TEST(damaged_rounds)
{
	expect_wrong(HEAD NAMES, 5, "ends before the first round");
	expect_wrong(HEAD NAMES "10,1,1\n", 5, "expected 4 columns, found 3");
	expect_wrong(HEAD NAMES "10,1,1,1,1\n", 5, "expected 4 columns, found more");
	expect_wrong(HEAD NAMES "10,1,1,x\n", 5, "expected seconds above 0, not \"x\"");
	expect_wrong(HEAD NAMES "10,1,,1\n", 5, "expected seconds above 0, not \"\"");
	expect_wrong(HEAD NAMES "10,1,1,-1\n", 5, "not \"-1\"");
	expect_wrong(HEAD NAMES "10,1,1,0\n", 5, "not \"0\"");
	expect_wrong(HEAD NAMES "10,1,1,nan\n", 5, "not \"nan\"");
	expect_wrong(HEAD NAMES "10,1,1,1e999\n", 5, "not \"1e999\"");
	expect_wrong(HEAD NAMES "0,1,1,1\n", 5, "expected n and the number of a round");
	expect_wrong(HEAD NAMES "-10,1,1,1\n", 5, "expected n and the number of a round");
	expect_wrong(HEAD NAMES "10\n", 5, "expected n and the number of a round");
	expect_wrong(HEAD NAMES "10,32,1,1\n", 5, "expected n and the number of a round, up to 31");
	expect_wrong(HEAD NAMES "10,2,1,1\n", 5, "round 2 of n = 10 does not belong here");
	expect_wrong(HEAD NAMES "10,1,1,1\n10,1,1,1\n", 6, "round 1 of n = 10 does not belong");
	expect_wrong(HEAD NAMES "20,1,1,1\n10,1,1,1\n", 6, "n goes up");
}
END_TEST

START_TEST(more_than_there_is_room_for)
{
	static char text[20000];
	size_t used = (size_t)snprintf(text, sizeof text, "%s%s", HEAD, NAMES);
	for (int i = 1; i <= FIGURE_SIZES + 1; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%d,1,1,1\n", i);
	expect_wrong(text, 4 + FIGURE_SIZES + 1, "does not belong here");
	snprintf(text, sizeof text, "%s# %0*d\n", HEAD, 1000, 0);
	expect_wrong(text, 4, "the line is too long");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("report: figure's file");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_unchecked_fixture(t, make_folder, remove_folder);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, there_and_back);
	tcase_add_test(t, written_whole_or_not_at_all);
	tcase_add_test(t, what_may_be_there);
	tcase_add_test(t, no_such_file);
	tcase_add_test(t, damaged_heads);
	tcase_add_test(t, damaged_rounds);
	tcase_add_test(t, more_than_there_is_room_for);
	return run_figures("report: figure's file", t);
}
