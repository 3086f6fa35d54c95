/* Where a process that loops spends its time: it is stopped a few times, briefly,
 * and looked at each time, so that `explain` can name the line that was seen most
 * often. Signals are enough for that, where ptrace might be refused; and whoever
 * loops is about to be ended anyway.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <time.h>

#include "scene_read.h"

enum { STOP_LOOKS = 50, NAP_NS = 2000000 };

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
}

static struct scene_process *busiest_process(struct scene *scene)
{
	struct scene_process *busiest = NULL;
	for (int i = 0; i < scene->count; i++)
		if (busiest == NULL || scene->process[i].cpu_seconds > busiest->cpu_seconds)
			busiest = &scene->process[i];
	return busiest;
}

static struct scene_thread *busiest_thread(struct scene_process *p)
{
	struct scene_thread *busiest = &p->thread[0];
	for (int i = 1; i < p->threads && i < SCENE_THREADS; i++)
		if (p->thread[i].cpu_seconds > busiest->cpu_seconds)
			busiest = &p->thread[i];
	return busiest;
}

static bool stop(pid_t pid, pid_t tid)
{
	struct process p;
	kill(pid, SIGSTOP);
	for (int look = 0; look < STOP_LOOKS; look++) {
		if (!tree_read_thread(pid, tid, &p))
			return false;
		if (p.state == 'T')
			return true;
		nap();
	}
	return false;
}

void scene_sample(struct scene *scene)
{
	struct scene_process *p = busiest_process(scene);
	if (p == NULL || p->threads == 0 || p->state == 'Z')
		return;
	struct scene_thread thread = *busiest_thread(p);
	scene->busiest = p->pid;
	for (int i = 0; i < SCENE_SAMPLES; i++) {
		struct registers registers = { 0 };
		if (!stop(p->pid, thread.tid) || !scene_call(p->pid, &thread, &registers))
			return;
		uintptr_t place = scene_place(p->pid, thread.call, &registers);
		if (place != 0)
			scene->sample[scene->samples++] = place;
		kill(p->pid, SIGCONT);
		nap();
	}
}
