// Tells systemd how a service is (sd_notify(3)): one datagram to $NOTIFY_SOCKET. In the command `renki serve`.
#ifndef RENKI_CLI_NOTIFY_H
#define RENKI_CLI_NOTIFY_H

#include <stdint.h>

// "READY=1\nSTATUS=…"; nothing where nobody listens, and nothing is waited for.
void notify(const char *state);
// How often systemd wants to hear that all is well, in ms; 0: not at all.
int64_t notify_watchdog_ms(void);

#endif
