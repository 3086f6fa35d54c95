/* A timeline as a picture of its own, with nothing that it would have to load: see
 * timeline.h. */
#define _GNU_SOURCE
#include "timeline.h"

enum {
	WIDTH = 960, LEFT = 130, RIGHT = 20, TOP = 56, ROW = 34, BAR = 22, BOTTOM = 74,
	TICKS = 8, LEGEND_STEP = 100
};

static double place(const struct timeline *t, double seconds)
{
	return LEFT + (WIDTH - LEFT - RIGHT) * seconds / t->seconds;
}

static void print_escaped(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else
			fputc(*text, out);
	}
}

static void draw_text(FILE *out, double x, double y, const char *anchor, const char *text)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
	print_escaped(out, text);
	fputs("</text>\n", out);
}

/* A bar is never so thin that it cannot be seen. */
static void draw_rect(FILE *out, double x, double y, double width, double height,
                      const char *colour)
{
	fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"", x, y,
	        width < 1 ? 1 : width, height, colour);
}

static void draw_bar(FILE *out, const struct timeline *t, const struct timeline_bar *bar)
{
	double x = place(t, bar->from), top = TOP + ROW * bar->row + (ROW - BAR) / 2.0;
	bool forks = bar->kind == BAR_FORK;
	draw_rect(out, x, forks ? top - 4 : top, place(t, bar->to) - x, forks ? BAR + 8 : BAR,
	          timeline_colour(bar->kind));
	fputs(bar->kind == BAR_TASK ? " stroke=\"white\" stroke-width=\"0.8\"><title>" : "><title>", out);
	print_escaped(out, bar->label);
	fprintf(out, ", %.3f to %.3f ms%s</title></rect>\n", bar->from * 1e3, bar->to * 1e3,
	        bar->endless ? ", and on" : "");
}

static void draw_row(FILE *out, const struct timeline *t, int row)
{
	double x = place(t, t->row[row].born), top = TOP + ROW * row + (ROW - BAR) / 2.0;
	draw_text(out, LEFT - 10, top + BAR - 6, "end", t->row[row].name);
	draw_rect(out, x, top, place(t, t->row[row].gone) - x, BAR, "#eeeeee");
	fputs("/>\n", out);
}

static void draw_axis(FILE *out, const struct timeline *t)
{
	char text[32];
	double bottom = TOP + ROW * t->rows;
	for (int i = 0; i <= TICKS; i++) {
		double seconds = t->seconds * i / TICKS, x = place(t, seconds);
		fprintf(out, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>\n", x,
		        TOP, x, bottom + 6);
		snprintf(text, sizeof text, i == TICKS ? "%.1f ms" : "%.1f", seconds * 1e3);
		draw_text(out, x, bottom + 22, i == TICKS ? "end" : "middle", text);
	}
}

static void draw_legend(FILE *out, const struct timeline *t)
{
	double x = LEFT, y = TOP + ROW * t->rows + 40;
	for (int kind = 0; kind < BAR_KINDS; kind++) {
		if (!timeline_has(t, (enum bar_kind)kind))
			continue;
		draw_rect(out, x, y, 14, 14, timeline_colour((enum bar_kind)kind));
		fputs("/>\n", out);
		draw_text(out, x + 20, y + 12, "start", timeline_kind((enum bar_kind)kind));
		x += LEGEND_STEP;
	}
}

int timeline_svg(const struct timeline *t, const char *path)
{
	int height = TOP + ROW * t->rows + BOTTOM;
	FILE *out = fopen(path, "we");
	if (out == NULL)
		return -1;
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
	             "font-family=\"sans-serif\" font-size=\"14\">\n", WIDTH, height);
	fprintf(out, "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n", WIDTH, height);
	fputs("<g font-size=\"17\">\n", out);
	draw_text(out, 20, 32, "start", t->title);
	fputs("</g>\n", out);
	draw_axis(out, t);
	for (int row = 0; row < t->rows; row++)
		draw_row(out, t, row);
	for (int i = 0; i < t->bars; i++)
		draw_bar(out, t, &t->bar[i]);
	draw_legend(out, t);
	fputs("</svg>\n", out);
	bool bad = ferror(out) != 0;
	return fclose(out) != 0 || bad ? -1 : 0;
}
