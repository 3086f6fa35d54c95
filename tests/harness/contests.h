/* Contests that nobody played, and what is said of them: for the tests of speed's
 * words. Each time is exactly what the test says.
 */
#ifndef CONTESTS_H
#define CONTESTS_H

#include <check.h>
#include <string.h>

#include "speed.h"

enum { SIZE_ROUNDS = 15 };

static struct contest contest;
static struct verdict verdict;

/* Rounds of two workers of which bare ones reach 1.96: 1.4 is required. */
static inline void play_rounds(size_t count, double speedup)
{
	while (count-- > 0)
		contest.round[contest.rounds++] = (struct round){
			.serial = 0.0196, .student = 0.0196 / speedup, .bare = 0.01, .serial_cpu = 0.0196,
			.wall = 0.05 };
}

static inline void play_void_rounds(size_t count, double ceiling)
{
	while (count-- > 0) {
		play_rounds(1, 1.2);
		contest.round[contest.rounds - 1].bare = 0.0196 / ceiling;
	}
}

/* A CPU of two is used by others, or by the host, for this part of all time. */
static inline void use_cpus(double others, double stolen)
{
	for (size_t i = 0; i < contest.rounds; i++) {
		contest.round[i].others = others * 2 * contest.round[i].wall;
		contest.round[i].stolen = stolen * 2 * contest.round[i].wall;
	}
	contest.others = others * 2 * contest.wall;
	contest.stolen = stolen * 2 * contest.wall;
}

/* Sizes at which both ways are faster from such an n on. */
static inline void play_sizes(double student_from, double bare_from)
{
	contest_choose_sizes(&contest);
	for (int i = 0; i < CONTEST_SIZES; i++) {
		double n = (double)contest.size[i];
		for (int r = 0; r < SIZE_ROUNDS; r++) {
			contest.serial[i][r] = n * 1e-6;
			contest.student[i][r] = (student_from + n) / 2 * 1e-6;
			contest.bare[i][r] = (bare_from + n) / 2 * 1e-6;
		}
	}
	contest.size_rounds = SIZE_ROUNDS;
	contest.wall = 1;
}

/* Parallel work can pay from n = 200 on: the bound is 800. */
static inline void setup(void)
{
	memset(&verdict, 0, sizeof verdict);
	contest = (struct contest){ .workers = 2, .start_seconds = 100e-6, .task_seconds = 1e-6,
		                        .n = 32768 };
}

/* --- what is said ---------------------------------------------------------------- */

static inline void judge(void)
{
	speed_judge(&verdict, &contest, "pool_map");
}

static inline void expect(enum verdict_kind kind, const char *part)
{
	ck_assert_msg(verdict.kind == kind, "%s: %s", verdict_name(verdict.kind), verdict.message);
	ck_assert_msg(strstr(verdict.message, part) != NULL, "\"%s\" is not in: %s", part,
	              verdict.message);
}

#endif
