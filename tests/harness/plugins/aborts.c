/* Calls abort. */
#include <stdlib.h>

long act(void *arg)
{
	if (arg == NULL)
		abort();
	return 0;
}
