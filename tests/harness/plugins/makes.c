/* Calls every function of one family in turn, several times over, and writes down
 * which worked; then has libc and the harness get memory and pipes for themselves.
 * Returns how many calls failed. */
#define _GNU_SOURCE
#include "makes.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SIZE = 5000 };

static int make_pipe(int number)
{
	int ends[2], status;
	switch (number % 3) {
	case 0: status = pipe(ends); break;
	case 1: status = pipe2(ends, 0); break;
	default: status = socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	}
	if (status == 0) {
		close(ends[0]);
		close(ends[1]);
	}
	return status;
}

static int make_map(int number)
{
	enum { FLAGS = MAP_SHARED | MAP_ANONYMOUS, RIGHTS = PROT_READ | PROT_WRITE };
	void *memory = number % 2 == 0 ? mmap(NULL, SIZE, RIGHTS, FLAGS, -1, 0)
	                               : mmap64(NULL, SIZE, RIGHTS, FLAGS, -1, 0);
	return memory == MAP_FAILED ? -1 : munmap(memory, SIZE);
}

/* A compiler leaves out memory that nobody uses. */
static void *volatile used;

static int make_memory(int number)
{
	switch (number % 5) {
	case 0: used = malloc(SIZE); break;
	case 1: used = calloc(SIZE, 2); break;
	case 2: used = realloc(NULL, SIZE); break;
	case 3: used = reallocarray(NULL, SIZE, 2); break;
	default: used = aligned_alloc(64, 64 * SIZE);
	}
	if (used == NULL)
		return -1;
	free(used);
	return 0;
}

/* popen makes a pipe, fopen and opendir get memory. */
static int use_libc(void)
{
	int failed = 0;
	FILE *file = fopen("/proc/self/stat", "r"), *command = popen("exit 0", "r");
	DIR *directory = opendir("/");
	failed += file == NULL || fgetc(file) == EOF || fclose(file) != 0;
	failed += command == NULL || pclose(command) != 0;
	failed += directory == NULL || readdir(directory) == NULL || closedir(directory) != 0;
	failed += printf("%s", "") != 0;
	return failed;
}

long act(void *arg)
{
	static int (*const make[])(int) = { make_pipe, make_map, make_memory };
	struct makes *m = arg;
	long failed = 0;
	for (int i = 0; i < MAKES; i++) {
		errno = 0;
		m->error[i] = make[m->family](i) == 0 ? 0 : errno;
		failed += m->error[i] != 0;
	}
	m->libc_failed = use_libc();
	void *memory = m->harness_gets(SIZE);
	m->harness_failed = memory == NULL;
	free(memory);
	errno = 0;
	return failed;
}
