// Whether the evidence of a run is what its host packed. In the viewer.
//
// What is wrong is gathered, not an error: an auditor wants to know all of it. Everything is read as a stream; nothing of
// the file is written anywhere.
#ifndef RENKI_VIEWER_EVIDENCE_H
#define RENKI_VIEWER_EVIDENCE_H

#include "lib/digest/digest.h"
#include "lib/json/json.h"
#include "lib/sheet/package.h"
#include "lib/sshsig/sshsig.h"
#include "lib/wire/wire.h"

enum {
    EVIDENCE_FILES_MAX = 12000,
    EVIDENCE_PROBLEMS_MAX = 100,  // told; more are counted
    EVIDENCE_TEXT_MAX = 16 << 20, // SHA256SUMS, run.json
    EVIDENCE_LINE_MAX = 4 << 20,  // of entries.jsonl, audit.jsonl
    EVIDENCE_SIGNERS_MAX = 1 << 20
};

struct evidence_sum { // borrowed from the text of SHA256SUMS
    struct text name, sha256;
    bool seen;
};

struct evidence_view {
    struct package *package;
    struct evidence_sum *sums; // by name
    size_t sum_count;
    struct err problems[EVIDENCE_PROBLEMS_MAX];
    size_t problem_count;          // found
    char signer[SSHSIG_LINE_SIZE]; // the key that signed the digests; ""
    struct json_document *run;     // run.json
    int64_t absent_count;          // outputs of the record that are not in the file
    int64_t entry_count, audit_first, audit_last, audit_own;
    char audit_hash[65];
};

// Sends the report by VIEW_PART and VIEW_DONE. Takes the descriptor. EVIDENCE_UNREADABLE where it is no such file.
bool show_evidence(struct wire *cli, int descriptor, struct err *err) MUST_CHECK;

// ---- evidence_signature.c
// Whether the host's key of allowed_signers has signed these digests.
void evidence_check_signature(struct evidence_view *view, struct text sums);

// ---- evidence_parts.c
// The next problem, to be filled by fail(…).
struct err *evidence_problem(struct evidence_view *view);
// A whole part as text; what can't be read is a problem, and false.
bool evidence_text(struct evidence_view *view, struct buf *out, const char *name) MUST_CHECK;
bool evidence_digest(struct evidence_view *view, char out[DIGEST_TEXT_SIZE], const char *name) MUST_CHECK;
// Each line of a part, an object; false from the visitor ends it.
typedef bool (*evidence_line)(void *owner, const struct json *line);
void evidence_lines(struct evidence_view *view, const char *name, evidence_line visit, void *owner);

#endif
