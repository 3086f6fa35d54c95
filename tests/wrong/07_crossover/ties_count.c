/* Mistake:   takes equally fast for faster.
 * Test:      crossover_equal
 * Diagnosis: wrong-result
 */
#include "correct.h"

CORRECT_TIME_MAP

size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	size_t first = count;

	while (first > 0 && parallel[first - 1] <= serial[first - 1])
		first--;
	return first < count ? n[first] : SIZE_MAX;
}

CORRECT_ADAPTIVE_MAP
