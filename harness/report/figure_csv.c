/* The figure's numbers as comma-separated values, and back again.
 *
 * Comments first, "# key: value"; then a line that names the columns; then a line
 * for each round of each size. Times have nine digits after the point, which is
 * what the clock has: read again, each is the same number to the last bit. A cell
 * of a parallel way is empty where nothing was measured. What is read may have
 * been edited by hand: every line is checked, and the first that is wrong is named.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "figure.h"

static const char first_line[] = "# crossover figure 1";
enum { LINE_LENGTH = 512, WORKERS_MOST = 1024, N_MOST = 1000000000 };

/* --- writing -------------------------------------------------------------------- */

static void write_round(const struct figure *f, int size, int round, FILE *file)
{
	fprintf(file, "%zu,%d", f->n[size], round + 1);
	for (int way = 0; way < f->ways; way++) {
		double seconds = f->seconds[size][way][round];
		if (isnan(seconds))
			fputc(',', file);
		else
			fprintf(file, ",%.9f", seconds);
	}
	fputc('\n', file);
}

static void write_all(const struct figure *f, FILE *file)
{
	fprintf(file, "%s\n# implementation: %s\n# machine: %s\n# cpus: %d\n# workers: %d\n",
	        first_line, f->implementation, f->machine, f->cpus, f->workers);
	fprintf(file, "# start seconds: %.9f\n# ceiling: %.2f\n", f->start_seconds, f->ceiling);
	for (int i = 0; i < f->notes; i++)
		fprintf(file, "# note: %s\n", f->note[i]);
	fputs("n,round", file);
	for (int way = 0; way < f->ways; way++)
		fprintf(file, ",%s", f->way[way]);
	fputc('\n', file);
	for (int size = 0; size < f->sizes; size++)
		for (int round = 0; round < f->rounds[size]; round++)
			write_round(f, size, round, file);
}

int figure_write(const struct figure *f, const char *path)
{
	char temporary[4096];
	if (snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid()) >=
	    (int)sizeof temporary) {
		errno = ENAMETOOLONG;
		return -1;
	}
	FILE *file = fopen(temporary, "w");
	if (file == NULL)
		return -1;
	write_all(f, file);
	bool written = !ferror(file);
	if (fclose(file) == 0 && written && rename(temporary, path) == 0)
		return 0;
	int error = errno;
	unlink(temporary);
	errno = error;
	return -1;
}

/* --- reading -------------------------------------------------------------------- */

static bool wrong(struct figure_problem *problem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static bool wrong(struct figure_problem *problem, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(problem->text, sizeof problem->text, format, arguments);
	va_end(arguments);
	return false;
}

/* A whole number from 1 on, or 0 for what is none. */
static size_t whole(const char *text, size_t most)
{
	char *end;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	bool good = text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && value <= most;
	return good ? (size_t)value : 0;
}

/* Seconds, perhaps 0; or NAN for an empty cell, or -1 for what is neither. */
static double read_seconds(const char *text)
{
	char *end;
	if (text[0] == '\0')
		return NAN;
	double value = strtod(text, &end);
	bool good = text[0] >= '0' && text[0] <= '9' && *end == '\0' && isfinite(value);
	return good ? value : -1;
}

/* "# key: value". Other comments are anybody's. */
static bool read_comment(struct figure *f, const char *line, struct figure_problem *problem)
{
	char key[FIGURE_TEXT], value[FIGURE_NOTE];
	if (sscanf(line, "# %63[^:]: %239[^\n]", key, value) != 2)
		return true;
	if (strcmp(key, "implementation") == 0)
		snprintf(f->implementation, FIGURE_TEXT, "%.*s", FIGURE_TEXT - 1, value);
	if (strcmp(key, "machine") == 0)
		snprintf(f->machine, FIGURE_TEXT, "%.*s", FIGURE_TEXT - 1, value);
	if (strcmp(key, "note") == 0)
		figure_note(f, "%s", value);
	if (strcmp(key, "cpus") == 0 && (f->cpus = (int)whole(value, WORKERS_MOST)) == 0)
		return wrong(problem, "expected a number of CPUs, not \"%.40s\"", value);
	if (strcmp(key, "workers") == 0 && (f->workers = (int)whole(value, WORKERS_MOST)) == 0)
		return wrong(problem, "expected a number of workers, not \"%.40s\"", value);
	if (strcmp(key, "start seconds") == 0)
		f->start_seconds = read_seconds(value);
	if (strcmp(key, "ceiling") == 0)
		f->ceiling = read_seconds(value); /* a number like any other */
	return (f->start_seconds >= 0 && f->ceiling >= 0) ||
	       wrong(problem, "expected a number, not \"%.40s\"", value);
}

/* "n,round,serial,...". */
static bool read_names(struct figure *f, char *line, struct figure_problem *problem)
{
	const char *word = strsep(&line, ","), *second = strsep(&line, ",");
	if (strcmp(word, "n") != 0 || second == NULL || strcmp(second, "round") != 0)
		return wrong(problem, "expected the columns n,round,serial,...");
	while ((word = strsep(&line, ",")) != NULL) {
		if (f->ways == FIGURE_WAYS || word[0] == '\0' || strlen(word) >= FIGURE_NAME ||
		    strspn(word, "abcdefghijklmnopqrstuvwxyz_0123456789") != strlen(word))
			return wrong(problem, "a column \"%.40s\" is not expected here", word);
		strcpy(f->way[f->ways++], word);
	}
	return (f->ways > 0 && strcmp(f->way[0], "serial") == 0) ||
	       wrong(problem, "expected serial as the first way");
}

/* Finds the place of a round. Returns whether it may stand here. */
static bool place(struct figure *f, size_t n, size_t round)
{
	int last = f->sizes - 1;
	if (last >= 0 && n == f->n[last])
		return round == (size_t)++f->rounds[last];
	if (f->sizes == FIGURE_SIZES || round != 1 || (last >= 0 && n < f->n[last]))
		return false;
	f->n[f->sizes] = n;
	f->rounds[f->sizes++] = 1;
	return true;
}

static bool read_round(struct figure *f, char *line, struct figure_problem *problem)
{
	const char *word = strsep(&line, ","), *round_word = strsep(&line, ",");
	size_t n = whole(word, N_MOST);
	size_t round = round_word == NULL ? 0 : whole(round_word, FIGURE_ROUNDS);
	if (n == 0 || round == 0)
		return wrong(problem, "expected n and the number of a round, up to %d", FIGURE_ROUNDS);
	if (!place(f, n, round))
		return wrong(problem, "round %zu of n = %zu does not belong here: n goes up, and its "
		             "rounds count from 1", round, n);
	for (int way = 0; way < f->ways; way++) {
		word = strsep(&line, ",");
		double seconds = word == NULL ? -1 : read_seconds(word);
		if (word == NULL)
			return wrong(problem, "expected %d columns, found %d", f->ways + 2, way + 2);
		if (seconds <= 0 || (isnan(seconds) && way == 0))
			return wrong(problem, "expected seconds above 0, not \"%.40s\"", word);
		f->seconds[f->sizes - 1][way][round - 1] = seconds;
	}
	return line == NULL || wrong(problem, "expected %d columns, found more", f->ways + 2);
}

static bool read_line(struct figure *f, char *line, struct figure_problem *problem)
{
	size_t length = strcspn(line, "\r\n");
	if (length == LINE_LENGTH - 1)
		return wrong(problem, "the line is too long");
	line[length] = '\0';
	if (problem->line == 1)
		return strcmp(line, first_line) == 0 || wrong(problem, "expected \"%s\"", first_line);
	if (line[0] == '#')
		return read_comment(f, line, problem);
	if (length == 0)
		return true;
	return f->ways == 0 ? read_names(f, line, problem) : read_round(f, line, problem);
}

static bool read_all(struct figure *f, FILE *file, struct figure_problem *problem)
{
	char line[LINE_LENGTH];
	while (fgets(line, sizeof line, file) != NULL) {
		problem->line++;
		if (!read_line(f, line, problem))
			return false;
	}
	problem->line++;
	if (f->sizes == 0)
		return wrong(problem, "the file ends before the first round");
	return (f->cpus > 0 && f->workers > 0) || wrong(problem, "no cpus: and workers: were found");
}

int figure_read(struct figure *f, const char *path, struct figure_problem *problem)
{
	memset(f, 0, sizeof *f);
	memset(problem, 0, sizeof *problem);
	FILE *file = fopen(path, "r");
	if (file == NULL) {
		wrong(problem, "%s", strerror(errno));
		return -1;
	}
	bool good = read_all(f, file, problem);
	fclose(file);
	return good ? 0 : -1;
}
