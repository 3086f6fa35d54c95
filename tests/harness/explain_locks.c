/* Hangs at locks: each deadlock is made by a plug-in, and the sentences
 * that must come are compared whole, with the pids taken out. The evidence is the
 * supervisor's, so that these tests hold all of the way from /proc to the words.
 *
 * Some are made again as an ordinary user: what root sees, they see of their own.
 */
#include "plugins/explain_a_hang.c"

static void hang_so(int how)
{
	hang(plugin_build("deadlocks_of_locks"), how, (struct call){ 0 });
}

START_TEST(locked_by_dead)
{
	hang_so(LOCKED_BY_DEAD);
	expect_told(LOCK_DEADLOCK,
		"worker 1 (pid N) waits for a mutex in shared memory (byte 0 of its mapping). It is "
		"locked by worker 0 (pid N), which has ended without unlocking it, so nobody can. "
		"Worker 1 waits in locked_by_dead, tests/harness/plugins/deadlocks_of_locks.c:59. "
		"Expected: a lock is unlocked on every way out, and a worker's death locks nobody "
		"out.",
		"Unlock before each return, break and _exit. Against workers that are killed, make "
		"the mutex robust (pthread_mutexattr_setrobust): pthread_mutex_lock then returns "
		"EOWNERDEAD, and pthread_mutex_consistent mends it.");
}
END_TEST

START_TEST(locked_twice)
{
	hang_so(LOCKED_TWICE);
	expect_told(LOCK_DEADLOCK,
		"worker 0 (pid N) waits for a mutex in shared memory (byte 0 of its mapping), which "
		"it has locked itself. Worker 0 waits in locked_twice, "
		"tests/harness/plugins/deadlocks_of_locks.c:70. Expected: whoever locks a mutex "
		"unlocks it before it locks it again.",
		"Look for a way round the loop or out of the function on which pthread_mutex_unlock "
		"is not called, such as an error path or continue.");
}
END_TEST

START_TEST(locked_crosswise)
{
	hang_so(LOCKED_CROSSWISE);
	expect_told(LOCK_DEADLOCK,
		"worker 0 (pid N) waits for a mutex in shared memory (byte 40 of its mapping), which "
		"worker 1 (pid N) holds. Worker 1 waits for a mutex in shared memory (byte 0 of its "
		"mapping), which worker 0 holds. Each holds what the other waits for. Worker 1 waits "
		"in locked_crosswise, tests/harness/plugins/deadlocks_of_locks.c:84. Expected: "
		"everybody takes the locks in the same order.",
		"Choose one order for the locks, for example by address, and take them in that order "
		"everywhere.");
}
END_TEST

START_TEST(locked_and_waiting)
{
	hang_so(LOCKED_AND_WAITING);
	expect_told(LOCK_DEADLOCK,
		"worker 0 (pid N) waits for a mutex in shared memory (byte 0 of its mapping). The "
		"caller holds it and waits for worker 0 (waitpid). Worker 0 waits in "
		"locked_and_waiting, tests/harness/plugins/deadlocks_of_locks.c:97. Expected: nobody "
		"waits while it holds a lock that others need.",
		"Unlock as soon as the shared data are written: before you wait, read, write or "
		"leave the function, on the error paths too.");
}
END_TEST

START_TEST(locked_privately)
{
	hang_so(LOCKED_PRIVATELY);
	expect_told(LOCK_DEADLOCK,
		"worker 0 (pid N) waits for a mutex in its private memory. After fork each process "
		"has its own copy of private memory: what the others do to theirs never comes here. "
		"Worker 0 waits in locked_privately, tests/harness/plugins/deadlocks_of_locks.c:109. "
		"Expected: a lock between processes lies in memory that they share.",
		"Put it into memory from mmap with MAP_SHARED, before you fork, and initialise it "
		"there, once, as shared between processes.");
}
END_TEST

START_TEST(lock_not_shared)
{
	hang_so(LOCK_NOT_SHARED);
	expect_told(LOCK_DEADLOCK,
		"worker 0 (pid N) waits for a lock, a semaphore or a condition (futex) in shared "
		"memory (byte 0 of its mapping), but it waits as for a thread of its own process: "
		"whatever another process does to it does not wake it. The mutex, semaphore or "
		"condition was not initialised as shared between processes. Worker 0 waits in "
		"lock_not_shared, tests/harness/plugins/deadlocks_of_locks.c:122. Expected: what "
		"processes share is initialised for that.",
		"Call pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) before "
		"pthread_mutex_init(&lock, &attr) (pthread_condattr_setpshared for a condition); "
		"sem_init(&sem, 1, n). In a raw futex call, leave out FUTEX_PRIVATE_FLAG.");
}
END_TEST

START_TEST(semaphore_not_shared)
{
	hang_so(SEMAPHORE_NOT_SHARED);
	expect_told(LOCK_DEADLOCK,
		"worker 0 (pid N) waits for a lock, a semaphore or a condition (futex) in shared "
		"memory (byte 80 of its mapping), but it waits as for a thread of its own process: "
		"whatever another process does to it does not wake it. The mutex, semaphore or "
		"condition was not initialised as shared between processes. Worker 0 waits in "
		"semaphore_wait, tests/harness/plugins/deadlocks_of_locks.c:135. Expected: what "
		"processes share is initialised for that.",
		"Call pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) before "
		"pthread_mutex_init(&lock, &attr) (pthread_condattr_setpshared for a condition); "
		"sem_init(&sem, 1, n). In a raw futex call, leave out FUTEX_PRIVATE_FLAG.");
}
END_TEST

START_TEST(semaphore_not_posted)
{
	hang_so(SEMAPHORE_NOT_POSTED);
	expect_told(LOCK_DEADLOCK,
		"worker 0 (pid N) waits for a semaphore in shared memory (byte 80 of its mapping), "
		"and nobody is left to wake it: the caller waits for any child (waitpid or wait). "
		"Worker 0 waits in semaphore_wait, tests/harness/plugins/deadlocks_of_locks.c:135. "
		"Expected: for each wait there is one post or signal, and it cannot be missed.",
		"A semaphore that serves as a lock starts at 1: sem_init(&sem, 1, 1). For any other, "
		"find who should have posted, and why it did not.");
}
END_TEST

START_TEST(condition_not_signalled)
{
	hang_so(CONDITION_NOT_SIGNALLED);
	expect_told(LOCK_DEADLOCK,
		"worker 0 (pid N) waits for a lock, a semaphore or a condition (futex) in shared "
		"memory (byte 184 of its mapping), and nobody is left to wake it: the caller waits "
		"for any child (waitpid or wait). Worker 0 waits in condition_not_signalled, "
		"tests/harness/plugins/deadlocks_of_locks.c:146. Expected: for each wait there is "
		"one post or signal, and it cannot be missed.",
		"Find who should have posted or signalled, and whether it did so before the other "
		"waited: a condition needs a variable that is tested under its mutex.");
}
END_TEST

/* The lock is held only because of the pipe. */
START_TEST(lock_then_full_pipe)
{
	hang_so(LOCK_THEN_FULL_PIPE);
	expect_told(PIPE_DEADLOCK,
		"the caller waits for any child (waitpid or wait) while worker 1 (pid N) is blocked "
		"writing pipe A, which is full (a pipe holds 64 KiB). Nobody reads it, so neither "
		"can go on. Worker 1 writes in lock_then_full_pipe, "
		"tests/harness/plugins/deadlocks_of_locks.c:166. Expected: what the workers send is "
		"read before anybody waits for them to end.",
		"Read everything before you wait: until end-of-file or the last result of each "
		"worker, and only then call waitpid.");
}
END_TEST

START_TEST(locks_as_an_ordinary_user)
{
	static const int how[] = { LOCKED_BY_DEAD, LOCKED_CROSSWISE, LOCK_NOT_SHARED };
	const char *plugin = plugin_build("deadlocks_of_locks");
	static struct verdict by_root[sizeof how / sizeof *how];
	for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
		hang(plugin, how[i], (struct call){ 0 });
		by_root[i] = the_verdict;
	}
	become_ordinary();
	for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
		hang(plugin, how[i], (struct call){ 0 });
		expect_told(LOCK_DEADLOCK, by_root[i].message, by_root[i].next_step);
	}
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("locks");
	tcase_add_test(t, locked_by_dead);
	tcase_add_test(t, locked_twice);
	tcase_add_test(t, locked_crosswise);
	tcase_add_test(t, locked_and_waiting);
	tcase_add_test(t, locked_privately);
	tcase_add_test(t, lock_not_shared);
	tcase_add_test(t, semaphore_not_shared);
	tcase_add_test(t, semaphore_not_posted);
	tcase_add_test(t, condition_not_signalled);
	tcase_add_test(t, lock_then_full_pipe);
	tcase_add_test(t, locks_as_an_ordinary_user);
	return run_case("explain: locks", t);
}
