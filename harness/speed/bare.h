/* The least that a map in several processes costs: bare processes of the kit's own.
 *
 * A contest measures them beside the student's way: what they reach is the ceiling,
 * and what they take for no task at all is the cost that nobody can save. What that
 * least is depends on what the student's way has to do, too:
 *
 *   BARE_FORK  the workers are forked for each call, and waited for;
 *   BARE_WAKE  the workers are there already, asleep, as a pool's are. They are woken,
 *              and the last one to finish wakes the caller, which sleeps as well. Nobody
 *              looks again and again.
 *
 * The caller's steps: bare_start, any number of bare_map, bare_end. One set of bare
 * processes at a time.
 */
#ifndef BARE_H
#define BARE_H

#include <stddef.h>
#include <stdint.h>

enum bare_mechanism { BARE_FORK, BARE_WAKE };

enum { BARE_WORKERS_MOST = 8 };

/* Makes ready for calls with so many workers and up to so many tasks. With BARE_WAKE the
 * workers are forked here, small as their parent is at this time; they end with it, at the
 * latest. Returns 0, or the errno of what failed; then nothing is left. */
int bare_start(enum bare_mechanism mechanism, int workers, size_t most_tasks);

/* Maps the book's task over n seeds, a slice for each worker. Returns 0, or an errno:
 * that of a fork, or ECHILD where a sleeping worker has died. */
int bare_map(const uint32_t *seeds, size_t n);

/* What the last call computed. */
const int32_t *bare_results(void);

/* Ends all workers and gives all memory back. */
void bare_end(void);

#endif
