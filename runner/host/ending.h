// What ending.c needs of session.c. In the host.
#ifndef RENKI_HOST_ENDING_H
#define RENKI_HOST_ENDING_H

#include "host/session.h"

// A worker that came after its run was given up or cancelled is ended at once.
void session_signal_if_unwanted(const struct session *session);

#endif
