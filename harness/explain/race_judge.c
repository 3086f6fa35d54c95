/* A race in words: see race.h. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "race.h"
#include "where.h"

enum { WHO = 48, PLACE = 200, LINE = 80 };

/* In the order in which the caller started them. */
static void name_process(const struct outcome *o, pid_t pid, char text[WHO])
{
	for (int i = 0; i < o->starts && i < SCENE_STARTS; i++)
		if (o->started[i] == pid) {
			snprintf(text, WHO, "worker %d", i);
			return;
		}
	snprintf(text, WHO, pid == o->caller ? "the caller" : "process %d", (int)pid);
}

/* The line of the source that "work, labs/05_pool/pool.c:31" names, without what is
 * before and behind it; "" if it cannot be read. */
static void read_line(const char *place, char line[LINE])
{
	char path[PLACE], text[256] = "";
	const char *file = strrchr(place, ' '), *colon = strrchr(place, ':');
	line[0] = '\0';
	if (file == NULL || colon == NULL || colon < file)
		return;
	snprintf(path, sizeof path, "%.*s", (int)(colon - file - 1), file + 1);
	FILE *source = fopen(path, "r");
	if (source == NULL)
		return;
	for (int number = atoi(colon + 1); number > 0; number--)
		if (fgets(text, sizeof text, source) == NULL)
			text[0] = '\0';
	fclose(source);
	size_t start = strspn(text, " \t"), end = strlen(text);
	while (end > start && isspace((unsigned char)text[end - 1]))
		end--;
	snprintf(line, LINE, "%.*s", (int)(end - start), text + start);
}

static const char *verb(const struct race_access *access)
{
	if (access->atomic)
		return access->writes ? "changes (atomically)" : "reads (atomically)";
	return access->writes ? "writes" : "reads";
}

/* Whether it is something like count++ or count += n. */
static bool adds(const char *line)
{
	return strstr(line, "++") != NULL || strstr(line, "--") != NULL || strstr(line, "+=") != NULL ||
	       strstr(line, "-=") != NULL;
}

static const char *advice(const struct race_report *race, const char *line)
{
	if (race->first.atomic || race->second.atomic)
		return "Make both accesses atomic: one that is not may see a part, or an old value, of "
		       "what the other writes.";
	if (race->first.offset == race->second.offset && adds(line))
		return "Take a lock around it, or make it one atomic step: atomic_fetch_add.";
	if (race->first.writes && race->second.writes)
		return "How can both be at the same place? If each is to have a part of its own, look how "
		       "it takes that: in one step, under a lock or with atomic_fetch_add. Otherwise take "
		       "the same lock in both places.";
	return "Take the same lock in both places; or let one wait for the other, by an atomic flag "
	       "that is set after the data, a semaphore, a pipe or waitpid.";
}

void race_judge(struct verdict *verdict, const struct race_log *log, const char *plugin,
                const struct outcome *o)
{
	if (atomic_load(&log->races) == 0)
		return;
	const struct race_report *race = &log->race[0];
	char who[2][WHO], place[2][PLACE], line[2][LINE];
	const struct race_access *access[] = { &race->first, &race->second };
	for (int i = 0; i < 2; i++) {
		name_process(o, access[i]->pid, who[i]);
		where_called(plugin, access[i]->offset, place[i], sizeof place[i]);
		read_line(place[i], line[i]);
	}
	who[0][0] = (char)toupper((unsigned char)who[0][0]);
	verdict_fail(verdict, RACE, advice(race, line[0]),
	             "%s %s shared memory in %s (`%s`), while %s %s the same bytes in %s (`%s`). Nothing "
	             "orders the two (SEED=%u replays it).",
	             who[0], verb(access[0]), place[0], line[0], who[1], verb(access[1]), place[1],
	             line[1], log->seed);
}
