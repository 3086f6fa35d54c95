/* What a fork copies: not the pages of memory, only the tables that lead to them. A page is
 * copied when one of the two processes writes to it, and that shows as a page fault.
 *
 *     cc -std=gnu11 -O1 docs/examples/02_fork.c -o build/02_fork && build/02_fork
 *
 * Each row is one child, started when the one before has ended. build/02_fork 256 gives the
 * parent 256 MB instead of 16, and 0 a single page.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static size_t page, size; /* bytes in a page, and in the parent's memory */

/* What a child does with its copy of the memory. Returns its exit status. */
typedef int deed_fn(volatile char *memory);

static int do_nothing(volatile char *memory)
{
	return memory == NULL;
}

static int read_all_pages(volatile char *memory)
{
	int sum = 0;
	for (size_t i = 0; i < size; i += page)
		sum += memory[i];
	return sum == (int)(size / page) ? 0 : 1; /* the parent wrote a 1 into each */
}

static int write_all_pages(volatile char *memory)
{
	for (size_t i = 0; i < size; i += page)
		memory[i] = 2;
	return memory[0]; /* as the child sees it */
}

static int die(volatile char *memory)
{
	raise(SIGKILL); /* nobody can handle or ignore this one */
	return *memory;
}

/* Ends the program where a call fails that the rest depends on. */
static void check(int failed, const char *call)
{
	if (failed) {
		perror(call);
		exit(1);
	}
}

static double milliseconds(void)
{
	struct timespec now;
	check(clock_gettime(CLOCK_MONOTONIC, &now) == -1, "clock_gettime");
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

/* The page faults of all children that have been waited for. */
static long faults(void)
{
	struct rusage usage;
	check(getrusage(RUSAGE_CHILDREN, &usage) == -1, "getrusage");
	return usage.ru_minflt;
}

static void try(const char *what, deed_fn *deed, volatile char *memory)
{
	int status;
	long faults_before = faults();
	check(fflush(stdout) == EOF, "fflush"); /* what stdio holds is copied, too */
	double before = milliseconds();
	pid_t pid = fork();
	check(pid == -1, "fork");
	if (pid == 0)
		_exit(deed(memory)); /* the child: it must not come back to main */
	/* This program handles no signal, so that nothing interrupts the wait. */
	check(waitpid(pid, &status, 0) != pid, "waitpid");
	printf("%-20s %7ld %7.2f ms   ", what, faults() - faults_before, milliseconds() - before);
	if (WIFSIGNALED(status))
		printf("signal %d, %s\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		printf("exit status %d\n", WEXITSTATUS(status));
}

int main(int argc, char *argv[])
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	size_t megabytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 16;
	size = megabytes > 0 ? megabytes << 20 : page;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(memory == MAP_FAILED, "mmap");
	madvise(memory, size, MADV_NOHUGEPAGE); /* fails where there are no huge pages: as well */
	memset(memory, 1, size);                /* only now has it pages */
	printf("%zu pages          faults     time   how it ended\n", size / page);
	try("does nothing", do_nothing, memory);
	try("reads every page", read_all_pages, memory);
	try("writes every page", write_all_pages, memory);
	try("is killed", die, memory);
	printf("in the parent's pages there is still a %d\n", memory[0]);
	return 0;
}
