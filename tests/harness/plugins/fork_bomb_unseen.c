/* The same with libc's own fork, past the harness's. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

long act(void *arg)
{
	void *found = dlsym(RTLD_NEXT, "fork");
	pid_t (*real)(void);
	(void)arg;
	memcpy(&real, &found, sizeof real);
	for (;;)
		if (real() == -1)
			usleep(1000);
}
