// What is different between two versions, in sentences; and which words of a line are. Pure. In the host.
//
// 1. Manifests and schedules come as the reader hands them over (JSON); what is not known to have a sentence of its own
//    is told by its key, so nothing goes untold.
// 2. What widens the robot's reach stands first, then what narrows it, then the rest. A permit that another one covered
//    before widens nothing. Where it can't be told whether something widens, it counts as widening.
// 3. Values are cut at CHANGE_VALUE_MAX; beyond CHANGES_MAX sentences are counted, not kept.
#ifndef RENKI_CHANGES_H
#define RENKI_CHANGES_H

#include "lib/json/json.h"

enum { CHANGES_MAX = 500, CHANGE_TEXT_MAX = 1000, CHANGE_VALUE_MAX = 160 };

enum change_reach { CHANGE_WIDER, CHANGE_NARROWER, CHANGE_OTHER };
extern const char *const change_reach_names[]; // "wider", "narrower", "other"

struct change {
    enum change_reach reach;
    const char *about; // "permits", "limits", "inputs", "robot", "schedule"
    char *text;
};
struct changes {
    struct change *items;
    size_t count; // kept
    size_t total; // found
    enum language language;
};
static inline struct changes changes_new(enum language language)
{
    return (struct changes){.language = language};
}
void changes_dispose(struct changes *changes);

// Adds what is different between two manifests; NULL: there is none on that side.
void changes_describe(struct changes *changes, const struct json *before, const struct json *after);
// Likewise of a schedule, called `name`.
void changes_describe_schedule(struct changes *changes, const char *name, const struct json *before,
                               const struct json *after);
// An array of { reach, about, text }.
void changes_write(struct json_writer *out, const struct changes *changes);

// ---- words within a line
enum word_kind { WORD_SAME, WORD_OLD, WORD_NEW };
typedef void (*word_visitor)(void *owner, enum word_kind kind, struct text text);
// Runs of words in order: those of both, those only of the one, those only of the other. False, and nothing visited, where
// the lines have so little in common that marking words helps nobody.
bool words_compare(struct text before, struct text after, word_visitor visit, void *owner);

#endif
