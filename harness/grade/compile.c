/* The plug-in's compiler run: see compile.h.
 *
 * The file is made under another name and moved into place, so that two graders
 * side by side never load a half-written one. GNU C11, because plain C11 hides
 * kill and the like from students who did not ask for POSIX.
 */
#define _GNU_SOURCE
#include "compile.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"

enum { ARGUMENTS_MAX = 96, WORDS_MAX = 40, NAME_MOST = 100 };

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

/* Lines of gcc and clang, and of the linker, which says no "error:". */
static bool is_error(const char *line)
{
	static const char *const marks[] = { ": error:", ": fatal error:", "undefined reference",
		                                 "multiple definition", "ld: " };
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (strstr(line, marks[i]) != NULL)
			return true;
	return false;
}

/* Keeps the first error, or else the first warning. */
static void read_messages(char *output, struct plugin *plugin)
{
	char *first_warning = NULL, *first_error = NULL;
	for (char *line; (line = strsep(&output, "\n")) != NULL;) {
		if (strstr(line, ": warning:") != NULL) {
			plugin->warnings++;
			first_warning = first_warning == NULL ? line : first_warning;
		}
		if (first_error == NULL && is_error(line))
			first_error = line;
	}
	const char *line = !plugin->compiled && first_error != NULL ? first_error : first_warning;
	if (!plugin->compiled && line == NULL)
		line = "the compiler failed and said nothing";
	snprintf(plugin->first_line, sizeof plugin->first_line, "%s", line == NULL ? "" : line);
}

void compile_plugin(const char *implementation, const char *lab, const struct sources *sources,
                    struct plugin *plugin)
{
	static char output[COMPILER_OUTPUT];
	static char include[LABS_MAX][LAB_LENGTH + 16];
	struct labs kit;
	char temporary[PATH_LENGTH + 32], compiler[256], extra[512];
	char *arguments[ARGUMENTS_MAX];
	char *usual[] = { "-std=gnu11", "-g", "-O1", "-fno-omit-frame-pointer", "-fPIC", "-shared",
		              "-Wall", "-Wextra", "-fdiagnostics-color=never", "-Iharness/task" };
	int count = 0;

	memset(plugin, 0, sizeof *plugin);
	plugin_path(implementation, lab, plugin->path);
	snprintf(temporary, sizeof temporary, "%s.%d", plugin->path, (int)getpid());
	labs_find(&kit);
	snprintf(compiler, sizeof compiler, "%s", getenv("CC") != NULL ? getenv("CC") : "cc");
	snprintf(extra, sizeof extra, "%s", getenv("PLUGIN_CFLAGS") != NULL ? getenv("PLUGIN_CFLAGS") : "");

	count = add_words(arguments, count, compiler);
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		arguments[count++] = usual[i];
	count = add_words(arguments, count, extra);
	for (int i = 0; i < kit.count; i++) {
		snprintf(include[i], sizeof include[i], "-Ilabs/%s", kit.name[i]);
		arguments[count++] = include[i];
	}
	arguments[count++] = "-o";
	arguments[count++] = temporary;
	for (int i = 0; i < sources->count; i++)
		arguments[count++] = (char *)sources->path[i];
	arguments[count++] = "-pthread";
	arguments[count++] = "-lrt";
	arguments[count++] = "-lm";
	arguments[count] = NULL;

	plugin->compiled = command_run(arguments, output, sizeof output) == 0 &&
	                   chmod(temporary, 0755) == 0 && rename(temporary, plugin->path) == 0;
	read_messages(output, plugin);
	if (!plugin->compiled)
		unlink(temporary);
}
