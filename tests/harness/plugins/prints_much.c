/* Prints 100 MB. */
#include <string.h>
#include <unistd.h>

long act(void *arg)
{
	static char line[10000];
	(void)arg;
	memset(line, 'x', sizeof line);
	for (int i = 0; i < 10000; i++)
		if (write(STDOUT_FILENO, line, sizeof line) < 0)
			return -1;
	return 0;
}
