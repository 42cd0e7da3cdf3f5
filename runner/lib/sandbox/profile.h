// What a profile is made of; shared by the sources of this folder only.
#ifndef RENKI_SANDBOX_PROFILE_H
#define RENKI_SANDBOX_PROFILE_H

#include "lib/sandbox/sandbox.h"

enum sandbox_verdict {
    SANDBOX_RULES_END, // ends a list
    SANDBOX_ALLOW,
    SANDBOX_REFUSE, // EPERM: a library asks and lives without
    SANDBOX_ABSENT, // ENOSYS: the C library then takes an older call
};

// A condition holds when (argument & mask) == value.
struct sandbox_condition {
    unsigned argument;
    uint64_t mask, value;
};

struct sandbox_rule {
    const char *call;
    enum sandbox_verdict verdict;
    unsigned condition_count;
    struct sandbox_condition conditions[2]; // all must hold; several rules for a call: one must
};

// What Landlock closes besides files.
struct sandbox_reach {
    uint64_t tcp_refused; // bit 0 bind, bit 1 connect
    uint64_t scoped;      // bit 0 abstract unix sockets, bit 1 signals, to processes outside
};

enum { SANDBOX_GROUPS_MAX = 12 };

struct sandbox_profile_row {
    const char *name;
    struct sandbox_reach reach;
    const struct sandbox_rule *groups[SANDBOX_GROUPS_MAX]; // ended by NULL
};

const struct sandbox_profile_row *sandbox_profile_row(enum sandbox_profile profile);

static inline struct sandbox_reach sandbox_reach_of(enum sandbox_profile profile)
{
    return sandbox_profile_row(profile)->reach;
}

#endif
