/* Crashes while it is loaded. */
#include <signal.h>

static void crash(void) __attribute__((constructor));
static void crash(void)
{
	raise(SIGSEGV);
}

long act(void *arg)
{
	(void)arg;
	return 0;
}
