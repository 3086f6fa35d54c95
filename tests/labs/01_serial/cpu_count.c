/* Lab 01, cpu_count: does it count the CPUs of this process? */
#define _GNU_SOURCE
#include <sched.h>
#include <unistd.h>

#include "judge.h"
#include "shared.h"
#include "tests.h"

typedef int cpu_count_fn(void);

struct cpu_call {
	cpu_set_t mask; /* that the caller runs under */
	int count;
};

static void call_cpu_count(void *arg)
{
	struct cpu_call *call = arg;
	cpu_count_fn *function = (cpu_count_fn *)plugin_function("cpu_count");
	sched_setaffinity(0, sizeof call->mask, &call->mask);
	call_begin();
	call->count = function();
	call_end(call->count);
}

static void check_cpu_count(struct test *t, const cpu_set_t *mask)
{
	struct cpu_call *shared = shared_alloc(sizeof *shared);
	struct call call = { .body = call_cpu_count, .arg = shared };
	int expected = CPU_COUNT(mask);
	shared->mask = *mask;
	test_call(t, &call);
	if (!judge_not_started(&t->verdict, &t->outcome, "cpu_count") &&
	    judge_ending(&t->verdict, &call, &t->outcome) && shared->count != expected)
		verdict_fail(&t->verdict, WRONG_RESULT,
		             "Ask sched_getaffinity, and count the CPUs of the set (CPU_COUNT).",
		             "cpu_count() returned %d in a process that may use %d of the machine's "
		             "%ld CPUs. Expected: %d.",
		             shared->count, expected, sysconf(_SC_NPROCESSORS_ONLN), expected);
	shared_free(shared, sizeof *shared);
}

void cpu_count_of_this_process(struct test *t)
{
	cpu_set_t mask;
	sched_getaffinity(0, sizeof mask, &mask);
	check_cpu_count(t, &mask);
}

/* Under a mask of one CPU: the first that is allowed, then the last, since some
 * take the highest number for the count. */
void cpu_count_respects_affinity(struct test *t)
{
	cpu_set_t allowed, one;
	sched_getaffinity(0, sizeof allowed, &allowed);
	size_t first = CPU_SETSIZE, last = 0;
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed))
			continue;
		first = first == CPU_SETSIZE ? cpu : first;
		last = cpu;
	}
	for (int i = 0; i < 2 && verdict_open(&t->verdict); i++) {
		CPU_ZERO(&one);
		CPU_SET(i == 0 ? first : last, &one);
		check_cpu_count(t, &one);
	}
}
