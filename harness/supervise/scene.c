/* Taking down the scene: who is there, in which order they were started, and,
 * with the help of scene_wait.c and scene_ends.c, what each of them does.
 *
 * A worker's rank is its place in the caller's own order of starts, which the
 * exported calls log; whoever they did not see comes after, by the kernel's start
 * time. The log lies where student code could write: a pid in it counts only if
 * the process is a child of the caller, or is gone.
 */
#define _GNU_SOURCE
#include "scene.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk.h"
#include "scene_read.h"

static bool left_out(const struct watch *w, const struct process *p)
{
	return p->parent == w->caller && desk_knows(p->pid);
}

/* By the kernel's start time: pids may have wrapped. */
static int by_start(const void *a, const void *b)
{
	const struct process *p = a, *q = b;
	if (p->start != q->start)
		return p->start < q->start ? -1 : 1;
	return p->pid < q->pid ? -1 : p->pid > q->pid;
}

/* --- ranks ------------------------------------------------------------------- */

static int rank_of(const struct scene *scene, pid_t pid)
{
	for (int rank = 0; rank < scene->starts; rank++)
		if (scene->started[rank] == pid)
			return rank;
	return -1;
}

static void add_start(struct scene *scene, pid_t pid)
{
	if (scene->starts < SCENE_STARTS && rank_of(scene, pid) == -1)
		scene->started[scene->starts++] = pid;
}

static const struct process *find(const struct process_list *list, pid_t pid)
{
	for (int i = 0; i < list->count && i < PROCESSES_KEPT; i++)
		if (list->process[i].pid == pid)
			return &list->process[i];
	return NULL;
}

static void find_starts(const struct watch *w, struct scene *scene,
                        const struct process_list *list)
{
	int logged = atomic_load(&the_desk->starts_logged);
	for (int i = 0; i < logged && i < STARTS_LOGGED; i++) {
		const struct process *p = find(list, the_desk->started[i]);
		if (p == NULL || p->parent == w->caller)
			add_start(scene, the_desk->started[i]);
	}
	for (int i = 0; i < list->count && i < PROCESSES_KEPT; i++)
		if (list->process[i].parent == w->caller && !left_out(w, &list->process[i]))
			add_start(scene, list->process[i].pid);
}

/* --- processes and threads --------------------------------------------------- */

static void add_thread(const struct watch *w, struct scene *scene, struct scene_process *p,
                       pid_t tid)
{
	struct process stat;
	struct registers registers = { 0 };
	if (!tree_read_thread(p->pid, tid, &stat))
		return;
	if (p->threads++ >= SCENE_THREADS) {
		scene->incomplete = true;
		return;
	}
	struct scene_thread *thread = &p->thread[p->threads - 1];
	*thread = (struct scene_thread){ .tid = tid, .state = stat.state, .call = -1,
		                             .cpu_seconds = stat.cpu_seconds };
	if (scene_call(p->pid, thread, &registers) && thread->call != -1)
		thread->place = scene_place(p->pid, thread->call, &registers);
	scene_wait(w, p->pid, thread);
}

static void add_threads(const struct watch *w, struct scene *scene, struct scene_process *p)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task", (int)p->pid);
	DIR *directory = opendir(path);
	add_thread(w, scene, p, p->pid); /* the first one comes first */
	for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
		pid_t tid = (pid_t)atol(entry->d_name);
		if (isdigit((unsigned char)entry->d_name[0]) && tid != p->pid)
			add_thread(w, scene, p, tid);
	}
	if (directory != NULL)
		closedir(directory);
}

static void add_process(const struct watch *w, struct scene *scene, const struct process *process)
{
	if (scene->count == SCENE_PROCESSES) {
		scene->incomplete = true;
		return;
	}
	int index = scene->count++;
	struct scene_process *p = &scene->process[index];
	memset(p, 0, sizeof *p);
	p->pid = process->pid;
	p->parent = process->parent;
	p->state = process->state;
	p->cpu_seconds = process->cpu_seconds;
	p->caller = process->pid == w->caller;
	p->rank = rank_of(scene, process->pid);
	add_threads(w, scene, p);
	if (process_alive(process))
		scene_ends(w, scene, index);
}

void scene_take(const struct watch *w, enum scene_when when)
{
	static struct process_list list;
	struct scene *scene = &w->outcome->scene;
	scene->when = SCENE_NONE;
	scene->incomplete = false;
	scene->count = scene->ends = scene->starts = scene->samples = 0;
	if (tree_scan(getpid(), &list) <= 0)
		return;
	int kept = list.count < PROCESSES_KEPT ? list.count : PROCESSES_KEPT;
	qsort(list.process, (size_t)kept, sizeof list.process[0], by_start);
	find_starts(w, scene, &list);

	const struct process *caller = find(&list, w->caller);
	if (caller != NULL)
		add_process(w, scene, caller);
	for (int rank = 0; rank < scene->starts; rank++) {
		const struct process *p = find(&list, scene->started[rank]);
		if (p != NULL)
			add_process(w, scene, p);
	}
	for (int i = 0; i < kept; i++) /* grandchildren, and those that lost their parent */
		if (list.process[i].pid != w->caller && !left_out(w, &list.process[i]) &&
		    rank_of(scene, list.process[i].pid) == -1)
			add_process(w, scene, &list.process[i]);
	scene->incomplete = scene->incomplete || list.count > kept;
	scene->when = when;
}
