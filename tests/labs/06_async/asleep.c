/* Lab 06: does a caller that waits sleep? */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "tests.h"

/* --- who has not slept -------------------------------------------------------------------- */

/* On a busy machine a thread that looks again and again gets little CPU time, and does not
 * show by that. But it never gives the CPU away by itself, unlike any that sleeps. */
struct thread {
	long id, naps; /* voluntary context switches */
	double cpu;    /* seconds */
};

enum { THREADS = 16 };

struct threads {
	struct thread thread[THREADS];
	int count;
};

static bool read_thread(const char *name, struct thread *t)
{
	char path[64], line[256];
	unsigned long long ns = 0;
	*t = (struct thread){ .id = strtol(name, NULL, 10), .naps = -1 };
	snprintf(path, sizeof path, "/proc/self/task/%ld/schedstat", t->id);
	FILE *file = t->id > 0 ? fopen(path, "re") : NULL;
	if (file == NULL)
		return false;
	bool known = fscanf(file, "%llu", &ns) == 1;
	fclose(file);
	t->cpu = 1e-9 * (double)ns;
	snprintf(path, sizeof path, "/proc/self/task/%ld/status", t->id);
	file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		sscanf(line, "voluntary_ctxt_switches: %ld", &t->naps);
	if (file != NULL)
		fclose(file);
	return known && t->naps >= 0;
}

/* The caller's threads. */
static void read_threads(struct threads *all)
{
	DIR *folder = opendir("/proc/self/task");
	all->count = 0;
	for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
		if (all->count < THREADS && read_thread(entry->d_name, &all->thread[all->count]))
			all->count++;
	if (folder != NULL)
		closedir(folder);
}

/* CPU time of the thread that used most and never slept between the two looks. */
static double awake_seconds(const struct threads *before, const struct threads *after)
{
	double most = 0;
	for (int i = 0; i < before->count; i++)
		for (int j = 0; j < after->count; j++) {
			const struct thread *a = &before->thread[i], *b = &after->thread[j];
			if (a->id == b->id && a->naps == b->naps && b->cpu - a->cpu > most)
				most = b->cpu - a->cpu;
		}
	return most;
}

/* --- the test ----------------------------------------------------------------------------- */

enum { NAP_MS = 150, WAYS = 3 };
#define WAITING_MOST 0.25  /* of the time that it waits; a caller that spins uses all of it */
#define AWAKE_MOST   0.005 /* seconds without any sleep; a look or two take far less */

static void wait_in_a_way(struct session *s, struct session_result r, int way)
{
	if (way == 0)
		session_get(s, r, -1);
	if (way == 1)
		session_wait(s, r, 30);
	if (way == 2)
		session_wait_any(s, &r, 1, -1);
}

static void wait_for_long_tasks(struct session *s)
{
	struct threads before, after;
	struct pool *pool = session_create(s, 2);
	session_do(s, (struct session_work){ .doing = DO_MEET, .amount = 2 });
	session_map(s, pool, 2, 1);
	session_do(s, (struct session_work){ .doing = DO_NAP, .amount = NAP_MS });
	double workers = session_workers_cpu(s), caller = clock_process_cpu();
	for (int i = 0; i < WAYS; i++) {
		struct session_result r = session_apply_async(s, pool);
		read_threads(&before);
		wait_in_a_way(s, r, i);
		read_threads(&after);
		double awake = awake_seconds(&before, &after);
		s->measured[2] = awake > s->measured[2] ? awake : s->measured[2];
		session_take(s, r);
	}
	s->measured[0] = clock_process_cpu() - caller;
	s->measured[1] = session_workers_cpu(s) - workers;
	session_do(s, (struct session_work){ .doing = DO_NOTHING });
	session_close(s, pool);
}

static const char sleep_where_woken[] =
	"Whoever waits looks a few times at most, and then blocks where the kernel wakes it: in a "
	"read, in sem_wait or pthread_cond_wait, on a futex; with a time-out, for the whole of the "
	"time that is left.";

static void judge_sleep(struct test *t, const struct session *s)
{
	const double most = WAITING_MOST * WAYS * NAP_MS * 1e-3;
	bool caller = s->measured[0] > most;
	if (caller || s->measured[1] > most)
		verdict_fail(
			&t->verdict, BUSY_WAIT, sleep_where_woken,
			"While tasks slept for %d ms in all, the %s %.0f ms of CPU time. Expected: less "
			"than %.0f ms.",
			WAYS * NAP_MS,
			caller ? "caller waited for them (async_get, async_wait, async_wait_any) and used"
				   : "workers used",
			s->measured[caller ? 0 : 1] * 1e3, most * 1e3);
	if (s->measured[2] > AWAKE_MOST)
		verdict_fail(
			&t->verdict, BUSY_WAIT, sleep_where_woken,
			"While a task slept for %d ms and the caller waited for it (async_get, "
			"async_wait, async_wait_any), a thread of the caller's process used %.0f ms of "
			"CPU time and did not sleep once. Expected: it sleeps until it is woken.",
			NAP_MS, s->measured[2] * 1e3);
}

void waiting_caller_sleeps(struct test *t)
{
	struct session *s = session_new(t, wait_for_long_tasks);
	if (async_run(t, s))
		judge_sleep(t, s);
	session_free(s);
}
