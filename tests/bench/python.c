/* Python as a peer: a process of its own that is asked for one measurement at a time.
 *
 * Between two questions it and its workers are blocked reading a pipe. When this program
 * ends, however that is, Python reads the end of the file and ends, too: so no other
 * process may have a copy of that pipe's write end for long. The pool's workers are
 * forked before, and those that are forked for a call are gone soon.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "ways.h"

static const char script[] = "tests/bench/book_pool.py";
static const char *const candidates[] = { "python3", "/usr/bin/python3", "python" };
enum { CANDIDATES = sizeof candidates / sizeof *candidates, LINE = 200 };

static pid_t python;
static FILE *questions, *answers;
static double created;
static size_t pool_bytes;

static const char *with_numpy(void)
{
	for (int i = 0; i < CANDIDATES; i++) {
		char output[LINE];
		char *argv[] = { (char *)candidates[i], "-c", "import numpy", NULL };
		if (command_run_within(60, argv, output, sizeof output) == 0)
			return candidates[i];
	}
	return NULL;
}

static void run(const char *program, int workers, int from, int to)
{
	char text[16];
	snprintf(text, sizeof text, "%d", workers);
	setenv("OPENBLAS_NUM_THREADS", "1", 1); /* numpy's threads would do nothing here */
	if (dup2(from, STDIN_FILENO) != -1 && dup2(to, STDOUT_FILENO) != -1)
		execlp(program, program, script, text, (char *)NULL);
	_exit(127);
}

bool python_start(int workers)
{
	int question[2], answer[2];
	char line[LINE];
	const char *program = with_numpy();
	if (program == NULL)
		return false;
	if (pipe2(question, O_CLOEXEC) == -1 || pipe2(answer, O_CLOEXEC) == -1)
		bench_fail("no pipe to Python: %s", strerror(errno));
	fflush(NULL);
	python = fork();
	if (python == -1)
		bench_fail("Python could not be started: %s", strerror(errno));
	if (python == 0)
		run(program, workers, question[0], answer[1]);
	close(question[0]);
	close(answer[1]);
	questions = fdopen(question[1], "w");
	answers = fdopen(answer[0], "r");
	if (questions == NULL || answers == NULL || fgets(line, sizeof line, answers) == NULL ||
	    sscanf(line, "ready %lf %zu", &created, &pool_bytes) != 2)
		bench_fail("%s %s did not start", program, script);
	return true;
}

double python_seconds(const char *ask, size_t n, int calls, uint64_t expected)
{
	char line[LINE];
	double seconds;
	uint64_t sum;
	fprintf(questions, "%s %zu %d\n", ask, n, calls);
	fflush(questions);
	if (fgets(line, sizeof line, answers) == NULL ||
	    sscanf(line, "%lf %" SCNu64, &seconds, &sum) != 2)
		bench_fail("%s ended or gave no answer", script);
	if (sum != expected)
		bench_fail("wrong result of Python at n = %zu: the squares add up to %" PRIu64
		           ", expected %" PRIu64, n, sum, expected);
	return seconds;
}

size_t python_pool_bytes(void)
{
	return pool_bytes;
}

double python_create_seconds(void)
{
	return created;
}

void python_stop(void)
{
	if (python == 0)
		return;
	fclose(questions);
	fclose(answers);
	while (waitpid(python, NULL, 0) == -1 && errno == EINTR)
		; /* it has read the end of the file */
}
