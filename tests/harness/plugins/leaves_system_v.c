/* Leaves arg->count segments (1), semaphore sets (2) or message queues (3), as a
 * child's work or by system calls without their wrappers. Returns the last id. */
#define _GNU_SOURCE
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct order {
	int kind, count, in_child, raw;
};

static long make(const struct order *order)
{
	switch (order->kind) {
	case 1:
		return order->raw ? syscall(SYS_shmget, IPC_PRIVATE, 5000, IPC_CREAT | 0600)
		                  : shmget(IPC_PRIVATE, 5000, 0600);
	case 2:
		return order->raw ? syscall(SYS_semget, IPC_PRIVATE, 3, IPC_CREAT | 0600)
		                  : semget(IPC_PRIVATE, 3, IPC_CREAT | 0600);
	default:
		return order->raw ? syscall(SYS_msgget, IPC_PRIVATE, IPC_CREAT | 0600)
		                  : msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	}
}

long act(void *arg)
{
	const struct order *order = arg;
	long id = -1;
	pid_t pid = order->in_child ? fork() : 0;
	for (int i = 0; pid == 0 && i < order->count; i++)
		id = make(order);
	if (order->in_child && pid == 0)
		_exit(0);
	if (order->in_child)
		waitpid(pid, NULL, 0);
	return id;
}
