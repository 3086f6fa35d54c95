/* Which ways can be drawn: see plot_try.h. A quick look, no grade: `make check` has
 * a hundred tests for what a few calls cannot show. */
#define _GNU_SOURCE
#include "plot_try.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "compile.h"
#include "program.h"
#include "text.h"
#include "number.h"

enum { LIBRARIES = LABS_MAX };

/* What can be drawn of which lab, in the order of the curves. */
static const struct {
	const char *lab, *function;
	enum plot_kind kind;
	const char *legend; /* NULL: the function */
} known[] = {
	{ "02_fork", "run_workers", PLOT_WORKERS, NULL },
	{ "03_pipes", "pipe_map", PLOT_MAP, NULL },
	{ "04_shared", "shared_map", PLOT_MAP, NULL },
	{ "04_shared", "shared_map_dynamic", PLOT_CHUNKS, NULL },
	{ "05_pool", "pool_map", PLOT_POOL, "pool_map_hot" },
};
enum { KNOWN = sizeof known / sizeof *known };

/* The last is more than what fits into a pipe, and than 16 bits can count. */
static const size_t tried_sizes[] = { 1, 1000, 100000 };

static const char *lab_of(const char *function)
{
	for (int i = 0; i < KNOWN; i++)
		if (strcmp(known[i].function, function) == 0)
			return known[i].lab;
	return "01_serial";
}

/* The first sentence is enough here. */
static int first_sentence(const char *text)
{
	const char *end = strstr(text, ". ");
	return end != NULL ? (int)(end - text) : (int)strcspn(text, "\n");
}

static void note(const struct options *o, struct figure *f, const char *function, const char *what,
                 const char *why)
{
	char implementation[80] = "";
	const char *lab = lab_of(function);
	if (strcmp(o->implementation, "labs") != 0)
		snprintf(implementation, sizeof implementation, " IMPL=%.60s", o->implementation);
	int length = first_sentence(why);
	bool full_stop = length > 0 && why[length - 1] == '.';
	figure_note(f, "%s %s: %.*s%s Type make check LAB=%.2s%s", function, what,
	            length > 120 ? 120 : length, why, length > 120 ? "..." : full_stop ? "" : ".", lab,
	            implementation);
}

void plot_note_failure(const struct options *o, struct figure *f, const struct plot_way *way,
                       size_t n, const struct verdict *v)
{
	char what[120];
	const char *code = v->kind == VERDICT_FAILED ? diagnosis_code(v->diagnosis)
	                                             : verdict_name(v->kind);
	if (v->kind == VERDICT_NOT_STARTED)
		snprintf(what, sizeof what, "is not drawn");
	else
		snprintf(what, sizeof what, "is not drawn (n = %s): %s", number_text(n), code);
	note(o, f, way->function, what, v->message);
}

/* Reads or compiles a lab once. Returns its plug-in, or NULL with the reason. */
static const struct plot_library *library_of(const struct options *o, const char *lab,
                                             const char **why)
{
	static struct {
		char lab[LAB_LENGTH];
		struct plot_library library;
		struct plugin plugin;
	} all[LIBRARIES];
	static int count;
	int i = 0;
	while (i < count && strcmp(all[i].lab, lab) != 0)
		i++;
	if (i == count && count < LIBRARIES) {
		struct sources sources;
		snprintf(all[i].lab, LAB_LENGTH, "%s", lab);
		count++;
		labs_sources(o->implementation, lab, &sources);
		compile_plugin(o->implementation, lab, &sources, &all[i].plugin);
		memcpy(all[i].library.path, all[i].plugin.path, PATH_LENGTH);
		if (all[i].plugin.compiled && plot_library_read(&all[i].library) != 0) {
			all[i].plugin.compiled = false;
			snprintf(all[i].plugin.first_line, COMPILER_LINE, "%s", strerror(errno));
		}
	}
	*why = all[i].plugin.first_line;
	return all[i].plugin.compiled ? &all[i].library : NULL;
}

static void no_progress(void *memory)
{
	(void)memory;
	program_told();
}

/* Runs one way beside the kit's loop. Returns whether it passes; notes why not. */
static bool passes(const struct options *o, struct figure *f, const struct plot_way *way,
                   const struct plot_library *task)
{
	for (size_t i = 0; i < sizeof tried_sizes / sizeof *tried_sizes; i++) {
		static struct plot_call call;
		struct verdict verdict = { 0 };
		size_t n = tried_sizes[i] < o->max ? tried_sizes[i] : o->max;
		call = (struct plot_call){ .n = n, .rounds = 1, .workers = o->workers, .ways = 2,
			                       .way = { { .kind = PLOT_LOOP }, *way }, .task = task,
			                       .clean = true };
		bool whole = plot_call_run(&call, no_progress, &verdict);
		if (program_told() != 0)
			return false;
		if (!whole) {
			plot_note_failure(o, f, way, n, &verdict);
			return false;
		}
	}
	return true;
}

static void add_way(struct figure *f, struct plot_tried *tried, const struct plot_way *way,
                    const char *name)
{
	snprintf(f->way[f->ways++], FIGURE_NAME, "%s", name);
	tried->way[tried->ways++] = *way;
}

/* serial_map and random_square of the student's own, or the kit's loop. */
static void try_serial(const struct options *o, struct figure *f, struct plot_tried *tried)
{
	const char *why = "";
	struct plot_way loop = { .kind = PLOT_LOOP, .function = "serial_map" };
	struct plot_way own = { .kind = PLOT_SERIAL, .function = "serial_map" };
	bool there = labs_implemented(o->implementation, "01_serial");
	own.library = there ? library_of(o, "01_serial", &why) : NULL;
	if (own.library != NULL && passes(o, f, &own, own.library)) {
		tried->task = own.library;
		add_way(f, tried, &own, "serial");
		return;
	}
	if (there && own.library == NULL)
		note(o, f, "serial_map", "is not drawn: does-not-compile", why);
	add_way(f, tried, &loop, "serial");
	figure_note(f, "Serial is the kit's own loop, and every way computes the kit's own squares.");
}

void plot_try(const struct options *o, struct figure *f, struct plot_tried *tried)
{
	memset(tried, 0, sizeof *tried);
	try_serial(o, f, tried);
	for (int i = 0; i < KNOWN && program_told() == 0 && f->ways < FIGURE_WAYS; i++) {
		const char *why;
		if (labs_named(&o->labs, known[i].lab) == NULL)
			continue;
		struct plot_way way = { known[i].kind, known[i].function,
			                    library_of(o, known[i].lab, &why) };
		if (way.library == NULL)
			note(o, f, way.function, "is not drawn: does-not-compile", why);
		else if (passes(o, f, &way, tried->task))
			add_way(f, tried, &way, known[i].legend != NULL ? known[i].legend : way.function);
	}
}
