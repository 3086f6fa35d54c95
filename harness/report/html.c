/* The report as one page: see html.h. */
#define _GNU_SOURCE
#include "html.h"

#include <string.h>

enum { LINE = 4096 };

static const char style[] =
	"body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;"
	"color:#1b1b1f;background:#fff}\n"
	"h1{font-size:1.6rem}h2{margin-top:2.2rem;border-bottom:2px solid #ddd}\n"
	".bar{background:#e8e8ee;border-radius:4px;height:.8rem;overflow:hidden}\n"
	".bar i{display:block;height:100%;background:#2a7f62}\n"
	".test{border-left:5px solid #bbb;padding:.2rem .8rem;margin:.7rem 0}\n"
	".passed{border-color:#2a7f62}.failed{border-color:#d1495b}\n"
	".not-measured{border-color:#edae49}.kit-error{border-color:#8458b3}\n"
	".verdict{font-weight:600}.points{float:right;color:#555}.about{color:#555}\n"
	"pre{background:#f4f4f7;padding:.6rem;overflow-x:auto;font-size:.85rem;white-space:pre-wrap}\n"
	"code{background:#f4f4f7}details{margin:.4rem 0}summary{cursor:pointer}\n"
	"figure{margin:1rem 0}figure svg{width:100%;height:auto}p{overflow-wrap:anywhere}\n"
	"@media print{body{max-width:none}.test{break-inside:avoid}}\n"
	"@media(max-width:32rem){body{padding:.5rem}.points{float:none;display:block}}\n";

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text == NULL ? "" : text;
}

static int number_of(const json_t *object, const char *key)
{
	return (int)json_integer_value(json_object_get(object, key));
}

static void put_element(FILE *out, const char *tag, const char *class, const char *text)
{
	if (text[0] == '\0')
		return;
	fprintf(out, "<%s class=\"%s\">", tag, class);
	html_text(out, text);
	fprintf(out, "</%s>\n", tag);
}

/* "62 of 100 points, 8 open", and how much that is. */
static void put_points(FILE *out, const json_t *object)
{
	int points = number_of(object, "points"), most = number_of(object, "max_points");
	int open = number_of(object, "open_points");
	fprintf(out, "<p><b>%d of %d points</b>", points, most);
	if (open > 0)
		fprintf(out, ", %d open: not measured", open);
	fprintf(out, "</p>\n<div class=\"bar\"><i style=\"width:%d%%\"></i></div>\n",
	        most > 0 ? 100 * points / most : 0);
}

/* A verdict as the name of a class: without spaces. */
static void put_class(FILE *out, const char *verdict)
{
	for (; *verdict != '\0'; verdict++)
		fputc(*verdict == ' ' ? '-' : *verdict, out);
}

static void put_test(FILE *out, const json_t *test)
{
	const char *verdict = text_of(test, "verdict"), *code = text_of(test, "diagnosis");
	fputs("<div class=\"test ", out);
	put_class(out, verdict);
	fprintf(out, "\"><span class=\"points\">%d of %d</span><span class=\"verdict\">",
	        number_of(test, "points"), number_of(test, "max_points"));
	html_text(out, verdict);
	fputs("</span> <b>", out);
	html_text(out, text_of(test, "name"));
	fputs("</b>\n", out);
	put_element(out, "div", "about", text_of(test, "about"));
	if (code[0] != '\0')
		put_element(out, "div", "verdict", code);
	put_element(out, "p", "message", text_of(test, "message"));
	if (text_of(test, "next_step")[0] != '\0') {
		fputs("<p><b>Next step:</b> ", out);
		html_text(out, text_of(test, "next_step"));
		fputs("</p>\n", out);
	}
	put_element(out, "pre", "output", text_of(test, "output"));
	if (code[0] != '\0') {
		fprintf(out, "<p><a href=\"#%s\">What %s means</a></p>\n", code, code);
	}
	fputs("</div>\n", out);
}

static void put_lab(FILE *out, const json_t *lab)
{
	const json_t *tests = json_object_get(lab, "tests");
	put_element(out, "h2", "lab", text_of(lab, "lab"));
	put_points(out, lab);
	for (size_t i = 0; i < json_array_size(tests); i++)
		put_test(out, json_array_get(tests, i));
}

/* The page of a diagnosis, where it was not seen before. */
static void put_diagnosis(FILE *out, const char *code, json_t *seen)
{
	if (code[0] == '\0' || json_object_get(seen, code) != NULL)
		return;
	if (json_object_size(seen) == 0)
		fputs("<h2>What the diagnoses mean</h2>\n", out);
	json_object_set_new(seen, code, json_true());
	fprintf(out, "<details id=\"%s\" open><summary><b>%s</b></summary>\n", code, code);
	html_diagnosis(out, code);
	fputs("</details>\n", out);
}

static void put_diagnoses(FILE *out, const json_t *record)
{
	const json_t *labs = json_object_get(record, "labs");
	json_t *seen = json_object();
	for (size_t i = 0; i < json_array_size(labs); i++) {
		const json_t *tests = json_object_get(json_array_get(labs, i), "tests");
		for (size_t j = 0; j < json_array_size(tests); j++)
			put_diagnosis(out, text_of(json_array_get(tests, j), "diagnosis"), seen);
	}
	json_decref(seen);
}

/* The SVG itself, without what may stand before it in its file. */
static void put_picture(FILE *out, const struct html_picture *picture)
{
	char line[LINE];
	int inside = 0;
	FILE *file = fopen(picture->path, "re");
	if (file == NULL)
		return;
	fputs("<h2>", out);
	html_text(out, picture->title);
	fputs("</h2>\n<figure>\n", out);
	while (fgets(line, sizeof line, file) != NULL) {
		inside = inside || strncmp(line, "<svg", 4) == 0;
		if (inside)
			fputs(line, out);
	}
	fputs("</figure>\n", out);
	fclose(file);
}

static void put_machine(FILE *out, const json_t *record)
{
	const json_t *machine = json_object_get(record, "machine");
	double ceiling = json_number_value(json_object_get(machine, "ceiling"));
	fprintf(out, "<p class=\"about\">SEED=%lld; %d CPUs",
	        (long long)json_integer_value(json_object_get(record, "seed")),
	        number_of(machine, "cpus"));
	if (ceiling > 0)
		fprintf(out, ", which made bare processes %.2f times as fast as one", ceiling);
	fputs(".</p>\n", out);
}

int html_report(FILE *out, const json_t *record, const struct html_picture pictures[], int count)
{
	const json_t *labs = json_object_get(record, "labs");
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<title>Crossover: ", out);
	html_text(out, text_of(record, "implementation"));
	fprintf(out, "</title>\n<style>\n%s</style></head><body>\n<h1>Crossover: ", style);
	html_text(out, text_of(record, "implementation"));
	fputs("</h1>\n", out);
	put_points(out, record);
	put_machine(out, record);
	for (size_t i = 0; i < json_array_size(labs); i++)
		put_lab(out, json_array_get(labs, i));
	for (int picture = 0; picture < count; picture++)
		put_picture(out, &pictures[picture]);
	put_diagnoses(out, record);
	fputs("</body></html>\n", out);
	return ferror(out) != 0 ? -1 : 0;
}
