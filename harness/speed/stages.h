/* Which stages of the speed verdict are wanted: all three, unless the benchmark of
 * the verdict itself (make trust) asks for less in the environment. */
#ifndef STAGES_H
#define STAGES_H

#include <stdlib.h>

enum stages { STAGE_MEETING = 1, STAGE_SHARING, STAGE_CLOCK };

#define STAGES_VARIABLE "CROSSOVER_STAGES"

static inline int stages_wanted(void)
{
	const char *text = getenv(STAGES_VARIABLE);
	return text == NULL ? STAGE_CLOCK : atoi(text);
}

#endif
