// What the steps of the sync role share. In the sync process.
//
//   main.c     is told what to do, confines itself, does one step, answers
//   remote.c   connecting: the login, the server's key, its certificate
//   fetch.c    brings what a branch and the approvals name, as it is sent; looks into nothing
//   index.c    without a network: makes objects of what was brought, after pack.h has gone over it
//   push.c     sends references of this workspace
#ifndef RENKI_SYNC_H
#define RENKI_SYNC_H

#include "lib/base/buf.h"
#include "lib/json/json.h"
#include "lib/wire/wire.h"

#include <git2.h>

enum {
    SYNC_OBJECTS_MAX = 1000000,
    SYNC_PACK_BYTES_MAX = 512 << 20,
    SYNC_OBJECT_BYTES_MAX = 64 << 20,
    SYNC_UNPACKED_BYTES_MAX = 1 << 30,
    SYNC_DELTA_DEPTH_MAX = 4095,  // git's own bound
    SYNC_REFERENCES_MAX = 20000,  // approvals and rejections
    SYNC_ADVERTISED_MAX = 100000, // references that the remote may have in all
    SYNC_REFERENCE_NAME_MAX = 255,
    SYNC_SECRET_MAX = 40000
};

// In the quarantine: what was brought, until it is indexed.
#define SYNC_INCOMING "incoming.pack"
#define SYNC_INCOMING_REFERENCES "incoming.references"

struct login {
    char *text; // kind, user and value follow one another; wiped at the end
    const char *kind, *username, *value;
    size_t size;
};

struct pushing;

struct syncing {
    struct wire *host;
    git_repository *repository; // the quarantine
    char *url, *branch, *quarantine, *objects, *ca, *login_name, *refused;
    const struct json *host_keys, *pushes;
    struct login login;
    int attempts;   // of the login
    struct err why; // what a callback found; ERR_NONE: nothing
    struct pushing *pushing;
    bool fresh; // a pack was brought
    bool reduced;
};

// SYNC_FAILED with libgit2's words, or what a callback found.
bool sync_failed(const struct syncing *syncing, struct err *err);
bool sync_refuse(const struct syncing *syncing, const char *why, struct err *err);

// ---- remote.c
// Reads all of the descriptor; *login stays empty where nothing came.
bool login_read(struct login *login, int fd);
void login_dispose(struct login *login);
// What libgit2 is to ask us; `syncing` outlives it.
void remote_callbacks(git_remote_callbacks *out, struct syncing *syncing);
// Headers of a login of the kind bearer: borrowed until remote_headers_dispose.
git_strarray remote_headers(const struct syncing *syncing);
void remote_headers_dispose(git_strarray *headers);
// Server keys for libssh2, which chooses by them what kind of key it asks for.
bool remote_prepare(const struct syncing *syncing, struct err *err) MUST_CHECK;

// ---- the steps
bool step_fetch(struct syncing *syncing, struct err *err) MUST_CHECK;
bool step_index(struct syncing *syncing, struct err *err) MUST_CHECK;
bool step_push(struct syncing *syncing, struct err *err) MUST_CHECK;

#endif
