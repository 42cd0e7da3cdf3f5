// How many people have to approve a robot, and who: the settings' rules, by what its manifest asks for. In the host.
#ifndef RENKI_HOST_APPROVAL_RULES_H
#define RENKI_HOST_APPROVAL_RULES_H

#include "lib/manifest/manifest.h"

enum { APPROVAL_NEEDS_MAX = 16 };

// So many people of this group (NULL: of all who are listed). One person can count for several needs.
struct approval_need {
    int64_t approvers;
    const char *group;
    const char *when; // NULL: always; "outside", "login", "mail", "spending"
};
struct approval_needs {
    struct approval_need items[APPROVAL_NEEDS_MAX];
    size_t count;
};

// `manifest` NULL: what holds for every robot. A robot that may write to the outside and does not say what it may spend
// counts as above every amount.
void approval_needs_of(struct approval_needs *out, const struct settings *settings,
                       const struct manifest *manifest);

#endif
