/* The reference: MT19937 as numpy's legacy RandomState runs it.
 *
 * A seed fills 624 words by s[i] = 1812433253 * (s[i-1] ^ (s[i-1] >> 30)) + i.
 * Output k mixes words k, k + 1 and k + 397 (Matsumoto and Nishimura, 1998).
 * Only the first 227 outputs are made here: they need no word that has been
 * mixed before, so that nothing has to be stored but the words themselves. A
 * seed needs more than 227 draws with a chance of (6/16)^227; the longest run
 * below 2^32 is far shorter, and reference_square would abort, not guess.
 */
#include "reference.h"

#include <stdlib.h>

enum { WORDS = 624, MIDDLE = 397, OUTPUTS = WORDS - MIDDLE };

static uint32_t temper(uint32_t y)
{
	y ^= y >> 11;
	y ^= (y << 7) & 0x9d2c5680u;
	y ^= (y << 15) & 0xefc60000u;
	return y ^ (y >> 18);
}

int32_t reference_square(uint32_t seed)
{
	uint32_t s[WORDS] = { seed };
	int made = 1;

	for (int k = 0; k < OUTPUTS; k++) {
		for (; made <= k + MIDDLE; made++)
			s[made] = 1812433253u * (s[made - 1] ^ (s[made - 1] >> 30)) + (uint32_t)made;
		uint32_t mixed = (s[k] & 0x80000000u) | (s[k + 1] & 0x7fffffffu);
		uint32_t twisted = s[k + MIDDLE] ^ (mixed >> 1) ^ ((mixed & 1) * 0x9908b0dfu);
		uint32_t number = temper(twisted) & 15;
		if (number <= 9)
			return (int32_t)(number * number);
	}
	abort();
}

uint64_t reference_sum(uint32_t first, uint64_t n)
{
	uint64_t sum = 0;
	for (uint64_t i = 0; i < n; i++)
		sum += (uint64_t)reference_square((uint32_t)(first + i));
	return sum;
}
