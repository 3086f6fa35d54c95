/* Memory that the judge, the supervisor and the caller share.
 *
 * Each block stands between two pages that nobody may touch, so that a run-away
 * pointer of the student's meets a fault and not the harness's data.
 */
#ifndef SHARED_H
#define SHARED_H

#include <stddef.h>

/* Zeroed, page-aligned memory that stays shared over fork. Ends the program with
 * a message and status 2 where there is none. */
void *shared_alloc(size_t size);
void shared_free(void *memory, size_t size);

/* Keeps a range of memory, such as the ledger of the grades, out of every
 * caller: it is unmapped there before the plug-in is loaded. */
void shared_hide(void *memory, size_t size);

/* In the caller: unmap all that is hidden. */
void shared_unmap_hidden(void);

#endif
