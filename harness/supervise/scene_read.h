/* Reading one process's part of a scene. Only the files scene*.c include it.
 *
 * All of it needs the right to trace the process, which an ancestor of the same
 * user or root has; where it is refused, less becomes known.
 */
#ifndef SCENE_READ_H
#define SCENE_READ_H

#include <stdio.h>

#include "scene.h"
#include "watch.h"

/* Opens a file of /proc/PID for reading, named as by printf; NULL where it cannot. */
FILE *scene_open(pid_t pid, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Copies a process's memory. Returns how many bytes, 0 where it may not be read. */
size_t scene_memory(pid_t pid, unsigned long address, void *to, size_t size);

/* The system call that a thread is in, with its stack and its place in the code:
 * thread->call and args. Returns false where that may not be known. */
struct registers {
	unsigned long sp, pc;
};
bool scene_call(pid_t pid, struct scene_thread *thread, struct registers *registers);

/* From its state and system call to what a thread waits for. */
void scene_wait(const struct watch *watch, pid_t pid, struct scene_thread *thread);

/* Adds the process's ends of pipes and sockets to the scene. */
void scene_ends(const struct watch *watch, struct scene *scene, int process);

/* Where in the plug-in's file the code stands: the address itself if it lies there,
 * or the place of the call that led out of it, to this system call (-1: none); 0
 * where that cannot be told. */
uintptr_t scene_place(pid_t pid, long call, const struct registers *registers);

/* Stops the busiest thread several times, and notes where it was. */
void scene_sample(struct scene *scene);

#endif
