/* What the exported calls have in common. Only this room includes it.
 *
 * The check program exports the functions of calls_start.c, calls_wait.c,
 * calls_names.c and calls_other.c (exports.list), and a shared object that it loads finds them
 * before libc's. While a call is armed they count, and make happen what the test
 * asked for; otherwise, and for the harness itself, they only pass on. No preload,
 * no ptrace, and a solution that makes raw system calls loses nothing but the
 * faults that it would have been shown.
 *
 * A fault happens only where the kernel may make it happen: a wait that would
 * not block, or in a process whose signals are blocked, is never interrupted.
 */
#ifndef CALLS_H
#define CALLS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>

/* Points *function, which is a pointer to a function, to libc's own definition of
 * name; only the first time. */
void calls_find(void *function, const char *name);

/* Whether this is a process of a supervised call, between begin and end. */
bool calls_armed(void);

/* A system call made with syscall(): notes what it made. */
void calls_note_raw(long number, const long arguments[], long result);

/* libc's waitid, with nothing counted and no fault. */
int calls_real_waitid(idtype_t type, id_t id, siginfo_t *info, int options);

#endif
