/* What outlives its maker: see names.h. */
#define _GNU_SOURCE
#include "names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { MQUEUE_MAGIC = 0x19800202, DEPTH_MOST = 64 };

/* Who is asked about each name. */
struct walk {
	uid_t user;
	name_visit *visit;
	void *arg;
	int depth; /* folders that it is in now */
};

void names_add(struct name_list *list, const struct name *name)
{
	if (list->count < NAMES_KEPT)
		list->name[list->count] = *name;
	list->count++;
}

/* --- removal ----------------------------------------------------------------- */

/* folder and entry are where a file or folder lies. */
static int try_to_remove(const struct name *name, int folder, const char *entry)
{
	switch (name->kind) {
	case NAME_SEGMENT:
		return shmctl((int)name->id, IPC_RMID, NULL);
	case NAME_SEMAPHORES:
		return semctl((int)name->id, 0, IPC_RMID);
	case NAME_MESSAGES:
		return msgctl((int)name->id, IPC_RMID, NULL);
	case NAME_QUEUE:
		return folder == -1 ? mq_unlink(entry) : unlinkat(folder, entry, 0);
	case NAME_FILE:
	case NAME_FOLDER:
		break;
	}
	return unlinkat(folder, entry, name->kind == NAME_FOLDER ? AT_REMOVEDIR : 0);
}

/* In a container root may lack the right to remove what is another user's; that
 * user has it. */
static int remove_name(uid_t user, const struct name *name, int folder, const char *entry)
{
	int status = try_to_remove(name, folder, entry);
	if (status == 0 || geteuid() != 0 || user == 0 || seteuid(user) != 0)
		return status;
	status = try_to_remove(name, folder, entry);
	if (seteuid(0) != 0)
		_exit(2);
	return status;
}

/* --- /dev/shm ---------------------------------------------------------------- */

static void each_file(struct walk *walk, int folder, const char *path);

/* A folder of somebody else's counts only as far as the user can write there. */
static void each_file_below(struct walk *walk, int folder, const char *entry,
                            const struct stat *status, const char *path)
{
	struct stat parent;
	if (walk->depth >= DEPTH_MOST || fstat(folder, &parent) != 0 || parent.st_dev != status->st_dev ||
	    (status->st_uid != walk->user && (status->st_mode & S_IWOTH) == 0))
		return;
	int below = openat(folder, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below == -1)
		return;
	walk->depth++;
	each_file(walk, below, path);
	walk->depth--;
}

static void see_entry(struct walk *walk, int folder, const char *entry, const char *path)
{
	struct stat status;
	struct name name = { .kind = NAME_FILE };
	if (fstatat(folder, entry, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	if (S_ISDIR(status.st_mode)) {
		name.kind = NAME_FOLDER;
		each_file_below(walk, folder, entry, &status, path);
	}
	if (status.st_uid != walk->user)
		return;
	name.id = status.st_ino;
	snprintf(name.text, sizeof name.text, "%.*s", NAME_TEXT - 1, path);
	if (walk->visit(&name, walk->arg))
		remove_name(walk->user, &name, folder, entry);
}

/* Closes the folder; path is where it lies below /dev/shm. A path that is too long
 * is cut: it is for people. */
static void each_file(struct walk *walk, int folder, const char *path)
{
	DIR *directory = fdopendir(folder);
	if (directory == NULL) {
		close(folder);
		return;
	}
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		char below[2 * NAME_TEXT];
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(below, sizeof below, "%.*s%s%s", NAME_TEXT - 1, path,
		         path[0] != '\0' ? "/" : "", entry->d_name);
		see_entry(walk, folder, entry->d_name, below);
	}
	closedir(directory);
}

/* --- System V ---------------------------------------------------------------- */

/* The columns of the tables in /proc/sysvipc. The maker (cuid) stays the same; the
 * owner can be changed. */
static const struct table {
	const char *path;
	enum name_kind kind;
	int size, maker, creator;
} tables[] = {
	{ "/proc/sysvipc/shm", NAME_SEGMENT, 3, 9, 4 },
	{ "/proc/sysvipc/sem", NAME_SEMAPHORES, 3, 6, -1 },
	{ "/proc/sysvipc/msg", NAME_MESSAGES, 4, 9, -1 },
};
enum { KEY_COLUMN, ID_COLUMN, COLUMNS = 10 };

/* Returns whether the line has that many numbers: the first, of headings, has
 * none. */
static bool read_columns(const char *line, unsigned long column[], int columns)
{
	for (int i = 0; i < columns; i++) {
		char *end;
		column[i] = strtoul(line, &end, 10);
		if (end == line)
			return false;
		line = end;
	}
	return true;
}

static void each_line(const struct walk *walk, const struct table *table, FILE *file)
{
	char line[512];
	while (fgets(line, sizeof line, file) != NULL) {
		unsigned long column[COLUMNS];
		if (!read_columns(line, column, table->maker + 1) ||
		    (uid_t)column[table->maker] != walk->user)
			continue;
		struct name name = { .kind = table->kind, .id = column[ID_COLUMN],
			                 .key = (unsigned)column[KEY_COLUMN], .size = column[table->size] };
		name.creator = table->creator < 0 ? 0 : (pid_t)column[table->creator];
		if (walk->visit(&name, walk->arg))
			remove_name(walk->user, &name, -1, NULL);
	}
}

/* --- POSIX message queues ---------------------------------------------------- */

static void each_queue(const struct walk *walk)
{
	struct statfs system;
	DIR *directory = opendir("/dev/mqueue");
	bool mounted = directory != NULL && fstatfs(dirfd(directory), &system) == 0 &&
	               system.f_type == MQUEUE_MAGIC;
	for (struct dirent *entry; mounted && (entry = readdir(directory)) != NULL;) {
		struct stat status;
		struct name name = { .kind = NAME_QUEUE };
		if (fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(status.st_mode) || status.st_uid != walk->user)
			continue;
		snprintf(name.text, sizeof name.text, "/%.*s", NAME_TEXT - 2, entry->d_name);
		name.id = status.st_ino;
		if (walk->visit(&name, walk->arg))
			remove_name(walk->user, &name, dirfd(directory), entry->d_name);
	}
	if (directory != NULL)
		closedir(directory);
}

/* One that may not be read is there all the same; its owner is then not known, but
 * only the owner can remove it. */
void names_queue(uid_t user, const char *text, name_visit *visit, void *arg)
{
	struct stat status;
	struct name name = { .kind = NAME_QUEUE };
	mqd_t queue = mq_open(text, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (queue == (mqd_t)-1 && (errno != EACCES || geteuid() != user))
		return;
	if (queue != (mqd_t)-1) {
		bool own = fstat(queue, &status) == 0 && status.st_uid == user;
		mq_close(queue);
		if (!own)
			return;
		name.id = status.st_ino;
	}
	snprintf(name.text, sizeof name.text, "%s", text);
	if (visit(&name, arg))
		remove_name(user, &name, -1, text);
}

void names_each(uid_t user, name_visit *visit, void *arg)
{
	struct walk walk = { .user = user, .visit = visit, .arg = arg };
	int folder = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder != -1)
		each_file(&walk, folder, "");
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		FILE *file = fopen(tables[i].path, "re");
		if (file == NULL)
			continue;
		each_line(&walk, &tables[i], file);
		fclose(file);
	}
	each_queue(&walk);
}
