// Logs of runs that all hosts can read, where they share a store and a place for files. In the host.
//
// 1. The host of a run puts its new lines into the store (store/logs.h) about twice a second, with each step and item that
//    it records, and with the run's end: of a run that was torn off, what is done has its lines.
// 2. When the run is over its lines go from the store to a file in the place that hosts share (kept.h, logs/RUN-LAST.jsonl).
//    Whoever ended the run does that; if it can't, any host that serves, later.
// 3. Reading is asking for what comes after what was read; it does not matter where it lies by then.
#ifndef RENKI_HOST_LOGS_H
#define RENKI_HOST_LOGS_H

#include "host/session.h"

struct logs *logs_new(struct host *host);
bool logs_are_shared(const struct host *host);
// The run's new lines, in the turn.
bool logs_write(struct session *session, struct err *err) MUST_CHECK;
bool logs_write_last(struct session *session, struct err *err) MUST_CHECK; // with its end
void logs_flush(struct session *session, int64_t now_ms);                  // now and then
void logs_over(struct host *host, int64_t run);                            // after the commit of its end
void logs_sweep(struct host *host); // now and then: what others left behind

// ---- reading
struct log_reader;
typedef void (*log_lines)(void *owner, struct text lines); // whole lines, or the parts of them that come next
// `ready` is called when log_read may be called again after it said LOG_WAIT.
struct log_reader *log_reader_new(struct host *host, int64_t run, log_lines lines, void (*ready)(void *owner),
                                  void *owner);
void log_reader_free(struct log_reader *reader); // also while it waits
// LOG_END: that is all there is now; more may come.
enum log_found { LOG_MORE, LOG_END, LOG_WAIT, LOG_FAILED };
enum log_found log_read(struct log_reader *reader, struct err *err);

#endif
