/* The processes of a scene as text: see table.h. */
#define _GNU_SOURCE
#include "table.h"

#include <stdio.h>
#include <string.h>

#include "hang_told.h"
#include "where.h"

/* The thread that tells the most: not one that only waits for another. */
static const struct scene_thread *telling(const struct scene_process *p)
{
	for (int i = 0; i < p->threads && i < SCENE_THREADS; i++)
		if (p->thread[i].kind != WAIT_JOIN)
			return &p->thread[i];
	return &p->thread[0];
}

static const char *state_name(const struct scene_process *p)
{
	switch (p->state) {
	case 'R': return "running";
	case 'Z': return "ended";
	case 'T': case 't': return "stopped";
	default: return "asleep";
	}
}

/* "read(5)", "waitpid(4711)", "poll(3, 4)" */
static void write_call(const struct scene_thread *t, char *text, size_t size)
{
	size_t used = 0;
	if (t->call < 0)
		return;
	const char *name = waits_call_name(t);
	if (t->kind == WAIT_CHILD)
		snprintf(text, size, "%s(%d)", name, (int)t->child);
	else if (t->kind != WAIT_FILES)
		snprintf(text, size, "%s", name);
	else {
		used = (size_t)snprintf(text, size, "%s(", name);
		for (int i = 0; i < t->wants && i < SCENE_WANTS && used < size; i++)
			used += (size_t)snprintf(text + used, size - used, "%s%d", i > 0 ? ", " : "",
			                         t->want[i].fd);
		if (used < size)
			snprintf(text + used, size - used, ")");
	}
}

/* "data from pipe A, whose write end is open in worker 0 and the caller" */
static void tell_want(struct tell *t, int process, const struct scene_want *want)
{
	struct holders h;
	const struct scene_end *end = waits_end(t->scene, process, want->fd);
	if (end == NULL || end->socket) {
		tell(t, "descriptor %d", want->fd);
		return;
	}
	waits_holders(t->scene, end->inode, want->reads, &h);
	tell(t, "%s %p, whose %s end is open in ", want->reads ? "data from" : "room in", end->inode,
	     want->reads ? "write" : "read");
	for (int i = 0; i < h.count; i++)
		tell(t, "%s%w", i == 0 ? "" : i == h.count - 1 ? " and " : ", ", h.process[i]);
	if (h.count == 0)
		tell(t, "nobody");
}

static void tell_owner(struct tell *t, const struct scene_word *word)
{
	struct lock lock = waits_lock(word);
	int owner = lock.owner > 0 ? waits_find(t->scene, lock.owner) : -1;
	tell(t, "%s%s", waits_word_name(word), word->known && !word->shared ? " in its own memory" : "");
	if (word->known && !word->shared) /* what stands in it may be a copy that fork made */
		return;
	if (owner >= 0)
		tell(t, " that %w holds", owner);
	else if (lock.owner > 0)
		tell(t, " that process %d holds, which has ended", (int)lock.owner);
}

static void tell_wait(struct tell *t, int process, const struct scene_thread *thread)
{
	int child = thread->child > 0 ? waits_find(t->scene, thread->child) : -1;
	switch (thread->kind) {
	case WAIT_FILES:
		for (int i = 0; i < thread->wants && i < SCENE_WANTS; i++) {
			tell(t, "%s", i > 0 ? "; or " : "");
			tell_want(t, process, &thread->want[i]);
		}
		break;
	case WAIT_CHILD:
		if (child >= 0)
			tell(t, "the end of %w", child);
		else if (thread->child > 0)
			tell(t, "the end of process %d", (int)thread->child);
		else
			tell(t, "the end of any child");
		break;
	case WAIT_WORD: tell_owner(t, &thread->word); break;
	case WAIT_TEST: tell(t, "the other workers, in its task"); break;
	case WAIT_JOIN: tell(t, "a thread of its own"); break;
	case WAIT_SIGNAL: tell(t, "a signal"); break;
	case WAIT_TIME: tell(t, "time to pass"); break;
	default: break;
	}
}

/* The line that a loop was seen at most often. */
static void where_busiest(const char *plugin, const struct scene *scene, char *text, size_t size)
{
	char where[TABLE_TEXT];
	where_looped(plugin, scene, where, sizeof where);
	snprintf(text, size, "%s", where[0] != '\0' ? where + strlen(" in ") : "");
}

static void add_ends(struct table_row *row, struct tell *t, int process)
{
	for (int i = 0; i < t->scene->ends; i++) {
		const struct scene_end *end = &t->scene->end[i];
		if (end->process != process || end->of_caller)
			continue;
		if (row->ends < TABLE_ENDS) {
			struct table_end *to = &row->end[row->ends];
			*to = (struct table_end){ .fd = end->fd, .reads = end->reads, .writes = end->writes };
			tell_into(t, to->what, sizeof to->what);
			tell(t, end->socket ? "a socket" : "%p", end->inode);
		}
		row->ends++;
	}
}

static void fill_row(struct table_row *row, struct tell *t, const char *plugin, int process)
{
	const struct scene_process *p = &t->scene->process[process];
	const struct scene_thread *thread = telling(p);
	char name[TABLE_WORD];
	memset(row, 0, sizeof *row);
	row->pid = (int)p->pid;
	tell_name(t->scene, process, name, sizeof name);
	snprintf(row->who, sizeof row->who, "%s", p->caller ? "caller" : name);
	snprintf(row->state, sizeof row->state, "%s", state_name(p));
	write_call(thread, row->call, sizeof row->call);
	tell_into(t, row->waits_for, sizeof row->waits_for);
	tell_wait(t, process, thread);
	if (p->pid == t->scene->busiest)
		where_busiest(plugin, t->scene, row->where, sizeof row->where);
	else
		where_called(plugin, thread->place, row->where, sizeof row->where);
	add_ends(row, t, process);
}

void table_fill(struct process_table *table, const char *plugin, const struct outcome *outcome)
{
	static struct told told;
	const struct scene *scene = &outcome->scene;
	hang_tell(scene, NULL, &told);
	memset(told.tell.named, true, sizeof told.tell.named); /* pids stand in a column */
	table->count = scene->when == SCENE_NONE ? 0 : scene->count;
	for (int i = 0; i < table->count; i++)
		fill_row(&table->row[i], &told.tell, plugin, i);
}
