/* The verdict of speed, in words: see speed.h. */
#include "speed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cpus.h"
#include "crossing.h"
#include "makespan.h"
#include "number.h"

static const double much = 0.10; /* of the CPUs: enough to be named as the reason */

static const char later[] =
	"Nothing is wrong with your code for all we know. When the machine has two free CPUs, "
	"type make check with LAB= and this TEST= again: these points stay open until then.";

int speed_workers(void)
{
	int usable = cpus_usable();
	return usable < CONTEST_WORKERS_MOST ? usable : CONTEST_WORKERS_MOST;
}

static void not_measured(struct verdict *verdict, const char *reason, const char *measured)
{
	bool open = verdict_open(verdict);
	verdict_set(verdict, VERDICT_NOT_MEASURED,
	            "Whether it is faster cannot be told here and now: %s.%s", reason, measured);
	if (open)
		snprintf(verdict->next_step, sizeof verdict->next_step, "%s", later);
}

bool speed_possible(struct verdict *verdict)
{
	char reason[200];
	if (cpus_usable() > 1)
		return true;
	if (cpus_allowed() > 1)
		snprintf(reason, sizeof reason,
		         "of the %d CPUs, the control group's quota allows the use of %.1f", cpus_allowed(),
		         cpus_quota());
	else
		snprintf(reason, sizeof reason, "this run may use one CPU, on which nothing runs side by "
		         "side");
	not_measured(verdict, reason, "");
	return false;
}

void speed_judge_makespan(struct verdict *verdict, const double speedups[], size_t rounds,
                          int workers, const char *function)
{
	double measured = makespan_median(speedups, rounds), required = makespan_required(workers);
	if (measured < required)
		verdict_fail(verdict, UNBALANCED,
		             "Print how many tasks each worker runs. Each needs its share: about n / "
		             "workers tasks where all take equally long.",
		             "By the CPU time that the tasks of %s took, %d workers can be %.2f times as "
		             "fast as one, since one of them did so much of the work. Required: %.2fx; "
		             "evenly shared out it is %d.00x.",
		             function, workers, measured, required, workers);
}

/* --- the rounds --------------------------------------------------------------------- */

/* Why the rounds could not be decided. */
static void give_reason(struct verdict *verdict, double others, double stolen, double ceiling,
                        int workers, const char *measured)
{
	char reason[200];
	if (stolen > much)
		snprintf(reason, sizeof reason,
		         "%.0f%% steal: this virtual machine's host ran something else on its CPUs",
		         stolen * 100);
	else if (others > much)
		snprintf(reason, sizeof reason, "other programs used %.0f%% of the %d CPUs", others * 100,
		         workers);
	else
		snprintf(reason, sizeof reason,
		         "ceiling %.2f of %d: bare processes came no nearer to %d times as fast", ceiling,
		         workers, workers);
	not_measured(verdict, reason, measured);
}

static void judge_rounds(struct verdict *verdict, const struct contest *c, const char *function)
{
	char measured[200];
	struct rounds_result r = rounds_judge(c->round, c->rounds, c->workers);
	snprintf(measured, sizeof measured,
	         " Measured: %.2fx at n = %s, in %d of %d rounds that counted; this machine gave %.2fx.",
	         r.speedup, number_text(c->n), r.counted, r.counted + r.empty, r.ceiling);
	if (r.state == ROUNDS_NOT_FASTER)
		verdict_fail(verdict, NOT_FASTER,
		             "The work is shared out, so something costs time besides: what do the workers "
		             "or the caller do between the tasks? Look for waiting in turn, locks, copies, "
		             "calls of the kernel for each task, and processes that only spin.",
		             "With %d workers, %s is %.2f times as fast as the serial loop at n = %s, the "
		             "median of %d rounds. Required: %.2fx (this machine gives %.2fx).",
		             c->workers, function, r.speedup, number_text(c->n), r.counted, r.required,
		             r.ceiling);
	else if (r.state != ROUNDS_FASTER)
		give_reason(verdict, r.others, r.stolen, r.ceiling, c->workers, measured);
}

/* --- the crossover ------------------------------------------------------------------ */

static void judge_crossing(struct verdict *verdict, const struct contest *c, const char *function)
{
	char measured[200];
	struct crossing x = crossing_judge(c);
	snprintf(measured, sizeof measured, isfinite(x.n) ? " Measured: faster from n = %s on, bound %s."
	         : " Measured: not faster up to n = %s, bound %s.",
	         isfinite(x.n) ? number_estimate(x.n) : number_text(x.largest),
	         number_estimate(x.bound));
	if (x.state == CROSSING_LATE)
		verdict_fail(verdict, LATE_CROSSOVER,
		             "Find out what each call costs before its first task runs, and after its last: "
		             "processes, pages that are touched, sleeps, waiting for one after the other.",
		             "%s is faster than the serial loop %s n = %s. Bound: %s, which is %d times "
		             "what bare processes need here (start and wait for %d: %.0f us; one task: "
		             "%.2f us).",
		             function, isfinite(x.n) ? "only from" : "not even at",
		             isfinite(x.n) ? number_estimate(x.n) : number_text(x.largest),
		             number_estimate(x.bound), CONTEST_SLACK, c->workers, c->start_seconds * 1e6,
		             c->task_seconds * 1e6);
	else if (x.state != CROSSING_EARLY)
		give_reason(verdict, x.others, x.stolen,
		            rounds_judge(c->round, c->rounds, c->workers).ceiling, c->workers, measured);
}

/* --- all of it ---------------------------------------------------------------------- */

static void judge_failure(struct verdict *verdict, const struct contest *c, const char *function)
{
	if (c->value != 0)
		verdict_fail(verdict, UNEXPECTED_ERROR, "See what the other tests of this lab say.",
		             "%s with n = %s and %d workers returned %d with errno %d (%s), after %s calls "
		             "that succeeded. Expected: it succeeds each time.",
		             function, number_text(c->failed_n), c->workers, c->value, c->error,
		             strerror(c->error), number_text(c->calls));
	else if (c->failed_n > 0)
		verdict_fail(verdict, WRONG_RESULT,
		             "Are results kept from one call to the next, or is something left out when "
		             "nobody seems to look?",
		             "While it was timed, with n = %s and %d workers, %zu results of %s were wrong: "
		             "results[%zu] is %d. Expected: %d, as the serial loop has it.",
		             number_text(c->failed_n), c->workers, c->wrong, function, c->wrong_index,
		             c->got, c->expected);
}

static void tell_success(struct verdict *verdict, const struct contest *c)
{
	struct rounds_result r = rounds_judge(c->round, c->rounds, c->workers);
	struct crossing x = crossing_judge(c);
	verdict_set(verdict, VERDICT_PASSED,
	            "%.2fx at n = %s; required %.2fx (this machine gives %.2fx); faster from n = %s on, "
	            "bound %s",
	            r.speedup, number_text(c->n), r.required, r.ceiling, number_estimate(x.n),
	            number_estimate(x.bound));
}

void speed_judge(struct verdict *verdict, const struct contest *contest, const char *function)
{
	if (contest->kit_error != 0)
		verdict_set(verdict, VERDICT_KIT_ERROR, "The kit could not start a process: %s.",
		            strerror(contest->kit_error));
	judge_failure(verdict, contest, function);
	if (verdict_open(verdict))
		judge_rounds(verdict, contest, function);
	if (verdict_open(verdict))
		judge_crossing(verdict, contest, function);
	if (verdict_open(verdict))
		tell_success(verdict, contest);
}
