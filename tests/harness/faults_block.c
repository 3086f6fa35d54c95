/* Calls that return EINTR: every kind of them, in the caller and in whatever it
 * starts; only where a signal could do it, at most so often, and the same ones for
 * the same seed.
 */
#include "plugins/call_a_plugin.c"

#include <linux/futex.h>
#include <sys/syscall.h>

#include "plugins/blocks.h"
#include "rendezvous.h"

enum { MOST = 64 }; /* interruptions of each process */

static const struct limits patient = { .wall_seconds = 60, .cpu_seconds = 60 };

/* A futex that is not as expected is not waited for, and tells EINTR from that. */
static int harness_waits(void)
{
	static int word = 1;
	int interrupted = 0;
	for (int i = 0; i < 50; i++)
		interrupted += syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0) == -1 &&
		               errno == EINTR;
	return interrupted;
}

static struct blocks *blocks_create(enum block_way way, int first, int last, int rounds)
{
	struct blocks *b = shared_alloc(sizeof *b);
	b->way = way;
	b->first = first;
	b->last = last;
	b->rounds = rounds;
	b->harness_waits = harness_waits;
	ck_assert_int_le(rounds * (last - first + 1), BLOCK_ATTEMPTS);
	return b;
}

static int count_ones(const char *seen)
{
	int ones = 0;
	for (; *seen != '\0'; seen++)
		ones += *seen == '1';
	return ones;
}

/* Makes the call, with everybody's interruptions in b, and with nothing else amiss. */
static const struct outcome *interrupt(struct blocks *b, uint32_t seed)
{
	struct call call = { .arg = b, .faults = { .interrupt_seed = seed }, .limits = patient };
	const struct outcome *o = call_plugin("blocks", &call);
	ck_assert_int_eq(o->ending, ENDING_RETURNED);
	ck_assert_int_eq(o->leaked_fds.count, 0);
	ck_assert_int_eq(b->harness_interrupted, 0);
	for (int i = 0; i < (b->family ? BLOCK_PROCESSES : 1); i++)
		ck_assert_uint_eq(strlen(b->seen[i]), (size_t)(b->rounds * (b->last - b->first + 1)));
	return o;
}

/* --- where ------------------------------------------------------------------- */

/* Of each kind some, not all, in each process. */
START_TEST(every_kind_in_every_process)
{
	int times[BLOCK_PROCESSES][BLOCK_KINDS] = { { 0 } };
	enum { SEEDS = 3, ROUNDS = 7 };
	for (uint32_t seed = 1; seed <= SEEDS; seed++) {
		struct blocks *b = blocks_create(WAY_USUAL, 0, BLOCK_KINDS - 1, ROUNDS);
		b->family = 1;
		interrupt(b, seed);
		for (int i = 0; i < BLOCK_PROCESSES; i++)
			for (int j = 0; b->seen[i][j] != '\0'; j++)
				times[i][j % BLOCK_KINDS] += b->seen[i][j] == '1';
	}
	for (int i = 0; i < BLOCK_PROCESSES; i++)
		for (int kind = 0; kind < BLOCK_KINDS; kind++)
			ck_assert_msg(times[i][kind] > 0 && times[i][kind] < SEEDS * ROUNDS,
			              "process %d, kind %d: %d times", i, kind, times[i][kind]);
}
END_TEST

static void never(enum block_way way, int first, int last)
{
	for (uint32_t seed = 1; seed <= 2; seed++) {
		struct blocks *b = blocks_create(way, first, last, 20);
		const struct outcome *o = interrupt(b, seed);
		ck_assert_int_eq(count_ones(b->seen[0]), 0);
		ck_assert_int_eq(o->interruptions, 0);
		ck_assert_str_eq(o->first_fault, "");
	}
}

START_TEST(never_without_time)
{
	never(WAY_NO_TIME, BLOCK_POLL, BLOCK_FUTEX);
}
END_TEST

START_TEST(never_where_nothing_blocks)
{
	never(WAY_NONBLOCKING, BLOCK_READ, BLOCK_SEND);
	never(WAY_DONTWAIT, BLOCK_RECV, BLOCK_SEND);
	never(WAY_NO_BYTES, BLOCK_READ, BLOCK_SEND);
	never(WAY_FILES, BLOCK_READ, BLOCK_WRITEV);
}
END_TEST

START_TEST(never_with_signals_blocked)
{
	never(WAY_BLOCKED, 0, BLOCK_KINDS - 1);
	never(WAY_MASKED, BLOCK_PPOLL, BLOCK_EPOLL_PWAIT);
}
END_TEST

/* pselect is there to let signals through that are blocked otherwise. */
START_TEST(mask_of_the_call_counts)
{
	struct blocks *b = blocks_create(WAY_UNMASKED, BLOCK_PPOLL, BLOCK_EPOLL_PWAIT, 20);
	interrupt(b, 1);
	for (int kind = 0; kind < 3; kind++) {
		int times = 0;
		for (int round = 0; round < 20; round++)
			times += b->seen[0][3 * round + kind] == '1';
		ck_assert_int_gt(times, 0);
	}
}
END_TEST

static void make_calls_outside(void *arg)
{
	act_fn *act = (act_fn *)plugin_function("act");
	act(arg);
	struct blocks before = *(struct blocks *)arg;
	call_begin();
	call_end(0);
	act(arg);
	for (int i = 0; i < BLOCK_PROCESSES; i++)
		if (count_ones(before.seen[i]) > 0)
			memcpy(arg, &before, sizeof before);
}

START_TEST(never_outside_of_the_function)
{
	struct blocks *b = blocks_create(WAY_USUAL, 0, BLOCK_KINDS - 1, 7);
	b->family = 1;
	struct call call = { .body = make_calls_outside, .arg = b, .faults = { .interrupt_seed = 1 } };
	expect_call("blocks", &call, "returned");
	for (int i = 0; i < BLOCK_PROCESSES; i++)
		ck_assert_int_eq(count_ones(b->seen[i]), 0);
}
END_TEST

/* --- how often, and which ---------------------------------------------------- */

START_TEST(at_most_so_often)
{
	struct blocks *b = blocks_create(WAY_USUAL, BLOCK_READ, BLOCK_READ, 300);
	b->family = 1;
	const struct outcome *o = interrupt(b, 5);
	for (int i = 0; i < BLOCK_PROCESSES; i++)
		ck_assert_int_eq(count_ones(b->seen[i]), MOST);
	ck_assert_int_ge(o->interruptions, BLOCK_PROCESSES * MOST); /* and waits for children */
}
END_TEST

/* Whichever process comes first, and in whatever order they start others. */
START_TEST(same_seed_same_interruptions)
{
	struct blocks *first = blocks_create(WAY_USUAL, 0, BLOCK_KINDS - 1, 7);
	struct blocks *second = blocks_create(WAY_USUAL, 0, BLOCK_KINDS - 1, 7);
	struct blocks *other = blocks_create(WAY_USUAL, 0, BLOCK_KINDS - 1, 7);
	first->family = second->family = other->family = 1;
	second->jitter_ms = 3;
	interrupt(first, 7);
	interrupt(second, 7);
	interrupt(other, 8);
	for (int i = 0; i < BLOCK_PROCESSES; i++) {
		ck_assert_str_eq(first->seen[i], second->seen[i]);
		ck_assert_str_ne(first->seen[i], other->seen[i]);
		for (int j = 0; j < i; j++)
			ck_assert_msg(strcmp(first->seen[i], first->seen[j]) != 0, "%d and %d", i, j);
	}
}
END_TEST

/* How often a process looks, or waits, depends on the scheduler: what its reads
 * and writes suffer must not depend on that. */
START_TEST(looking_changes_nothing_for_transfers)
{
	struct blocks *first = blocks_create(WAY_USUAL, BLOCK_READ, BLOCK_SEND, 8);
	struct blocks *second = blocks_create(WAY_USUAL, BLOCK_READ, BLOCK_SEND, 8);
	second->polls_between = 1;
	interrupt(first, 9);
	interrupt(second, 9);
	ck_assert_int_gt(count_ones(first->seen[0]), 0);
	ck_assert_str_eq(first->seen[0], second->seen[0]);
}
END_TEST

START_TEST(first_one_is_told)
{
	char expected[100];
	struct blocks *b = blocks_create(WAY_USUAL, BLOCK_READ, BLOCK_READ, 20);
	const struct outcome *o = interrupt(b, 1);
	snprintf(expected, sizeof expected, "read(%d, ...) returned -1 with EINTR", b->fd);
	ck_assert_str_eq(o->first_fault, expected);
	ck_assert_int_eq(o->interruptions, count_ones(b->seen[0]));

	b = blocks_create(WAY_USUAL, BLOCK_SEM_WAIT, BLOCK_SEM_WAIT, 20);
	o = interrupt(b, 1);
	ck_assert_str_eq(o->first_fault, "sem_wait(...) returned -1 with EINTR");
}
END_TEST

/* Who waits for the others in a task is never disturbed. */
static struct rendezvous *meeting;

static int meet(void)
{
	return rendezvous_meet(meeting);
}

static void give_up(void *arg)
{
	(void)arg;
	rendezvous_give_up(meeting);
}

START_TEST(rendezvous_is_not_interrupted)
{
	struct blocks *b = blocks_create(WAY_USUAL, 0, BLOCK_KINDS - 1, 1);
	struct call call = { .arg = b, .faults = { .interrupt_seed = 1 }, .stalled = give_up,
	                     .limits = patient };
	meeting = shared_alloc(sizeof *meeting);
	rendezvous_init(meeting, 2);
	b->harness_waits = meet;
	const struct outcome *o = call_plugin("blocks", &call);
	ck_assert_int_eq(o->ending, ENDING_RETURNED);
	ck_assert_int_eq(o->interruptions, count_ones(b->seen[0]));
	ck_assert_uint_eq(meeting->arrived_in_time, 1);
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("block");
	tcase_add_test(t, every_kind_in_every_process);
	tcase_add_test(t, never_without_time);
	tcase_add_test(t, never_where_nothing_blocks);
	tcase_add_test(t, never_with_signals_blocked);
	tcase_add_test(t, mask_of_the_call_counts);
	tcase_add_test(t, never_outside_of_the_function);
	tcase_add_test(t, at_most_so_often);
	tcase_add_test(t, same_seed_same_interruptions);
	tcase_add_test(t, looking_changes_nothing_for_transfers);
	tcase_add_test(t, first_one_is_told);
	tcase_add_test(t, rendezvous_is_not_interrupted);
	return run_case("faults: block", t);
}
