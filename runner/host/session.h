// A live run: from its row in the store to its end. In the host.
//
//   session.c   its life: queue, places, deadlines, cancelling, the sweep of its folder
//   launch.c    folder, sockets, FORK, RUN_OPEN, what the worker is told
//   worker.c    what the worker says: log, progress, entries, attachments, its end
//   ending.c    what state it ends in, what is told of it, whether it is tried again
//
// 1. A session is freed when its worker is gone (pidfd), its socket is closed, the gateway has closed its run and its
//    end is on disk. Nothing else frees it.
// 2. Tests and checks are sessions too, with a negative number and without a row: they run in the same sandbox.
// 3. Whatever ends a run early sets `fault` first and signals the worker; the state is decided in ending.c alone.
#ifndef RENKI_HOST_SESSION_H
#define RENKI_HOST_SESSION_H

#include "host/client.h"
#include "host/pins.h"
#include "host/runs.h"

enum session_stage {
    SESSION_PREPARING, // its inputs are checked and copied
    SESSION_QUEUED,    // a test or check that waits for a place; runs wait in the store (queue.h)
    SESSION_TAKEN,     // from the queue: its pin is being loaded
    SESSION_STARTING,  // waits for zygote, gateway and its fork
    SESSION_RUNNING,
    SESSION_ENDING // its worker is gone
};

enum session_kind { SESSION_RUN, SESSION_TEST, SESSION_CHECK, SESSION_FAKE };

struct seen;
struct permits;
struct run_log;

struct ahead;
struct call_files;

struct session {
    struct host *host;
    struct session *next;
    int64_t id; // the run's number; negative for tests and checks
    enum session_kind kind;
    enum session_stage stage;
    enum language language;
    char *robot, *actor, *tree, *inputs; // inputs: RUN_START's JSON
    char *problems;                      // for a check: those of the manifest as JSON; NULL: none
    char folder[33];                     // 128 random bits in hex: the run folder's name
    int folder_fd;
    bool fetching; // what it was given is on its way to its new folder
    struct pin *pin;
    int64_t attempt, failures, parent;
    int64_t deaths;     // attempts in a row in which a process died before anything was done
    int64_t planned_ms; // the time it was planned for; 0: a person started it
    bool draft, dry_run, record, served;
    bool held;       // an emergency run that a second administrator may have to allow yet
    bool unprepared; // planned: its inputs are what is given, its tree is only being pinned
    const char
        *parked; // what it is to wait for once its worker is gone: "question", "sleep", "run", "doubt"; NULL
    int64_t parked_until_ms;
    int64_t retry_wait_ms; // until its next attempt, when it is tried again
    bool lost;             // another host has its run by now: nothing of it is written any more
    bool yielding;         // its host closes: it goes back to the queue
    struct answer_list watchers;

    struct channel *channel; // to the worker
    int pidfd;
    const char *died; // what the worker could not say itself: "cpu", "crash" or NULL
    int died_value;
    int64_t zygote; // which one made the worker (roles_forked); 0: none yet
    bool crashed;   // by a signal, or at a forbidden call
    uv_poll_t *exit_poll;
    int64_t gateway; // which one it is open at (roles_run_opened)
    bool forking, gone, gateway_open;
    bool release_pending; // a callback of the turn still needs it
    int peer;             // of a fake: the worker's end of its socket to the fake process; -1

    bool ended, end_done, stopped; // ENDED (with "done") or STOPPED came
    bool cancelling, failed_early;
    const char *limit; // of the host's own, passed: "time", "output" …; NULL
    int unanswered;    // callbacks of the turn that still need the session
    bool closing, finished;
    enum run_state end_state;
    char *fault, *cost;               // JSON
    int64_t input_bytes, input_files; // what was put into the folder at the start
    int64_t deadline_ms, kill_at_ms, sweep_at_ms, started_ms;
    int asked_by; // the signal that asked the worker to end, repeated once at `ask_again_ms`
    int64_t ask_again_ms;

    struct ahead *ahead;        // files that it attaches, on their way, of artifact.c; NULL: none
    struct call_files *handing; // files that it hands to another run, likewise
    struct run_log *log;
    bool log_flushing; // of logs.h
    int64_t log_flush_ms;
    struct seen *seen;
    int64_t steps, items, journal_bytes, exceptions;
    bool has_journal;    // entries came from elsewhere: of an item's work in another run
    char *journal_scope; // of steps.c: the scope last asked for, NULL: none, and its last step's position
    int64_t journal_end;
    struct permits *permits; // of permitted.c
    char *queue_of_room;     // the queue last counted for room, and how many more it takes (items.c)
    int64_t queue_room, queue_counted_ms;
};

// Starts a test, check or fake when there is a place. Takes the session.
void session_queue(struct host *host, struct session *session);
// Starts a run that was taken from the queue. Takes the session.
void session_begin(struct session *session);
struct session *session_new(struct host *host);
struct session *session_find(struct host *host, int64_t id);
size_t session_free_places(const struct host *host);
// Lets what waits start while there are places.
void session_start_next(struct host *host);
// Its worker is to end and the run to wait for `what` (a literal), until then (ms since 1970) or, 0, until it is woken
// (queue_wake). Called by a handler of the worker's message that awaits an answer, in the turn that writes what it waits
// for. "doubt": the run is in doubt.
void session_park(struct session *session, const char *what, int64_t until_ms);
// The host closes: ends the worker; the run goes back to the queue and goes on from its journal.
void session_yield(struct session *session);
// Another host has taken its run over: it ends without a word.
void session_lose(struct session *session);
// Ends it: SIGUSR2 first, so that the robot's line is told; once more after half a second, which ends what sits deep in
// C; SIGKILL after a second.
void session_cancel(struct session *session, const char *actor);
// Ends it with this fault: SIGKILL at once.
void session_kill(struct session *session, const struct err *why);
// A limit that the host watches was passed: likewise with SIGUSR1.
void session_limit(struct session *session, const char *what);
void session_event(const struct session *session, const char *name, struct text body);
void session_free(struct session *session);
// Frees it when nothing is left of it; see 1.
void session_settle(struct session *session);
void session_stop_all(struct host *host); // the host ends

// ---- from roles.c
bool session_on_zygote(struct host *host, struct frame *frame, struct err *err) MUST_CHECK;
bool session_on_gateway(struct host *host, struct frame *frame, struct err *err) MUST_CHECK;
void session_on_role_lost(struct host *host, enum role role, int64_t generation);

// ---- launch.c
bool session_make_folder(struct session *session, struct err *err) MUST_CHECK;
bool session_folder_fetched(struct session *session, struct err *err) MUST_CHECK; // it has its own name now
void session_remove_folder(struct session *session);
void session_remove_spares(struct host *host); // the host ends
void session_launch(struct session *session);
// ---- worker.c
extern const struct channel_events session_channel_events;
// Counts what the run's journal holds; what passes a limit ends the run, and false.
bool session_within_limits(struct session *session, struct text kind, size_t bytes);
bool session_put_entry(struct session *session, const struct message_ENTRY_DONE *message,
                       struct err *err) MUST_CHECK;
// ---- ending.c
void session_finish_watchers(struct session *session); // of a test that never began
void session_end(struct session *session);
void session_leave_lost(struct session *session); // of a run that is another host's by now
void session_crashed(struct session *session);    // its worker did: no other is made by the same zygote
// What the command line shows at the end: state, counts, totals, exceptions, artifacts. Appends JSON.
bool session_report(struct host *host, struct buf *out, int64_t run, struct err *err) MUST_CHECK;

#endif
