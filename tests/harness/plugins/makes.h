/* Between faults_make.c and its plug-in makes.c. */
#ifndef MAKES_H
#define MAKES_H

#include <stddef.h>

enum { MAKE_PIPE, MAKE_MAP, MAKE_ALLOCATE, MAKE_FAMILIES };
enum { MAKES = 12 };

/* Lies in memory that both share. */
struct makes {
	int family;
	int error[MAKES];                /* errno of the k-th call, 0: it worked */
	int libc_failed;                 /* calls of libc that need memory or a pipe of their own */
	int harness_failed;              /* and of the harness, called by the plug-in, as a task is */
	void *(*harness_gets)(size_t size);
};

#endif
