/* Mistake:   takes two rows in a row for "stays faster".
 * Test:      crossover_last_crossing
 * Diagnosis: wrong-result
 */
#include "correct.h"

CORRECT_TIME_MAP

size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (parallel[i] < serial[i] && (i + 1 == count || parallel[i + 1] < serial[i + 1]))
			return n[i];
	return SIZE_MAX;
}

CORRECT_ADAPTIVE_MAP
