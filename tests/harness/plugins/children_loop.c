/* Two children compute for ever; the caller waits for them. */
#include <sys/wait.h>
#include <unistd.h>

static void loop(void)
{
	volatile unsigned long n = 0;
	for (;;)
		n++;
}

long act(void *arg)
{
	(void)arg;
	for (int i = 0; i < 2; i++)
		if (fork() == 0)
			loop();
	while (wait(NULL) > 0)
		;
	return 0;
}
