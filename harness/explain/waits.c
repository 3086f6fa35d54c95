/* The search for what holds everybody up: see waits.h.
 *
 * It goes depth first along "waits for", and visits nobody twice. What it finds is
 * strong (a full pipe, a lock: nothing else need be wrong) or weak (an end of file
 * that does not come, a semaphore that nobody posts: perhaps only because somebody
 * further on is held up by something strong). The first strong finding is the
 * answer; of the weak ones that nearest to the caller.
 */
#define _GNU_SOURCE
#include "waits_search.h"

#include <string.h>

static void visit(struct search *s, int process);

/* The last step of the way is to blame, unless a circle says otherwise. */
static void note(struct search *s, enum finding_kind kind, enum strength strength, int circle,
                 int at)
{
	if (strength <= s->strength)
		return;
	s->strength = strength;
	s->found->kind = kind;
	s->found->circle = circle;
	s->found->at = at;
	s->found->length = s->length;
	memcpy(s->found->step, s->step, (size_t)s->length * sizeof *s->step);
}

void search_note(struct search *s, enum finding_kind kind, enum strength strength)
{
	note(s, kind, strength, s->length, s->length - 1);
}

/* --- circles ----------------------------------------------------------------- */

static int way_index(const struct search *s, int process)
{
	for (int i = 0; i < s->length; i++)
		if (s->step[i].process == process)
			return i;
	return -1;
}

static int count_kind(const struct search *s, int from, enum step_kind kind, int *last)
{
	int count = 0;
	for (int i = from; i < s->length; i++) {
		if (s->step[i].kind == kind) {
			count++;
			*last = i;
		}
	}
	return count;
}

/* The reader of the full pipe comes right after its writer. */
static enum finding_kind full_kind(const struct search *s, int from, int writer)
{
	int reader = writer + 1 < s->length ? writer + 1 : from, unused;
	if (s->step[reader].kind == STEP_CHILD)
		return FOUND_FULL_WAITED;
	if (s->step[reader].kind == STEP_WRITE)
		return FOUND_BOTH_WRITE;
	return count_kind(s, from, STEP_MEET, &unused) > 0 ? FOUND_FULL_MEETING : FOUND_FULL_ELSEWHERE;
}

/* The last step waits for somebody who is on the way already, from `from` on. */
static void close_circle(struct search *s, int from)
{
	int length = s->length - from, at = from;
	if (count_kind(s, from, STEP_WRITE, &at) > 0)
		note(s, full_kind(s, from, at), STRONG, from, at);
	else if (count_kind(s, from, STEP_LOCK, &at) > 0)
		note(s, count_kind(s, from, STEP_LOCK, &at) == length ? FOUND_LOCK_CIRCLE : FOUND_LOCK_HELD,
		     STRONG, from, at);
	else if (count_kind(s, from, STEP_READ, &at) == length)
		note(s, FOUND_BOTH_READ, WEAK, from, at);
	else if (count_kind(s, from, STEP_MEET, &at) == 0)
		note(s, FOUND_NO_END, WEAK, from, s->length - 1);
}

void search_follow(struct search *s, int process)
{
	int from = way_index(s, process);
	if (from >= 0)
		close_circle(s, from);
	else
		visit(s, process);
}

/* --- pipes ------------------------------------------------------------------- */

bool search_waits_with(const struct scene_process *p, enum wait_kind kind)
{
	for (int i = 0; i < p->threads && i < SCENE_THREADS; i++)
		if (p->thread[i].kind == kind)
			return true;
	return false;
}

static bool is_writing(const struct scene_process *p)
{
	for (int i = 0; i < p->threads && i < SCENE_THREADS; i++)
		if (p->thread[i].kind == WAIT_FILES && p->thread[i].wants > 0 && p->thread[i].want[0].writes)
			return true;
	return false;
}

/* Whether all of these wait for something that the student's code should bring
 * about: only then does nobody write, or read, any more. */
static bool all_stuck(const struct search *s, const struct holders *h)
{
	for (int i = 0; i < h->count; i++) {
		const struct scene_process *p = &s->scene->process[h->process[i]];
		for (int j = 0; j < p->threads && j < SCENE_THREADS; j++) {
			enum wait_kind kind = p->thread[j].kind;
			if (kind != WAIT_FILES && kind != WAIT_CHILD && kind != WAIT_WORD &&
			    kind != WAIT_JOIN && kind != WAIT_TEST)
				return false;
		}
	}
	return true;
}

static bool all_writing(const struct search *s, const struct holders *h)
{
	for (int i = 0; i < h->count; i++)
		if (!is_writing(&s->scene->process[h->process[i]]))
			return false;
	return true;
}

/* Those who are held up in a task or at a lock may have something to write yet. */
static void follow_busy_writers(struct search *s, int reader, const struct holders *h)
{
	for (int i = 0; i < h->count && s->strength != STRONG; i++) {
		const struct scene_process *p = &s->scene->process[h->process[i]];
		if (h->process[i] != reader && (search_waits_with(p, WAIT_WORD) || search_waits_with(p, WAIT_TEST)))
			search_follow(s, h->process[i]);
	}
}

static void search_read(struct search *s, int reader, unsigned long pipe)
{
	struct holders h;
	enum strength before = s->strength;
	bool ended = waits_any_ended(s->scene);
	waits_holders(s->scene, pipe, true, &h);
	if (h.count == 0 || !all_stuck(s, &h))
		return;
	follow_busy_writers(s, reader, &h);
	if (s->strength == STRONG)
		return;
	if (waits_holds(&h, reader) || (ended && all_writing(s, &h))) {
		search_note(s, FOUND_NO_END, STRONG);
		return;
	}
	for (int i = 0; i < h.count && s->strength != STRONG; i++)
		search_follow(s, h.process[i]);
	if (s->strength == WEAK && before == NONE && h.count > 1)
		s->strength = NONE; /* what was found further on is a consequence of this */
	if (h.count > 1 || ended)
		search_note(s, FOUND_NO_END, WEAK);
}

static void search_write(struct search *s, int writer, unsigned long pipe)
{
	struct holders h;
	int others = 0;
	waits_holders(s->scene, pipe, false, &h);
	if (!all_stuck(s, &h))
		return;
	for (int i = 0; i < h.count && s->strength != STRONG; i++) {
		if (h.process[i] == writer)
			continue;
		others++;
		search_follow(s, h.process[i]);
	}
	if (others == 0 && h.count > 0)
		search_note(s, FOUND_FULL_UNREAD, STRONG);
}

/* --- processes --------------------------------------------------------------- */

void search_others(struct search *s, int process, enum wait_kind but)
{
	for (int i = 0; i < s->scene->count && s->strength != STRONG; i++)
		if (i != process && !s->visited[i] && !search_waits_with(&s->scene->process[i], but))
			search_follow(s, i);
}

static void search_child(struct search *s, int process, const struct scene_thread *thread)
{
	for (int i = 0; i < s->scene->count && s->strength != STRONG; i++) {
		const struct scene_process *child = &s->scene->process[i];
		bool waited = thread->child > 0 ? child->pid == thread->child
		                                : child->parent == s->scene->process[process].pid;
		if (waited && child->state != 'Z')
			search_follow(s, i);
	}
}

static void search_files(struct search *s, int process, const struct scene_thread *thread)
{
	for (int i = 0; i < thread->wants && i < SCENE_WANTS && s->strength != STRONG; i++) {
		const struct scene_want *want = &thread->want[i];
		const struct scene_end *end = waits_end(s->scene, process, want->fd);
		if (end == NULL || end->socket || (!want->reads && !want->writes))
			continue;
		struct step *step = &s->step[s->length - 1];
		step->kind = want->reads ? STEP_READ : STEP_WRITE;
		step->pipe = end->inode;
		step->fd = want->fd;
		if (want->reads)
			search_read(s, process, end->inode);
		else
			search_write(s, process, end->inode);
	}
}

static void search_thread(struct search *s, int process, const struct scene_thread *thread)
{
	struct step *step = &s->step[s->length++];
	*step = (struct step){ .process = process, .thread = thread };
	switch (thread->kind) {
	case WAIT_FILES:
		search_files(s, process, thread);
		break;
	case WAIT_CHILD:
		step->kind = STEP_CHILD;
		search_child(s, process, thread);
		break;
	case WAIT_WORD:
		step->kind = STEP_LOCK;
		search_lock(s, process, thread);
		break;
	case WAIT_TEST:
		step->kind = STEP_MEET;
		search_others(s, process, WAIT_TEST);
		break;
	default:
		break;
	}
	s->length--;
}

static void visit(struct search *s, int process)
{
	const struct scene_process *p = &s->scene->process[process];
	if (s->visited[process])
		return;
	s->visited[process] = true;
	for (int i = 0; i < p->threads && i < SCENE_THREADS && s->strength != STRONG; i++)
		search_thread(s, process, &p->thread[i]);
}

/* Whom the caller does not wait for counts only with a strong finding. */
void waits_search(const struct scene *scene, struct finding *found)
{
	struct search s = { .scene = scene, .found = found };
	*found = (struct finding){ .kind = FOUND_NOTHING };
	if (scene->when == SCENE_NONE || scene->count == 0)
		return;
	visit(&s, 0);
	for (int i = 1; i < scene->count && s.strength != STRONG; i++)
		visit(&s, i);
}
