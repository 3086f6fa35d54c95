/* Prints a line on each of the two outputs. */
#include <stdio.h>
#include <unistd.h>

long act(void *arg)
{
	(void)arg;
	puts("to the output");
	fflush(stdout);
	return write(STDERR_FILENO, "to the error\n", 13);
}
