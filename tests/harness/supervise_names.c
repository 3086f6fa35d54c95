/* What a call can leave that outlives it: each is told and removed, whether the
 * caller has a user of its own or is known by what the exported calls saw.
 */
#include "plugins/call_a_plugin.c"

#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

/* With callers as the machine allows it, and with callers of this very user. */
enum { WAYS = 2 };

static void call_as(int way)
{
	if (way == 1)
		setenv("CROSSOVER_KEEP_USER", "1", 1);
}

/* A name that no other run of these tests has, shared with the plug-in. */
static char *unique_name(void)
{
	char *shared = shared_alloc(64);
	snprintf(shared, 64, "/crossover-unit-%d", (int)getpid());
	return shared;
}

/* Which of the kept names has this text? */
static const struct name *find(const struct outcome *o, const char *text)
{
	for (int i = 0; i < o->leaked_names.count && i < NAMES_KEPT; i++)
		if (strcmp(o->leaked_names.name[i].text, text) == 0)
			return &o->leaked_names.name[i];
	return NULL;
}

static int in_shm(const char *text)
{
	char command[200], output[2000];
	char *argv[] = { "sh", "-c", command, NULL };
	snprintf(command, sizeof command, "find /dev/shm | grep -F '%s' | wc -l", text);
	ck_assert_int_eq(command_run(argv, output, sizeof output), 0);
	return atoi(output);
}

/* --- /dev/shm ----------------------------------------------------------------- */

START_TEST(objects_and_semaphores)
{
	char *name = unique_name(), semaphore[80];
	for (int way = 0; way < WAYS; way++) {
		call_as(way);
		const struct outcome *o = expect("leaves_names", name,
		                                 "returned value=3 leaked_names.count=2");
		snprintf(semaphore, sizeof semaphore, "sem.%s", name + 1);
		ck_assert_ptr_nonnull(find(o, name + 1));
		ck_assert_ptr_nonnull(find(o, semaphore));
		ck_assert_int_eq(o->leaked_names.name[0].kind, NAME_FILE);
		ck_assert_int_eq(in_shm(name + 1), 0);
	}
}
END_TEST

/* More than are kept, one with a dot, one of 255 bytes. */
START_TEST(many_names)
{
	char *name = unique_name();
	for (int way = 0; way < WAYS; way++) {
		call_as(way);
		expect("leaves_many_names", name, "returned value=42 leaked_names.count=42");
		ck_assert_int_eq(in_shm(name + 1), 0);
	}
}
END_TEST

START_TEST(folders)
{
	char *name = unique_name(), path[100];
	if (!callers_have_a_user() || getenv("CROSSOVER_KEEP_USER") != NULL) {
		puts("folders: not tried, nobody tells whose they are where callers have no user");
		return;
	}
	const struct outcome *o = expect("leaves_folder", name, "returned leaked_names.count=4");
	ck_assert_int_eq(find(o, name + 1)->kind, NAME_FOLDER);
	snprintf(path, sizeof path, "%s/folder/.file", name + 1);
	ck_assert_int_eq(find(o, path)->kind, NAME_FILE);
	ck_assert_int_eq(in_shm(name + 1), 0);
}
END_TEST

/* --- System V ----------------------------------------------------------------- */

struct order {
	int kind, count, in_child, raw;
};

static bool exists(enum name_kind kind, int id)
{
	struct msqid_ds queue;
	struct shmid_ds segment;
	if (kind == NAME_SEGMENT)
		return shmctl(id, IPC_STAT, &segment) == 0;
	if (kind == NAME_SEMAPHORES)
		return semctl(id, 0, GETVAL) != -1 || errno == EACCES;
	return msgctl(id, IPC_STAT, &queue) == 0;
}

static void leave_one(struct order *order, enum name_kind kind, unsigned long size)
{
	const struct outcome *o = call_plugin("leaves_system_v", &(struct call){ .arg = order });
	const struct name *name = &o->leaked_names.name[0];
	ck_assert_int_eq(o->ending, ENDING_RETURNED);
	ck_assert_int_eq(o->leaked_names.count, 1);
	ck_assert_int_eq(name->kind, kind);
	ck_assert_uint_eq(name->size, size);
	ck_assert_uint_eq(name->key, 0);
	ck_assert(order->in_child || (long)name->id == o->value);
	ck_assert(!exists(kind, (int)name->id));
}

/* Made by the caller, by a child of it, and by system calls without wrappers. */
static void leave_system_v(int number, enum name_kind kind, unsigned long size)
{
	struct order *order = shared_alloc(sizeof *order);
	for (int way = 0; way < WAYS; way++) {
		call_as(way);
		for (int how = 0; how < 3; how++) {
			*order = (struct order){ number, 1, how == 1, how == 2 };
			leave_one(order, kind, size);
		}
	}
}

START_TEST(segments)
{
	leave_system_v(1, NAME_SEGMENT, 5000);
}
END_TEST

/* No exported call saw it, but the kernel says who made it. */
START_TEST(segment_past_the_harness)
{
	for (int way = 0; way < WAYS; way++) {
		call_as(way);
		expect("leaves_segment_unseen", NULL, "returned leaked_names.count=1");
	}
}
END_TEST

START_TEST(semaphore_sets)
{
	leave_system_v(2, NAME_SEMAPHORES, 3);
}
END_TEST

START_TEST(message_queues)
{
	leave_system_v(3, NAME_MESSAGES, 0);
}
END_TEST

START_TEST(many_segments)
{
	struct order *order = shared_alloc(sizeof *order);
	*order = (struct order){ 1, 100, 0, 0 };
	for (int way = 0; way < WAYS; way++) {
		call_as(way);
		const struct outcome *o = call_plugin("leaves_system_v", &(struct call){ .arg = order });
		ck_assert_int_eq(o->leaked_names.count, 100);
		ck_assert(!exists(NAME_SEGMENT, (int)o->value));
	}
}
END_TEST

START_TEST(what_was_removed)
{
	for (int way = 0; way < WAYS; way++) {
		call_as(way);
		expect("removes_system_v", NULL, "returned");
		expect("unlinks_names", unique_name(), "returned");
	}
}
END_TEST

/* --- POSIX message queues ----------------------------------------------------- */

START_TEST(posix_queue)
{
	char *name = unique_name();
	for (int way = 0; way < WAYS; way++) {
		call_as(way);
		const struct outcome *o = expect("leaves_queue", name, "returned leaked_names.count=1");
		ck_assert_int_eq(o->leaked_names.name[0].kind, NAME_QUEUE);
		ck_assert_str_eq(o->leaked_names.name[0].text, name);
		ck_assert_int_eq(mq_unlink(name), -1);
		ck_assert_int_eq(errno, ENOENT);
	}
}
END_TEST

/* --- what others made --------------------------------------------------------- */

struct others {
	char name[64];
	int set, queue;
};

/* Makes one of each kind, as another program of this user. */
static void make_others(struct others *o)
{
	snprintf(o->name, sizeof o->name, "/crossover-unit-%d", (int)getpid());
	close(shm_open(o->name, O_CREAT | O_EXCL | O_RDWR, 0600));
	sem_close(sem_open(o->name, O_CREAT | O_EXCL, 0600, 1));
	mq_close(mq_open(o->name, O_CREAT | O_EXCL | O_RDWR, 0600, NULL));
	o->set = semget(IPC_PRIVATE, 1, 0600);
	o->queue = msgget(IPC_PRIVATE, 0600);
}

/* They must all be there, and are no more. */
static void expect_others(const struct others *o)
{
	bool there = shm_unlink(o->name) == 0;
	there = sem_unlink(o->name) == 0 && there;
	there = mq_unlink(o->name) == 0 && there;
	there = semctl(o->set, 0, IPC_RMID) == 0 && there;
	there = msgctl(o->queue, IPC_RMID, NULL) == 0 && there;
	ck_assert(there);
}

/* The body of a call during which another program makes them: the harness's own
 * calls, outside of the student's function, are not noted. */
static void call_beside_others(void *arg)
{
	make_others(arg);
	call_begin();
	call_end(0);
}

START_TEST(made_meanwhile)
{
	struct others *others = shared_alloc(sizeof *others);
	struct call call = { .arg = others, .body = call_beside_others };
	call_as(1);
	expect_call("returns_42", &call, "returned");
	expect_others(others);
}
END_TEST

/* The call may open what was there before, and does not own it for that. */
START_TEST(opened_not_made)
{
	struct others *others = shared_alloc(sizeof *others);
	make_others(others);
	call_as(1);
	expect("opens_names", others->name, "returned");
	expect_others(others);
	expect("opens_names", others->name, "returned leaked_names.count=3");
	ck_assert_int_eq(in_shm(others->name + 1), 0);
}
END_TEST

/* What the caller's user had there already, of some earlier call that nobody
 * cleaned up after, is not this call's. */
START_TEST(made_before)
{
	struct others *others = shared_alloc(sizeof *others);
	int segment = shmget(IPC_PRIVATE, 4096, 0600);
	make_others(others);
	for (int way = 0; way < WAYS; way++) {
		call_as(way);
		expect("returns_42", NULL, "returned value=42 error=EDOM");
	}
	ck_assert_int_eq(shmctl(segment, IPC_RMID, NULL), 0);
	expect_others(others);
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("names");
	tcase_add_test(t, objects_and_semaphores);
	tcase_add_test(t, many_names);
	tcase_add_test(t, folders);
	tcase_add_test(t, segments);
	tcase_add_test(t, segment_past_the_harness);
	tcase_add_test(t, semaphore_sets);
	tcase_add_test(t, message_queues);
	tcase_add_test(t, many_segments);
	tcase_add_test(t, what_was_removed);
	tcase_add_test(t, posix_queue);
	tcase_add_test(t, made_meanwhile);
	tcase_add_test(t, opened_not_made);
	tcase_add_test(t, made_before);
	return run_case("supervise: names", t);
}
