// The journal of a run: steps, items and calls outside of both, as their worker begins and ends them. In the host.
//
// 1. An effect leaves the worker only once its note ("about to") is on disk; the end of its entry is the other half.
// 2. What was noted and not ended, or ended in doubt, is told to the next attempt as such: the robot's own check or a
//    person says what holds (questions.h).
// 3. Steps of a scope come in the same order on every attempt; items may change, for what they stand for does (a list
//    read anew has lines that came or went meanwhile), and each is known by its key alone.
#ifndef RENKI_HOST_STEPS_H
#define RENKI_HOST_STEPS_H

#include "host/session.h"

// Handlers of a worker's messages, for the table of worker.c.
bool steps_on_begin(struct session *session, struct frame *frame, struct err *err);
bool steps_on_about(struct session *session, struct frame *frame, struct err *err);
bool steps_on_done(struct session *session, struct frame *frame, struct err *err);
bool steps_on_doubt(struct session *session, struct frame *frame, struct err *err);

#endif
