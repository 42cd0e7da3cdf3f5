// What runs ask people, and what people say: forms (run:ask), and whether something in doubt was done. In the host.
//
// 1. A question is on disk before its run's worker ends; the run then costs a row, and goes on by the answer's own
//    transaction.
// 2. Whoever gives an answer stands in the record; somebody else than who was asked is marked as standing in.
// 3. Reminding, escalating and what holds when nobody answers are done by time, each once, by whichever host serves.
#ifndef RENKI_HOST_QUESTIONS_H
#define RENKI_HOST_QUESTIONS_H

#include "host/session.h"
#include "host/store/questions.h"

// Handler of a worker's ASK, for the table of worker.c.
bool questions_on_ask(struct session *session, struct frame *frame, struct err *err);
// Asks the robot's owner whether this entry was done, unless that is asked already.
bool questions_doubt(struct session *session, const struct entry *entry, struct err *err) MUST_CHECK;
// The run waits for an answer by now: it goes on at once (*woken) where that was given meanwhile.
bool questions_parked(bool *woken, struct host *host, int64_t run, const char *actor,
                      struct err *err) MUST_CHECK;

// What a person says of a question.
struct saying {
    const char *actor;
    const char *verdict;       // of a doubt: "done", "not done", "give up"; "" for a form
    const char *result;        // of "done": what the step is to give; NULL
    const struct given *given; // of a form
    size_t given_count;
};
// Writes the answer; the run goes on, or ends where it is given up. All that is wrong in `problems`.
bool questions_answer(struct host *host, int64_t id, const struct saying *saying,
                      struct problems *problems) MUST_CHECK;
// Does what is due by now.
bool questions_due(struct host *host, int64_t now_ms, struct err *err) MUST_CHECK;

#endif
