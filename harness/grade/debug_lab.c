/* `crossover debug`: a debugger at one test's call. See commands.h, harness/debug.sh. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "compile.h"
#include "ledger.h"
#include "nearest.h"
#include "program.h"

/* The lab must have the test. */
static void check_test(const char *lab, const char *test)
{
	int fd;
	struct nearest nearest = { 0 };
	struct ledger *ledger = ledger_create(&fd);
	if (ledger == NULL || program_list(lab, ledger, fd) != 0)
		options_refuse("the check program of %s does not run; try `make clean`", lab);
	for (int i = 0; i < ledger->rows; i++)
		nearest_look(&nearest, test, ledger->row[i].name);
	if (nearest.distance > 0)
		options_refuse("TEST=%s: no such test in lab %.2s; did you mean %s?", test, lab,
		               nearest.name);
	ledger_close(ledger, fd);
}

int command_debug(const struct options *o)
{
	struct sources sources;
	struct plugin plugin;
	char program[PATH_LENGTH], seed[16];
	if (!o->lab_given || o->labs.count != 1 || o->test == NULL)
		options_refuse("LAB= and TEST= must name the one test to look into, such as LAB=%.2s "
		               "TEST=serial_map_in_order", o->kit.name[0]);
	const char *lab = o->labs.name[0];
	check_test(lab, o->test);
	setenv("PLUGIN_CFLAGS", "-O0", 1); /* every line and variable is there to be looked at */
	labs_sources(o->implementation, lab, &sources);
	compile_plugin(o->implementation, lab, &sources, &plugin);
	if (!plugin.compiled)
		options_refuse("%s", plugin.first_line);
	labs_program(lab, program);
	snprintf(seed, sizeof seed, "%u", o->seed);
	execl("harness/debug.sh", "harness/debug.sh", program, plugin.path, o->test, seed, (char *)NULL);
	options_refuse("harness/debug.sh: %s", strerror(errno));
}
