// One exchange by libcurl with the settings that every exchange has. In the gateway, for its adapters only.
//
// 1. What is common and what keeps us safe is set here, once: protocols, no netrc, no proxy but the administrator's,
//    addresses judged at connect, TLS and its verification, timeouts. Adapters add their own.
// 2. The owner is told by callbacks; none of them may start or free a transfer, except `done`.
#ifndef RENKI_GATEWAY_TRANSFER_H
#define RENKI_GATEWAY_TRANSFER_H

#include "gateway/adapter/url.h"
#include "gateway/call.h"

#include <curl/curl.h>

struct transfer;

struct transfer_events {
    // Up to `most` bytes to send; 0 with *flow FLOW_PAUSE: none yet, with FLOW_STOP: break off.
    size_t (*read)(void *owner, char *out, size_t most, enum flow *flow);
    bool (*rewind)(void *owner);                                  // from the start again; may be NULL
    bool (*line)(void *owner, struct text line);                  // of the head; false breaks off
    bool (*body)(void *owner, struct text part, enum flow *flow); // FLOW_PAUSE: not taken; false breaks off
    void (*done)(void *owner, bool good, const struct err *err);  // the last
};

// What an exchange was made ready for. One of the same making needs no settings but its address, its size and its time;
// setting all of them anew costs as much as the exchange. Only compared; all of it must outlive the run `run`.
struct making {
    int64_t run, preset; // by their numbers
    const void *route, *login, *jar;
    char method[33];
    bool foreign, has_body;
};

// The easy handle is made ready. `route` is borrowed; NULL: nothing is said of the place. `host` is for messages.
// Timeouts in ms.
struct transfer *transfer_new(struct pool *pool, const struct route *route, struct text host,
                              int64_t timeout_ms, const struct transfer_events *events, void *owner);
// One that was kept, with all settings of its making; NULL: none.
struct transfer *transfer_again(struct pool *pool, const struct making *making, int64_t timeout_ms,
                                const struct transfer_events *events, void *owner);
// When it has ended well it is kept for others of this making.
void transfer_keep(struct transfer *transfer, const struct making *making);
// Its request changes something: when a connection breaks before an answer it is not sent again, but fails as HTTP_CUT.
void transfer_once(struct transfer *transfer);
// Takes the list.
void transfer_headers(struct transfer *transfer, struct curl_slist *headers);
// Where to; `url` must outlive the transfer. What the route says of the address is done here.
bool transfer_to(struct transfer *transfer, const struct url *url, struct err *err) MUST_CHECK;
CURL *transfer_easy(const struct transfer *transfer);
void transfer_start(struct transfer *transfer);
void transfer_resume(struct transfer *transfer);
// Breaks off what is under way.
void transfer_free(struct transfer *transfer);
DEFINE_SCOPED(transfer)

// ---- Between the files of this folder
void transfer_done(struct transfer *transfer, CURLcode result); // from pool.c
int pool_close_socket(void *owner, curl_socket_t fd);           // pool.c
// Frees what is kept for a run; 0: for all.
void transfers_forget(struct transfer **kept, int64_t run);
// dial.c: judges and opens. `refused` gets the address that was not dialled.
struct dial {
    const struct route *route;
    char refused[64];
};
curl_socket_t dial_open(void *dial, curlsocktype purpose, struct curl_sockaddr *address);
// certificate.c: keeps what the check of the server's certificate found.
struct certificate {
    char subject[300], reason[200];
};
CURLcode certificate_watch(CURL *easy, void *context, void *certificate);

#endif
