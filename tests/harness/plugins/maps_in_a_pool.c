/* A pool that starts no process, and that fails unless it is made once, used while it is
 * there, with chunk 0, and closed; or else its mapping is left.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

typedef int32_t task_fn(uint32_t seed);

struct pool {
	int workers;
	size_t mapped;
};

static struct pool *the_pool;

struct pool *pool_create(int workers)
{
	if (workers != 3 || the_pool != NULL) {
		errno = EINVAL;
		return NULL;
	}
	the_pool = mmap(NULL, sizeof *the_pool, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	                0);
	the_pool->workers = workers;
	return the_pool;
}

int pool_map(struct pool *pool, task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
             size_t chunk)
{
	if (pool == NULL || pool != the_pool || chunk != 0) {
		errno = EINVAL;
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		results[i] = task(seeds[i]);
	pool->mapped = n;
	return 0;
}

/* Fails after seven tasks: so that it shows that it was called. */
int pool_close(struct pool *pool)
{
	if (pool == NULL || pool != the_pool)
		return -1;
	int status = pool->mapped == 7 ? -1 : 0;
	the_pool = NULL;
	munmap(pool, sizeof *pool);
	errno = EBUSY;
	return status;
}

int32_t random_square(uint32_t seed)
{
	(void)seed;
	return 2;
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	for (size_t i = 0; i < n; i++)
		results[i] = task(seeds[i]);
	return 0;
}
