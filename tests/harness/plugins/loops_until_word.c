/* Computes until *arg is no longer 0, and returns it. */
long act(void *arg)
{
	volatile int *word = arg;
	while (*word == 0)
		;
	return *word;
}
