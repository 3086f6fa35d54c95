/* Shared memory that a call leaves mapped: how much of it, and nothing that was the
 * caller's.
 */
#include "plugins/call_a_plugin.c"

#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>

START_TEST(leaked_mapping)
{
	const struct outcome *o = expect("leaks_mapping", NULL, "returned leaked_mappings.count=1");
	const struct mapping *m = &o->leaked_mappings.mapping[0];
	ck_assert_uint_eq(m->end - m->start, 3 * (unsigned long)sysconf(_SC_PAGESIZE));
}
END_TEST

START_TEST(returned_and_private_mappings)
{
	expect("maps_and_unmaps", NULL, "returned");
}
END_TEST

/* What is left of it, where it is. */
START_TEST(partly_unmapped)
{
	unsigned long page = (unsigned long)sysconf(_SC_PAGESIZE);
	const struct mapping_list *left;
	for (int number = 0; number < 3; number += 2) {
		left = &expect("unmaps_part", shared_number(number),
		               "returned leaked_mappings.count=1")->leaked_mappings;
		ck_assert_uint_eq(left->mapping[0].end - left->mapping[0].start, 2 * page);
	}
	left = &expect("unmaps_part", shared_number(1),
	               "returned leaked_mappings.count=2")->leaked_mappings;
	ck_assert_uint_eq(left->mapping[0].end - left->mapping[0].start, page);
	ck_assert_uint_eq(left->mapping[1].start - left->mapping[0].end, page);
}
END_TEST

struct mapped {
	int fd;
	char *memory;
};

/* The first of two pages of a file, in a place where there is room for both. */
static void call_beside_mapping(void *arg)
{
	struct mapped *mapped = arg;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *room = mmap(NULL, 4 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mapped->fd = memfd_create("pages", 0);
	mapped->memory = room + page;
	if (ftruncate(mapped->fd, (off_t)(2 * page)) == 0)
		mmap(mapped->memory, page, PROT_READ, MAP_SHARED | MAP_FIXED, mapped->fd, 0);
	call_act(arg);
}

/* It grows into one with the caller's: only what is new was left. */
START_TEST(mapping_beside_the_callers)
{
	struct mapped *mapped = shared_alloc(sizeof *mapped);
	struct call call = { .arg = mapped, .body = call_beside_mapping };
	const struct outcome *o = expect_call("maps_beside", &call, "returned leaked_mappings.count=1");
	const struct mapping *m = &o->leaked_mappings.mapping[0];
	ck_assert_uint_eq(m->end - m->start, (unsigned long)sysconf(_SC_PAGESIZE));
	ck_assert_uint_eq(m->start, (unsigned long)mapped->memory + m->end - m->start);
}
END_TEST

START_TEST(mapping_that_was_split_is_no_leak)
{
	expect("protects_part", shared_alloc(3 * (size_t)sysconf(_SC_PAGESIZE)), "returned");
}
END_TEST

/* Removed, and still there for as long as somebody has it attached. */
START_TEST(attached_segment)
{
	const struct outcome *o = expect("attaches_segment", NULL, "returned leaked_mappings.count=1");
	ck_assert_int_eq(strncmp(o->leaked_mappings.mapping[0].what, "/SYSV", 5), 0);
}
END_TEST

/* --- what cannot be seen ------------------------------------------------------ */

/* To whoever may look all the same, it is a leak like any other; to everybody else
 * it is not clean either. Some kernels show more of a process than others. */
START_TEST(hidden_process)
{
	char expected[100];
	setenv("CROSSOVER_KEEP_USER", "1", 1);
	const struct outcome *o = call_plugin("hides_itself", &(struct call){ 0 });
	bool seen = o->leaked_fds.count >= 0;
	snprintf(expected, sizeof expected, "returned leaked_fds.count=%s leaked_mappings.count=%d",
	         seen ? "2" : "-1 closed_fds.count=-1", o->leaked_mappings.count < 0 ? -1 : 1);
	ck_assert_str_eq(outcome_text(o), expected);
	if (geteuid() == 0 && prctl(PR_CAPBSET_READ, CAP_SYS_PTRACE, 0, 0, 0) == 1)
		ck_assert(seen);
}
END_TEST

int main(void)
{
	TCase *t = plugins_case("mappings");
	tcase_add_test(t, leaked_mapping);
	tcase_add_test(t, returned_and_private_mappings);
	tcase_add_test(t, partly_unmapped);
	tcase_add_test(t, mapping_beside_the_callers);
	tcase_add_test(t, mapping_that_was_split_is_no_leak);
	tcase_add_test(t, attached_segment);
	tcase_add_test(t, hidden_process);
	return run_case("supervise: mappings", t);
}
