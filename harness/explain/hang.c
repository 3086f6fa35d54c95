/* From a scene to a verdict: see hang.h. */
#define _GNU_SOURCE
#include "hang.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "hang_told.h"
#include "where.h"

enum { DESCRIBED = 4, TABLE_LENGTH = 600, WHERE_LENGTH = 300, NAME = 64 };

const struct scene_process *hang_busiest(const struct outcome *outcome)
{
	const struct scene *scene = &outcome->scene;
	const struct scene_process *busiest = NULL;
	for (int i = 0; i < scene->count; i++)
		if (busiest == NULL || scene->process[i].cpu_seconds > busiest->cpu_seconds)
			busiest = &scene->process[i];
	return busiest;
}

void hang_describe(const struct outcome *outcome, char *text, size_t size)
{
	const struct scene *scene = &outcome->scene;
	struct tell t;
	tell_init(&t, scene, text, size);
	for (int i = 0; i < scene->count; i++) {
		if (i == DESCRIBED) {
			tell(&t, "; and %d more", scene->count - i);
			return;
		}
		tell(&t, "%s%w ", i > 0 ? "; " : "", i);
		tell_deed(&t, i, &scene->process[i].thread[0]);
	}
}

void hang_tell_caller(const struct scene *scene, const struct finding *f, struct told *told)
{
	const struct scene_process *caller = &scene->process[0];
	if (!caller->caller || f->step[f->at].process == 0 || caller->threads == 0)
		return;
	tell(&told->tell, "Meanwhile %w ", 0);
	tell_deed(&told->tell, 0, &caller->thread[0]);
	tell(&told->tell, ". ");
}

void hang_tell_rest(const struct finding *f, struct told *told)
{
	int more = f->length - f->circle - CIRCLE_TOLD;
	if (more > 0)
		tell(&told->tell, "%d more wait in the same way. ", more);
}

/* --- pipes and locks --------------------------------------------------------- */

static bool is_full_pipe(enum finding_kind kind)
{
	return kind >= FOUND_FULL_WAITED && kind <= FOUND_FULL_UNREAD;
}

static bool is_lock(enum finding_kind kind)
{
	return kind >= FOUND_LOCK_SELF;
}

static bool tell_finding(const struct scene *scene, const struct finding *f, struct told *told)
{
	tell_init(&told->tell, scene, told->message, sizeof told->message);
	tell_init(&told->next, scene, told->next_step, sizeof told->next_step);
	if (f->kind == FOUND_NOTHING)
		return false;
	if (is_lock(f->kind))
		hang_tell_lock(scene, f, told);
	else
		hang_tell_pipe(scene, f, told);
	size_t length = strlen(told->next_step); /* several steps, each with a space after it */
	if (length > 0 && told->next_step[length - 1] == ' ')
		told->next_step[length - 1] = '\0';
	return true;
}

/* Adds "Worker 1 reads in read_all, labs/03_pipes/pipe_map.c:31. " before what was
 * expected. */
static void add_place(const struct scene *scene, const char *plugin, const struct step *step,
                      char message[MESSAGE_LENGTH])
{
	static const char *const deeds[] = { [STEP_CHILD] = "waits", [STEP_READ] = "reads",
		                                 [STEP_WRITE] = "writes", [STEP_MEET] = "waits",
		                                 [STEP_LOCK] = "waits" };
	char where[WHERE_LENGTH], name[NAME], rest[MESSAGE_LENGTH];
	char *expected = strstr(message, "Expected: ");
	where_called(plugin, step->thread->place, where, sizeof where);
	if (where[0] == '\0' || expected == NULL)
		return;
	tell_name(scene, step->process, name, sizeof name);
	name[0] = (char)toupper((unsigned char)name[0]);
	snprintf(rest, sizeof rest, "%s", expected);
	snprintf(expected, (size_t)(message + MESSAGE_LENGTH - expected), "%s %s in %s. %s", name,
	         deeds[step->kind], where, rest);
}

static bool search_and_tell(const struct scene *scene, const char *plugin,
                            struct finding *found, struct told *told)
{
	waits_search(scene, found);
	if (!tell_finding(scene, found, told))
		return false;
	if (plugin != NULL)
		add_place(scene, plugin, &found->step[found->at], told->message);
	return true;
}

bool hang_tell(const struct scene *scene, const char *plugin, struct told *told)
{
	static struct finding found;
	return search_and_tell(scene, plugin, &found, told);
}

static bool somebody_runs(const struct scene *scene)
{
	for (int i = 0; i < scene->count && i < SCENE_PROCESSES; i++)
		if (scene->process[i].thread[0].kind == WAIT_RUNS)
			return true;
	return false;
}

void hang_explain(struct verdict *v, const struct call *call, const struct outcome *o)
{
	static struct told told;
	char table[TABLE_LENGTH];
	if (hang_tell(&o->scene, call->plugin, &told)) {
		verdict_fail(v, told.diagnosis, told.next_step, "%s", told.message);
		return;
	}
	hang_describe(o, table, sizeof table);
	verdict_fail(v, HANG,
	             "Find out which event the first of them waits for, and who should have "
	             "brought it about.",
	             "Your function had not returned after %.1f s%s: %s. Expected: it returns when all "
	             "its work is done.",
	             o->wall_seconds, somebody_runs(&o->scene) ? "" : ", and nobody was running any more",
	             table);
}

bool hang_explains_stall(struct verdict *v, const struct call *call, const struct outcome *o)
{
	static struct finding found;
	static struct told told;
	if (!search_and_tell(&o->scene, call->plugin, &found, &told))
		return false;
	if ((!is_full_pipe(found.kind) && !is_lock(found.kind)) || found.kind == FOUND_NO_POST)
		return false;
	verdict_fail(v, told.diagnosis, told.next_step, "%s", told.message);
	return true;
}

/* --- loops ------------------------------------------------------------------- */

void hang_explain_loop(struct verdict *v, const struct call *call, const struct outcome *o)
{
	double limit = call->limits.cpu_seconds > 0 ? call->limits.cpu_seconds : 3;
	const struct scene_process *busiest = hang_busiest(o);
	bool caller = busiest == NULL || busiest->caller;
	char who[NAME + 32] = "The caller's process", name[NAME], where[WHERE_LENGTH];
	if (!caller) {
		tell_name(&o->scene, (int)(busiest - o->scene.process), name, sizeof name);
		name[0] = (char)toupper((unsigned char)name[0]);
		snprintf(who, sizeof who, "%s (pid %d)", name, (int)busiest->pid);
	}
	where_looped(call->plugin, &o->scene, where, sizeof where);
	verdict_fail(v, ENDLESS_LOOP,
	             where[0] != '\0'
	                 ? "Look at the loop around that line: print the variable of its condition."
	                 : "Look for a loop whose condition never changes: print its variable.",
	             "%s went on computing for %.1f s of CPU time%s, and your function did not return. "
	             "The work takes a small part of the %.0f s allowed.",
	             who, busiest == NULL ? o->cpu_seconds : busiest->cpu_seconds, where, limit);
}
