/* Loops that never end; arg[0] says which. The tests know the lines. */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loops.h"

static volatile unsigned long counter;

static void spin(void)
{
	/* on one line, since the jump back is an instruction, too */
	for (;;) counter++; /* line 13 */
}

static void wait_without_blocking(pid_t pid)
{
	while (waitpid(pid, NULL, WNOHANG) == 0)
		; /* lines 18 and 19 */
}

static void read_nothing(int fd)
{
	char byte;
	while (read(fd, &byte, 1) == 0)
		; /* lines 25 and 26 */
}

long act(void *arg)
{
	int ends[2];
	int how = *(int *)arg;
	if (pipe(ends) != 0)
		return -1;
	close(ends[1]);
	pid_t pid = how == SPIN ? 0 : fork();
	if (pid == 0 && how == SPIN_IN_CHILD)
		spin();
	while (pid == 0 && how == WAIT_WITHOUT_BLOCKING)
		pause();
	if (pid == 0 && how == READ_NOTHING)
		read_nothing(ends[0]);
	if (how == SPIN)
		spin();
	if (how == WAIT_WITHOUT_BLOCKING)
		wait_without_blocking(pid);
	waitpid(pid, NULL, 0);
	return 0;
}
