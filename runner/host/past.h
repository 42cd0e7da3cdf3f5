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

typedef void (*past_done)(void *owner, const struct err *failed);
// Calls back once repo_versions and repo_version_find may be asked; at once, where nothing is new.
void past_prepare(struct host *host, past_done done, void *owner);

#endif
