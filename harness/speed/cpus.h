/* Which CPUs a run may use, and who used them.
 *
 * The CPUs that count are those of the affinity mask, as far as the control
 * group's quota allows their use: a container with two CPUs in sight and a quota
 * of 1.0 has one.
 */
#ifndef CPUS_H
#define CPUS_H

/* CPUs in the affinity mask of this process; at least 1. */
int cpus_allowed(void);

/* The quota of this process's control groups (version 1 or 2, its own and those
 * above it), in CPUs: 1.5 is 150 ms of CPU time in 100 ms. INFINITY without one. */
double cpus_quota(void);

/* The same, from a copy of /proc/self/cgroup and below the folder where the groups
 * are mounted (/sys/fs/cgroup). */
double cpus_quota_from(const char *groups, const char *mounted);

/* How many can work at the same time for long: whole CPUs of both; at least 1. */
int cpus_usable(void);

/* What the allowed CPUs have done since the machine started, in seconds of CPU
 * time, as far as the kernel's ticks (mostly 10 ms) tell. All 0 where /proc/stat
 * cannot be read. */
struct cpus_use {
	double busy;   /* all programs and the kernel itself, stolen time not included */
	double stolen; /* a virtual machine: its host ran something else */
};

struct cpus_use cpus_use(void);

/* The same from a text like /proc/stat's; allowed says whether a CPU counts. */
struct cpus_use cpus_use_from(const char *text, int (*allowed)(int cpu));

#endif
