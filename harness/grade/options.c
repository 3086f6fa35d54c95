/* The grader's options: see options.h. */
#define _GNU_SOURCE
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEEDS_MOST ((uint64_t)1 << 32) /* a seed has 32 bits */
#define N_OF_THE_BOOK 10000000
enum { WORKERS_MOST = 1024, MAX_LEAST = 10 };

void options_refuse(const char *format, ...)
{
	va_list arguments;
	fputs("crossover: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(2);
}

/* A whole number from least to most, or an end with a line that names the option. */
static uint64_t number(const char *name, const char *text, uint64_t least, uint64_t most)
{
	char *end;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < least ||
	    value > most)
		options_refuse("%s=%s: expected a whole number from %llu to %llu", name, text,
		               (unsigned long long)least, (unsigned long long)most);
	return value;
}

static const char *lab_list(const struct labs *labs)
{
	static char text[LABS_MAX * (LAB_LENGTH + 2)];
	text[0] = '\0';
	for (int i = 0; i < labs->count; i++) {
		strcat(text, i > 0 ? ", " : "");
		strcat(text, labs->name[i]);
	}
	return text;
}

static void check_implementation(const struct options *o)
{
	struct stat status;
	if (stat(o->implementation, &status) != 0)
		options_refuse("IMPL=%s: there is no such folder or file", o->implementation);
	for (int i = 0; i < o->kit.count; i++)
		if (labs_implemented(o->implementation, o->kit.name[i]))
			return;
	options_refuse("IMPL=%s: no lab in it; expected %s/NN_name/*.c, such as %s/01_serial/serial.c",
	               o->implementation, o->implementation, o->implementation);
}

/* LAB=02 or LAB=02,03; default: every lab that the implementation has. */
static void choose_labs(struct options *o, const char *list)
{
	char copy[256], *rest = copy;
	o->lab_given = list != NULL;
	snprintf(copy, sizeof copy, "%s", list == NULL ? "" : list);
	for (int i = 0; list == NULL && i < o->kit.count; i++)
		if (labs_implemented(o->implementation, o->kit.name[i]))
			memcpy(o->labs.name[o->labs.count++], o->kit.name[i], LAB_LENGTH);
	for (char *word; list != NULL && (word = strsep(&rest, ", ")) != NULL;) {
		const char *name = labs_named(&o->kit, word);
		if (word[0] == '\0')
			continue;
		if (name == NULL)
			options_refuse("LAB=%s: no such lab; there are %s", word, lab_list(&o->kit));
		if (!labs_implemented(o->implementation, name))
			options_refuse("LAB=%s: there is no %s/%s", word, o->implementation, name);
		if (labs_named(&o->labs, name) == NULL)
			memcpy(o->labs.name[o->labs.count++], name, LAB_LENGTH);
	}
	if (o->labs.count == 0)
		options_refuse("LAB=%s: names no lab; there are %s", list, lab_list(&o->kit));
}

/* The record's folder must be there before a minute of grading is spent. What is
 * no regular file, such as /dev/null, is written to as it is. */
static void check_record(const char *path)
{
	char folder[PATH_LENGTH];
	struct stat status;
	bool there = stat(path, &status) == 0;
	if (there && S_ISDIR(status.st_mode))
		options_refuse("RECORD=%s: that is a folder; expected the name of a file", path);
	snprintf(folder, sizeof folder, "%s", path);
	char *slash = strrchr(folder, '/');
	if (slash != NULL)
		*slash = '\0';
	const char *written = there && !S_ISREG(status.st_mode) ? path
	                      : slash == NULL                   ? "."
	                      : slash == folder                 ? "/"
	                                                        : folder;
	if (access(written, W_OK) != 0)
		options_refuse("RECORD=%s: cannot write there: %s", path, strerror(errno));
}

static const char *given(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : NULL;
}

/* Without a slash at its end: it becomes part of names. */
static const char *without_slash(const char *path)
{
	static char copy[PATH_LENGTH];
	snprintf(copy, sizeof copy, "%s", path);
	for (size_t length = strlen(copy); length > 1 && copy[length - 1] == '/'; length--)
		copy[length - 1] = '\0';
	return copy;
}

int options_cpus(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

static uint32_t random_seed(void)
{
	uint32_t seed = 1;
	if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
		seed = (uint32_t)getpid();
	return seed;
}

void options_read(int argc, char *argv[], struct options *o)
{
	static const char *const names[] = { "impl", "lab", "test", "seed", "record", "n", "workers",
		                                "max", "from", "code" };
	enum { IMPL, LAB, TEST, SEED, RECORD, N, WORKERS, MAX, FROM, CODE, OPTIONS };
	struct option known[OPTIONS + 1] = { { 0 } };
	const char *value[OPTIONS] = { 0 };
	int which;

	for (int i = 0; i < OPTIONS; i++)
		known[i] = (struct option){ names[i], required_argument, &which, i };
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		if (option != 0)
			options_refuse("expected --impl= --lab= --test= --seed= --record= --n= --workers=\n"
			               "           --max= --from= --code=");
		value[which] = given(optarg);
	}
	if (optind < argc)
		options_refuse("%s: expected an option", argv[optind]);

	memset(o, 0, sizeof *o);
	if (labs_find(&o->kit) != 0 || o->kit.count == 0)
		options_refuse("there is no folder labs/ here; run this in the kit's own folder");
	o->implementation = without_slash(value[IMPL] != NULL ? value[IMPL] : "labs");
	o->test = value[TEST];
	o->record = value[RECORD] != NULL ? value[RECORD] : "build/record.json";
	o->seed = value[SEED] != NULL ? (uint32_t)number("SEED", value[SEED], 0, UINT32_MAX)
	                              : random_seed();
	o->n = value[N] != NULL ? number("N", value[N], 1, SEEDS_MOST) : N_OF_THE_BOOK;
	o->workers = value[WORKERS] != NULL ? (int)number("WORKERS", value[WORKERS], 1, WORKERS_MOST)
	                                    : options_cpus();
	o->max = value[MAX] != NULL ? (size_t)number("MAX", value[MAX], MAX_LEAST, N_OF_THE_BOOK)
	                            : N_OF_THE_BOOK;
	o->n_given = value[N] != NULL;
	o->workers_given = value[WORKERS] != NULL;
	o->from = value[FROM];
	o->code = value[CODE];
	check_implementation(o);
	choose_labs(o, value[LAB]);
	check_record(o->record);
}
