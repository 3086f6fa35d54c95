/* Returns a value and an errno, and does nothing else. */
#include <errno.h>

long act(void *arg)
{
	(void)arg;
	errno = EDOM;
	return 42;
}
