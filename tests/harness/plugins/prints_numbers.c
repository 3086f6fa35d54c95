/* Prints 10,000 numbered lines. */
#include <stdio.h>

long act(void *arg)
{
	(void)arg;
	for (int i = 0; i < 10000; i++)
		printf("line %d\n", i);
	return 0;
}
