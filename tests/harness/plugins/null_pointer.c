/* Writes through a null pointer. */
#include <stddef.h>

__attribute__((noinline)) static void write_to(volatile int *place)
{
	*place = 1; /* the line of the crash */
}

long act(void *arg)
{
	(void)arg;
	write_to(NULL);
	return 0;
}
