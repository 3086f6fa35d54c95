/* Puts another file in the place of the standard output. */
#include <fcntl.h>
#include <unistd.h>

long act(void *arg)
{
	int null = open("/dev/null", O_WRONLY);
	(void)arg;
	dup2(null, STDOUT_FILENO);
	return close(null);
}
