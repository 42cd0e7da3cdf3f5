// Which addresses may be dialled. In the gateway, asked with the very address that connect(2) gets.
#ifndef RENKI_GATEWAY_ADDRESS_H
#define RENKI_GATEWAY_ADDRESS_H

#include "gateway/settings.h"

#include <sys/socket.h>

enum { ADDRESS_TEXT_MAX = 64 };

// "10.2.0.0/16", "127.0.0.1", "fd00::/8".
bool network_read(struct network *out, struct text text) MUST_CHECK;
// Whether this address may be dialled: any public one; private ones, loopback and this machine's own only when the
// route names their network and port; others (link-local, multicast, unspecified, broadcast) never. IPv4 inside IPv6 is
// judged by the inner address.
bool address_may_dial(const struct sockaddr *address, const struct route *route);
// "10.2.3.4:80", for messages.
const char *address_text(char out[ADDRESS_TEXT_MAX], const struct sockaddr *address);

#endif
