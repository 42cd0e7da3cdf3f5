// Evidence that is being made, shared by the files that make it. In the host.
#ifndef RENKI_HOST_EVIDENCE_OWN_H
#define RENKI_HOST_EVIDENCE_OWN_H

#include "host/artifact.h"
#include "host/evidence.h"
#include "host/logs.h"
#include "host/store/evidence.h"
#include "lib/base/file.h"

struct evidence_file {
    char *name; // in the packed file
    char *path; // where it is now, absolute
    int64_t size_bytes;
    char sha256[SHA256_SIZE];
    char *why; // it is not there; NULL: it is
};

struct evidence {
    struct host *host;
    struct answer *answer;
    struct run_row run;
    char *actor, *folder;
    enum language language;
    uv_idle_t idle;
    size_t document;               // of the table, being made
    struct evidence_place place;   // in it
    struct file_draft draft;       // what is being written; closed between documents
    struct log_reader *log;        // of the log that is being written
    struct err unwritten;          // what stood in the way of that
    struct json_document *outputs; // what the run attached; NULL until they are looked at
    const struct json *output;     // the next of them
    struct bundling *bundling;     // the commits, being packed; NULL before and after
    char *no_commits;              // why none are in it; NULL: they are
    struct evidence_file *files;
    size_t count;
};

// evidence_commits.c and evidence_signature.c: documents of their own.
bool evidence_write_commits(struct evidence *evidence, bool *more, struct err *err) MUST_CHECK;
void evidence_commits_drop(struct evidence *evidence);
bool evidence_write_signers(struct evidence *evidence, bool *more, struct err *err) MUST_CHECK;
// Signs the digests, which are the content of SHA256SUMS.
bool evidence_sign(struct evidence *evidence, struct text sums, struct err *err) MUST_CHECK;

// One of the documents: writes a page; *more: call it again.
typedef bool (*evidence_writer)(struct evidence *evidence, bool *more, struct err *err);
extern const struct evidence_document {
    const char *name; // of the one file that `write` adds to; NULL: it makes its files itself
    evidence_writer write;
} evidence_documents[];
extern const size_t evidence_document_count;

// Something else is waited for, until the other is called.
void evidence_wait(struct evidence *evidence);
void evidence_go_on(void *evidence);

// Begins a file of this name, closes it with its digest.
bool evidence_begin(struct evidence *evidence, const char *name, struct err *err) MUST_CHECK;
bool evidence_end(struct evidence *evidence, struct err *err) MUST_CHECK;
// All of it at once.
bool evidence_write(struct evidence *evidence, const char *name, struct text content,
                    struct err *err) MUST_CHECK;
// One more in the list, to be filled; its name is made harmless and unlike all others.
struct evidence_file *evidence_add(struct evidence *evidence, const char *name);

#endif
