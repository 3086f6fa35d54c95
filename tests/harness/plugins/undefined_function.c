/* Calls a function that nobody has written. */
int no_such_function(void);

long act(void *arg)
{
	(void)arg;
	return no_such_function();
}
