// Positions of the few bytes that matter in a run of text, found a kilobyte at a time. Used by the CSV reader alone.
//
// Cells are short, so a memchr for each would spend its time on being called; and asking for the next bit of a mask
// each time mispredicts at every 64 bytes. So the positions of a batch are written out at once, to be taken one by one.
// The memory must be readable up to MARKS_PADDING bytes after `length`.
#ifndef RENKI_CSV_MARKS_H
#define RENKI_CSV_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MARKS_BATCH = 1024, MARKS_PADDING = 64, MARKS_BYTES = 4, MARKS_SPARE = 8 };

struct marks {
    const char *data;
    size_t length;
    size_t batch, next_batch; // where the batch begins that the positions count from, and the one after it
    uint32_t at, count;       // positions taken, and how many there are
    char bytes[MARKS_BYTES];  // what is looked for; repeat one where there are fewer
    uint16_t positions[MARKS_BATCH + MARKS_SPARE];
};

// From `position` on.
void marks_start(struct marks *marks, const char *data, size_t length, size_t position);
// Finds the marks of the next batch that has any; false at the end.
bool marks_find(struct marks *marks);

// The next marked position, or the length when there is none.
static inline size_t marks_next(struct marks *marks)
{
    if (__builtin_expect(marks->at == marks->count, 0) && !marks_find(marks))
        return marks->length;
    return marks->batch + marks->positions[marks->at++];
}

#endif
