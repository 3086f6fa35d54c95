/* Snapshots of what a process holds: see snapshot.h. */
#define _GNU_SOURCE
#include "snapshot.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void copy_text(char to[WHAT_LENGTH], const char *from)
{
	snprintf(to, WHAT_LENGTH, "%.*s", WHAT_LENGTH - 1, from);
}

void snapshot_fds(pid_t pid, struct fd_list *list)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	DIR *directory = opendir(path);
	list->count = directory == NULL ? -1 : 0;
	if (directory == NULL)
		return;

	for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		char target[WHAT_LENGTH];
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		ssize_t length = readlinkat(dirfd(directory), entry->d_name, target, sizeof target - 1);
		if (length == -1 && errno == EACCES) { /* numbers without what they are */
			list->count = -1;
			break;
		}
		target[length > 0 ? length : 0] = '\0';
		if (list->count < FDS_KEPT) {
			list->fd[list->count].number = atoi(entry->d_name);
			copy_text(list->fd[list->count].what, target);
		}
		list->count++;
	}
	closedir(directory);
}

/* A line of maps: start-end perms offset device inode path. */
void snapshot_mappings(pid_t pid, struct mapping_list *list)
{
	char path[64], line[512];
	snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
	FILE *maps = fopen(path, "re");
	list->count = maps == NULL ? -1 : 0;
	if (maps == NULL)
		return;

	while (fgets(line, sizeof line, maps) != NULL) {
		struct mapping m = { 0 };
		char permissions[8], name[256] = "";
		if (sscanf(line, "%lx-%lx %7s %*s %*s %lu %255[^\n]", &m.start, &m.end, permissions,
		           &m.inode, name) < 4 || strchr(permissions, 's') == NULL)
			continue;
		copy_text(m.what, name);
		if (list->count < MAPPINGS_KEPT)
			list->mapping[list->count] = m;
		list->count++;
	}
	fclose(maps);
}

static int kept(int count, int most)
{
	return count < most ? count : most;
}

static bool has_fd(const struct fd_list *list, const struct fd *fd)
{
	for (int i = 0; i < kept(list->count, FDS_KEPT); i++)
		if (list->fd[i].number == fd->number && strcmp(list->fd[i].what, fd->what) == 0)
			return true;
	return false;
}

/* Whether there is something to compare. What cannot be seen is not clean: the
 * count becomes, and stays, -1. */
static bool comparable(int before, int after, int *added)
{
	if (before < 0 || after < 0)
		*added = -1;
	return *added >= 0;
}

void snapshot_added_fds(const struct fd_list *before, const struct fd_list *after,
                        struct fd_list *added)
{
	if (!comparable(before->count, after->count, &added->count))
		return;
	for (int i = 0; i < kept(after->count, FDS_KEPT); i++)
		if (!has_fd(before, &after->fd[i]) && added->count < FDS_KEPT)
			added->fd[added->count++] = after->fd[i];
}

static bool same_object(const struct mapping *a, const struct mapping *b)
{
	return a->inode == b->inode && strcmp(a->what, b->what) == 0;
}

static void add_part(struct mapping_list *added, const struct mapping *whole, unsigned long start,
                     unsigned long end)
{
	if (start >= end || added->count >= MAPPINGS_KEPT)
		return;
	struct mapping *part = &added->mapping[added->count++];
	*part = *whole;
	part->start = start;
	part->end = end;
}

/* The parts of a mapping that were not mapped before, by address: the kernel
 * joins neighbours of one object and splits what is changed in part, so that the
 * same memory may be listed as fewer mappings, or as more. */
static void add_new_parts(const struct mapping_list *before, const struct mapping *m,
                          struct mapping_list *added)
{
	unsigned long from = m->start;
	for (int i = 0; i < kept(before->count, MAPPINGS_KEPT) && from < m->end; i++) {
		const struct mapping *old = &before->mapping[i];
		if (!same_object(old, m) || old->end <= from || old->start >= m->end)
			continue;
		add_part(added, m, from, old->start);
		from = old->end;
	}
	add_part(added, m, from, m->end);
}

void snapshot_added_mappings(const struct mapping_list *before, const struct mapping_list *after,
                             struct mapping_list *added)
{
	if (!comparable(before->count, after->count, &added->count))
		return;
	for (int i = 0; i < kept(after->count, MAPPINGS_KEPT); i++)
		add_new_parts(before, &after->mapping[i], added);
}
