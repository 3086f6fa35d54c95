/* Leaves 40 shared memory objects called arg and a number, one whose name begins
 * with a dot, and one with the longest name that there can be. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { NAMES = 40, LONGEST = 255 };

static int leave(const char *name)
{
	int fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	return fd == -1 ? 0 : 1 + close(fd);
}

long act(void *arg)
{
	char name[LONGEST + 2];
	const char *base = arg;
	long made = 0;
	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof name, "%s-%d", base, i);
		made += leave(name);
	}
	snprintf(name, sizeof name, "/.%s", base + 1);
	made += leave(name);
	memset(name, 'x', sizeof name - 1);
	memcpy(name, base, strlen(base));
	name[sizeof name - 1] = '\0';
	return made + leave(name);
}
