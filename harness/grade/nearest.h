/* "Did you mean ...?" */
#ifndef NEAREST_H
#define NEAREST_H

/* How many letters must be changed, added or removed to make b of a (Levenshtein
 * 1966); at most the first 63 letters of each count. */
int nearest_distance(const char *a, const char *b);

/* The nearest of several, looked at one after the other; begin with { 0 }. */
struct nearest {
	const char *name; /* NULL: none yet */
	int distance;
};
void nearest_look(struct nearest *nearest, const char *wanted, const char *candidate);

#endif
