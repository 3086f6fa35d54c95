/* A child in a process group of its own, with a child of its own; both run on. */
#include <unistd.h>

static void run_on(int started)
{
	setpgid(0, 0);
	if (fork() == 0)
		write(started, "x", 1);
	for (;;)
		pause();
}

long act(void *arg)
{
	int ends[2];
	char byte;
	(void)arg;
	if (pipe(ends) != 0)
		return -1;
	if (fork() == 0)
		run_on(ends[1]);
	long got = read(ends[0], &byte, 1);
	close(ends[0]);
	close(ends[1]);
	return got - 1;
}
