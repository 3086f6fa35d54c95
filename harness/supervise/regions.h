/* The memory that the plug-in has mapped shared, as each process of a call knows it.
 *
 * The same byte may have another address in another process, where both have mapped the
 * same file; so each byte has a place, which is the same for all. The exported calls
 * (calls_make.c) keep the list; a child inherits its parent's.
 */
#ifndef REGIONS_H
#define REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A mapping was made, of this file (fd -1: of none) from this offset; or ended. */
void regions_add(const void *address, size_t bytes, int fd, uint64_t offset);
void regions_remove(const void *address, size_t bytes);

/* Whether the byte at this address is shared, and its place. */
bool regions_place(uintptr_t address, uint64_t *place);

#endif
