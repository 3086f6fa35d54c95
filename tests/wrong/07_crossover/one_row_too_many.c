/* Mistake:   reads a row behind the end of the table.
 * Test:      crossover_in_the_table
 * Diagnosis: crash
 */
#include "correct.h"

CORRECT_TIME_MAP

size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	size_t first = count + 1;

	while (first > 0 && parallel[first - 1] < serial[first - 1])
		first--;
	return first < count ? n[first] : SIZE_MAX;
}

CORRECT_ADAPTIVE_MAP
