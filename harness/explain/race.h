/* Races between processes: two touch the same shared memory at the same time, at least
 * one of them writes, and nothing orders the two.
 *
 * No tool for threads sees these. So the plug-in is compiled once more, with the calls
 * that compilers insert at each access for their thread sanitizer (-fsanitize=thread),
 * and linked without that sanitizer's own library: the calls come here (race_hooks.c).
 * What is found is found with watchpoints, as in Linux's KCSAN (Elver et al., 2019): now
 * and then an access to shared memory is announced, held up for a moment, and whoever
 * comes to the same bytes meanwhile has proved that nothing kept the two apart. A lock,
 * a pipe, a fork or a wait that orders them makes such a meeting impossible, so there is
 * nothing to be known about them, and no false report.
 *
 * What it cannot see: two accesses that are never made at about the same time in the
 * runs that it watches; accesses inside libc (but for memcpy, memmove and memset); an order of
 * memory that is too weak (relaxed where release is needed), on the machine's own account.
 */
#ifndef RACE_H
#define RACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervise.h"
#include "verdict.h"

/* How the plug-in is compiled for it: each access announced, and the announcements bound to
 * the harness's own functions, as no library of the compiler's is linked. */
#define RACE_OPTIONS \
	"-O0 -fsanitize=thread -nodefaultlibs -Wl,--wrap=memcpy,--wrap=memmove,--wrap=memset " \
	"-Wl,--no-as-needed -lc -lgcc"

enum { RACES_KEPT = 4, RACE_WATCHES = 64 };

struct race_access {
	pid_t pid, tid;
	uintptr_t offset; /* in the plug-in's file */
	uint64_t place;   /* see regions.h */
	size_t bytes;
	bool writes, atomic;
};

/* An access that is held up, and who came meanwhile. */
struct race_watch {
	_Atomic unsigned state; /* WATCH_FREE, WATCH_SET, WATCH_MET, WATCH_NOTED */
	struct race_access held, other;
};

/* Lies in shared memory. */
struct race_log {
	uint32_t seed;         /* of the delays */
	atomic_uint threads;   /* that came by, of all processes */
	atomic_int watching;   /* watches that are set */
	struct race_watch watch[RACE_WATCHES];
	atomic_int races;      /* found; may exceed what is kept */
	struct race_report {
		struct race_access first, second;
	} race[RACES_KEPT];
	atomic_ulong accesses, held; /* to shared memory: in all, and held up */
};

/* From now on the supervised calls of this process note races, where the plug-in was
 * compiled for it; until race_end. */
struct race_log *race_begin(uint32_t seed);
void race_end(struct race_log *log);

/* Decides where a race was found in a call with this outcome. `plugin` is the one that
 * was compiled for it. */
void race_judge(struct verdict *verdict, const struct race_log *log, const char *plugin,
                const struct outcome *outcome);

/* For the hooks: an access that was made, or comes next, from this address of the code. */
enum race_kind { RACE_READ, RACE_WRITE, RACE_ATOMIC_READ, RACE_ATOMIC_WRITE };
void race_access(const volatile void *memory, size_t bytes, enum race_kind kind, const void *from);

/* And when an atomic write was made. */
void race_linger(void);

/* Whether anybody wants to know: the hooks' shortest way. */
extern struct race_log *the_race;

#endif
