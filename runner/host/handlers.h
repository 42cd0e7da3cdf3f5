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

#endif
