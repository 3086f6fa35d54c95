/* Snapshots of what a process holds: see snapshot.h. */
#define _GNU_SOURCE
#include "snapshot.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
		if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %255[^\n]", &m.start, &m.end, permissions,
		           name) < 3 || strchr(permissions, 's') == NULL)
			continue;
		copy_text(m.what, name);
		if (list->count < MAPPINGS_KEPT)
			list->mapping[list->count] = m;
		list->count++;
	}
	fclose(maps);
}

void snapshot_names(uid_t user, struct name_list *list)
{
	DIR *directory = opendir("/dev/shm");
	list->count = 0;
	if (directory == NULL)
		return;
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		struct stat status;
		if (entry->d_name[0] == '.' ||
		    fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
		    status.st_uid != user)
			continue;
		if (list->count < NAMES_KEPT)
			copy_text(list->name[list->count++], entry->d_name);
	}
	closedir(directory);
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

void snapshot_added_fds(const struct fd_list *before, const struct fd_list *after,
                        struct fd_list *added)
{
	if (before->count < 0)
		return;
	for (int i = 0; i < kept(after->count, FDS_KEPT); i++)
		if (!has_fd(before, &after->fd[i]) && added->count < FDS_KEPT)
			added->fd[added->count++] = after->fd[i];
}

static bool has_mapping(const struct mapping_list *list, const struct mapping *mapping)
{
	for (int i = 0; i < kept(list->count, MAPPINGS_KEPT); i++)
		if (list->mapping[i].start == mapping->start && list->mapping[i].end == mapping->end)
			return true;
	return false;
}

void snapshot_added_mappings(const struct mapping_list *before, const struct mapping_list *after,
                             struct mapping_list *added)
{
	if (before->count < 0)
		return;
	for (int i = 0; i < kept(after->count, MAPPINGS_KEPT); i++)
		if (!has_mapping(before, &after->mapping[i]) && added->count < MAPPINGS_KEPT)
			added->mapping[added->count++] = after->mapping[i];
}

static bool has_name(const struct name_list *list, const char *name)
{
	for (int i = 0; i < list->count; i++)
		if (strcmp(list->name[i], name) == 0)
			return true;
	return false;
}

void snapshot_added_names(const struct name_list *before, const struct name_list *after,
                          struct name_list *added)
{
	for (int i = 0; i < after->count; i++)
		if (!has_name(before, after->name[i]) && added->count < NAMES_KEPT)
			copy_text(added->name[added->count++], after->name[i]);
}
