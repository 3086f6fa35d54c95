/* Makes a shared memory object called arg and unlinks it. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

long act(void *arg)
{
	int fd = shm_open(arg, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd == -1)
		return -1;
	close(fd);
	return shm_unlink(arg);
}
