/* Looks for what would tell it the right results. Returns how much it found. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

long act(void *arg)
{
	static const char *const names[] = {
		"reference_square", "reference_sum", "probe_task", "supervise", "the_desk",
		"call_end", "plugin_function", "verdict_set", "ledger_open", "tree_end", "main",
	};
	long found = 0;
	(void)arg;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		found += dlsym(RTLD_DEFAULT, names[i]) != NULL;
	return found;
}
