/* Between session.c, session_task.c, session_judge.c and session_async.c. */
#ifndef SESSION_SHARED_H
#define SESSION_SHARED_H

#include "session.h"

/* A call begins, with so many tasks, and has returned. Does not return from the second
 * where it did not do as expected. Around the student's function, errno is kept. */
struct session_call *session_begin_call(struct session *s, size_t n, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void session_end_call(struct session *s, struct session_call *c, long value, double start);

/* Its task, its seeds in memory of the caller's own (free it with fence_free), and
 * what it put into `results`, which is such memory too. */
task_fn *session_given_task(const struct session *s);
uint32_t *session_make_seeds(struct session *s, const struct session_call *c);
void session_take_results(struct session *s, struct session_call *c, const int32_t *results);

/* What the caller writes over its seeds when the call has returned. */
uint32_t session_late_seed(const struct session *s, size_t index);

/* The seed, and the result, of the task at this index of the session. */
uint32_t session_seed(const struct session *s, size_t index);
int32_t session_value(const struct session *s, size_t index);

/* What results[i] of this call is to be. */
int32_t session_right_result(const struct session *s, const struct session_call *c, size_t i);

/* The part of the judging that concerns waiting: a call that was in the way when nobody
 * moved any more, one that misunderstood its time-out, and one whose results were given
 * out too early (session_async_judge.c). */
void session_judge_stall(struct test *t, const struct session *s, const struct session_call *c);
void session_judge_timeout(struct test *t, const struct session *s, const struct session_call *c);
void session_judge_early(struct test *t, const struct session *s, const struct session_call *c);

/* Whether a call with a time-out has still the right to wait. */
bool session_may_wait(const struct session *s);

/* The bodies of the supervised call. */
void session_body(void *session);
void session_body_in_child(void *session); /* session_parent.c: with parent_dies */

#endif
