/* Files and memory of another process, and the system call that it is in. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>

#include "scene_read.h"

FILE *scene_open(pid_t pid, const char *format, ...)
{
	char path[128];
	va_list arguments;
	int used = snprintf(path, sizeof path, "/proc/%d/", (int)pid);
	va_start(arguments, format);
	vsnprintf(path + used, sizeof path - (size_t)used, format, arguments);
	va_end(arguments);
	return fopen(path, "re");
}

size_t scene_memory(pid_t pid, unsigned long address, void *to, size_t size)
{
	struct iovec mine = { .iov_base = to, .iov_len = size };
	struct iovec theirs = { .iov_base = (void *)address, .iov_len = size };
	ssize_t got = process_vm_readv(pid, &mine, 1, &theirs, 1, 0);
	return got > 0 ? (size_t)got : 0;
}

/* The line is "NUMBER ARG... SP PC"; "-1 SP PC" where the thread is stopped
 * outside of a system call; "running". */
bool scene_call(pid_t pid, struct scene_thread *thread, struct registers *r)
{
	char line[256] = "";
	unsigned long *a = thread->args;
	FILE *file = scene_open(pid, "task/%d/syscall", (int)thread->tid);
	thread->call = -1;
	if (file == NULL)
		return false;
	bool got = fgets(line, sizeof line, file) != NULL;
	fclose(file);
	if (got && isdigit((unsigned char)line[0]) &&
	    sscanf(line, "%ld %lx %lx %lx %lx %lx %lx %lx %lx", &thread->call, &a[0], &a[1], &a[2],
	           &a[3], &a[4], &a[5], &r->sp, &r->pc) == 3 + SYSCALL_ARGS)
		return true;
	thread->call = -1;
	return got && (line[0] == 'r' || sscanf(line, "-1 %lx %lx", &r->sp, &r->pc) == 2);
}
