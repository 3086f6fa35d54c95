/* Calls that move data, as a plug-in sees them: see calls.h.
 *
 * On pipes and stream sockets a call may be interrupted, and may move fewer bytes
 * than asked, as POSIX allows; on files and on descriptors that do not block it does
 * neither. What is written in pieces of PIPE_BUF bytes or fewer stays in
 * these pieces, so that who reads by the piece is right to expect them whole; once
 * there was a larger write, a pipe is a stream of bytes without borders.
 *
 * Which process used which pipe is noted once for each descriptor, and again when
 * that has become another pipe's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "calls.h"
#include "desk.h"
#include "trace.h"

enum { FDS_NOTED = 1024 };

/* What this process has noted already: a descriptor of a forked child can be
 * another one than its parent's of the same number. */
static struct {
	pid_t pid;
	uint64_t pipe[2][FDS_NOTED]; /* the latest inode, by direction and descriptor */
} noted;

static void note_use(int fd, bool writes, const struct stat *status)
{
	pid_t pid = getpid();
	if (noted.pid != pid) {
		memset(&noted, 0, sizeof noted);
		noted.pid = pid;
	}
	if (fd >= FDS_NOTED || noted.pipe[writes][fd] == status->st_ino)
		return;
	noted.pipe[writes][fd] = status->st_ino;
	int index = atomic_fetch_add(&the_desk->pipe_uses, 1);
	if (index < PIPE_USES)
		the_desk->pipe_use[index] =
			(struct pipe_use){ .pid = pid, .writes = writes, .pipe = status->st_ino };
}

/* What a transfer on this descriptor may suffer. */
struct stream {
	bool is_stream; /* a pipe or a stream socket */
	bool blocks;
	uint64_t which; /* the pipe's inode; the ends of a socket have one each, so ANY_SOCKET */
};

enum { ANY_SOCKET = 1 };

static struct stream look_at(int fd, bool writes)
{
	struct stat status;
	struct stream stream = { 0 };
	const struct faults *faults;
	if (!calls_armed() || fd < 0)
		return stream;
	faults = &the_desk->faults;
	if (!the_desk->note_pipes && faults->interrupt_seed == 0 && faults->short_seed == 0)
		return stream;

	int type, error = errno;
	socklen_t size = sizeof type;
	if (fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode))) {
		stream.is_stream = S_ISFIFO(status.st_mode) ||
		                   (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
		                    type == SOCK_STREAM);
		stream.which = S_ISFIFO(status.st_mode) ? status.st_ino : ANY_SOCKET;
		stream.blocks = (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
		if (the_desk->note_pipes)
			note_use(fd, writes, &status);
	}
	errno = error;
	return stream;
}

static bool had_large_write(uint64_t which)
{
	for (int i = 0; i < STREAMS_KEPT; i++)
		if (atomic_load(&the_desk->streamed[i]) == which)
			return true;
	return false;
}

static void note_large_write(uint64_t which)
{
	int index = had_large_write(which) ? STREAMS_KEPT : atomic_fetch_add(&the_desk->streams, 1);
	if (index < STREAMS_KEPT)
		atomic_store(&the_desk->streamed[index], which);
}

/* How many of so many bytes are to be moved. */
static size_t shorten(const char *what, int fd, bool writes, size_t size,
                      const struct stream *stream)
{
	if (the_desk->faults.short_seed == 0 || size <= 1)
		return size;
	if (writes && size > PIPE_BUF)
		note_large_write(stream->which);
	bool may = writes ? size > PIPE_BUF : had_large_write(stream->which);
	return may ? calls_shorten(what, fd, size) : size;
}

/* Whether the call is to be interrupted; if not, *size becomes what it may move. */
static bool suffer(const char *what, int fd, bool writes, size_t *size, int flags)
{
	calls_perturb();
	struct stream stream = look_at(fd, writes);
	bool blocks = stream.blocks && (flags & MSG_DONTWAIT) == 0 && *size > 0;
	if (blocks && calls_interrupt(BLOCKING_TRANSFER, NULL, what, fd))
		return true;
	if (stream.is_stream)
		*size = shorten(what, fd, writes, *size, &stream);
	return false;
}

ssize_t read(int fd, void *data, size_t size)
{
	static ssize_t (*real)(int, void *, size_t);
	calls_find(&real, "read");
	if (suffer("read", fd, false, &size, 0))
		return -1;
	struct trace_event *event = trace_open(TRACE_READ, fd);
	ssize_t moved = real(fd, data, size);
	trace_close(event);
	return calls_result("read", fd, moved);
}

ssize_t write(int fd, const void *data, size_t size)
{
	static ssize_t (*real)(int, const void *, size_t);
	calls_find(&real, "write");
	if (suffer("write", fd, true, &size, 0))
		return -1;
	struct trace_event *event = trace_open(TRACE_WRITE, fd);
	ssize_t moved = real(fd, data, size);
	trace_close(event);
	return calls_result("write", fd, moved);
}

ssize_t recv(int fd, void *data, size_t size, int flags)
{
	static ssize_t (*real)(int, void *, size_t, int);
	calls_find(&real, "recv");
	if (suffer("recv", fd, false, &size, flags))
		return -1;
	struct trace_event *event = trace_open(TRACE_READ, fd);
	ssize_t moved = real(fd, data, size, flags);
	trace_close(event);
	return calls_result("recv", fd, moved);
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
	static ssize_t (*real)(int, const void *, size_t, int);
	calls_find(&real, "send");
	if (suffer("send", fd, true, &size, flags))
		return -1;
	struct trace_event *event = trace_open(TRACE_WRITE, fd);
	ssize_t moved = real(fd, data, size, flags);
	trace_close(event);
	return calls_result("send", fd, moved);
}

/* --- vectors ---------------------------------------------------------------- */

static size_t total(const struct iovec *parts, int count)
{
	size_t sum = 0;
	for (int i = 0; i < count; i++)
		sum += parts[i].iov_len;
	return sum;
}

/* The parts that hold the first `size` bytes. Returns how many these are. */
static int cut(const struct iovec *parts, int count, size_t size, struct iovec *kept)
{
	int used = 0;
	for (; used < count && size > 0; used++) {
		kept[used] = parts[used];
		if (kept[used].iov_len > size)
			kept[used].iov_len = size;
		size -= kept[used].iov_len;
	}
	return used;
}

typedef ssize_t vector_fn(int, const struct iovec *, int);

static ssize_t move_vector(const char *what, vector_fn *real, int fd, bool writes,
                           const struct iovec *parts, int count)
{
	struct iovec kept[IOV_MAX];
	if (!calls_armed() || count < 0 || count > IOV_MAX)
		return real(fd, parts, count);
	size_t asked = total(parts, count), size = asked;
	if (suffer(what, fd, writes, &size, 0))
		return -1;
	if (size == asked)
		return real(fd, parts, count);
	return real(fd, kept, cut(parts, count, size, kept));
}

ssize_t readv(int fd, const struct iovec *parts, int count)
{
	static vector_fn *real;
	calls_find(&real, "readv");
	return move_vector("readv", real, fd, false, parts, count);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	static vector_fn *real;
	calls_find(&real, "writev");
	return move_vector("writev", real, fd, true, parts, count);
}
