/* Computes for ever. */
long act(void *arg)
{
	volatile unsigned long n = 0;
	(void)arg;
	for (;;)
		n++;
}
