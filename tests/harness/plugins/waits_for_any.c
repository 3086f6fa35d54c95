/* Waits for whichever child ended, which is none of its own. */
#include <stddef.h>
#include <sys/wait.h>

long act(void *arg)
{
	int status = 0;
	(void)arg;
	return wait(&status) > 0 ? WEXITSTATUS(status) : -1;
}
