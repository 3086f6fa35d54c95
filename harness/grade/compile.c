/* The plug-in's compiler run: see compile.h.
 *
 * The file is made under another name and moved into place, so that two graders
 * side by side never load a half-written one. GNU C11, because plain C11 hides
 * kill and the like from students who did not ask for POSIX.
 */
#define _GNU_SOURCE
#include "compile.h"

#include <ctype.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "race.h"
#include "suite.h"
#include "supervise.h"

enum { ARGUMENTS_MAX = 96, WORDS_MAX = 40, NAME_MOST = 100, COMPILE_SECONDS = 20 };

/* FNV-1a (Fowler, Noll, Vo), to tell long names apart. */
static unsigned hash(const char *text)
{
	unsigned h = 2166136261u;
	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 16777619u;
	return h;
}

/* build/labs/02_fork.so. The slashes of a path become underscores; of a long one
 * the end and a number are kept. */
static void plugin_path(const char *implementation, const char *lab, char path[PATH_LENGTH])
{
	const char *build = getenv("CROSSOVER_BUILD");
	const char *from = implementation;
	char name[NAME_MOST + 16];
	size_t used = 0;
	if (strlen(implementation) > NAME_MOST) {
		from += strlen(implementation) - NAME_MOST;
		used = (size_t)snprintf(name, sizeof name, "%08x_", hash(implementation));
	}
	for (; *from != '\0' && used < sizeof name - 1; from++)
		name[used++] = isalnum((unsigned char)*from) || strchr("._-", *from) != NULL ? *from : '_';
	if (name[0] == '.') /* IMPL=.. is not the folder above */
		name[0] = '_';
	name[used] = '\0';
	size_t end = (size_t)snprintf(path, PATH_LENGTH, "%s/%s", build != NULL ? build : "build", name);
	mkdir(path, 0755);
	snprintf(path + end, PATH_LENGTH - end, "/%s.so", lab);
}

/* Adds the words of a shell-like list of options, without quoting. */
static int add_words(char *arguments[], int count, char *words)
{
	for (char *word; (word = strsep(&words, " ")) != NULL;)
		if (word[0] != '\0' && count < WORDS_MAX)
			arguments[count++] = word;
	return count;
}

/* The lines worth showing, the most telling first. The assembler says "Error:", the
 * linker says neither. */
static const char *const marks[] = {
	": error:",           ": fatal error:",     ": Error:",
	"multiple definition of", "undefined reference", "ld: ",
	"Wreturn-type",       "Wimplicit-function", "Wuninitialized",
	": warning:",
};
enum { MARKS = sizeof marks / sizeof *marks, ALIKE = 3, MARKS_OF_ERRORS = 6 };

/* How telling a line is: an index of marks, or MARKS for not at all. */
static int rank_of(const char *line)
{
	if (strstr(line, "ld returned") != NULL || strstr(line, "linker command failed") != NULL)
		return MARKS_OF_ERRORS - 1; /* says that, not what */
	for (int i = 0; i < MARKS; i++)
		if (strstr(line, marks[i]) != NULL)
			return i < ALIKE ? 0 : i;
	return MARKS;
}

/* "a.o: multiple definition of `f'; b.o: first defined here" names no source. */
static void explain_duplicate(const char *line, struct plugin *plugin)
{
	const char *name = strstr(line, "multiple definition of `");
	if (name == NULL)
		return;
	name += strlen("multiple definition of `");
	snprintf(plugin->first_line, sizeof plugin->first_line,
	         "%.*s is defined twice. All .c files of the folder are compiled together: rename "
	         "the one that you do not need, say to old.txt.",
	         (int)strcspn(name, "'"), name);
}

/* Keeps the most telling line: the first error, or else a warning. */
static void read_messages(char *output, struct plugin *plugin)
{
	const char *best = plugin->compiled ? "" : "the compiler failed and said nothing";
	int best_rank = MARKS;
	for (char *line; (line = strsep(&output, "\n")) != NULL;) {
		int rank = rank_of(line);
		plugin->warnings += strstr(line, ": warning:") != NULL;
		if (rank < best_rank && (rank >= MARKS_OF_ERRORS || !plugin->compiled)) {
			best = line;
			best_rank = rank;
		}
	}
	snprintf(plugin->first_line, sizeof plugin->first_line, "%s", best);
	explain_duplicate(best, plugin);
}

static bool same_files(const char *a, const char *b)
{
	char *arguments[] = { "cmp", "-s", (char *)a, (char *)b, NULL };
	char output[256];
	return command_run(arguments, output, sizeof output) == 0;
}

/* A student's file finds the header of its own folder first. The tests use the
 * kit's: where the two differ, what follows needs this as its explanation. */
static void check_headers(const struct sources *sources, const char *lab, struct plugin *plugin)
{
	char pattern[PATH_LENGTH], own[PATH_LENGTH];
	glob_t found;
	snprintf(pattern, sizeof pattern, "labs/.starter/%s/*.h", lab);
	if (sources->count == 0 || glob(pattern, 0, NULL, &found) != 0)
		return;
	int folder = (int)(strrchr(sources->path[0], '/') - sources->path[0]);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		snprintf(own, sizeof own, "%.*s%s", folder, sources->path[0],
		         strrchr(found.gl_pathv[i], '/'));
		if (access(own, F_OK) == 0 && !same_files(own, found.gl_pathv[i]))
			snprintf(plugin->first_line, sizeof plugin->first_line,
			         "%.200s was changed. It is the contract, and the tests use the original: "
			         "make reset LAB=%.2s puts it back.", own, lab);
	}
	globfree(&found);
}

static bool lies_in(const char *path, const char *folder)
{
	char real[PATH_MAX];
	size_t length = realpath(folder, real) == NULL ? 0 : strlen(real);
	return length > 0 && strncmp(path, real, length) == 0 &&
	       (path[length] == '/' || real[length - 1] == '/');
}

/* A link from one lab to another is fine. One that leads elsewhere is not what was
 * handed in: the file may be somebody else's, or gone on another machine. */
static bool leads_outside(const char *implementation, const char *path)
{
	struct stat status;
	char real[PATH_MAX], folder[PATH_LENGTH];
	if (strcmp(path, implementation) == 0 || lstat(path, &status) != 0 ||
	    !S_ISLNK(status.st_mode))
		return false; /* a file that was named itself is meant, wherever it is */
	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
	return realpath(path, real) == NULL ||
	       (!lies_in(real, implementation) && !lies_in(real, folder));
}

/* Returns whether these are files to compile; if not, says why. */
static bool accept_sources(const char *implementation, const char *lab,
                           const struct sources *sources, struct plugin *plugin)
{
	char *why = plugin->first_line;
	if (sources->count == 0 && sources->left_out == 0)
		snprintf(why, COMPILER_LINE, "there is no .c file in %.200s/%s. make reset LAB=%.2s "
		         "brings the starter back.", implementation, lab, lab);
	else if (sources->left_out > 0)
		snprintf(why, COMPILER_LINE, "%.150s/%s has %d .c files, which are compiled together: %d "
		         "at most, with paths below %d bytes. Rename those that do not belong to the lab, "
		         "say to old.txt.", implementation, lab, sources->count + sources->left_out,
		         SOURCES_MAX, PATH_LENGTH);
	for (int i = 0; i < sources->count && why[0] == '\0'; i++)
		if (leads_outside(implementation, sources->path[i]))
			snprintf(why, COMPILER_LINE, "%.200s is a symbolic link to a file that is not there, "
			         "or not part of what is graded. Put a copy of the file in its place.",
			         sources->path[i]);
	return why[0] == '\0';
}

/* Compiles with these options besides, such as the level of optimisation, to this path or
 * not at all. Returns the compiler's status. */
static int build(const struct sources *sources, const char *options, const char *path,
                 char output[COMPILER_OUTPUT])
{
	static char include[LABS_MAX][LAB_LENGTH + 24];
	struct labs kit;
	char temporary[PATH_LENGTH + 32], compiler[256], extra[512], own[512];
	char *arguments[ARGUMENTS_MAX];
	char *usual[] = { "-std=gnu11", "-g", "-fno-omit-frame-pointer", "-fPIC",
		              "-shared", "-U_FORTIFY_SOURCE", "-Wall", "-Wextra",
		              "-fdiagnostics-color=never", "-Iharness/task" };
	static char *const last[] = { PLUGIN_LINK_OPTIONS, "-pthread", "-lrt", "-lm" };
	int count = 0;

	snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid());
	labs_find(&kit);
	snprintf(compiler, sizeof compiler, "%s", getenv("CC") != NULL ? getenv("CC") : "cc");
	snprintf(own, sizeof own, "%s", options);
	snprintf(extra, sizeof extra, "%s", getenv("PLUGIN_CFLAGS") != NULL ? getenv("PLUGIN_CFLAGS") : "");

	count = add_words(arguments, count, compiler);
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		arguments[count++] = usual[i];
	count = add_words(arguments, count, own);
	count = add_words(arguments, count, extra);
	for (int i = 0; i < kit.count; i++) {
		snprintf(include[i], sizeof include[i], "-Ilabs/.starter/%s", kit.name[i]);
		arguments[count++] = include[i];
	}
	arguments[count++] = "-o";
	arguments[count++] = temporary;
	for (int i = 0; i < sources->count; i++)
		arguments[count++] = (char *)sources->path[i];
	for (size_t i = 0; i < sizeof last / sizeof *last; i++)
		arguments[count++] = last[i];
	arguments[count] = NULL;

	int status = command_run_within(COMPILE_SECONDS, arguments, output, COMPILER_OUTPUT);
	if (status == 0 && (chmod(temporary, 0755) != 0 || rename(temporary, path) != 0))
		status = 127;
	if (status != 0)
		unlink(temporary);
	return status;
}

/* In these labs processes write to the same memory. An optimised `count++` is one
 * instruction, and no other process can come into it on the same CPU; their suites
 * look for such with a plug-in in which it is several, and for races with one that
 * announces each access. */
static bool shares_memory(const char *lab)
{
	return strcmp(lab, "04") > 0 && strcmp(lab, "07") < 0;
}

void compile_plugin(const char *implementation, const char *lab, const struct sources *sources,
                    struct plugin *plugin)
{
	static char output[COMPILER_OUTPUT], again[COMPILER_OUTPUT];
	char path[PATH_LENGTH];
	memset(plugin, 0, sizeof *plugin);
	if (!accept_sources(implementation, lab, sources, plugin))
		return;
	plugin_path(implementation, lab, plugin->path);
	int status = build(sources, "-O1", plugin->path, output);
	if (status == COMMAND_TOO_LONG)
		snprintf(output, sizeof output, "%.900s: error: the compiler was not done after %d s\n",
		         sources->path[0], COMPILE_SECONDS);
	plugin->compiled = status == 0;
	read_messages(output, plugin);
	check_headers(sources, lab, plugin);

	for (enum suite_variant v = SUITE_PLAIN; v <= SUITE_RACE; v++) {
		suite_variant_path(plugin->path, v, path);
		unlink(path);
		if (plugin->compiled && shares_memory(lab))
			build(sources, v == SUITE_PLAIN ? "-O0" : RACE_OPTIONS, path, again);
	}
}
