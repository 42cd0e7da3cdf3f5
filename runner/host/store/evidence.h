// What an auditor is given of a run, as lines of JSON, a page at a time. In the host.
//
// 1. A place says where the next page begins; all 0 is the beginning, and it is disposed of at the end.
// 2. Of the audit log come all rows from the one before the run's first to its last: those of other runs without their
//    content, so that the chain can be worked out and nothing else is told.
#ifndef RENKI_HOST_STORE_EVIDENCE_H
#define RENKI_HOST_STORE_EVIDENCE_H

#include "host/store/store.h"

enum { EVIDENCE_PAGE_ROWS = 1000 };

enum store_evidence { EVIDENCE_ENTRIES, EVIDENCE_CALLS, EVIDENCE_AUDIT };

struct evidence_place {
    int64_t first, second;
    char *scope, *key;
    size_t scope_length, key_length;
};
void evidence_place_dispose(struct evidence_place *place);

// Appends the page; *more: there may be another. LIMIT_PASSED where `out` is too small.
bool store_evidence_page(struct store *store, struct buf *out, bool *more, enum store_evidence what,
                         int64_t run, struct evidence_place *place, struct err *err) MUST_CHECK;
// One object: who or what started the run, as the store has it.
bool store_evidence_start(struct store *store, struct json_writer *out, int64_t run,
                          struct err *err) MUST_CHECK;
// The newest row of the audit log: its number and hash; { "number": 0 } for none.
bool store_evidence_head(struct store *store, struct json_writer *out, struct err *err) MUST_CHECK;

#endif
