/* Mistake:   returns the last size at which parallel is not faster, one row too early.
 * Test:      crossover_in_the_table
 * Diagnosis: wrong-result
 */
#include "correct.h"

CORRECT_TIME_MAP

size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	size_t first = count;

	while (first > 0 && parallel[first - 1] < serial[first - 1])
		first--;
	if (first == count)
		return SIZE_MAX;
	return n[first > 0 ? first - 1 : 0];
}

CORRECT_ADAPTIVE_MAP
