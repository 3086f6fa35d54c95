/* CPUs, quotas and their use: see cpus.h.
 *
 * A quota holds for everything below its group, so all groups on the way up to the
 * mount count, and the smallest decides. In a container the way that
 * /proc/self/cgroup shows may not exist below the mount: then the mount's own files
 * are the container's.
 */
#define _GNU_SOURCE
#include "cpus.h"

#include <ctype.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT = 1 << 16, PATH = 1024 };

static cpu_set_t affinity(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof set, &set) != 0)
		CPU_SET(0, &set);
	return set;
}

int cpus_allowed(void)
{
	cpu_set_t set = affinity();
	int count = CPU_COUNT(&set);
	return count > 0 ? count : 1;
}

/* Reads a file into text, as much as there is room for. Returns whether it is there. */
static int read_text(const char *path, char text[], size_t size)
{
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return 0;
	text[fread(text, 1, size - 1, file)] = '\0';
	fclose(file);
	return 1;
}

/* --- quotas ------------------------------------------------------------------ */

static double ratio(double quota, double period)
{
	return quota > 0 && period > 0 ? quota / period : INFINITY;
}

/* Version 2: "max 100000" or "150000 100000". */
static double quota_of_v2(const char *folder)
{
	char path[PATH + 32], text[64];
	double quota = 0, period = 0;
	snprintf(path, sizeof path, "%s/cpu.max", folder);
	if (!read_text(path, text, sizeof text) || sscanf(text, "%lf %lf", &quota, &period) != 2)
		return INFINITY;
	return ratio(quota, period);
}

/* Version 1: two files, and a quota of -1 for none. */
static double quota_of_v1(const char *folder)
{
	char path[PATH + 32], quota[64], period[64];
	snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
	if (!read_text(path, quota, sizeof quota))
		return INFINITY;
	snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
	if (!read_text(path, period, sizeof period))
		return INFINITY;
	return ratio(atof(quota), atof(period));
}

/* The smallest quota from mount/group up to the mount itself. */
static double smallest(const char *mount, const char *group, double (*quota_of)(const char *folder))
{
	char folder[PATH];
	double least = INFINITY;
	snprintf(folder, sizeof folder, "%s%s", mount, strcmp(group, "/") == 0 ? "" : group);
	for (size_t root = strlen(mount);;) {
		least = fmin(least, quota_of(folder));
		char *slash = strrchr(folder, '/');
		if (slash == NULL || (size_t)(slash - folder) < root)
			return least;
		*slash = '\0';
	}
}

/* Whether a list like "cpu,cpuacct" has the controller cpu. */
static int has_cpu(const char *controllers)
{
	size_t length = strcspn(controllers, ",:");
	while (!(length == 3 && strncmp(controllers, "cpu", 3) == 0)) {
		if (controllers[length] != ',')
			return 0;
		controllers += length + 1;
		length = strcspn(controllers, ",:");
	}
	return 1;
}

/* A line is "0::/group" in version 2, "4:cpu,cpuacct:/group" in version 1. */
static double quota_of_line(const char *line, const char *mounted)
{
	char mount[PATH];
	const char *controllers = strchr(line, ':');
	const char *group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
	if (group == NULL)
		return INFINITY;
	if (group == controllers + 1)
		return smallest(mounted, group + 1, quota_of_v2);
	if (!has_cpu(controllers + 1))
		return INFINITY;
	snprintf(mount, sizeof mount, "%s/cpu", mounted); /* a link where it is cpu,cpuacct */
	return smallest(mount, group + 1, quota_of_v1);
}

double cpus_quota_from(const char *groups, const char *mounted)
{
	char lines[TEXT], *rest = lines;
	double least = INFINITY;
	snprintf(lines, sizeof lines, "%s", groups);
	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		least = fmin(least, quota_of_line(line, mounted));
	return least;
}

double cpus_quota(void)
{
	char groups[TEXT];
	if (!read_text("/proc/self/cgroup", groups, sizeof groups))
		return INFINITY;
	return cpus_quota_from(groups, "/sys/fs/cgroup");
}

int cpus_usable(void)
{
	double whole = floor(fmin(cpus_allowed(), cpus_quota()) + 0.01);
	return whole < 1 ? 1 : (int)whole;
}

/* --- use ---------------------------------------------------------------------- */

/* "cpu3 user nice system idle iowait irq softirq steal ...", in ticks; proc(5). Guests
 * are counted under user already. */
static void add_line(const char *line, struct cpus_use *use)
{
	enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, FIELDS };
	double tick[FIELDS] = { 0 }, per_second = (double)sysconf(_SC_CLK_TCK);
	sscanf(line, "%*s %lf %lf %lf %lf %lf %lf %lf %lf", &tick[USER], &tick[NICE], &tick[SYSTEM],
	       &tick[IDLE], &tick[IOWAIT], &tick[IRQ], &tick[SOFTIRQ], &tick[STEAL]);
	use->busy += (tick[USER] + tick[NICE] + tick[SYSTEM] + tick[IRQ] + tick[SOFTIRQ]) / per_second;
	use->stolen += tick[STEAL] / per_second;
}

struct cpus_use cpus_use_from(const char *text, int (*allowed)(int cpu))
{
	struct cpus_use use = { 0 };
	for (const char *line = text; line != NULL && *line != '\0';) {
		if (strncmp(line, "cpu", 3) == 0 && isdigit((unsigned char)line[3]) &&
		    allowed(atoi(line + 3)))
			add_line(line, &use);
		line = strchr(line, '\n');
		line = line == NULL ? NULL : line + 1;
	}
	return use;
}

static int in_mask(int cpu)
{
	cpu_set_t set = affinity();
	return cpu >= 0 && cpu < CPU_SETSIZE && CPU_ISSET((size_t)cpu, &set);
}

struct cpus_use cpus_use(void)
{
	char text[TEXT];
	if (!read_text("/proc/stat", text, sizeof text))
		return (struct cpus_use){ 0 };
	return cpus_use_from(text, in_mask);
}
