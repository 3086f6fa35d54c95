/* Of which kind this machine is; not which one. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stddef.h>

/* "x86_64, virtual": the processor's kind, and whether a hypervisor shows itself. */
void machine_kind(char *text, size_t size);

#endif
