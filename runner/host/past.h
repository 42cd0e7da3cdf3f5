// What the repository's history holds, asked for without keeping the loop: which commits there are, and what manifests
// and schedules of long ago say. In the host.
//
// 1. Commits that are new are looked at a few milliseconds at a time; what else the host has to do goes on in between.
// 2. The host never runs Lua: a reader does, and what it said of a file is kept by the file's content, which names it
//    for ever.
#ifndef RENKI_HOST_PAST_H
#define RENKI_HOST_PAST_H

#include "host/host.h"
#include "host/repo/versions.h"
#include "lib/changes/changes.h"

typedef void (*past_done)(void *owner, const struct err *failed);
// Calls back once repo_versions and repo_version_find may be asked; at once, where nothing is new.
void past_prepare(struct host *host, past_done done, void *owner);

// A version as a person calls it (repo_version_find), or a day (the newest of it). Only after past_prepare.
bool past_find(struct host *host, struct version *out, const char *robot, const char *text,
               struct err *err) MUST_CHECK;

// What is different between two versions of a robot, in sentences: of its manifest and of the schedule of its
// name. `was` is what it is called on the side before, `is` on the one after. `unreadable` is NULL, or why one of the four
// files can't be compared; it is left out then. Lent until the callback returns.
typedef void (*past_changes_done)(void *owner, const struct changes *changes, const struct err *unreadable);
struct past_sides {
    const char *before, *after; // commits, or trees made by repo_side; "": nothing was there
    const char *was, *is;
    enum language language;
};
void past_changes(struct host *host, const struct past_sides *sides, past_changes_done done, void *owner);

#endif
