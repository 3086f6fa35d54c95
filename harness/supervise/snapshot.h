/* What a process holds: descriptors and shared mappings.
 *
 * Taken from outside, by the supervisor, while the process stands still. Two
 * snapshots are compared: what is new has leaked, what is gone was closed.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <stddef.h>
#include <sys/types.h>

enum {
	FDS_KEPT = 64,
	MAPPINGS_KEPT = 64,
	WHAT_LENGTH = 64 /* bytes of a description, its end included */
};

struct fd {
	int number;
	char what[WHAT_LENGTH]; /* as /proc names it: "pipe:[4711]", "/dev/null" */
};

struct fd_list {
	int count; /* may be larger than what is kept */
	struct fd fd[FDS_KEPT];
};

struct mapping {
	unsigned long start, end;
	char what[WHAT_LENGTH];
	unsigned long inode; /* of what is mapped */
};

struct mapping_list {
	int count;
	struct mapping mapping[MAPPINGS_KEPT];
};

/* The descriptors, or the MAP_SHARED mappings, of a process. A list that cannot
 * be read is left with count = -1. */
void snapshot_fds(pid_t pid, struct fd_list *list);
void snapshot_mappings(pid_t pid, struct mapping_list *list);

/* Adds to `added` what stands in after and not in before. A descriptor number
 * that now is something else counts as added here, and as gone the other way
 * round; of a mapping, only the part that is new is added. Where one of the two
 * could not be read, added->count becomes -1 for good. `before` is in the order of
 * addresses, as it was read. */
void snapshot_added_fds(const struct fd_list *before, const struct fd_list *after,
                        struct fd_list *added);
void snapshot_added_mappings(const struct mapping_list *before, const struct mapping_list *after,
                             struct mapping_list *added);

#endif
