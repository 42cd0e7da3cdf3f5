// The gateway's parts and who calls whom. In the gateway.
//
//   main.c      setup, confinement, the host's messages                       gateway_main
//   run.c       one run's socket: checks turn and limits, finds the call      run_open, run_close
//   call.c      one call: its bodies, its pace, its end and its record        call_…
//   queue.c     systems' manners: how many calls at once, how fast, when      queue_…
//   hook.c      signatures of webhooks                                         hook_…
//   freeze.c    logins that systems refuse are not used any more               account_…
//   adapter/bucket.c   files that hosts share                                 bucket_…
//   mask.c      the secret is found in what comes back                        mask_…
//   record.c    exchanges for `--record`                                      record_…
//   settings.c, address.c   where may be called                               outside_…, address_…
//   adapter/    one file for each kind of outside world; libcurl is named only there
//
// Glossary: a *call* is one request of a robot, with all its redirects; a *transfer* is one exchange by libcurl; a
// *pool* holds connections that may be shared; a *route* is how one place may be reached.
#ifndef RENKI_GATEWAY_H
#define RENKI_GATEWAY_H

#include "gateway/settings.h"
#include "lib/loop/channel.h"
#include "lib/seal/secret.h"

struct account;
struct call;
struct jar;
struct pool;
struct run;
struct login_session;

enum {
    CALLS_OUTSTANDING_MAX = 1000, // of a run, begun and not over
    CALLS_AT_ONCE = 8,            // of a run, where neither limits nor system say another number
    LOGINS_MAX = 64               // of a run
};

struct gateway {
    uv_loop_t loop;
    uv_prepare_t prepare; // before each wait: what calls gathered is sent
    uv_timer_t sweep, paced, telling;
    int64_t preset_count;                                        // adapter/preset.c
    enum { RECORDS_NONE, RECORDS_WAIT, RECORDS_URGENT } records; // not none: the host's channel is held
    struct channel *host;
    struct seal_key *key;
    struct outside *outside;
    const char *bundle; // certificates that count where no private authority is named; NULL: libcurl's choice
    struct queue *queues; // one a system, as outside->systems
    int64_t hosts;        // that share the systems' rates, at least 1
    struct account *accounts;
    struct pool *pools;
    struct run *runs;
    struct credential *hook_secret; // for the HOOK_CHECK that follows; NULL: none
    struct secret *bucket_secret;   // of the newest KEEP_SECRET; NULL: none
    struct credential *credentials; // boxes that wait for their run
    struct call *dirty;             // have something to send
};

int gateway_main(void);

struct run_limits_of_calls {
    int64_t calls, mails, mails_left_today, answer_bytes, calls_at_once, call_ms;
};

// A login of a run: the opened secret, or why there is none.
struct login {
    char name[64 + 1];
    struct secret *secret; // NULL: `problem` says why
    struct mask *mask;
    struct account *account;
    struct err problem;
    struct login_session *session; // adapter/http_login.c: form logins only
};

struct run {
    struct gateway *gateway;
    struct run *next;
    int64_t id;
    char *robot;
    struct permits *permits;
    struct run_limits_of_calls limits;
    bool dry_run, record, closing, paused;
    struct channel *channel; // NULL once closed
    struct call *calls;
    struct call *waiting, **waiting_end; // for the run's own bound
    int64_t last_number, call_count, mail_count, live_count;
    int64_t active; // calls under the run's own bound, begun
    struct login logins[LOGINS_MAX];
    size_t login_count;
    struct jar *jars;      // adapter/pool.c
    struct url *known;     // where the last call went; adapter/http.c
    struct preset *preset; // how the last call was made; adapter/preset.h
};

struct credential {
    struct credential *next;
    int64_t run, version;
    char name[64 + 1];
    char *box;
    size_t box_length;
};

void login_session_free(struct login_session *session); // adapter/http_login.c
void http_end_run(struct run *run);                     // adapter/http.c: what it remembers of the last call

// ---- run.c
// Takes frame's descriptor; false on a malformed message (the host's fault).
bool run_open(struct gateway *gateway, struct frame *frame, struct err *err) MUST_CHECK;
// Ends its calls, tells their records and RUN_CLOSED.
void run_close(struct gateway *gateway, int64_t id);
// The worker broke the protocol.
void run_break(struct run *run, const char *reason);
// NULL when it has none of this name.
struct login *run_login(struct run *run, struct text name);

#endif
