// A mail: its addresses and the head that the gateway writes. For the files of this folder only.
#ifndef RENKI_GATEWAY_MAIL_H
#define RENKI_GATEWAY_MAIL_H

#include "lib/base/err.h"

enum { MAIL_HEAD_MAX = 256 << 10, MAIL_RECIPIENTS_MAX = 200 };

// "name@host.example" or "Name <name@host.example>". Nothing but that: no comments, routes, groups, quoted local parts,
// line breaks; ASCII in the address. Borrowed from the text. Fails with MAIL_ADDRESS.
struct mail_address {
    struct text name, address; // name: empty where none is given
};
bool mail_address_read(struct mail_address *out, struct text text, struct err *err) MUST_CHECK;

// Each appends one field with its line end, folded (RFC 5322, 2.2.3; RFC 2047 where it is not ASCII).
bool mail_head_text(struct buf *out, const char *field, struct text value) MUST_CHECK;
bool mail_head_addresses(struct buf *out, const char *field, const struct mail_address *addresses,
                         size_t count) MUST_CHECK;
bool mail_head_date(struct buf *out, int64_t realtime_ms) MUST_CHECK;

// One line of UTF-8 without control characters.
bool mail_is_line(struct text text);

#endif
