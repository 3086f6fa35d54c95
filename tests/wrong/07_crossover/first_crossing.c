/* Mistake:   returns the first size at which parallel is faster, although it may be
 *            slower again after it.
 * Test:      crossover_last_crossing
 * Diagnosis: wrong-result
 */
#include "correct.h"

CORRECT_TIME_MAP

size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (parallel[i] < serial[i])
			return n[i];
	return SIZE_MAX;
}

CORRECT_ADAPTIVE_MAP
