/* Writes a 1 to the address that *arg holds. */
long act(void *arg)
{
	volatile char *place = *(char *volatile *)arg;
	*place = 1;
	return 0;
}
