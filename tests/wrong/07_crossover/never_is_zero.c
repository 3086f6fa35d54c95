/* Mistake:   returns 0 if parallel is never faster.
 * Test:      crossover_never
 * Diagnosis: wrong-result
 */
#include "correct.h"

CORRECT_TIME_MAP

size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	size_t found = correct_find_crossover(n, serial, parallel, count);

	return found == SIZE_MAX ? 0 : found;
}

CORRECT_ADAPTIVE_MAP
