/* Confidence of a rate: see proportion.h. */
#include "proportion.h"

#include <math.h>

/* The chance of at most `count` events in n trials of rate p. Terms are added up
 * from their logarithms: the powers alone would underflow. */
static double at_most(size_t count, size_t n, double p)
{
	double sum = 0, log_choose = 0; /* of n over i */
	for (size_t i = 0; i <= count; i++) {
		sum += exp(log_choose + (double)i * log(p) + (double)(n - i) * log1p(-p));
		log_choose += log((double)(n - i)) - log((double)(i + 1));
	}
	return sum;
}

double proportion_upper_bound(size_t count, size_t n)
{
	double low = 0, high = 1;
	if (count >= n)
		return 1;
	for (int halvings = 0; halvings < 50; halvings++) {
		double middle = (low + high) / 2;
		if (at_most(count, n, middle) > 0.05)
			low = middle;
		else
			high = middle;
	}
	return high;
}
