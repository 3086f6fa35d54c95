/* `crossover check`: see commands.h. From options to record to report. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceiling.h"
#include "commands.h"
#include "compile.h"
#include "ledger.h"
#include "nearest.h"
#include "program.h"
#include "progress.h"
#include "record.h"
#include "terminal.h"

struct job {
	const char *lab;
	struct ledger *ledger;
	int fd;
};

struct jobs {
	int count;
	struct job job[LABS_MAX];
};

/* Which rows each chosen lab has: known before anything is compiled or run. */
static void open_jobs(const struct options *o, struct jobs *jobs)
{
	jobs->count = 0;
	for (int i = 0; i < o->labs.count; i++) {
		struct job *job = &jobs->job[jobs->count++];
		job->lab = o->labs.name[i];
		job->ledger = ledger_create(&job->fd);
		if (job->ledger == NULL)
			options_refuse("cannot make a ledger: %s", strerror(errno));
		if (program_list(job->lab, job->ledger, job->fd) != 0)
			options_refuse("the check program of %s does not run; try `make clean`", job->lab);
	}
}

static void close_jobs(struct jobs *jobs)
{
	for (int i = 0; i < jobs->count; i++)
		ledger_close(jobs->job[i].ledger, jobs->job[i].fd);
}

/* Leaves the labs that have the wanted test; there must be one. */
static void keep_labs_with_test(const struct options *o, struct jobs *jobs)
{
	struct nearest nearest = { 0 };
	int kept = 0;
	for (int i = 0; i < jobs->count; i++) {
		struct job *job = &jobs->job[i];
		for (int row = 0; row < job->ledger->rows; row++)
			nearest_look(&nearest, o->test, job->ledger->row[row].name);
		if (ledger_find(job->ledger, o->test) != NULL)
			jobs->job[kept++] = *job;
	}
	if (kept == 0)
		options_refuse("TEST=%s: no such test%s; did you mean %s?", o->test,
		               o->lab_given ? " in this lab" : "", nearest.name);
	jobs->count = kept;
}

/* Every row fails alike: there is nothing that could be run. */
static void fail_all(struct ledger *ledger, const struct plugin *plugin)
{
	for (int i = 0; i < ledger->rows; i++) {
		struct ledger_row *row = &ledger->row[i];
		verdict_fail(&row->verdict, DOES_NOT_COMPILE,
		             "Mend what it says first; what comes after often goes with it.", "%s",
		             plugin->first_line);
		row->state = ROW_DONE;
	}
}

static void grade(const struct options *o, const struct job *job, json_t *record)
{
	struct sources sources;
	struct plugin plugin;
	labs_sources(o->implementation, job->lab, &sources);
	compile_plugin(o->implementation, job->lab, &sources, &plugin);
	program_stop_if_told();
	if (plugin.compiled)
		program_grade(job->lab, job->ledger, job->fd, plugin.path, o->test, o->seed);
	else
		fail_all(job->ledger, &plugin);
	record_add_lab(record, job->lab, job->ledger, o->test, plugin.first_line);
}

static struct machine this_machine(void)
{
	cpu_set_t set;
	struct machine machine = { .cpus = 1 };
	if (sched_getaffinity(0, sizeof set, &set) == 0)
		machine.cpus = CPU_COUNT(&set);
	machine.ceiling = ceiling_measure(machine.cpus);
	return machine;
}

/* On two lines where one would be too long. */
static void print_heading(const struct options *o, const struct machine *machine)
{
	enum { COLUMNS = 80 };
	char settings[64];
	int length = snprintf(settings, sizeof settings, "(SEED=%u, %d CPU%s)", o->seed, machine->cpus,
	                      machine->cpus == 1 ? "" : "s");
	bool fits = strlen("Checking  ") + strlen(o->implementation) + (size_t)length <= COLUMNS;
	printf("Checking %s%s%s\n\n", o->implementation, fits ? " " : "\n", settings);
}

int command_check(const struct options *o)
{
	struct jobs jobs;
	program_handle_signals();
	open_jobs(o, &jobs);
	if (o->test != NULL)
		keep_labs_with_test(o, &jobs);

	struct machine machine = this_machine();
	json_t *record = record_create(o->implementation, o->seed, &machine);
	print_heading(o, &machine);
	for (int i = 0; i < jobs.count; i++)
		grade(o, &jobs.job[i], record);
	record_finish(record);
	close_jobs(&jobs);

	terminal_report(record, stdout);
	int status = record_status(record);
	if (record_write(record, o->record) != 0) {
		fprintf(stderr, "crossover: RECORD=%s: %s\n", o->record, strerror(errno));
		status = 2;
	}
	progress_note(record, o->test == NULL);
	json_decref(record);
	return status;
}
