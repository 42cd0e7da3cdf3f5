// What a live run may touch inside renki: queues and other robots, by the permits of its manifest. In the host.
#ifndef RENKI_HOST_PERMITTED_H
#define RENKI_HOST_PERMITTED_H

#include "host/session.h"
#include "lib/permit/permit.h"

// Fail with QUEUE_NOT_PERMITTED and ROBOT_NOT_PERMITTED, which say what to write.
bool permitted_queue(struct session *session, struct text name, enum queue_right right,
                     struct err *err) MUST_CHECK;
bool permitted_robot(struct session *session, struct text name, struct err *err) MUST_CHECK;

#endif
