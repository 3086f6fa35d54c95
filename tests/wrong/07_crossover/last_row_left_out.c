/* Mistake:   does not look at the last row of the table.
 * Test:      crossover_in_the_table
 * Diagnosis: wrong-result
 */
#include "correct.h"

CORRECT_TIME_MAP

size_t find_crossover(const size_t n[], const double serial[], const double parallel[],
                      size_t count)
{
	return correct_find_crossover(n, serial, parallel, count > 0 ? count - 1 : 0);
}

CORRECT_ADAPTIVE_MAP
