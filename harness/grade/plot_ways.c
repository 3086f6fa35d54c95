/* The caller's side of a plot's call: see plot_ways.h.
 *
 * supervise() loads one plug-in. The others are handed over as memory, since the
 * caller's user may not be able to open their files, and become anonymous files
 * there. Each is a library of its own: two labs may define the same name.
 */
#define _GNU_SOURCE
#include "plot_ways.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "reference.h"
#include "run_workers.h"
#include "serial.h"
#include "supervise.h"
#include "usage.h"

enum { WARM_TASKS = 64, CHUNK_MOST = 1000, CHUNKS_PER_WORKER = 8, STATUSES = 1024 };

typedef int serial_map_fn(task_fn *, const uint32_t *, size_t, int32_t *);
typedef int run_workers_fn(int, worker_fn *, void *, int[]);
typedef int parallel_map_fn(task_fn *, const uint32_t *, size_t, int32_t *, int);
typedef int chunked_map_fn(task_fn *, const uint32_t *, size_t, int32_t *, int, size_t);
typedef struct pool *pool_create_fn(int);
typedef int pool_map_fn(struct pool *, task_fn *, const uint32_t *, size_t, int32_t *, size_t);
typedef int pool_close_fn(struct pool *);

static const double cooling_seconds = 0.050; /* at most */

/* In the caller's process and its children. */
static struct {
	const struct plot_library *library[FIGURE_WAYS + 1]; /* 0: the one that supervise loaded */
	void *handle[FIGURE_WAYS + 1];
	int count;
	plugin_fn *function[FIGURE_WAYS];
	struct pool *pool[FIGURE_WAYS]; /* of a way that has one */
	task_fn *task;
	serial_map_fn *serial; /* with which workers do their parts */
	uint32_t *seeds;
	int32_t *results, *shared; /* the latter for workers to write into */
	size_t n;
} here;

static void give_up(const char *what)
{
	fprintf(stderr, "crossover: %s\n", what);
	_exit(2);
}

static void *load(const struct plot_library *library)
{
	char path[64];
	int fd = memfd_create("plug-in", MFD_CLOEXEC);
	if (fd == -1 || write(fd, library->image, library->size) != (ssize_t)library->size)
		give_up(strerror(errno));
	/* not /proc/self/fd: that name may be the first plug-in's, which is loaded already */
	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), fd);
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		give_up(dlerror());
	return handle; /* the file stays open, so that the next has another name */
}

static plugin_fn *find(const struct plot_library *library, const char *name)
{
	plugin_fn *function;
	int which = 0;
	while (which < here.count && here.library[which] != library)
		which++;
	if (which == here.count) {
		here.library[here.count] = library;
		here.handle[here.count++] = load(library);
	}
	if (which == 0)
		return plugin_function(name);
	void *symbol = dlsym(here.handle[which], name);
	if (symbol == NULL)
		give_up(dlerror());
	memcpy(&function, &symbol, sizeof function);
	return function;
}

static int kit_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	for (size_t i = 0; i < n; i++)
		results[i] = task(seeds[i]);
	return 0;
}

const struct plot_library *plot_first_library(const struct plot_call *call)
{
	for (int way = 0; way < call->ways; way++)
		if (call->way[way].library != NULL)
			return call->way[way].library;
	return call->task;
}

static void find_functions(const struct plot_call *call)
{
	here.library[0] = plot_first_library(call);
	here.count = 1;
	here.serial = kit_map;
	here.task = reference_square;
	for (int way = 0; way < call->ways; way++) {
		const struct plot_way *w = &call->way[way];
		if (w->kind != PLOT_LOOP)
			here.function[way] = find(w->library, w->function);
		if (w->kind == PLOT_SERIAL && way == 0)
			here.serial = (serial_map_fn *)here.function[way];
	}
	if (call->task != NULL)
		here.task = (task_fn *)find(call->task, "random_square");
}

static void make_buffers(size_t n)
{
	here.n = n;
	here.seeds = malloc(n * sizeof *here.seeds);
	here.results = malloc(n * sizeof *here.results);
	here.shared = mmap(NULL, n * sizeof *here.shared, PROT_READ | PROT_WRITE,
	                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (here.seeds == NULL || here.results == NULL || here.shared == MAP_FAILED)
		give_up("there is not enough memory for that many numbers");
	for (size_t i = 0; i < n; i++)
		here.seeds[i] = (uint32_t)i;
}

static int slice(int rank, int workers, void *context)
{
	size_t count = (size_t)workers, which = (size_t)rank;
	size_t first = here.n / count * which + here.n % count * which / count;
	size_t end = here.n / count * (which + 1) + here.n % count * (which + 1) / count;
	(void)context;
	return here.serial(here.task, here.seeds + first, end - first, here.shared + first) != 0;
}

static size_t chunk_of(const struct plot_call *call)
{
	size_t chunk = call->n / (CHUNKS_PER_WORKER * (size_t)call->workers);
	return chunk < 1 ? 1 : chunk > CHUNK_MOST ? CHUNK_MOST : chunk;
}

/* By now all plug-ins are loaded: the workers know every task. */
int plot_ways_open(const struct plot_call *call, int *way)
{
	for (*way = 0; *way < call->ways; ++*way) {
		const struct plot_way *w = &call->way[*way];
		if (w->kind != PLOT_POOL)
			continue;
		here.pool[*way] = ((pool_create_fn *)find(w->library, "pool_create"))(call->workers);
		if (here.pool[*way] == NULL)
			return -1;
	}
	return 0;
}

int plot_ways_close(const struct plot_call *call, int *way)
{
	for (*way = 0; *way < call->ways; ++*way) {
		const struct plot_way *w = &call->way[*way];
		struct pool *pool = here.pool[*way];
		here.pool[*way] = NULL;
		if (pool != NULL && ((pool_close_fn *)find(w->library, "pool_close"))(pool) != 0)
			return -1;
	}
	return 0;
}

static int map_in_pool(int way, size_t n)
{
	return ((pool_map_fn *)here.function[way])(here.pool[way], here.task, here.seeds, n,
	                                           here.results, 0);
}

int plot_way_warm_up(const struct plot_call *call, int way)
{
	size_t n = call->n < WARM_TASKS ? call->n : WARM_TASKS;
	return call->way[way].kind == PLOT_POOL ? map_in_pool(way, n) : 0;
}

void plot_way_cool_down(const struct plot_call *call, int way)
{
	if (call->way[way].kind == PLOT_POOL)
		usage_settle(cooling_seconds);
}

int plot_way_run(const struct plot_call *call, int way)
{
	int statuses[STATUSES], workers = call->n < (size_t)call->workers ? (int)call->n : call->workers;
	plugin_fn *function = here.function[way];
	switch (call->way[way].kind) {
	case PLOT_LOOP: return kit_map(reference_square, here.seeds, call->n, here.results);
	case PLOT_SERIAL:
		return ((serial_map_fn *)function)(here.task, here.seeds, call->n, here.results);
	case PLOT_WORKERS: return ((run_workers_fn *)function)(workers, slice, NULL, statuses);
	case PLOT_MAP:
		return ((parallel_map_fn *)function)(here.task, here.seeds, call->n, here.results,
		                                     call->workers);
	case PLOT_CHUNKS:
		return ((chunked_map_fn *)function)(here.task, here.seeds, call->n, here.results,
		                                    call->workers, chunk_of(call));
	case PLOT_POOL: return map_in_pool(way, call->n);
	}
	return -1;
}

void plot_ways_prepare(const struct plot_call *call)
{
	find_functions(call);
	make_buffers(call->n);
}

int32_t *plot_way_results(const struct plot_call *call, int way)
{
	return call->way[way].kind == PLOT_WORKERS ? here.shared : here.results;
}
