/* Edit distance by dynamic programming, one row at a time: see nearest.h. */
#define _POSIX_C_SOURCE 200809L
#include "nearest.h"

#include <string.h>

enum { LETTERS = 63 };

static int least(int a, int b, int c)
{
	int smaller = a < b ? a : b;
	return smaller < c ? smaller : c;
}

int nearest_distance(const char *a, const char *b)
{
	int row[LETTERS + 1];
	int length = (int)strnlen(b, LETTERS);
	for (int j = 0; j <= length; j++)
		row[j] = j;
	for (int i = 0; i < LETTERS && a[i] != '\0'; i++) {
		int diagonal = row[0];
		row[0] = i + 1;
		for (int j = 1; j <= length; j++) {
			int above = row[j];
			row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[length];
}

void nearest_look(struct nearest *nearest, const char *wanted, const char *candidate)
{
	int distance = nearest_distance(wanted, candidate);
	if (nearest->name == NULL || distance < nearest->distance)
		*nearest = (struct nearest){ .name = candidate, .distance = distance };
}
