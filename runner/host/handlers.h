// What the handlers of a worker's messages share. In the host.
//
// A handler decodes its message, writes in the turn's transaction and answers once that is on disk. False with `err`:
// the message is malformed, and the channel closes with that reason; whatever else a robot gets wrong is answered.
#ifndef RENKI_HOST_HANDLERS_H
#define RENKI_HOST_HANDLERS_H

#include "host/session.h"

bool handler_malformed(struct err *err, const char *message, const char *field);
// Runs are; tests and checks leave no record.
bool session_is_recorded(const struct session *session);
// For messages without an answer: a write that failed, now (`good` is false) or at the commit, ends the run with the
// database's reason. True.
bool handler_stored(struct session *session, bool good, const struct err *err);
// For messages that STORED answers, when the turn is committed. True.
bool handler_answer_stored(struct session *session);
// Answers STORED with what is wrong, at once. True.
bool handler_send_problem(struct session *session, const struct err *problem);
// Empty or a decimal as written.
bool handler_is_amount(struct text amount);

// A message that is handled when what it needs is there: files that are copied. The session stays until then.
typedef bool (*message_handler)(struct session *session, struct frame *frame, struct err *err);
struct later {
    struct session *session;
    message_handler handle;
    enum message_type type;
    char *head, *bytes;
    size_t head_length, bytes_length;
};
void later_begin(struct later *later, struct session *session, const struct frame *frame,
                 message_handler handle);
void later_handle(const struct later *later); // now; not where its worker is gone
void later_end(struct later *later);          // the session may be gone afterwards

#endif
