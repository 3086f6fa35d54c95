/* Waiting for a CPU: see starved.h. */
#define _GNU_SOURCE
#include "starved.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* The second of three numbers: time on a CPU, time ready to run without one (both in
 * nanoseconds), how often it ran. */
static double read_waited(pid_t pid)
{
	char path[64], line[128];
	unsigned long long waited;
	snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file == -1 ? -1 : read(file, line, sizeof line - 1);
	if (file != -1)
		close(file);
	if (length <= 0)
		return 0;
	line[length] = '\0';
	return sscanf(line, "%*u %llu", &waited) == 1 ? (double)waited * 1e-9 : 0;
}

static double waited_before(const struct starved *starved, pid_t pid)
{
	for (int i = 0; i < starved->count; i++)
		if (starved->last[i].pid == pid)
			return starved->last[i].waited;
	return 0; /* it is new, and all that it has waited was since then */
}

/* Several that wait at the same time wait once: the longest wait counts. */
void starved_look(struct starved *starved, const struct process_list *all, double gap)
{
	struct starved now = { 0 };
	double longest = 0;
	for (int i = 0; i < all->count && i < PROCESSES_KEPT; i++) {
		pid_t pid = all->process[i].pid;
		double waited = read_waited(pid), since = waited - waited_before(starved, pid);
		now.last[now.count].pid = pid;
		now.last[now.count++].waited = waited;
		longest = since > longest ? since : longest;
	}
	now.seconds = starved->seconds + (longest < gap ? longest : gap);
	*starved = now;
}
