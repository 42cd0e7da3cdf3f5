// The versions of a robot: commits that changed it, its schedule, or a module of robots/lib that it requires. In the host.
//
// 1. Which commits these are is what `git log -- robots/NAME schedules/NAME.lua …` lists: a merge that took one side
//    as it was is none, and the other side's changes that were thrown away are none.
// 2. Where a robot was renamed, its history goes on under its former name: one commit took away a folder with the same
//    content, or the same robot.lua, and added this one.
// 3. Numbers count from the first (1) to the newest. They are for people; a commit's id is sure.
// 4. Names and texts in commits come from anybody: what a terminal would obey, and marks that turn the direction of
//    writing, are replaced; what is no UTF-8 is taken for Latin-1.
#ifndef RENKI_HOST_REPO_VERSIONS_H
#define RENKI_HOST_REPO_VERSIONS_H

#include "host/repo/repo.h"

enum {
    VERSION_PATHS_MAX = 64, // modules that are looked at
    VERSION_RENAMES_MAX = 10,
    VERSION_TEXT_MAX = 200, // bytes of an author, of a first line
    VERSION_NAMES_MAX = 20  // names told of a commit that changed many
};

enum version_kind { VERSION_CHANGED, VERSION_ADDED, VERSION_REMOVED, VERSION_RENAMED };
enum { VERSION_OF_ROBOT = 1, VERSION_OF_SCHEDULE = 2, VERSION_OF_MODULES = 4 };

struct version {
    char commit[REPO_ID_SIZE];
    char before[REPO_ID_SIZE]; // the commit before it, which it is compared with; "": none
    int64_t number;            // 0 in a history of all robots
    int64_t time_ms;           // when its author wrote it
    char author[VERSION_TEXT_MAX + 1], mail[VERSION_TEXT_MAX + 1], subject[VERSION_TEXT_MAX + 1];
    enum version_kind kind; // of the robot
    unsigned what;          // VERSION_OF_… joined
    bool merge;
    char robot[ROBOT_NAME_MAX + 1],
        was[ROBOT_NAME_MAX + 1]; // its name then; and before, where it was renamed
    const char
        *names[VERSION_NAMES_MAX]; // of all robots: what was changed, "robots/rents", borrowed; ended by NULL
    size_t name_count;             // all of them
};

struct version_query {
    const char *robot;          // NULL: all robots and schedules
    const char *const *modules; // of robots/lib, "names.lua"; ended by NULL; may be NULL
    int64_t most;               // versions told, the newest first
};

// Looks at the commits that are new, for `ms` at most; *ready is false when that was not enough: call it again later.
// The rest of this file wants it ready. HISTORY_LIMIT.
bool repo_versions_prepare(struct repo *repo, bool *ready, int64_t ms, struct err *err) MUST_CHECK;

typedef bool (*version_visitor)(void *owner, const struct version *version, struct err *err);
// *total is how many there are. Of a robot that no commit has there are none. The version is lent.
bool repo_versions(struct repo *repo, int64_t *total, const struct version_query *query,
                   version_visitor visit, void *owner, struct err *err) MUST_CHECK;

// One version by what a person calls it: its number ("3", "v3"), four digits or more of its id, or of any commit's;
// "newest"; or, with `until_ms` above 0, the newest at that time whatever the text. VERSION_UNKNOWN (names what is
// possible), VERSION_UNCLEAR.
bool repo_version_find(struct repo *repo, struct version *out, const struct version_query *query,
                       const char *text, int64_t until_ms, struct err *err) MUST_CHECK;

#endif
