/* Mistake:   returns the index i instead of n[i].
 * Test:      crossover_in_the_table
 * Diagnosis: wrong-result
 */
#include "correct.h"

CORRECT_TIME_MAP

size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	size_t first = count;

	(void)n;
	while (first > 0 && parallel[first - 1] < serial[first - 1])
		first--;
	return first < count ? first : SIZE_MAX;
}

CORRECT_ADAPTIVE_MAP
