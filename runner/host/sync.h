// Robots from the git remote that the settings name: fetched now and again, taken over when they pass; and what was made
// here, sent there. In the host.
//
//     every so often, on a notice, by hand
//          │
//        fetch ── nothing new ──────────────────────┐
//          │ a pack                                 │
//        index (without a network)                  │
//          │                                        │
//        object by object, judged ── refused: told, recorded, an alert; nothing moved
//          │                                        │
//        recorded, then moved                       │
//          └──────────── something to push? ── push ┴── over
//
// Processes of their own fetch, index and push (runner/sync); repo_take_… judges what came, repo_follow moves the branch.
#ifndef RENKI_HOST_SYNC_H
#define RENKI_HOST_SYNC_H

#include "host/client.h"

struct sync;

struct sync *sync_new(struct host *host);
// From now on, where the settings name a remote; the first time at once.
void sync_begin(struct host *host);
// The settings have changed.
void sync_renew(struct host *host);
// Now: a notice came that something was pushed there, or something was made here.
void sync_now(struct host *host);
// Now, also what was refused before; the answer hears what came. Takes the answer; REMOTE_NONE.
bool sync_by_hand(struct host *host, struct answer *answer, struct err *err) MUST_CHECK;
// Somebody else's turn with the remote: `visit` is called once no round is under way, maybe before this returns; no round
// begins until sync_leave.
void sync_visit(struct host *host, void (*visit)(void *owner), void *owner);
void sync_leave(struct host *host);
// The last time that it went well (ms since 1970; 0: not yet), and what went wrong since; ERR_NONE: nothing.
int64_t sync_last_ms(const struct host *host);
const struct err *sync_problem(const struct host *host);

#endif
