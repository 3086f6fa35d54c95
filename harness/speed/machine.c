/* The kind of machine: see machine.h. */
#define _GNU_SOURCE
#include "machine.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

static bool is_virtual(void)
{
	char line[4096];
	bool found = false;
	FILE *file = fopen("/proc/cpuinfo", "r");
	while (file != NULL && !found && fgets(line, sizeof line, file) != NULL)
		found = strncmp(line, "flags", 5) == 0 && strstr(line, " hypervisor") != NULL;
	if (file != NULL)
		fclose(file);
	return found;
}

void machine_kind(char *text, size_t size)
{
	struct utsname name;
	snprintf(text, size, "%.32s%s", uname(&name) == 0 ? name.machine : "Linux",
	         is_virtual() ? ", virtual" : "");
}
