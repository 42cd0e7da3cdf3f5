// What the administrator says about the outside: systems, mail. In the gateway. The schema is in README.md.
#ifndef RENKI_GATEWAY_SETTINGS_H
#define RENKI_GATEWAY_SETTINGS_H

#include "lib/json/json.h"
#include "lib/manners/manners.h"
#include "lib/permit/permit.h"

enum { NETWORKS_MAX = 16, SYSTEMS_MAX = 200 };
enum { FREEZE_AFTER = 3 }; // refusals in a row, where the settings do not say

// An IPv6 network; IPv4 is kept as ::ffff:a.b.c.d.
struct network {
    unsigned char address[16];
    int bits;
};

enum tls_least { TLS_LEAST_1_2, TLS_LEAST_1_0, TLS_LEAST_1_1, TLS_LEAST_1_3 };

// How to reach one place: which private addresses may be dialled there, and whose certificates count.
struct route {
    struct network networks[NETWORKS_MAX];
    size_t network_count;
    int port; // that may be dialled in these networks
    enum tls_least tls;
    char *authority; // PEM, of a private authority; NULL: the system's
    char *proxy;     // NULL: none
    // Where the origin really is in this environment; scheme NULL: where its name says. Permits, logins and records
    // keep speaking of the origin.
    struct origin address;
};

struct system {
    char *name;
    struct origin origin;
    struct route route;
    int calls_at_once;    // 0: not said, the run's own bound holds
    int64_t interval_us;  // least time between two calls; 0: none
    struct rate rate;     // calls 0: none
    int64_t freeze_after; // refusals of a login in a row
    bool has_hours;       // calls only in these, by the settings' time zone
    struct hours hours;
    char *hours_text; // as written
};

struct mail_settings {
    bool set;
    char *server; // "smtp://host:port" or "smtps://…"
    char *host;
    struct route route;
    bool starttls;
    char *from_name, *from_address; // name NULL: none
    char *login;                    // NULL: none
    int64_t freeze_after;
};

// Where hosts keep the files that they share.
struct bucket_settings {
    bool set;
    char *place; // "https://host/bucket/prefix", without a slash at its end
    char *login, *region;
    struct origin origin;
};

struct outside {
    struct system systems[SYSTEMS_MAX];
    size_t system_count;
    struct mail_settings mail;
    struct bucket_settings bucket;
};

// Reads { "systems": …, "mail": …, "bucket": … }; certificate files are read here, before the gateway confines itself. Fails with
// GATEWAY_SETTING.
bool outside_read(struct outside **out, const struct json *settings, struct err *err) MUST_CHECK;
void outside_free(struct outside *outside);
DEFINE_SCOPED(outside)

// The system whose origin this is, or NULL: the longest path that covers it.
struct system *outside_system(struct outside *outside, const struct url_parts *url);

#endif
