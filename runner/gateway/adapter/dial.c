// Judges the address that is really dialled: whatever a name resolves to, this one counts. In the gateway.
#include "gateway/adapter/transfer.h"
#include "gateway/address.h"

#include <stdio.h>

curl_socket_t dial_open(void *owner, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct dial *dial = owner;
    (void)purpose;
    if (address->socktype != SOCK_STREAM || !address_may_dial(&address->addr, dial->route)) {
        address_text(dial->refused, &address->addr);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
}
