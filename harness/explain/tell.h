/* Sentences about the processes and pipes of a scene.
 *
 * Workers are called by the order in which the caller started them, with their
 * pid at the first mention; pipes are A, B, ... in the order of mention. So one
 * teller writes all of a message.
 */
#ifndef TELL_H
#define TELL_H

#include <stddef.h>

#include "scene.h"

enum { PIPES_NAMED = 26 };

struct tell {
	const struct scene *scene;
	char *text;
	size_t size, used;
	bool capital; /* the first sentence begins with one, too */
	bool named[SCENE_PROCESSES];
	unsigned long pipe[PIPES_NAMED]; /* inodes */
	int pipes;
};

/* The text will be in `text`, at most `size` bytes with its end. */
void tell_init(struct tell *tell, const struct scene *scene, char *text, size_t size);

/* Goes on with another text; the names stay as they are. */
void tell_into(struct tell *tell, char *text, size_t size);

/* Adds to the text: %w a process (its index in the scene), %p a pipe (its inode,
 * unsigned long), %d an int, %z a size_t, %s a string. A process that begins a
 * sentence gets a capital, but for the first of all, which follows the code. */
void tell(struct tell *tell, const char *format, ...);

/* "the caller", "worker 1", "a child of worker 1", "process 4711" */
void tell_name(const struct scene *scene, int process, char *text, size_t size);

/* Adds what the thread is doing: "waits for worker 1 (waitpid)". */
void tell_deed(struct tell *tell, int process, const struct scene_thread *thread);

#endif
