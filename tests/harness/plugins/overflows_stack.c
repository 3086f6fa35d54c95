/* Calls itself until the stack is full. */
static long deeper(volatile char *above)
{
	volatile char here[4096];
	if (above[0] == 1)
		return 0; /* never */
	here[0] = above[0];
	return deeper(here) + here[0]; /* no tail call */
}

long act(void *arg)
{
	volatile char top[1] = { 0 };
	(void)arg;
	return deeper(top);
}
