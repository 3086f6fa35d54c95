/* Leaves a System V segment attached, which is removed already. */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/shm.h>

long act(void *arg)
{
	int segment = shmget(IPC_PRIVATE, 8192, 0600);
	(void)arg;
	return (shmat(segment, NULL, 0) == (void *)-1) + shmctl(segment, IPC_RMID, NULL);
}
