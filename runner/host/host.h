// The host's own state, made once in host_main and passed on. In the host.
//
// Glossary: a *client* is a connected command line; a *request* is what it asks, an *answer* where its reply goes; a
// *session* is a live run: its worker, its socket, its folder; a *turn* is one round of the event loop.
//
//   host_main.c   begins, opens the workspace, loops
//   client.c      connections, requests, answers            requests.c      which names are answered, by whom
//   turn.c        one transaction a turn of the loop
//   child.c       zygote, gateway and readers as children   roles.c         starting zygote and gateway, when needed
//   pins.c        what a pinned robot consists of
//   runs.c        the states of a run                        session.c …     a live run
//   queue.c       which run starts next, what is due         watches.c       who watches a run without a session
//   hosts.c       the hosts of a fleet                       lost.c          runs whose host is gone
//   keep.c        files to and from the bucket of a fleet  copies.c        files copied beside the loop
//   over.c        what else is done when a run is over
#ifndef RENKI_HOST_H
#define RENKI_HOST_H

#include "host/repo/repo.h"
#include "host/store/store.h"
#include "lib/loop/channel.h"
#include "lib/manifest/manifest.h"

#include <uv.h>

struct alerts;
struct hooks;
struct web_child;
struct session;
struct client;
struct turn;
struct roles;
struct pins;
struct past;
struct queue;
struct hosts;
struct sync;
struct logs;
struct watch;
struct schedules;
struct service;
struct keeping;
struct authors_known;
struct signer;

enum { HOST_SPARES_MAX = 32, HOST_TREES_MAX = 64 };

struct host {
    uv_loop_t *loop;
    char *folder;   // the workspace, absolute; also the current folder
    char *identity; // "boot id/process id/start time": tells a live host from one that is gone
    bool open;      // the workspace's store and settings are there
    bool serving;   // `renki serve`: stays while that client does
    bool draining;  // takes no new runs
    bool has_lost;  // runs whose end could not be recorded; of lost.h
    struct store *store;
    struct repo *repo; // NULL until first needed
    struct settings *settings;
    struct turn *turn;
    struct roles *roles;
    struct pins *pins;
    struct past *past;             // of past.h; NULL until it is asked
    struct authors_known *authors; // of approval_authors.c; NULL until they are asked for
    struct signer *signer;         // of approval_words.c; likewise
    char *account;                 // the login that the host runs as
    struct service *service;       // of `renki serve`; NULL otherwise
    struct client *clients;
    struct session *sessions; // live ones
    struct queue *queue;
    struct hooks *hooks; // webhooks under way
    struct web_child *web;
    struct schedules *schedules; // NULL until they are first needed
    struct alerts *alerts;
    struct hosts *hosts;
    struct keeping *keepings; // files on their way to or from the bucket
    int64_t keeping_count;    // so far
    struct sync *sync;        // of the git remote
    struct logs *logs;        // of runs, for all hosts
    int64_t copying;          // copies under way, of copies.h
    struct watch *watches;    // of runs without a session
    uv_timer_t *ticker;       // runs while there are sessions, and a second longer
    int quiet_ticks;          // of it, in a row without one
    uv_poll_t *listener;      // of `renki serve`
    void (*items_listener)(struct host *host, const char *queue); // of items.h; NULL: nobody
    int listener_fd;
    char *calendars_place;            // those that come with renki; NULL: nowhere
    char *credentials;                // systemd's folder of them; NULL
    char *stdlib, *key_path;          // looked up before the host confines itself; stdlib NULL: nowhere
    long cores;                       // of the machine, as it was at the start
    int landlock_abi;                 // likewise, of its kernel
    size_t places;                    // runs at a time
    char spares[HOST_SPARES_MAX][33]; // empty run folders to be used again; see launch.c
    size_t spare_count;
    char trees[HOST_TREES_MAX][REPO_ID_SIZE]; // the last that were seen in the store; of trees.c
    size_t trees_seen;
    int64_t offset_until_ms; // of today.c
    int32_t offset_seconds;
};

int host_main(void);

// Opens store, settings and repository once; fine when open. `done` may come at once.
typedef void (*host_opened)(void *owner, const struct problems *problems);
void host_open(struct host *host, const char *folder, host_opened done, void *owner);
// The repository, opened at first use.
struct repo *host_repo(struct host *host, struct err *err) MUST_CHECK;
// Ends the loop when there is nobody left to serve.
void host_rest(struct host *host);

#endif
