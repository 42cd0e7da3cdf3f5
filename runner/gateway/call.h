// One call of a robot: its bodies, its pace, its end and its record. In the gateway.
//
//   new -> waiting  call_admit()      the system or the run has no free place yet
//   new, waiting -> running  queue.c  adapter->start()
//   running -> over  call_finish(), call_fail(), call_hold(), call_cancel()
//
// 1. Nothing is sent while an adapter works; what a call gathered goes out together before the loop waits (call_flush).
// 2. The answer's body keeps to the worker's window (CALL_WINDOW and CALL_MORE); beyond it the adapter is told to pause.
// 3. The robot's body is kept whole while it is small, so that it can be sent again; else it streams, and the worker's
//    socket rests while much of it waits.
// 4. Every call has exactly one CALL_DONE, refused ones too. Those of GET and HEAD may wait some milliseconds for others.
#ifndef RENKI_GATEWAY_CALL_H
#define RENKI_GATEWAY_CALL_H

#include "gateway/gateway.h"
#include "gateway/record.h"

enum {
    UPLOAD_KEEP = 1 << 20,  // bytes that are kept to be sent again
    UPLOAD_HIGH = 1 << 20,  // waiting bytes at which the worker's socket rests
    UPLOAD_LOW = 256 << 10, // and goes on
    QUEUE_HIGH = 2 << 20,   // bytes waiting for the worker at which answers rest
};

enum call_state { CALL_NEW, CALL_WAITING, CALL_RUNNING, CALL_OVER };
enum call_outcome { OUTCOME_DONE, OUTCOME_HELD, OUTCOME_REFUSED, OUTCOME_FAILED };
enum flow { FLOW_ON, FLOW_PAUSE, FLOW_STOP };

struct adapter {
    const char *kind;                 // "http", "mail": in records
    void (*start)(struct call *call); // its turn has come
    void (*more)(struct call *call);  // paused, and may go on
    // Sends what the answer begins with (HTTP_HEAD, MAIL_DONE); `last`: the body ends with `part`.
    bool (*head)(struct call *call, struct text part, bool last);
    void (*dispose)(struct call *call); // frees call->adapted; ends what is under way
    bool has_body;                      // CALL_BODY may follow the head
};

struct call {
    struct run *run;
    struct call *next, *next_dirty, *next_waiting;
    int64_t number;
    enum call_state state;
    const struct adapter *adapter;
    void *adapted; // the adapter's own
    struct system *system;
    enum { QUEUE_NONE, QUEUE_OF_RUN, QUEUE_OF_SYSTEM, QUEUE_PASSED } queued;
    bool dirty, own_bound;            // counted under the run's own bound
    struct account *account;          // freeze.c: whose login it uses, once it entered; NULL
    struct call *next_trying;         // waits for its login
    void (*go_on)(struct call *call); // NULL: does not wait

    // For the record
    char method[33], *host, *path;
    int port;
    char login[65];
    int64_t status, sent_bytes, received_bytes, started_ms, started_at_ms;
    enum call_outcome outcome;
    struct err *problem;       // NULL: none; with OUTCOME_DONE a remark
    struct exchange *exchange; // with --record

    // What the robot sends
    struct buf upload;
    size_t upload_taken; // of what is in `upload`
    int64_t upload_expected, upload_total;
    bool upload_open, upload_dropped, upload_hungry; // hungry: the adapter waits for more

    // What comes back
    struct buf answer;
    int64_t credit;
    bool head_sent, answer_paused;
};

struct call *call_new(struct run *run, int64_t number, const struct adapter *adapter);
// Asks for a place; start() follows, at once or later.
void call_admit(struct call *call);

// ---- The robot's body
void call_upload(struct call *call, struct text part, bool last); // from the worker
// Up to `most` bytes; 0 with *flow FLOW_PAUSE: not there yet; 0 with FLOW_ON: all was read.
size_t call_read(struct call *call, char *out, size_t most, enum flow *flow);
// From the start again; false when it is not kept.
bool call_rewind(struct call *call);
// GET and HEAD: a rehearsal lets it through, and it may be sent again.
bool call_reads(const struct call *call);
// Nobody wants the rest of it.
void call_drop_upload(struct call *call);

// ---- The answer
// FLOW_PAUSE: not taken, to be given again after adapter->more().
enum flow call_may_answer(struct call *call);
void call_answer(struct call *call, struct text part);
void call_finish(struct call *call);                        // all of it was given
void call_remark(struct call *call, const struct err *err); // stands in the record, the call goes on
void call_fail(struct call *call, const struct err *err);   // refused by class, failed otherwise
void call_hold(struct call *call);                          // a rehearsal: not done
void call_cancel(struct call *call);

// ---- From the loop
void call_mark(struct call *call);         // has something to send
void calls_flush(struct gateway *gateway); // before each wait
void calls_tell(struct gateway *gateway);  // records that waited go to the host
void calls_resume(struct run *run);        // the worker took what waited
void call_more(struct call *call, int64_t bytes);

// ---- queue.c
struct queue;
void queue_admit(struct call *call);
void queue_leave(struct call *call);
struct queue *queues_new(const struct outside *outside);
void queues_pace(struct gateway *gateway);

// ---- The kinds of calls
bool http_call(struct call **out, struct run *run, struct frame *frame, struct err *err) MUST_CHECK;
bool mail_call(struct call **out, struct run *run, struct frame *frame, struct err *err) MUST_CHECK;

#endif
