/* Text broken into lines, and coloured for those who can see it. */
#define _GNU_SOURCE
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

enum { TEST_SECONDS = 120, TEXT = 4096 };

/* What text_wrap prints. */
static const char *wrapped(int indent, int column, const char *text)
{
	static char printed[TEXT];
	FILE *out = fmemopen(printed, sizeof printed, "w");
	ck_assert_ptr_nonnull(out);
	text_wrap(out, indent, column, text);
	ck_assert_int_eq(fclose(out), 0);
	return printed;
}

/* A word of so many letters. */
static const char *word(int letters)
{
	static char text[TEXT];
	memset(text, 'w', (size_t)letters);
	text[letters] = '\0';
	return text;
}

START_TEST(short_text)
{
	ck_assert_str_eq(wrapped(4, 0, ""), "\n");
	ck_assert_str_eq(wrapped(4, 4, "one"), "one\n");
	ck_assert_str_eq(wrapped(4, 4, "one two"), "one two\n");
}
END_TEST

/* "WWW end", with so many letters in its first word. */
static const char *word_and_end(int letters)
{
	static char text[TEXT + 8];
	snprintf(text, sizeof text, "%s end", word(letters));
	return text;
}

/* A line has room for 80 columns, and no more. */
START_TEST(full_line)
{
	ck_assert_uint_eq(strcspn(wrapped(2, 0, word_and_end(76)), "\n"), 80);
	ck_assert_uint_eq(strcspn(wrapped(2, 0, word_and_end(77)), "\n"), 77);
	ck_assert_str_eq(wrapped(2, 0, word_and_end(77)) + 77, "\n  end\n");
}
END_TEST

/* What stands before the text takes room on its first line only. */
START_TEST(column_of_the_first_word)
{
	ck_assert_uint_eq(strcspn(wrapped(2, 10, word_and_end(66)), "\n"), 70);
	ck_assert_uint_eq(strcspn(wrapped(2, 11, word_and_end(66)), "\n"), 66);
}
END_TEST

START_TEST(many_lines)
{
	char text[TEXT / 2] = "";
	for (int i = 0; i < 100; i++)
		strcat(text, i % 3 == 0 ? "a " : i % 3 == 1 ? "rather " : "longer ");
	const char *line = wrapped(6, 6, text);
	ck_assert_uint_le(strcspn(line, "\n"), 74);
	for (line = strchr(line, '\n') + 1; *line != '\0'; line = strchr(line, '\n') + 1) {
		ck_assert_uint_le(strcspn(line, "\n"), 80);
		ck_assert_uint_eq(strspn(line, " "), 6);
	}
}
END_TEST

START_TEST(line_breaks_are_kept)
{
	char text[TEXT + 16];
	ck_assert_str_eq(wrapped(2, 0, "one\ntwo three\nfour"), "one\n  two three\n  four\n");
	snprintf(text, sizeof text, "%s\ntwo three", word(75)); /* the second line has room again */
	ck_assert_str_eq(wrapped(2, 0, text) + 75, "\n  two three\n");
}
END_TEST

START_TEST(blanks_are_one)
{
	ck_assert_str_eq(wrapped(2, 0, "one   two    three "), "one two three\n");
}
END_TEST

/* What cannot be broken stands on a line of its own, whole. */
START_TEST(long_word)
{
	char text[TEXT + 8];
	snprintf(text, sizeof text, "a %s b", word(100));
	const char *lines = wrapped(2, 0, text);
	ck_assert_int_eq(strncmp(lines, "a\n  www", 7), 0);
	ck_assert_uint_eq(strspn(lines + 4, "w"), 100);
	ck_assert_str_eq(lines + 104, "\n  b\n");
}
END_TEST

START_TEST(numbers_with_commas)
{
	ck_assert_str_eq(text_commas(0), "0");
	ck_assert_str_eq(text_commas(999), "999");
	ck_assert_str_eq(text_commas(1000), "1,000");
	ck_assert_str_eq(text_commas(10000000), "10,000,000");
	ck_assert_str_eq(text_commas(18446744073709551615ull), "18,446,744,073,709,551,615");
	const char *one = text_commas(1), *two = text_commas(2);
	ck_assert_str_eq(one, "1");
	ck_assert_str_eq(two, "2");
}
END_TEST

/* --- colour ------------------------------------------------------------------- */

/* A terminal and its other end, or NULL where this machine has none to give. */
static FILE *open_terminal(int *other_end)
{
	*other_end = posix_openpt(O_RDWR | O_NOCTTY);
	if (*other_end == -1 || grantpt(*other_end) != 0 || unlockpt(*other_end) != 0) {
		puts("colour: not tried, there are no pseudo-terminals here");
		return NULL;
	}
	return fopen(ptsname(*other_end), "w");
}

START_TEST(colour_on_terminals)
{
	int other_end;
	FILE *terminal = open_terminal(&other_end);
	if (terminal == NULL)
		return;
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	ck_assert(text_coloured(terminal));
	setenv("NO_COLOR", "", 1); /* as good as not set */
	ck_assert(text_coloured(terminal));
	setenv("NO_COLOR", "1", 1);
	ck_assert(!text_coloured(terminal));
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	ck_assert(!text_coloured(terminal));
	fclose(terminal);
}
END_TEST

START_TEST(codes_of_colours)
{
	char text[64] = "";
	int other_end;
	FILE *terminal = open_terminal(&other_end);
	if (terminal == NULL)
		return;
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	text_print(terminal, RED, "r");
	text_print(terminal, PLAIN, "p");
	text_print(terminal, GREEN, "g");
	fflush(terminal);
	ck_assert_int_gt(read(other_end, text, sizeof text - 1), 0);
	ck_assert_str_eq(text, "\033[31mr\033[0mp\033[32mg\033[0m");
	fclose(terminal);
}
END_TEST

START_TEST(no_colour_in_files)
{
	char printed[64] = "";
	FILE *file = fmemopen(printed, sizeof printed, "w");
	ck_assert(!text_coloured(file));
	text_print(file, RED, "red");
	fclose(file);
	ck_assert_str_eq(printed, "red");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("report: text");
	tcase_set_timeout(t, TEST_SECONDS);
	tcase_add_test(t, short_text);
	tcase_add_test(t, full_line);
	tcase_add_test(t, column_of_the_first_word);
	tcase_add_test(t, many_lines);
	tcase_add_test(t, line_breaks_are_kept);
	tcase_add_test(t, blanks_are_one);
	tcase_add_test(t, long_word);
	tcase_add_test(t, numbers_with_commas);
	tcase_add_test(t, colour_on_terminals);
	tcase_add_test(t, codes_of_colours);
	tcase_add_test(t, no_colour_in_files);
	Suite *suite = suite_create("report: text");
	suite_add_tcase(suite, t);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
