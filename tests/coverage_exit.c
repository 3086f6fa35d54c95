/* For `make coverage` alone: _exit, which ends a child, also writes the counters.
 *
 * The linker's --wrap=_exit brings every call here (see tests/coverage.sh). */
#include <unistd.h>

void __gcov_dump(void);
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));

void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}
