/* Makes one of each of System V's objects, uses the segment, and removes them all. */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

long act(void *arg)
{
	int segment = shmget(IPC_PRIVATE, 4096, 0600);
	int set = semget(IPC_PRIVATE, 1, 0600);
	int queue = msgget(IPC_PRIVATE, 0600);
	char *memory = shmat(segment, NULL, 0);
	(void)arg;
	memory[0] = 1;
	return shmdt(memory) + shmctl(segment, IPC_RMID, NULL) + semctl(set, 0, IPC_RMID) +
	       msgctl(queue, IPC_RMID, NULL);
}
