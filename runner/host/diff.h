// What is different between two trees, as members of an object that is being written: `files` with their lines, words
// within lines marked, and how many `more_files` did not fit. In the host.
#ifndef RENKI_HOST_DIFF_H
#define RENKI_HOST_DIFF_H

#include "host/host.h"
#include "lib/json/json.h"

// Errors: REPO_FAILED; the members are complete all the same.
bool diff_write_files(struct json_writer *out, struct host *host, const char *before, const char *after,
                      struct err *err) MUST_CHECK;

#endif
