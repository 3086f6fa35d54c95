/* What outlives the process that made it: names in /dev/shm, System V's segments,
 * semaphore sets and message queues, POSIX message queues.
 *
 * They are found by the user who made them and told apart by an identity that is
 * not given twice: an inode's number, or System V's id.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
	NAMES_KEPT = 16,
	NAME_TEXT = 256 /* bytes, its end included; no file's name is longer */
};

enum name_kind {
	NAME_FILE,       /* in /dev/shm: shm_open, sem_open */
	NAME_FOLDER,     /* in /dev/shm */
	NAME_SEGMENT,    /* System V shared memory */
	NAME_SEMAPHORES, /* System V */
	NAME_MESSAGES,   /* a System V message queue */
	NAME_QUEUE       /* a POSIX message queue */
};

struct name {
	enum name_kind kind;
	unsigned long id;
	unsigned key;           /* System V's */
	unsigned long size;     /* of a segment in bytes, of a set in semaphores, of
	                         * System V's queue in messages */
	pid_t creator;          /* of a segment; 0: not known */
	char text[NAME_TEXT]; /* below /dev/shm; of a POSIX queue, with its slash. It
	                         * may have any bytes, and be cut */
};

struct name_list {
	int count; /* may be larger than what is kept */
	struct name name[NAMES_KEPT];
};

/* Sees each name; returns whether it is to be removed. */
typedef bool name_visit(const struct name *name, void *arg);

/* Shows all names of the user, those in a folder before the folder, and removes
 * those for which visit says so. POSIX queues are seen where their file system is
 * mounted on /dev/mqueue. */
void names_each(uid_t user, name_visit *visit, void *arg);

/* The same for a POSIX queue of this name, be the file system mounted or not. */
void names_queue(uid_t user, const char *text, name_visit *visit, void *arg);

void names_add(struct name_list *list, const struct name *name);

#endif
