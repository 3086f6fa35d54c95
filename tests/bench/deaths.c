/* The pools under fire: `make bench-deaths`, with N= kills for each lab, and SEED=.
 *
 * In each round a program makes a pool and uses it, while a thread beside it kills
 * workers by SIGKILL at moments that are uniform in time: while the pool is made, in a
 * call, while the workers are asleep, while the pool is ended. A call may then fail
 * with ECHILD; but what succeeds has the right results, nothing hangs and nothing is
 * left, which the kit's supervision watches from outside. In lab 06 a death may fail
 * no more than one call, as long as somebody lives.
 *
 * What the rounds do follows from the seed; the moments depend on the machine, too.
 */
#define _GNU_SOURCE
#include "deaths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compile.h"
#include "judge.h"
#include "labs.h"
#include "program.h"
#include "shared.h"
#include "supervise.h"

enum { ROUNDS_PER_KILL = 20, KILLS_DEFAULT = 200 };

static const char *const phase_names[PHASES] = { "in create",   "in map", "in apply",
	                                             "async calls", "asleep", "at the end" };

/* --- the rounds of a lab, and what is said of them ------------------------------ */

struct sums {
	int rounds, kills, kills_in[PHASES], succeeded, died, wrong, hangs, left, others;
	double slowest_failure;
};

static void add(struct sums *sums, const struct round *r)
{
	sums->rounds++;
	sums->kills += r->kills;
	for (int i = 0; i < PHASES; i++)
		sums->kills_in[i] += r->kills_in[i];
	sums->succeeded += r->succeeded;
	sums->died += r->died;
	sums->wrong += r->wrong;
	if (r->slowest_failure > sums->slowest_failure)
		sums->slowest_failure = r->slowest_failure;
}

/* Returns whether the program came to its end and left nothing. */
static bool judge(struct sums *sums, const struct call *call, const struct outcome *outcome,
                  struct verdict *verdict)
{
	bool hung = outcome->ending == ENDING_TIMED_OUT || outcome->ending == ENDING_LOOPED;
	if (!judge_ending(verdict, call, outcome)) {
		sums->hangs += hung;
		sums->others += !hung;
		return false;
	}
	judge_leftovers(verdict, outcome);
	sums->left += !verdict_open(verdict);
	return verdict_open(verdict);
}

static void run_round(struct sums *sums, struct round *r, const char *plugin, uint32_t seed)
{
	static struct outcome outcome;
	struct verdict verdict = { 0 };
	bool async = r->async;
	*r = (struct round){ .async = async, .random = deaths_mix(seed) };
	r->killers_random = deaths_mix(~seed);
	r->workers = 1 + (int)deaths_random(&r->random, WORKERS_MOST);
	r->kills_planned = 1 + (int)deaths_random(&r->random, KILLS_MOST);
	r->calls_planned = (int)deaths_random(&r->random, CALLS_MOST + 1);
	r->from_the_start = deaths_random(&r->random, 4) == 0;
	r->to_the_last = deaths_random(&r->random, 3) > 0;
	struct call call = { .plugin = plugin, .body = deaths_round, .arg = r,
		                 .text = "a program with a pool",
		                 .limits = { .wall_seconds = 2, .most_seconds = 60, .cpu_seconds = 20 } };
	supervise(&call, &outcome);
	add(sums, r);
	if (!judge(sums, &call, &outcome, &verdict))
		printf("not ok  SEED=%u: %s\n", seed, verdict.message);
	if (r->wrong > 0)
		printf("not ok  SEED=%u: %s\n", seed, r->mistake);
}

static int mistakes(const struct sums *s, int kills)
{
	return s->wrong + s->hangs + s->left + s->others + (s->kills < kills) + (s->succeeded == 0);
}

static void print_line(const char *lab, const struct sums *s)
{
	printf("%-10s %5d %5d %7d %7d %5.0f ms %5d %5d %5d %5d\n", lab, s->rounds, s->kills,
	       s->succeeded, s->died, s->slowest_failure * 1e3, s->wrong, s->hangs, s->left, s->others);
	printf("  kills:");
	for (int i = 0; i < PHASES; i++)
		printf("%s %d %s", i == 0 ? "" : ",", s->kills_in[i], phase_names[i]);
	printf("\n");
	fflush(stdout);
}

/* Returns whether all went well. */
static bool run_lab(const char *lab, const char *plugin, int kills, uint32_t seed)
{
	struct round *r = shared_alloc(sizeof *r);
	struct sums sums = { 0 };
	for (int i = 0; sums.kills < kills && i < ROUNDS_PER_KILL * kills; i++) {
		r->async = strcmp(lab, "06_async") == 0;
		run_round(&sums, r, plugin, seed + (uint32_t)i);
	}
	print_line(lab, &sums);
	shared_free(r, sizeof *r);
	return mistakes(&sums, kills) == 0;
}

/* --- the command ---------------------------------------------------------------- */

static void compile(const char *implementation, const char *lab, struct plugin *plugin)
{
	struct sources sources;
	labs_sources(implementation, lab, &sources);
	compile_plugin(implementation, lab, &sources, plugin);
	if (plugin->compiled)
		return;
	fprintf(stderr, "deaths: %s, %s: %s\n", implementation, lab, plugin->first_line);
	exit(2);
}

static uint32_t setting(const char *name, uint32_t usual)
{
	const char *text = getenv(name);
	char *end;
	if (text == NULL || text[0] == '\0')
		return usual;
	unsigned long value = strtoul(text, &end, 10);
	if (*end == '\0' && text[0] != '-' && value > 0 && value <= UINT32_MAX)
		return (uint32_t)value;
	fprintf(stderr, "deaths: %s=%s: a number above 0 is needed\n", name, text);
	exit(2);
}

int main(void)
{
	static const char *const labs[] = { "05_pool", "06_async" };
	enum { LABS = sizeof labs / sizeof *labs };
	const char *given = getenv("IMPL"), *only = getenv("LAB");
	const char *implementation = given == NULL || given[0] == '\0' ? "solutions" : given;
	uint32_t seed = setting("SEED", deaths_mix((uint32_t)time(NULL)) | 1);
	int kills = (int)setting("N", KILLS_DEFAULT), passed = 0, failed = 0;
	program_handle_signals();
	printf("Workers of %s killed at random moments, %d for each lab, SEED=%u\n\n", implementation,
	       kills, seed);
	printf("%-10s %5s %5s %7s %7s %8s %5s %5s %5s %5s\n", "", "", "", "calls", "failed:", "slowest",
	       "", "", "", "");
	printf("%-10s %5s %5s %7s %7s %8s %5s %5s %5s %5s\n", "lab", "round", "kills", "right",
	       "ECHILD", "of them", "wrong", "hangs", "left", "ended");
	for (int i = 0; i < LABS; i++) {
		struct plugin plugin;
		if (only != NULL && only[0] != '\0' && strstr(labs[i], only) == NULL)
			continue;
		compile(implementation, labs[i], &plugin);
		bool good = run_lab(labs[i], plugin.path, kills, seed);
		passed += good;
		failed += !good;
	}
	printf("deaths: %d passed, %d failed\n", passed, failed);
	return failed > 0 || passed == 0;
}
