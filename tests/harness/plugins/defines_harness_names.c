/* Has functions and variables that are called like the harness's own. */
#include <stdlib.h>

int main(void);
void supervise(void);
void call_begin(void);
void call_end(long value);
int reference_square(unsigned seed);
void *the_desk;

int main(void)
{
	exit(4);
}

void supervise(void)
{
	exit(5);
}

void call_begin(void)
{
	exit(6);
}

void call_end(long value)
{
	exit((int)value);
}

int reference_square(unsigned seed)
{
	return (int)seed + 7;
}

long act(void *arg)
{
	(void)arg;
	the_desk = NULL;
	return reference_square(1);
}
