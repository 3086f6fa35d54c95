/* What the exported calls have in common. Only this room includes it.
 *
 * The check program exports the functions of calls_*.c (exports.list), and a
 * shared object that it loads finds them before libc's. While a call is armed they
 * count, and make happen what the test asked for; otherwise, and for the harness
 * itself, they only pass on. No preload, no ptrace, and a solution that makes raw
 * system calls loses nothing but the faults that it would have been shown.
 *
 * A fault happens only where the kernel may make it happen: a wait that would
 * not block, or in a process whose signals are blocked, is never interrupted, and
 * a write of PIPE_BUF bytes or fewer stays whole.
 */
#ifndef CALLS_H
#define CALLS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/wait.h>

#include "supervise.h"

/* Points *function, which is a pointer to a function, to libc's own definition of
 * name; only the first time. */
void calls_find(void *function, const char *name);

/* For the caller: from now on what the desk says concerns this process and its
 * children. */
void calls_allow(void);

/* Whether this is a process of a supervised call, between begin and end. */
bool calls_armed(void);

/* A system call made with syscall(): notes what it made. */
void calls_note_raw(long number, const long arguments[], long result);

/* Counts a call that can be made to fail. Returns whether it is to, with errno set. */
bool calls_fail(enum failing which);

/* Calls that may block. Each kind has random numbers of its own, so that what a
 * read suffers does not depend on how often somebody looked or waited before. */
enum blocking { BLOCKING_TRANSFER, BLOCKING_LOOK, BLOCKING_LOCK, BLOCKING_WAIT, BLOCKINGS };

/* Whether a call that may block is to return EINTR now; then errno is set and the
 * fault noted. what names the call, and argument is its first, or NO_ARGUMENT where
 * that is none to show: "read(5, ...)". Never where the signal could not get through,
 * because mask (NULL: the thread's own) blocks it. */
enum { NO_ARGUMENT = -1 };
bool calls_interrupt(enum blocking kind, const sigset_t *mask, const char *what, int argument);

/* How many of so many bytes are to be moved: all, or now and then fewer. */
size_t calls_shorten(const char *what, int fd, size_t size);

/* Holds the process up, now and then, where the test asked for that. */
void calls_perturb(void);

/* Before a process starts a child, or its first thread: which random numbers they
 * get follows from this process's own, and from how many it has started so far. */
void calls_number_child(void);
void calls_number_process(void);

/* Sleeps for so long, whatever interrupts it. */
void calls_nap(double seconds);

/* libc's waitid, with nothing counted and no fault. */
int calls_real_waitid(idtype_t type, id_t id, siginfo_t *info, int options);

#endif
