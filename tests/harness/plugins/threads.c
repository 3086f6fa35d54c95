/* Starts three threads and joins them. */
#include <pthread.h>
#include <stddef.h>

static void *run(void *arg)
{
	return arg;
}

long act(void *arg)
{
	pthread_t thread[3];
	(void)arg;
	for (int i = 0; i < 3; i++)
		if (pthread_create(&thread[i], NULL, run, NULL) != 0)
			return -1;
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
