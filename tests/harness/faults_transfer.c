/* Transfers that move fewer bytes than asked: on pipes and stream sockets, where
 * more than PIPE_BUF bytes were written at once, and nowhere else. And who used
 * which pipe.
 */
#include "plugins/call_a_plugin.c"

#include <limits.h>
#include <sys/eventfd.h>

#include "desk.h"
#include "plugins/transfers.h"
#include "plugins/uses_pipes.h"

static const struct limits patient = { .wall_seconds = 60, .cpu_seconds = 60 };

static struct transfers *transfers_create(enum channel channel, enum calls calls, size_t size)
{
	struct transfers *t = shared_alloc(sizeof *t);
	t->channel = channel;
	t->calls = calls;
	t->size = t->piece = size;
	t->rounds = 10;
	return t;
}

/* Makes the call; all bytes arrive, and each transfer that came short was counted. */
static const struct outcome *cut(struct transfers *t, uint32_t seed)
{
	struct call call = { .arg = t, .faults = { .short_seed = seed }, .limits = patient };
	const struct outcome *o = call_plugin("transfers", &call);
	int seen = 0;
	for (int i = 0; i < 2; i++) {
		ck_assert_int_ge(t->seen[i].calls, 2 * t->rounds);
		ck_assert_int_eq(t->seen[i].damaged, 0);
		seen += t->seen[i].short_writes + t->seen[i].short_reads;
	}
	ck_assert_int_eq(o->ending, ENDING_RETURNED);
	ck_assert_int_eq(o->leaked_fds.count, 0);
	ck_assert_int_eq(o->interruptions, 0);
	ck_assert_int_eq(o->pipe_uses, 0);
	ck_assert_int_eq(o->short_transfers, seen);
	return o;
}

/* --- where ------------------------------------------------------------------- */

static void expect_short(enum channel channel, enum calls calls, size_t size)
{
	struct transfers *t = transfers_create(channel, calls, size);
	cut(t, 1);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_gt(t->seen[i].short_writes, 0);
		ck_assert_int_gt(t->seen[i].short_reads, 0);
	}
}

static void expect_whole(enum channel channel, enum calls calls, size_t size, size_t piece)
{
	struct transfers *t = transfers_create(channel, calls, size);
	t->piece = piece;
	for (uint32_t seed = 1; seed <= 2; seed++) {
		memset(t->seen, 0, sizeof t->seen);
		const struct outcome *o = cut(t, seed);
		ck_assert_int_eq(o->short_transfers, 0);
		ck_assert_str_eq(o->first_fault, "");
	}
}

START_TEST(pipes_and_stream_sockets)
{
	expect_short(CHANNEL_PIPE, CALLS_PLAIN, TRANSFER_LARGEST);
	expect_short(CHANNEL_PIPE, CALLS_VECTOR, TRANSFER_LARGEST);
	expect_short(CHANNEL_STREAM, CALLS_PLAIN, TRANSFER_LARGEST);
	expect_short(CHANNEL_STREAM, CALLS_VECTOR, TRANSFER_LARGEST);
	expect_short(CHANNEL_STREAM, CALLS_SOCKET, TRANSFER_LARGEST);
}
END_TEST

/* Where bytes have borders, or a file is full of them, all come or none. */
START_TEST(never_files_and_packets)
{
	expect_whole(CHANNEL_FILE, CALLS_PLAIN, TRANSFER_LARGEST, TRANSFER_LARGEST);
	expect_whole(CHANNEL_FILE, CALLS_VECTOR, TRANSFER_LARGEST, TRANSFER_LARGEST);
	expect_whole(CHANNEL_DATAGRAMS, CALLS_PLAIN, 3 * PIPE_BUF, 3 * PIPE_BUF);
	expect_whole(CHANNEL_DATAGRAMS, CALLS_SOCKET, 3 * PIPE_BUF, 3 * PIPE_BUF);
	expect_whole(CHANNEL_PACKETS, CALLS_VECTOR, 3 * PIPE_BUF, 3 * PIPE_BUF);
	expect_whole(CHANNEL_PACKETS, CALLS_SOCKET, 3 * PIPE_BUF, 3 * PIPE_BUF);
}
END_TEST

START_TEST(more_than_pipe_buf)
{
	for (enum calls calls = CALLS_PLAIN; calls <= CALLS_VECTOR; calls++) {
		expect_whole(CHANNEL_PIPE, calls, PIPE_BUF, PIPE_BUF);
		expect_short(CHANNEL_PIPE, calls, PIPE_BUF + 1);
	}
}
END_TEST

/* What was written in small pieces is read whole, though there is much of it. */
START_TEST(pieces_stay_whole)
{
	expect_whole(CHANNEL_PIPE, CALLS_PLAIN, TRANSFER_LARGEST, 1000);
	expect_whole(CHANNEL_PIPE, CALLS_VECTOR, TRANSFER_LARGEST, PIPE_BUF);
	expect_whole(CHANNEL_STREAM, CALLS_SOCKET, TRANSFER_LARGEST, PIPE_BUF);
}
END_TEST

/* From one process to another, more than a pipe holds; seed 0 is for no faults. */
START_TEST(data_arrives_whole)
{
	for (uint32_t seed = 0; seed <= 3; seed++) {
		struct call call = { .arg = shared_number(700000), .faults = { .short_seed = seed },
			                 .limits = patient };
		const struct outcome *o = call_plugin("streams", &call);
		ck_assert_int_eq(o->ending, ENDING_RETURNED);
		ck_assert_int_eq(o->value, 700000);
		ck_assert_int_eq(o->short_transfers > 0, seed != 0);
	}
}
END_TEST

/* --- which ------------------------------------------------------------------- */

START_TEST(same_seed_same_transfers)
{
	struct transfers *t[3];
	for (int i = 0; i < 3; i++) {
		t[i] = transfers_create(CHANNEL_PIPE, CALLS_PLAIN, TRANSFER_LARGEST);
		cut(t[i], i < 2 ? 5 : 6);
	}
	for (int i = 0; i < 2; i++) {
		ck_assert_mem_eq(&t[0]->seen[i], &t[1]->seen[i], sizeof t[0]->seen[i]);
		ck_assert_mem_ne(&t[0]->seen[i], &t[2]->seen[i], sizeof t[0]->seen[i]);
	}
	ck_assert_mem_ne(&t[0]->seen[0], &t[0]->seen[1], sizeof t[0]->seen[0]);
}
END_TEST

START_TEST(first_one_is_told)
{
	struct transfers *t = transfers_create(CHANNEL_STREAM, CALLS_SOCKET, TRANSFER_LARGEST);
	char callers[100], childs[100];
	const struct outcome *o = cut(t, 1);
	char *text[] = { callers, childs };
	for (int i = 0; i < 2; i++) /* whichever of them comes first */
		snprintf(text[i], 100, "send(%d, ..., %zu) moved %zu bytes or fewer", t->seen[i].first_fd,
		         t->seen[i].first_asked, t->seen[i].first_moved);
	ck_assert_msg(strcmp(o->first_fault, callers) == 0 || strcmp(o->first_fault, childs) == 0,
	              "%s; expected: %s, or %s", o->first_fault, callers, childs);
}
END_TEST

/* --- where nothing is to happen ---------------------------------------------- */

/* Returns how much of a large write into a pipe of its own, and of eight bytes read
 * with room for many, came. */
static long transfer_here(void)
{
	static char data[TRANSFER_LARGEST];
	int ends[2], counter = eventfd(1, 0);
	if (pipe(ends) != 0)
		return -1;
	long sum = write(ends[1], data, sizeof data) + read(ends[0], data, sizeof data);
	sum += read(counter, data, sizeof data);
	close(counter);
	close(ends[0]);
	close(ends[1]);
	return sum;
}

static void transfer_outside(void *arg)
{
	act_fn *act = (act_fn *)plugin_function("act");
	int *good = shared_number(0);
	act(arg);
	*good += transfer_here() == 2 * TRANSFER_LARGEST + 8;
	call_begin();
	call_end(0);
	*good += transfer_here() == 2 * TRANSFER_LARGEST + 8;
}

START_TEST(never_outside_of_the_function)
{
	struct transfers *t = transfers_create(CHANNEL_PIPE, CALLS_PLAIN, TRANSFER_LARGEST);
	struct call call = { .body = transfer_outside, .arg = t, .note_pipes = true,
		                 .faults = { .short_seed = 1, .interrupt_seed = 1 } };
	int *good = shared_number(0);
	expect_call("transfers", &call, "returned");
	ck_assert_int_eq(*good, 2);
	ck_assert_int_eq(t->seen[0].short_writes + t->seen[0].short_reads, 0);
}
END_TEST

static void transfer_in_supervisor(void *arg)
{
	int *word = arg;
	if (*word == 0)
		*word = (int)transfer_here();
	desk_wake((atomic_uint *)arg);
}

START_TEST(never_in_the_supervisor)
{
	struct call call = { .arg = shared_number(0), .stalled = transfer_in_supervisor,
		                 .note_pipes = true, .limits = patient, .faults = { .short_seed = 1 } };
	char expected[40];
	snprintf(expected, sizeof expected, "returned value=%d", 2 * TRANSFER_LARGEST + 8);
	expect_call("waits_for_word", &call, expected);
}
END_TEST

/* --- who used which pipe ----------------------------------------------------- */

static void expect_use(const struct outcome *o, pid_t pid, bool writes, uint64_t pipe)
{
	int times = 0;
	for (int i = 0; i < o->pipe_uses; i++)
		times += o->pipe_use[i].pid == pid && o->pipe_use[i].writes == writes &&
		         o->pipe_use[i].pipe == pipe;
	ck_assert_msg(times == 1, "%d: a %s of pipe %ju was noted %d times", (int)pid,
	              writes ? "write" : "read", (uintmax_t)pipe, times);
}

START_TEST(uses_of_pipes)
{
	struct uses_pipes *u = shared_alloc(sizeof *u);
	struct call call = { .arg = u, .note_pipes = true };
	const struct outcome *o = call_plugin("uses_pipes", &call);
	ck_assert_int_eq(o->ending, ENDING_RETURNED);
	ck_assert_uint_ne(u->first, u->second);
	expect_use(o, u->child[0], true, u->first);
	expect_use(o, o->caller, false, u->first);
	expect_use(o, u->child[1], true, u->second);
	expect_use(o, o->caller, false, u->second); /* though its descriptor was the first's */
	expect_use(o, o->caller, true, u->callers);
	expect_use(o, o->caller, false, u->callers);
	expect_use(o, u->child[1], true, u->childs);
	expect_use(o, u->child[1], false, u->childs);
	ck_assert_int_eq(o->pipe_uses, 8);

	call.note_pipes = false;
	ck_assert_int_eq(call_plugin("uses_pipes", &call)->pipe_uses, 0);
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("transfer");
	tcase_add_test(t, pipes_and_stream_sockets);
	tcase_add_test(t, never_files_and_packets);
	tcase_add_test(t, more_than_pipe_buf);
	tcase_add_test(t, pieces_stay_whole);
	tcase_add_test(t, data_arrives_whole);
	tcase_add_test(t, same_seed_same_transfers);
	tcase_add_test(t, first_one_is_told);
	tcase_add_test(t, never_outside_of_the_function);
	tcase_add_test(t, never_in_the_supervisor);
	tcase_add_test(t, uses_of_pipes);
	return run_case("faults: transfer", t);
}
