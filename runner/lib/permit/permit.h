// What a robot may touch outside its run. In the host (checks, approvals) and in the gateway (every call).
//
// 1. What no permit covers is refused; nothing is implied.
// 2. Addresses are compared in parts (scheme, host, port, path, query), never as one text; the parts of a call come
//    from the one parser that also dials (the gateway's), patterns from the strict one here.
// 3. Letters of scheme and host count without case; all else exactly.
#ifndef RENKI_PERMIT_H
#define RENKI_PERMIT_H

#include "lib/json/json.h"

enum { PERMITS_MAX = 200, PERMIT_TEXT_MAX = 2048, PERMIT_METHODS_MAX = 8 };

// The parts of an address that was taken apart: scheme and host in small letters, the port always set, the path with
// its first slash, the query without its question mark.
struct url_parts {
    struct text scheme, host, path, query;
    int port;
    bool has_query;
};

struct permits;

// Reads `permits` of a manifest as the reader hands it over; NULL or an empty object permits nothing. A list that has
// names beside numbers, as { "GET", "https://…", login = "x" }, is an object with the keys "1", "2", "login".
// Errors (PERMIT_…) name the permit by its number in its list, from 1.
bool permits_read(struct permits **out, const struct json *value, struct err *err) MUST_CHECK;
void permits_free(struct permits *permits);
DEFINE_SCOPED(permits)

// Whether a call is covered. `login` empty: without one. Fails with PERMIT_NONE, or PERMIT_LOGIN when only the login is
// not covered.
bool permits_http(const struct permits *permits, struct text method, const struct url_parts *url,
                  struct text login, struct err *err) MUST_CHECK;
// Whether mail may go to this address (already parsed: one "@", no comments). Fails with MAIL_RECIPIENT.
bool permits_mail(const struct permits *permits, struct text address, struct err *err) MUST_CHECK;

enum share_right { SHARE_NONE, SHARE_READ, SHARE_WRITE };
enum share_right permits_share(const struct permits *permits, const char *name);
// For walking: the name of the share at `index` (from 0) and its right; NULL beyond the end.
const char *permits_share_at(const struct permits *permits, size_t index, enum share_right *right);
// Queues of work items, and robots that may be called; names as in the manifest.
enum queue_right { QUEUE_FILL = 1, QUEUE_WORK = 2 };
// Fails with QUEUE_NOT_PERMITTED, which says what to write.
bool permits_queue(const struct permits *permits, struct text name, enum queue_right right,
                   struct err *err) MUST_CHECK;
// Fails with ROBOT_NOT_PERMITTED.
bool permits_robot(const struct permits *permits, struct text name, struct err *err) MUST_CHECK;
// Whether it can be a queue's or a robot's name: small letters, digits, - and _, at most 64 of them.
bool permit_name_ok(struct text name);
// The name of each login that the permits name, once; NULL beyond the end.
const char *permits_login_at(const struct permits *permits, size_t index);

// Every permit as a sentence, for approvals: "may GET https://…". Appends; NULL-safe count first.
size_t permits_count(const struct permits *permits);
bool permits_sentence(struct buf *out, const struct permits *permits, size_t index, enum language language);

// ---- For whoever reads addresses in settings and secrets: "https://host[:port][/path]", same rules, no stars.
struct origin {
    char *scheme, *host, *path; // path: with its first slash; "/" when none is given
    int port;
};
// Fails with ORIGIN_FORM (the text).
bool origin_read(struct origin *out, struct text text, struct err *err) MUST_CHECK;
void origin_dispose(struct origin *origin);
// Same scheme, host and port, and the path at or below the origin's ("/api" covers "/api" and "/api/x", not "/apix").
bool origin_covers(const struct origin *origin, const struct url_parts *url);

// ---- For `renki check`, which sees a call in the robot's text and often only the beginning of its address
// Whether the permit at `index` (from 0, false beyond the end) may cover a call: `url` is its address, or with `whole`
// false what it begins with. A permit with a query counts as covering.
bool permits_http_may_cover(const struct permits *permits, size_t index, struct text method,
                            const struct origin *url, bool whole, struct text login);
// Whether any permit may cover a call to this origin.
bool permits_reach(const struct permits *permits, const struct origin *origin);
bool permits_mail_covers(const struct permits *permits, size_t index, struct text address);

// The methods there are, for messages; ended by NULL.
extern const char *const permit_methods[];

#endif
