/* Writes into a channel and reads from it what was written, in loops that go on
 * after a transfer that came short; in the caller and, at the same time, in a
 * child. Writes down what each call moved. */
#define _GNU_SOURCE
#include "transfers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct transfers *t;

static void open_channel(int ends[2])
{
	static const int types[] = { [CHANNEL_STREAM] = SOCK_STREAM, [CHANNEL_PACKETS] = SOCK_SEQPACKET,
		                         [CHANNEL_DATAGRAMS] = SOCK_DGRAM };
	int status = 0;
	if (t->channel == CHANNEL_PIPE)
		status = pipe(ends);
	else if (t->channel == CHANNEL_FILE)
		ends[0] = ends[1] = memfd_create("file", 0);
	else
		status = socketpair(AF_UNIX, types[t->channel], 0, ends);
	if (status != 0 || ends[0] == -1)
		abort();
}

static void close_channel(const int ends[2])
{
	close(ends[0]);
	if (ends[1] != ends[0])
		close(ends[1]);
}

static ssize_t call(int fd, char *data, size_t size, int writes)
{
	struct iovec parts[] = {
		{ data, size / 3 }, { data, 0 }, { data + size / 3, size - size / 3 },
	};
	switch (t->calls) {
	case CALLS_VECTOR: return writes ? writev(fd, parts, 3) : readv(fd, parts, 3);
	case CALLS_SOCKET: return writes ? send(fd, data, size, 0) : recv(fd, data, size, 0);
	default: return writes ? write(fd, data, size) : read(fd, data, size);
	}
}

static void move(struct transfers_seen *seen, int fd, char *data, size_t size, int writes)
{
	for (size_t done = 0; done < size;) {
		size_t asked = size - done;
		if (writes && asked > t->piece)
			asked = t->piece;
		ssize_t moved = call(fd, data + done, asked, writes);
		if (moved <= 0 || seen->calls == TRANSFER_CALLS)
			abort();
		seen->moved[seen->calls++] = (size_t)moved;
		if ((size_t)moved < asked && seen->short_writes + seen->short_reads == 0) {
			seen->first_fd = fd;
			seen->first_asked = asked;
			seen->first_moved = (size_t)moved;
		}
		*(writes ? &seen->short_writes : &seen->short_reads) += (size_t)moved < asked;
		done += (size_t)moved;
	}
}

/* Reads give eight bytes of it, or fail where there is no room for them. */
static int counter_works(void)
{
	static char room[TRANSFER_LARGEST];
	int counter = eventfd(1, 0);
	ssize_t came = read(counter, room, sizeof room);
	close(counter);
	return came == 8;
}

static void transfer(struct transfers_seen *seen)
{
	static char sent[TRANSFER_LARGEST], received[TRANSFER_LARGEST];
	int ends[2];
	for (int round = 0; round < t->rounds; round++) {
		for (size_t i = 0; i < t->size; i++)
			sent[i] = (char)(i * 7 + i / 256 + (size_t)round);
		memset(received, 0, sizeof received);
		open_channel(ends);
		move(seen, ends[1], sent, t->size, 1);
		if (t->channel == CHANNEL_FILE)
			lseek(ends[0], 0, SEEK_SET);
		move(seen, ends[0], received, t->size, 0);
		close_channel(ends);
		seen->damaged += !counter_works();
		for (size_t i = 0; i < t->size; i++)
			seen->damaged += sent[i] != received[i];
	}
}

long act(void *arg)
{
	t = arg;
	pid_t pid = fork();
	if (pid == 0) {
		transfer(&t->seen[1]);
		_exit(0);
	}
	transfer(&t->seen[0]);
	waitpid(pid, NULL, 0);
	return 0;
}
