/* Reads from a pipe whose write end it holds open itself. */
#include <unistd.h>

long act(void *arg)
{
	int ends[2];
	char byte;
	if (pipe(ends) != 0)
		return -1;
	*(int *)arg = ends[0];
	return read(ends[0], &byte, 1);
}
