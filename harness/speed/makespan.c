/* Speed-up by CPU time: see makespan.h. */
#include "makespan.h"

#include <math.h>

#include "estimate.h"

double makespan_speedup(const double cpu_seconds[], size_t processes)
{
	double sum = 0, most = 0;
	for (size_t i = 0; i < processes; i++) {
		sum += cpu_seconds[i];
		most = fmax(most, cpu_seconds[i]);
	}
	return most > 0 ? sum / most : 0;
}

double makespan_required(int workers)
{
	return sqrt(workers);
}

double makespan_median(const double speedups[], size_t rounds)
{
	return rounds == 0 ? 0 : median_of(speedups, rounds);
}
