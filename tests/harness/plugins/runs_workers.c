/* A run_workers that works, where nothing goes wrong. */
#include <sys/wait.h>
#include <unistd.h>

int run_workers(int workers, int (*body)(int, int, void *), void *context, int statuses[])
{
	for (int rank = 0; rank < workers; rank++) {
		pid_t pid = fork();
		if (pid == -1)
			return -1;
		if (pid == 0)
			_exit(body(rank, workers, context));
		statuses[rank] = (int)pid;
	}
	for (int rank = 0; rank < workers; rank++)
		waitpid(statuses[rank], NULL, 0);
	return 0;
}
