/* What compilers call at each access to memory with -fsanitize=thread: see race.h. The
 * names and signatures are those of the thread sanitizer's run-time library, as gcc and
 * clang use them. Plain accesses are announced before they are made by the code itself;
 * atomic ones are made here, in sequentially consistent order whatever was asked for.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>

#include "race.h"

#define FROM __builtin_return_address(0)

static inline void see(const volatile void *memory, size_t bytes, enum race_kind kind,
                       const void *from)
{
	if (the_race != NULL)
		race_access(memory, bytes, kind, from);
}

static inline void linger(void)
{
	if (the_race != NULL)
		race_linger();
}

/* --- nothing to be seen ---------------------------------------------------------------- */

void __tsan_init(void);
void __tsan_func_entry(void *from);
void __tsan_func_exit(void);
void __tsan_vptr_update(void **place, void *value);
void __tsan_vptr_read(void **place);

void __tsan_init(void)
{
}

void __tsan_func_entry(void *from)
{
	(void)from;
}

void __tsan_func_exit(void)
{
}

void __tsan_vptr_update(void **place, void *value)
{
	(void)place, (void)value;
}

void __tsan_vptr_read(void **place)
{
	(void)place;
}

/* --- plain accesses ----------------------------------------------------------------------- */

#define PLAIN(name, bytes, kind) \
	void name(void *memory); \
	void name(void *memory) \
	{ \
		see(memory, bytes, kind, FROM); \
	}

#define PLAIN_OF(bytes) \
	PLAIN(__tsan_read##bytes, bytes, RACE_READ) \
	PLAIN(__tsan_write##bytes, bytes, RACE_WRITE) \
	PLAIN(__tsan_unaligned_read##bytes, bytes, RACE_READ) \
	PLAIN(__tsan_unaligned_write##bytes, bytes, RACE_WRITE) \
	PLAIN(__tsan_volatile_read##bytes, bytes, RACE_READ) \
	PLAIN(__tsan_volatile_write##bytes, bytes, RACE_WRITE) \
	PLAIN(__tsan_unaligned_volatile_read##bytes, bytes, RACE_READ) \
	PLAIN(__tsan_unaligned_volatile_write##bytes, bytes, RACE_WRITE) \
	PLAIN(__tsan_read_write##bytes, bytes, RACE_WRITE) \
	PLAIN(__tsan_unaligned_read_write##bytes, bytes, RACE_WRITE)

PLAIN_OF(1)
PLAIN_OF(2)
PLAIN_OF(4)
PLAIN_OF(8)
PLAIN_OF(16)

void __tsan_read_range(void *memory, size_t bytes);
void __tsan_write_range(void *memory, size_t bytes);

void __tsan_read_range(void *memory, size_t bytes)
{
	see(memory, bytes, RACE_READ, FROM);
}

void __tsan_write_range(void *memory, size_t bytes)
{
	see(memory, bytes, RACE_WRITE, FROM);
}

/* --- libc's, called by the plug-in (--wrap) -------------------------------------------------- */

void *__wrap_memcpy(void *to, const void *from, size_t bytes);
void *__wrap_memmove(void *to, const void *from, size_t bytes);
void *__wrap_memset(void *to, int value, size_t bytes);
void *__tsan_memcpy(void *to, const void *from, size_t bytes);
void *__tsan_memmove(void *to, const void *from, size_t bytes);
void *__tsan_memset(void *to, int value, size_t bytes);

static void see_copy(const void *to, const void *from, size_t bytes, const void *place)
{
	if (bytes == 0)
		return;
	see(from, bytes, RACE_READ, place);
	see(to, bytes, RACE_WRITE, place);
}

void *__wrap_memcpy(void *to, const void *from, size_t bytes)
{
	see_copy(to, from, bytes, FROM);
	return memcpy(to, from, bytes);
}

void *__wrap_memmove(void *to, const void *from, size_t bytes)
{
	see_copy(to, from, bytes, FROM);
	return memmove(to, from, bytes);
}

void *__wrap_memset(void *to, int value, size_t bytes)
{
	if (bytes > 0)
		see(to, bytes, RACE_WRITE, FROM);
	return memset(to, value, bytes);
}

void *__tsan_memcpy(void *to, const void *from, size_t bytes)
{
	see_copy(to, from, bytes, FROM);
	return memcpy(to, from, bytes);
}

void *__tsan_memmove(void *to, const void *from, size_t bytes)
{
	see_copy(to, from, bytes, FROM);
	return memmove(to, from, bytes);
}

void *__tsan_memset(void *to, int value, size_t bytes)
{
	if (bytes > 0)
		see(to, bytes, RACE_WRITE, FROM);
	return memset(to, value, bytes);
}

/* --- atomic accesses -------------------------------------------------------------------------- */

#define ATOMIC_CHANGE(bits, type, name) \
	type __tsan_atomic##bits##_##name(volatile type *memory, type value, int order); \
	type __tsan_atomic##bits##_##name(volatile type *memory, type value, int order) \
	{ \
		(void)order; \
		see(memory, sizeof(type), RACE_ATOMIC_WRITE, FROM); \
		type result = __atomic_##name(memory, value, __ATOMIC_SEQ_CST); \
		linger(); \
		return result; \
	}

#define ATOMIC_COMPARE(bits, type, name) \
	int __tsan_atomic##bits##_##name(volatile type *memory, type *expected, type value, int order, \
	                                 int order_if_not); \
	int __tsan_atomic##bits##_##name(volatile type *memory, type *expected, type value, int order, \
	                                 int order_if_not) \
	{ \
		(void)order, (void)order_if_not; \
		see(memory, sizeof(type), RACE_ATOMIC_WRITE, FROM); \
		int result = __atomic_compare_exchange_n(memory, expected, value, 0, __ATOMIC_SEQ_CST, \
		                                         __ATOMIC_SEQ_CST); \
		linger(); \
		return result; \
	}

#define ATOMICS_OF(bits, type) \
	type __tsan_atomic##bits##_load(const volatile type *memory, int order); \
	type __tsan_atomic##bits##_load(const volatile type *memory, int order) \
	{ \
		(void)order; \
		see(memory, sizeof(type), RACE_ATOMIC_READ, FROM); \
		return __atomic_load_n(memory, __ATOMIC_SEQ_CST); \
	} \
	void __tsan_atomic##bits##_store(volatile type *memory, type value, int order); \
	void __tsan_atomic##bits##_store(volatile type *memory, type value, int order) \
	{ \
		(void)order; \
		see(memory, sizeof(type), RACE_ATOMIC_WRITE, FROM); \
		__atomic_store_n(memory, value, __ATOMIC_SEQ_CST); \
		linger(); \
	} \
	type __tsan_atomic##bits##_exchange(volatile type *memory, type value, int order); \
	type __tsan_atomic##bits##_exchange(volatile type *memory, type value, int order) \
	{ \
		(void)order; \
		see(memory, sizeof(type), RACE_ATOMIC_WRITE, FROM); \
		type result = __atomic_exchange_n(memory, value, __ATOMIC_SEQ_CST); \
		linger(); \
		return result; \
	} \
	type __tsan_atomic##bits##_compare_exchange_val(volatile type *memory, type expected, \
	                                                type value, int order, int order_if_not); \
	type __tsan_atomic##bits##_compare_exchange_val(volatile type *memory, type expected, \
	                                                type value, int order, int order_if_not) \
	{ \
		(void)order, (void)order_if_not; \
		see(memory, sizeof(type), RACE_ATOMIC_WRITE, FROM); \
		__atomic_compare_exchange_n(memory, &expected, value, 0, __ATOMIC_SEQ_CST, \
		                            __ATOMIC_SEQ_CST); \
		linger(); \
		return expected; \
	} \
	ATOMIC_CHANGE(bits, type, fetch_add) \
	ATOMIC_CHANGE(bits, type, fetch_sub) \
	ATOMIC_CHANGE(bits, type, fetch_and) \
	ATOMIC_CHANGE(bits, type, fetch_or) \
	ATOMIC_CHANGE(bits, type, fetch_xor) \
	ATOMIC_CHANGE(bits, type, fetch_nand) \
	ATOMIC_COMPARE(bits, type, compare_exchange_strong) \
	ATOMIC_COMPARE(bits, type, compare_exchange_weak)

ATOMICS_OF(8, uint8_t)
ATOMICS_OF(16, uint16_t)
ATOMICS_OF(32, uint32_t)
ATOMICS_OF(64, uint64_t)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_signal_fence(int order);

void __tsan_atomic_thread_fence(int order)
{
	(void)order;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void __tsan_atomic_signal_fence(int order)
{
	(void)order;
}
