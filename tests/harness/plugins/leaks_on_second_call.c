/* Leaves a descriptor and a zombie from its second call on. */
#include <unistd.h>

long act(void *arg)
{
	static int calls;
	(void)arg;
	if (++calls < 2)
		return calls;
	if (fork() == 0)
		_exit(0);
	dup(0);
	return calls;
}
