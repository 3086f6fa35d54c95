/* Kills the children that it finds in /proc, and sees them end, but leaves it to
 * others to reap them. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

long act(void *arg)
{
	char path[64];
	int pid;
	long killed = 0;
	(void)arg;
	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	FILE *file = fopen(path, "r");
	while (file != NULL && fscanf(file, "%d", &pid) == 1) {
		siginfo_t info;
		killed += kill(pid, SIGKILL) == 0;
		waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	}
	if (file != NULL)
		fclose(file);
	return killed;
}
