/* The one command-line program of the harness.
 *
 *     crossover check|book|run|plot|reset|next|hint|explain|debug|trace|report [--impl=] ...
 *
 * make calls it; its exit status says 0 all passed, 1 something failed, 2 usage
 * or set-up.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "commands.h"
#include "options.h"
#include "stages.h"

static const struct {
	const char *name;
	int (*run)(const struct options *options);
} commands[] = {
	{ "check", command_check },
	{ "book", command_book },
	{ "run", command_run_lab },
	{ "plot", command_plot },
	{ "reset", command_reset },
	{ "next", command_next },
	{ "hint", command_hint },
	{ "explain", command_explain },
	{ "debug", command_debug },
	{ "trace", command_trace },
	{ "report", command_report },
};

int main(int argc, char *argv[])
{
	struct options options;
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* student code may not look in here, or write */
	unsetenv(STAGES_VARIABLE); /* a grade takes all of them */
	for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(argv[1], commands[i].name) == 0) {
			options_read(argc - 1, argv + 1, &options);
			return commands[i].run(&options);
		}
	}
	options_refuse("usage: crossover check|book|run|plot|reset|next|hint|explain|debug|trace|report\n"
	               "       [--impl=DIR] [--lab=NN] [--test=NAME] [--seed=N] [--record=FILE]\n"
	               "       [--n=N] [--workers=N] [--max=N] [--from=FILE] [--code=CODE]");
}
