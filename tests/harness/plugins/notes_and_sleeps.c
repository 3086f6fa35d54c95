/* Starts a child that sleeps and a daemon in a session of its own, writes down
 * the pids of all (arg: how many, then the pids), and sleeps too. */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_int *notes;

static void note_and_sleep(void)
{
	int which = atomic_fetch_add(&notes[4], 1);
	atomic_store(&notes[1 + which], (int)getpid());
	atomic_fetch_add(&notes[0], 1);
	for (;;)
		pause();
}

long act(void *arg)
{
	notes = arg;
	if (fork() == 0)
		note_and_sleep();
	pid_t pid = fork();
	if (pid == 0) {
		setsid();
		if (fork() == 0)
			note_and_sleep();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	note_and_sleep();
	return 0;
}
