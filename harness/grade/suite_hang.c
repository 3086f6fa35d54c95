/* Rows that hang. The first is told in full, with the table of its processes; one
 * that hangs in the same way again would say the same again: it names the first.
 * Which way that is, the next step tells, but for the numbers in it.
 */
#include "suite_hang.h"

#include <stdio.h>
#include <string.h>

enum { PREFIX_LENGTH = 100 }; /* room for "As in NAME: " */

bool suite_any_hung(const struct ledger *ledger)
{
	for (int i = 0; i < ledger->rows; i++)
		if (ledger->row[i].state == ROW_DONE && ledger->row[i].processes.count > 0)
			return true;
	return false;
}

/* The same words, whatever the numbers in them. */
static bool same_but_numbers(const char *a, const char *b)
{
	while (*a != '\0' || *b != '\0') {
		a += strspn(a, "0123456789");
		b += strspn(b, "0123456789");
		if (*a != *b)
			return false;
		a += *a != '\0';
		b += *b != '\0';
	}
	return true;
}

/* The first row that hung in this way, or NULL. */
static const struct ledger_row *same_hang(const struct ledger *ledger,
                                          const struct verdict *verdict)
{
	for (int i = 0; i < ledger->rows; i++) {
		const struct ledger_row *row = &ledger->row[i];
		if (row->state == ROW_DONE && row->processes.count > 0 &&
		    row->verdict.diagnosis == verdict->diagnosis &&
		    same_but_numbers(row->verdict.next_step, verdict->next_step))
			return row;
	}
	return NULL;
}

/* What is said in full once is only named the second time: its first sentence. */
static void shorten(struct verdict *verdict, const char *first)
{
	char sentence[MESSAGE_LENGTH];
	const char *end = strstr(verdict->message, ". ");
	int length = end == NULL ? (int)strlen(verdict->message) : (int)(end - verdict->message) + 1;
	snprintf(sentence, sizeof sentence, "%.*s", length, verdict->message);
	snprintf(verdict->message, sizeof verdict->message, "As in %s: %.*s", first,
	         (int)sizeof verdict->message - PREFIX_LENGTH, sentence);
	snprintf(verdict->next_step, sizeof verdict->next_step, "Mend %s before this one.", first);
}

void suite_note_hang(const struct ledger *ledger, struct ledger_row *row, struct test *test)
{
	enum diagnosis d = test->verdict.diagnosis;
	enum ending ending = test->outcome.ending;
	bool hung = ending == ENDING_TIMED_OUT || ending == ENDING_LOOPED || d == PIPE_DEADLOCK ||
	            d == LOCK_DEADLOCK;
	if (test->verdict.kind != VERDICT_FAILED || !hung)
		return;
	const struct ledger_row *first = same_hang(ledger, &test->verdict);
	if (first != NULL)
		shorten(&test->verdict, first->name);
	table_fill(&row->processes, test->called, &test->outcome);
}
