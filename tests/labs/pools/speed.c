/* Every pool: is it faster than the serial loop? */
#include "pools.h"
#include "speed.h"

void pool_test_faster(struct test *t)
{
	speed_possible(&t->verdict);
}
