/* OpenMP's way, with its defaults but for the number of threads: what a C programmer
 * would write who may use threads. Compiled with -fopenmp where the compiler can. */
#include "ways.h"

#include <errno.h>

#include "reference.h"
#include "task.h"

#ifdef _OPENMP

const bool openmp_compiled = true;

int openmp_map(const struct job *job)
{
	task_fn *volatile known_at_run_time = reference_square;
	task_fn *task = known_at_run_time;
#pragma omp parallel for num_threads(job->workers)
	for (size_t i = 0; i < job->n; i++)
		job->results[i] = task(job->seeds[i]);
	return 0;
}

#else

const bool openmp_compiled = false;

int openmp_map(const struct job *job)
{
	(void)job;
	errno = ENOSYS;
	return -1;
}

#endif
