/* Closes every descriptor there may be. */
#include <errno.h>
#include <unistd.h>

long act(void *arg)
{
	long closed = 0;
	(void)arg;
	for (int fd = 0; fd < 1024; fd++)
		closed += close(fd) == 0;
	errno = 0;
	return closed;
}
