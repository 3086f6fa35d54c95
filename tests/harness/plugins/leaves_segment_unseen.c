/* Leaves a System V segment, made by libc's own shmget. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

long act(void *arg)
{
	int (*make)(key_t, size_t, int);
	void *found = dlsym(dlopen("libc.so.6", RTLD_NOW), "shmget");
	(void)arg;
	memcpy(&make, &found, sizeof make);
	return make(IPC_PRIVATE, 4096, 0600) == -1;
}
