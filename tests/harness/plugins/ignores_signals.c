/* Ignores every signal that can be ignored, in a child of a session of its own. */
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

static void ignore_all(void)
{
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_IGN);
}

long act(void *arg)
{
	(void)arg;
	ignore_all();
	if (fork() == 0)
		setsid();
	for (;;)
		pause();
}
