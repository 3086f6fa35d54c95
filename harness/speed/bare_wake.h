/* Processes that sleep until they are woken, all at once: see bare.h, BARE_WAKE. */
#ifndef BARE_WAKE_H
#define BARE_WAKE_H

/* What each of them does when it is woken. */
typedef void wake_fn(int rank);

/* Forks so many, which go to sleep. Returns 0 or an errno; then none is left. */
int wake_start(int workers, wake_fn *body);

/* Wakes all, and sleeps until all have done it. Returns 0; or ECHILD where one has died,
 * now or before. */
int wake_all(void);

/* Kills and reaps them. */
void wake_end(void);

#endif
