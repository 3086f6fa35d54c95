/* Which process holds which end of which pipe: /proc/PID/fd and fdinfo. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scene_read.h"

/* The line "flags:  0100001", in octal: how the descriptor was opened. */
static bool read_flags(pid_t pid, int fd, unsigned *flags)
{
	char line[128];
	bool found = false;
	FILE *file = scene_open(pid, "fdinfo/%d", fd);
	while (file != NULL && !found && fgets(line, sizeof line, file) != NULL)
		found = sscanf(line, "flags: %o", flags) == 1;
	if (file != NULL)
		fclose(file);
	return found;
}

/* Before the student's function was called for the first time. */
static bool caller_had(const struct watch *w, const char *what)
{
	for (int i = 0; i < w->first_fds.count && i < FDS_KEPT; i++)
		if (strcmp(w->first_fds.fd[i].what, what) == 0)
			return true;
	return false;
}

static void add_end(const struct watch *w, struct scene *scene, int process, int fd,
                    const char *what)
{
	struct scene_end end = { .process = process, .fd = fd, .of_caller = caller_had(w, what) };
	unsigned flags;
	if (sscanf(what, "socket:[%lu]", &end.inode) == 1)
		end.socket = true;
	else if (sscanf(what, "pipe:[%lu]", &end.inode) != 1)
		return;
	if (scene->ends == SCENE_ENDS || !read_flags(scene->process[process].pid, fd, &flags)) {
		scene->incomplete = true;
		return;
	}
	end.reads = (flags & O_ACCMODE) != O_WRONLY;
	end.writes = (flags & O_ACCMODE) != O_RDONLY;
	scene->end[scene->ends++] = end;
}

void scene_ends(const struct watch *w, struct scene *scene, int process)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/fd", (int)scene->process[process].pid);
	DIR *directory = opendir(path);
	if (directory == NULL) {
		scene->incomplete = true;
		return;
	}
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		char what[WHAT_LENGTH];
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		ssize_t length = readlinkat(dirfd(directory), entry->d_name, what, sizeof what - 1);
		what[length > 0 ? length : 0] = '\0';
		add_end(w, scene, process, atoi(entry->d_name), what);
	}
	closedir(directory);
}
