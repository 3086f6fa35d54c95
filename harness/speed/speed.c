/* The verdict of speed, in words: see speed.h. */
#include "speed.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cpus.h"
#include "crossing.h"
#include "makespan.h"
#include "number.h"

static const double much = 0.10; /* of the CPUs: enough to be named as the reason */

static const char later[] =
	"Nothing is wrong with your code for all we know; these points stay open. When two CPUs "
	"are free, type:";

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

/* Others are the reason, if there were any to speak of; if not, `otherwise` is. */
static void give_reason(struct verdict *verdict, double others, double stolen, int workers,
                        const char *otherwise, const char *measured)
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
		snprintf(reason, sizeof reason, "%s", otherwise);
	not_measured(verdict, reason, measured);
}

/* Why the rounds could not be decided, with nobody else there. */
static void explain_rounds(const struct rounds_result *r, int workers, char reason[], size_t size)
{
	if (r->state == ROUNDS_GO_ON)
		snprintf(reason, size, "the rounds took so long that they were given up undecided");
	else if (r->counted == 0)
		snprintf(reason, size,
		         "ceiling %.2f of %d: bare processes came no nearer to %d times as fast",
		         r->ceiling, workers, workers);
	else if (!rounds_machine_was_free(r))
		snprintf(reason, size,
		         "in %d of %d rounds, bare processes did not come near to %d times as fast",
		         r->empty, r->counted + r->empty, workers);
	else
		snprintf(reason, size,
		         "some rounds say that it is as fast as is required, as many say that it is not");
}

static void judge_rounds(struct verdict *verdict, const struct contest *c, const char *function)
{
	char measured[200], reason[200];
	struct rounds_result r = rounds_judge(c->round, c->rounds, c->workers);
	snprintf(measured, sizeof measured,
	         " Measured: %.2fx at n = %s, in %d of %d rounds that counted. Required: %.2fx (this "
	         "machine gave %.2fx).",
	         r.speedup, number_text(c->n), r.counted, r.counted + r.empty, r.required, r.ceiling);
	explain_rounds(&r, c->workers, reason, sizeof reason);
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
		give_reason(verdict, r.others, r.stolen, c->workers, reason, measured);
}

/* --- the crossover ------------------------------------------------------------------ */

/* Why the crossover could not be told, with nobody else there. */
static void explain_crossing(const struct crossing *x, char reason[], size_t size)
{
	if (isinf(x->bare_n))
		snprintf(reason, size, "bare processes were no faster either, up to n = %s",
		         number_text(x->largest));
	else if (x->bare_n > x->bound)
		snprintf(reason, size, "bare processes, too, were faster only from n = %s on",
		         number_estimate(x->bare_n));
	else if (x->n <= CROSSING_AHEAD * x->bare_n)
		snprintf(reason, size, "bare processes were not far ahead, faster from n = %s on",
		         number_estimate(x->bare_n));
	else
		snprintf(reason, size,
		         "of two estimates of the n from which it is faster, only one keeps the bound");
}

/* What the bound is made of. */
static void explain_bound(const struct contest *c, char costs[], size_t size)
{
	if (c->mechanism == BARE_WAKE)
		snprintf(costs, size,
		         "a bare wake-up of %d sleeping processes costs %.0f us; one task: %.2f us",
		         c->workers, c->start_seconds * 1e6, c->task_seconds * 1e6);
	else
		snprintf(costs, size, "start and wait for %d: %.0f us; one task: %.2f us", c->workers,
		         c->start_seconds * 1e6, c->task_seconds * 1e6);
}

static void judge_crossing(struct verdict *verdict, const struct contest *c, const char *function)
{
	char measured[200], reason[200], costs[120];
	struct crossing x = crossing_judge(c);
	snprintf(measured, sizeof measured,
	         " Measured: %s n = %s. Bound: %s, which is %d times what bare processes need here.",
	         isfinite(x.n) ? "faster from" : "not faster up to",
	         isfinite(x.n) ? number_estimate(x.n) : number_text(x.largest),
	         number_estimate(x.bound), contest_slack(c));
	explain_crossing(&x, reason, sizeof reason);
	explain_bound(c, costs, sizeof costs);
	if (x.state == CROSSING_LATE)
		verdict_fail(verdict, LATE_CROSSOVER,
		             "Find out what each call costs before its first task runs, and after its last: "
		             "processes, pages that are touched, sleeps, waiting for one after the other.",
		             "%s is faster than the serial loop %s n = %s. Bound: %s, which is %d times "
		             "what bare processes need here (%s).",
		             function, isfinite(x.n) ? "only from" : "not even at",
		             isfinite(x.n) ? number_estimate(x.n) : number_text(x.largest),
		             number_estimate(x.bound), contest_slack(c), costs);
	else if (x.state != CROSSING_EARLY)
		give_reason(verdict, x.others, x.stolen, c->workers, reason, measured);
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
		verdict_set(verdict, VERDICT_KIT_ERROR,
		            contest->kit_error == ECHILD ? "A process of the kit's own was ended: %s."
		                                         : "The kit could not start a process: %s.",
		            strerror(contest->kit_error));
	judge_failure(verdict, contest, function);
	if (verdict_open(verdict))
		judge_rounds(verdict, contest, function);
	if (verdict_open(verdict))
		judge_crossing(verdict, contest, function);
	if (verdict_open(verdict))
		tell_success(verdict, contest);
}
