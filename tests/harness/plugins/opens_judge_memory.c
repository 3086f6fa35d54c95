/* Tries to open the memory of its parent, the supervisor, and of the process
 * *arg, the judge. Returns how many it could open. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int opens(pid_t pid, const char *what)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
	int fd = open(path, O_RDWR);
	if (fd == -1)
		return 0;
	close(fd);
	return 1;
}

long act(void *arg)
{
	return opens(getppid(), "mem") + opens(*(pid_t *)arg, "mem");
}
