/* Numbers for people: see number.h. */
#include "number.h"

#include <math.h>
#include <stdio.h>

const char *number_text(uint64_t number)
{
	static char buffers[8][NUMBER_TEXT];
	static int turn;
	char digits[24], *text = buffers[turn++ % 8];
	int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number), used = 0;
	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	text[used] = '\0';
	return text;
}

const char *number_estimate(double number)
{
	double unit = 1;
	if (!(number < 1e15))
		return "never";
	while (number / unit >= 1000)
		unit *= 10;
	return number_text((uint64_t)(floor(number / unit + 0.5) * unit));
}
