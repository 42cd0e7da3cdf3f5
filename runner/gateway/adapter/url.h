// An address, taken apart once, checked and rebuilt: the parts that are judged are the parts that are dialled. In the
// gateway.
#ifndef RENKI_GATEWAY_URL_H
#define RENKI_GATEWAY_URL_H

#include "lib/permit/permit.h"

struct url;

// Refuses (HTTP_URL): user info, control bytes, backslashes, blanks, missing or third slash, schemes but http and https,
// an empty or zero port, %2f %5c %00 %2e and dot segments in the path, hosts with a final dot or not plain ASCII after
// IDNA. A fragment is dropped. `known` (or NULL) is an address read before: one of the same origin costs less then.
bool url_read(struct url **out, const struct url *known, struct text text, struct err *err) MUST_CHECK;
struct url *url_copy(const struct url *url);
// Where a Location header of `from` leads.
bool url_follow(struct url **out, const struct url *from, struct text location, struct err *err) MUST_CHECK;
void url_free(struct url *url);
DEFINE_SCOPED(url)

// The same address by another scheme, with that scheme's usual port where this one had its own.
bool url_by_scheme(struct url **out, const struct url *url, const char *scheme, struct err *err) MUST_CHECK;

const struct url_parts *url_parts(const struct url *url);
const char *url_text(const struct url *url); // whole, rebuilt
void *url_handle(const struct url *url);     // CURLU *, for CURLOPT_CURLU
bool url_same_origin(const struct url *a, const struct url *b);

#endif
