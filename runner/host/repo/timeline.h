// What each commit changed in robots/ and schedules/. For this folder.
//
// 1. A commit's id names its content for ever, so what is noted of it never goes stale: a branch that moves adds
//    commits, a branch that is rewritten leaves some that nobody asks for.
// 2. Noted are changes against the first parent; what a path is at a commit is the newest change of it along first
//    parents. versions.c asks that of all commits in one pass.
// 3. Commits stand after their parents. A parent that is not there (a shallow clone) counts as none.
// 4. It is kept in .renki/timeline, and made anew where that file is not whole or not of this workspace.
#ifndef RENKI_HOST_REPO_TIMELINE_H
#define RENKI_HOST_REPO_TIMELINE_H

#include "host/repo/places.h"
#include "host/repo/repo_own.h"

enum {
    TIMELINE_COMMITS_MAX = 500000,
    TIMELINE_CHANGES_MAX = 5000000,
    TIMELINE_PARENTS_MAX = 1000, // of one commit
    TIMELINE_BYTES_MAX = 256 << 20
};

struct timeline_commit {
    git_oid id, robots, schedules;  // the folders' trees; all zero: none
    int64_t time;                   // when it was committed, in seconds since 1970
    uint32_t parents, parent_count; // in `parents` of the timeline
    uint32_t changes, change_count; // in `changes` of the timeline
};

struct timeline_change {
    uint32_t name; // in `names`
    git_oid id;    // what is there now; all zero: nothing
};

struct timeline {
    struct timeline_commit *commits;
    uint32_t *parents; // places of commits
    struct timeline_change *changes;
    char **names; // "robots/rents", "robots/lib", "robots/lib/names.lua", "schedules/rents.lua"
    size_t commit_count, commit_room, parent_count, parent_room, change_count, change_room, name_count,
        name_room;
    struct places by_id, by_name;
    size_t saved; // commits that the file has
    struct timeline_walk *walk;
};

void timeline_free(struct timeline *timeline);
// The repository's timeline with all that leads to `head`. *ready is false when `ms` were not enough: call again.
bool timeline_of(struct repo *repo, struct timeline **out, bool *ready, const git_oid *head, int64_t ms,
                 struct err *err) MUST_CHECK;
uint32_t timeline_place(const struct timeline *timeline, const git_oid *id); // of a commit; or NO_PLACE
uint32_t timeline_name(const struct timeline *timeline, const char *name);   // or NO_PLACE

// ---- for timeline_file.c
uint32_t timeline_add_name(struct timeline *timeline, struct text name);
void timeline_add_commit(struct timeline *timeline, const struct timeline_commit *commit);
// NULL when there is none that can be used.
struct timeline *timeline_load(struct repo *repo);
void timeline_save(struct repo *repo, struct timeline *timeline);

#endif
