/* Mistake:   returns 0 for a table without rows.
 * Test:      crossover_never
 * Diagnosis: wrong-result
 */
#include "correct.h"

CORRECT_TIME_MAP

size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	if (count == 0)
		return 0;
	return correct_find_crossover(n, serial, parallel, count);
}

CORRECT_ADAPTIVE_MAP
