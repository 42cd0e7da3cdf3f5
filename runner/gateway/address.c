// See address.h. All judging is done on sixteen bytes: IPv4 as ::ffff:a.b.c.d.
#include "gateway/address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdio.h>

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

struct range {
    unsigned char address[16];
    int bits;
};
#define V4(a, b, c, d, bits)                                                                                 \
    {                                                                                                        \
        {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d}, 96 + (bits)                                  \
    }

// Nobody is called there, whatever the settings say.
static const struct range never[] = {
    V4(0, 0, 0, 0, 8),              // unspecified, "this network"
    V4(169, 254, 0, 0, 16),         // link-local, clouds' metadata
    V4(224, 0, 0, 0, 4),            // multicast
    V4(240, 0, 0, 0, 4),            // reserved, broadcast
    {{0}, 128},                     // ::
    {{0xFE, 0x80}, 10},             // link-local
    {{0xFF}, 8},                    // multicast
    {{0x01, 0x00}, 64},             // discard
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, // documentation
};

// Only where a system names them.
static const struct range private[] = {
    V4(10, 0, 0, 0, 8),
    V4(172, 16, 0, 0, 12),
    V4(192, 168, 0, 0, 16),
    V4(127, 0, 0, 0, 8),
    V4(100, 64, 0, 0, 10),
    V4(192, 0, 0, 0, 24),
    V4(198, 18, 0, 0, 15),
    V4(192, 0, 2, 0, 24),
    V4(198, 51, 100, 0, 24),
    V4(203, 0, 113, 0, 24),
    V4(192, 88, 99, 0, 24),
    {{0xFC, 0x00}, 7},  // unique local
    {{0xFE, 0xC0}, 10}, // site-local, of old
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128},
};

// IPv6 ranges that carry an IPv4 address, and at which byte it begins.
static const struct {
    struct range range;
    int at;
    bool inverted; // Teredo writes it with all bits turned
} carriers[] = {
    {{{0}, 96}, 12, false},                                  // compatible, RFC 4291 2.5.5.1
    {{{0x00, 0x64, 0xFF, 0x9B}, 96}, 12, false},             // NAT64, RFC 6052
    {{{0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01}, 48}, 12, false}, // NAT64 of one's own, RFC 8215
    {{{0x20, 0x02}, 16}, 2, false},                          // 6to4, RFC 3056
    {{{0x20, 0x01, 0x00, 0x00}, 32}, 12, true},              // Teredo, RFC 4380
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96}, 12, false}, // translated, RFC 2765
};

static bool in_range(const unsigned char address[16], const unsigned char base[16], int bits)
{
    const int whole = bits / 8, rest = bits % 8;
    if (memcmp(address, base, (size_t)whole) != 0)
        return false;
    return rest == 0 || ((address[whole] ^ base[whole]) & (0xFF00 >> rest & 0xFF)) == 0;
}

static bool in_any(const unsigned char address[16], const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (in_range(address, ranges[i].address, ranges[i].bits))
            return true;
    return false;
}

static bool bytes_of(unsigned char out[16], const struct sockaddr *address, int *port)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
        memcpy(out, mapped, 12);
        memcpy(out + 12, &v4->sin_addr, 4);
        *port = ntohs(v4->sin_port);
        return true;
    }
    if (address->sa_family != AF_INET6)
        return false;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
    memcpy(out, &v6->sin6_addr, 16);
    *port = ntohs(v6->sin6_port);
    return true;
}

// The IPv4 address inside, when there is one; loopback and unspecified of IPv6 are no carriers.
static void unwrap(unsigned char address[16])
{
    static const unsigned char none[15];
    if (memcmp(address, none, 15) == 0 && address[15] <= 1)
        return;
    for (size_t i = 0; i < COUNT_OF(carriers); i++) {
        if (!in_range(address, carriers[i].range.address, carriers[i].range.bits))
            continue;
        unsigned char inner[4];
        memcpy(inner, address + carriers[i].at, 4);
        for (size_t b = 0; carriers[i].inverted && b < 4; b++)
            inner[b] = (unsigned char)~inner[b];
        memcpy(address, mapped, 12);
        memcpy(address + 12, inner, 4);
        return;
    }
}

// Asked anew each time, for addresses come and go; where the system does not tell, every address is one's own.
static bool is_own(const unsigned char address[16])
{
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list) != 0)
        return true;
    bool own = false;
    for (const struct ifaddrs *i = list; i && !own; i = i->ifa_next) {
        unsigned char bytes[16];
        int port;
        own = i->ifa_addr && bytes_of(bytes, i->ifa_addr, &port) && memcmp(bytes, address, 16) == 0;
    }
    freeifaddrs(list);
    return own;
}

bool address_may_dial(const struct sockaddr *address, const struct route *route)
{
    unsigned char bytes[16];
    int port;
    if (!bytes_of(bytes, address, &port))
        return false;
    unwrap(bytes);
    if (in_any(bytes, never, COUNT_OF(never)))
        return false;
    if (port == route->port)
        for (size_t i = 0; i < route->network_count; i++)
            if (in_range(bytes, route->networks[i].address, route->networks[i].bits))
                return true;
    return !in_any(bytes, private, COUNT_OF(private)) && !is_own(bytes);
}

const char *address_text(char out[ADDRESS_TEXT_MAX], const struct sockaddr *address)
{
    unsigned char bytes[16];
    char host[INET6_ADDRSTRLEN] = "?";
    int port = 0;
    if (bytes_of(bytes, address, &port)) {
        const bool v4 = memcmp(bytes, mapped, 12) == 0;
        inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? bytes + 12 : bytes, host, sizeof host);
    }
    snprintf(out, ADDRESS_TEXT_MAX, strchr(host, ':') ? "[%s]:%d" : "%s:%d", host, port);
    return out;
}

bool network_read(struct network *out, struct text text)
{
    struct text address;
    char host[INET6_ADDRSTRLEN];
    int64_t bits = -1;
    const bool has_bits = text_find(text, '/') >= 0;
    if (!text_cut(&text, '/', &address) || address.length >= sizeof host)
        return false;
    memcpy(host, address.data, address.length);
    host[address.length] = '\0';
    const bool v4 = inet_pton(AF_INET, host, out->address + 12) == 1;
    if (v4)
        memcpy(out->address, mapped, 12);
    else if (inet_pton(AF_INET6, host, out->address) != 1)
        return false;
    const int most = v4 ? 32 : 128;
    if (has_bits && (!text_to_int64(text, &bits) || bits < 0 || bits > most))
        return false;
    out->bits = (int)(has_bits ? bits : most) + (v4 ? 96 : 0);
    return true;
}
