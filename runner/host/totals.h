// Control totals: what a run declared against what was done, added up in exact decimals. In the host.
#ifndef RENKI_HOST_TOTALS_H
#define RENKI_HOST_TOTALS_H

#include "host/store/store.h"

// Appends { items: { done, exception, failed, left }, sums: { … }, expected: { items, sum }, balanced, difference }.
// `balanced` is null when nothing was declared; `left` counts what was declared and never came. A sum that too large
// amounts can't give is null.
bool totals_write(struct json_writer *out, struct store *store, const struct run_row *run,
                  struct err *err) MUST_CHECK;
// Of a queue: { name, items: { new, taken, done, exception, failed, abandoned, left }, sums, sum_left, expected, balanced,
// difference }. `items` and `sum` are what it must come to, empty for nothing.
bool totals_write_queue(struct json_writer *out, struct store *store, struct text name, struct text items,
                        struct text sum, struct err *err) MUST_CHECK;
// An array of those that the run worked on.
bool totals_write_queues(struct json_writer *out, struct store *store, const struct run_row *run,
                         struct err *err) MUST_CHECK;

#endif
