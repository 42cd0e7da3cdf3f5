// Control totals: what a run declared against what was done, added up in exact decimals. In the host.
#ifndef RENKI_HOST_TOTALS_H
#define RENKI_HOST_TOTALS_H

#include "host/store/store.h"

// Appends { items: { done, exception, failed, left }, sums: { … }, expected: { items, sum }, balanced, difference }.
// `balanced` is null when nothing was declared; `left` counts what was declared and never came. A sum that too large
// amounts can't give is null.
bool totals_write(struct json_writer *out, struct store *store, const struct run_row *run,
                  struct err *err) MUST_CHECK;

#endif
