/* Writes over all of the stack above an array of four, until there is none left. */
#include <stdint.h>

__attribute__((noinline)) static void write_from(volatile int32_t *place)
{
	for (;;)
		*place++ = 0x5a5a5a5a;
}

long act(void *arg)
{
	volatile int32_t four[4] = { 0 };
	(void)arg;
	write_from(four);
	return four[0];
}
