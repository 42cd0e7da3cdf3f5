// The form of an address in a permit; for this folder alone.
#ifndef RENKI_PERMIT_PATTERN_H
#define RENKI_PERMIT_PATTERN_H

#include "lib/permit/permit.h"

struct pattern {
    char *written; // as the author wrote it, for sentences
    char *scheme, *host, *path, *query;
    int port;
    bool any_label; // "*." stood before the host, which is kept from its dot on
    bool any_path;  // the path ended with "*", which is not kept
};

// Takes `text` apart. False with what is wrong, or ERR_NONE's place untouched when it is good.
enum err_code url_pattern_read(struct pattern *out, struct text text);
void pattern_dispose(struct pattern *pattern);
bool pattern_covers(const struct pattern *pattern, const struct url_parts *url);
// Whether it may cover an address that begins like this, or with `whole` is this, whatever the query.
bool pattern_may_cover(const struct pattern *pattern, const struct origin *url, bool whole);

struct http_permit {
    char *methods[PERMIT_METHODS_MAX];
    size_t method_count;
    struct pattern url;
    char *login; // NULL: none
};

// "*@host", "local@host"; host in small letters.
struct mail_permit {
    char *written;
    char *local; // NULL: any
    char *host;
};

struct share_permit {
    char *name;
    enum share_right right;
};

struct queue_permit {
    char *name;
    unsigned rights; // enum queue_right, joined
};

struct permits {
    struct http_permit http[PERMITS_MAX];
    struct mail_permit mail[PERMITS_MAX];
    struct share_permit shares[PERMITS_MAX];
    struct queue_permit queues[PERMITS_MAX];
    char *robots[PERMITS_MAX];
    size_t http_count, mail_count, share_count, queue_count, robot_count;
};

#endif
