/* Processes blocked on pipes, in words.
 *
 * The message names the ends that are open in the wrong place, and the next step
 * is for whoever holds them: the reader itself, the caller, or a worker that
 * inherited what was meant for another one.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "hang_told.h"

enum { HOLDERS_TOLD = 3, KIB = 1024 };

/* "in worker 1 itself, in worker 2 and in 3 more" */
static void tell_holders(struct tell *t, const struct holders *h, int self)
{
	int told = 0;
	if (waits_holds(h, self)) {
		tell(t, "in %w itself", self);
		told++;
	}
	for (int i = 0; i < h->count; i++) {
		bool more = told == HOLDERS_TOLD && h->count > HOLDERS_TOLD + 1;
		if (h->process[i] == self)
			continue;
		tell(t, "%s", told == 0 ? "" : more || told == h->count - 1 ? " and " : ", ");
		if (more) {
			tell(t, "in %d more", h->count - told);
			return;
		}
		tell(t, "in %w", h->process[i]);
		told++;
	}
}

/* --- end-of-file never comes --------------------------------------------------- */

static void tell_reader(struct tell *t, const struct step *step)
{
	if (waits_moves_data(step->thread))
		tell(t, "%w is blocked reading %p", step->process, step->pipe);
	else
		tell(t, "%w waits in %s to read %p", step->process, waits_call_name(step->thread),
		     step->pipe);
}

/* Whose own write ends are closed by now. */
static void tell_ended(const struct scene *scene, struct tell *t)
{
	int count = 0, last = -1;
	for (int rank = 0; rank < scene->starts; rank++) {
		if (waits_ended(scene, rank)) {
			last = rank;
			count++;
		}
	}
	if (count == 1)
		tell(t, "Worker %d has ended, but that alone does not close the pipe. ", last);
	else if (count > 1)
		tell(t, "%d workers have ended, but that alone does not close the pipe. ", count);
}

/* A worker's end that lies open in another worker was there when that was forked. */
static int sibling_among(const struct scene *scene, const struct holders *h, int reader)
{
	for (int i = 0; i < h->count; i++)
		if (h->process[i] != reader && !scene->process[h->process[i]].caller)
			return h->process[i];
	return -1;
}

static void next_for_no_end(const struct scene *scene, struct told *told,
                            const struct step *step, const struct holders *h)
{
	struct tell *next = &told->next;
	bool reader_is_caller = scene->process[step->process].caller;
	int sibling = sibling_among(scene, h, step->process);
	next->capital = true;
	next->pipes = told->tell.pipes;
	memcpy(next->pipe, told->tell.pipe, sizeof next->pipe);
	memset(next->named, true, sizeof next->named);
	if (waits_holds(h, step->process) && reader_is_caller)
		tell(next, "The caller reads %p and holds its write end itself: close it there as soon "
		           "as the children that write are forked, before the first read. ", step->pipe);
	else if (waits_holds(h, step->process))
		tell(next, "Close the write end in each child right after fork: whoever reads a pipe "
		           "must not hold its write end. ");
	if (!reader_is_caller && waits_holds(h, 0))
		tell(next, "In the caller, close the write end of %p when everything is written, and "
		           "before you wait. ", step->pipe);
	if (sibling >= 0 && h->count > 1)
		tell(next, "%w was forked when %p was open already, and inherited its write end: in "
		           "each child, close the ends of all pipes that belong to the other workers. ",
		     sibling, step->pipe);
	else if (sibling >= 0)
		tell(next, "Unless %p is the one that %w is to write, it was open already when that was "
		           "forked, and inherited: in each child, close the ends of all pipes that belong "
		           "to the other workers. ", step->pipe, sibling);
}

static void tell_no_end(const struct scene *scene, const struct finding *f, struct told *told)
{
	const struct step *step = &f->step[f->at];
	struct holders h;
	waits_holders(scene, step->pipe, true, &h);
	tell_reader(&told->tell, step);
	tell(&told->tell, ". Its write end is still open ");
	tell_holders(&told->tell, &h, step->process);
	tell(&told->tell, ", so end-of-file never comes. ");
	tell_ended(scene, &told->tell);
	hang_tell_caller(scene, f, told);
	tell(&told->tell, "Expected: a write end is open only in the process that writes, and only "
	                  "until it has written everything.");
	next_for_no_end(scene, told, step, &h);
}

static void tell_both_read(const struct finding *f, struct told *told)
{
	for (int i = f->circle; i < f->length && i - f->circle < CIRCLE_TOLD; i++) {
		int writer = i + 1 < f->length ? i + 1 : f->circle;
		tell_reader(&told->tell, &f->step[i]);
		tell(&told->tell, ", which only %w could write. ", f->step[writer].process);
	}
	hang_tell_rest(f, told);
	tell(&told->tell, "Each waits for the other, and nobody writes. Expected: one of them writes "
	                  "what the other waits for, or closes its write end when it has written "
	                  "everything.");
	tell(&told->next, "Whoever speaks first must write before it reads. If one of them reads until "
	                  "end-of-file, the other must close its write end after its last write; and a "
	                  "write end that was only inherited at the fork, at once.");
}

/* --- full pipes ---------------------------------------------------------------- */

static void tell_writer(struct tell *t, const struct step *step)
{
	tell(t, "%w is blocked writing %p, which is full", step->process, step->pipe);
	if (step->thread->pipe_bytes >= KIB)
		tell(t, " (a pipe holds %z KiB)", step->thread->pipe_bytes / KIB);
}

static const struct step *reader_of(const struct finding *f)
{
	return &f->step[f->at + 1 < f->length ? f->at + 1 : f->circle];
}

static void tell_full_waited(struct told *told, const struct step *writer,
                             const struct step *reader)
{
	struct tell *t = &told->tell;
	tell(t, "%w ", reader->process);
	tell_deed(t, reader->process, reader->thread);
	tell(t, " while ");
	tell_writer(t, writer);
	tell(t, ". Nobody reads it, so neither can go on. Expected: what the workers send is read "
	        "before anybody waits for them to end.");
	tell(&told->next, "Read everything before you wait: until end-of-file or the last result of "
	                  "each worker, and only then call waitpid.");
}

static void tell_full_elsewhere(struct told *told, const struct finding *f,
                                const struct step *writer, const struct step *reader)
{
	struct tell *t = &told->tell;
	tell_writer(t, writer);
	tell(t, ". Only %w could read it, but %w ", reader->process, reader->process);
	tell_deed(t, reader->process, reader->thread);
	const struct step *last = &f->step[reader + 1 < f->step + f->length ? reader - f->step + 1
	                                                                    : f->circle];
	if (f->kind == FOUND_FULL_MEETING && last->kind == STEP_MEET)
		tell(t, ", and there %w waits in its task for %w", last->process, writer->process);
	else
		tell(t, ", on which nothing comes meanwhile");
	tell(t, ". Expected: no worker is held up because another one is read first.");
	tell(&told->next, "Read from all pipes as data come (poll, then read from those that are "
	                  "ready), or let each worker compute its whole slice before it sends.");
}

static void tell_both_write(struct told *told, const struct finding *f)
{
	struct tell *t = &told->tell;
	for (int i = f->circle; i < f->length && i - f->circle < CIRCLE_TOLD; i++) {
		if (f->step[i].kind != STEP_WRITE)
			continue;
		int reader = i + 1 < f->length ? i + 1 : f->circle;
		tell_writer(t, &f->step[i]);
		tell(t, ", and only %w could read it. ", f->step[reader].process);
	}
	hang_tell_rest(f, told);
	tell(t, "Each waits for the other to read first. Expected: one of them reads while it has "
	        "more to write.");
	tell(&told->next, "Let one side read before it sends more than a pipe holds, or use poll with "
	                  "O_NONBLOCK so that it reads whenever it cannot write.");
}

static void tell_full_unread(struct told *told, const struct step *writer)
{
	tell_writer(&told->tell, writer);
	tell(&told->tell, ". Its read end is open in %w only, so nobody will ever read it. Expected: "
	                  "the process that is to read holds the read end, and the writer does not.",
	     writer->process);
	tell(&told->next, "Keep the read end open in the process that reads, and close it in the one "
	                  "that writes: then a write that nobody can read fails with EPIPE.");
}

void hang_tell_pipe(const struct scene *scene, const struct finding *f, struct told *told)
{
	const struct step *step = &f->step[f->at];
	told->diagnosis = PIPE_DEADLOCK;
	switch (f->kind) {
	case FOUND_NO_END: tell_no_end(scene, f, told); break;
	case FOUND_BOTH_READ: tell_both_read(f, told); break;
	case FOUND_FULL_WAITED: tell_full_waited(told, step, reader_of(f)); break;
	case FOUND_FULL_ELSEWHERE: case FOUND_FULL_MEETING:
		tell_full_elsewhere(told, f, step, reader_of(f));
		break;
	case FOUND_BOTH_WRITE: tell_both_write(told, f); break;
	case FOUND_FULL_UNREAD: tell_full_unread(told, step); break;
	default: break;
	}
}
