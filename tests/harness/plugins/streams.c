/* A child writes as many bytes as arg says into a pipe, at once as far as it goes,
 * and the caller reads them in large pieces. Returns how many came as they should. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char byte_at(size_t index)
{
	return (char)(index * 31 + index / 1000);
}

static void send_all(int fd, size_t size)
{
	char *data = malloc(size);
	for (size_t i = 0; i < size; i++)
		data[i] = byte_at(i);
	for (size_t done = 0; done < size;) {
		ssize_t moved = write(fd, data + done, size - done);
		if (moved == -1)
			_exit(1);
		done += (size_t)moved;
	}
	_exit(0);
}

long act(void *arg)
{
	static char piece[50000];
	long good = 0;
	size_t at = 0;
	int ends[2];
	if (pipe(ends) != 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0)
		send_all(ends[1], (size_t)*(int *)arg);
	close(ends[1]);
	for (ssize_t came; (came = read(ends[0], piece, sizeof piece)) > 0; at += (size_t)came)
		for (size_t i = 0; i < (size_t)came; i++)
			good += piece[i] == byte_at(at + i);
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return good;
}
