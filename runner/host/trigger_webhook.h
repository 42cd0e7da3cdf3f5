// Schedules that a webhook starts: what they ask of a request, and the run it becomes. In the host.
#ifndef RENKI_HOST_TRIGGER_WEBHOOK_H
#define RENKI_HOST_TRIGGER_WEBHOOK_H

#include "host/host.h"

struct hook_rules {
    char secret[65];   // name of the login that signs
    bool github;       // signed as GitHub does: the body alone
    bool paused;       // by a person
    int64_t window_ms; // how old a signature may be
};
// *found is false where no schedule of this name waits for a webhook.
bool trigger_webhook_find(struct host *host, bool *found, struct hook_rules *out, const char *name,
                          struct err *err) MUST_CHECK;
// A run that is due now, with those inputs of the payload (an object) that the schedule names; *run 0: its calendar or
// bounds stand in the way. Fails with HOOK_PAYLOAD when it is no object or a value no text, number or truth value.
bool trigger_webhook_start(struct host *host, int64_t *run, const char *name, struct text payload,
                           struct err *err) MUST_CHECK;

#endif
