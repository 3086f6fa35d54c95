/* Leaves a shared memory object called arg, and a semaphore of the same name. */
#include <fcntl.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <unistd.h>

long act(void *arg)
{
	int fd = shm_open(arg, O_CREAT | O_EXCL | O_RDWR, 0600);
	sem_t *semaphore = sem_open(arg, O_CREAT | O_EXCL, 0600, 3);
	int value = -1;
	if (fd == -1 || semaphore == SEM_FAILED)
		return -1;
	sem_getvalue(semaphore, &value);
	close(fd);
	sem_close(semaphore);
	return value;
}
