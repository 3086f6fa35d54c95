/* Leaves a POSIX message queue called arg, which nobody may open. */
#include <fcntl.h>
#include <mqueue.h>
#include <stddef.h>

long act(void *arg)
{
	mqd_t queue = mq_open(arg, O_CREAT | O_RDWR, 0, NULL);
	return queue == (mqd_t)-1 ? -1 : mq_close(queue);
}
