// Whole files, safely: read with a limit, written to a temporary name, synced, renamed. In every process.
#ifndef RENKI_BASE_FILE_H
#define RENKI_BASE_FILE_H

#include "lib/base/err.h"

// Fails with what is to be said of a file that can't be opened or read for this reason (an errno). Always false.
bool file_unreadable(struct err *err, const char *path, int reason);
// Appends the file's bytes to `out`; its maximum is the limit. Only regular files. `directory` as in openat(2).
bool file_read(struct buf *out, int directory, const char *path, struct err *err) MUST_CHECK;
// The new content is there whole or not at all, also after a power cut. `mode` such as 0600.
bool file_write(int directory, const char *path, struct text content, unsigned mode,
                struct err *err) MUST_CHECK;
// Gives a whole file its name, over what had it: synced first, so that it is there whole or not at all, also after a power
// cut. On failure the temporary file is gone. Both names are in one folder.
bool file_publish(int directory, const char *temporary, const char *path, struct err *err) MUST_CHECK;

// A file that is written bit by bit under a temporary name beside its own, which file_finish gives it. Whoever dies on the
// way leaves the temporary name at most. After an error and after file_finish the draft is closed.
struct file_draft {
    int directory, fd; // fd -1: closed
    char *path, *temporary;
};
static inline struct file_draft file_draft_none(void)
{
    return (struct file_draft){.fd = -1};
}
bool file_begin(struct file_draft *out, int directory, const char *path, unsigned mode,
                struct err *err) MUST_CHECK;
bool file_add(struct file_draft *draft, struct text content, struct err *err) MUST_CHECK;
bool file_finish(struct file_draft *draft, struct err *err) MUST_CHECK;
// Removes the temporary file. Accepts a draft that is closed.
void file_drop(struct file_draft *draft);

// Makes the folder and those above it, mode 0700 for the new ones; fine when it is there.
bool file_make_folder(const char *path, struct err *err) MUST_CHECK;

#endif
