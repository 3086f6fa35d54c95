/* Leaves a folder /dev/shm/arg, a file in it, and a folder with a file in that. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int make(const char *arg, const char *below, int folder)
{
	char path[200];
	snprintf(path, sizeof path, "/dev/shm%s%s", arg, below);
	return folder ? mkdir(path, 0700) : close(open(path, O_CREAT | O_WRONLY, 0));
}

long act(void *arg)
{
	return make(arg, "", 1) + make(arg, "/file", 0) + make(arg, "/folder", 1) +
	       make(arg, "/folder/.file", 0);
}
