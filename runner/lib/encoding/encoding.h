// Named charsets to UTF-8 and back. In every process; needs nothing opened, so it works in a sealed one.
//
// 1. An encoding is a constant found by its label; labels are those of charsets.def and utf-8, utf-8-bom, utf-16
//    (the byte order mark decides, little endian without one), utf-16le, utf-16be.
// 2. A byte order mark at the start is dropped when reading, in all UTF encodings; writing puts one for utf-8-bom and
//    utf-16 only.
// 3. Strict refuses the first byte or letter that has no meaning and tells where; lossy writes U+FFFD (reading, one
//    for each maximal part, as browsers do) or "?" (writing).
#ifndef RENKI_ENCODING_H
#define RENKI_ENCODING_H

#include "lib/base/err.h"

struct encoding;

enum encoding_mode { ENCODING_STRICT, ENCODING_LOSSY };

// NULL when nobody knows the label.
const struct encoding *encoding_find(struct text label);
// As browsers read labels: iso-8859-1 and ascii mean windows-1252, iso-8859-9 means windows-1254. For HTML and HTTP.
const struct encoding *encoding_find_web(struct text label);
// encoding_find, or the error ENCODING_UNKNOWN with the nearest name.
bool encoding_require(const struct encoding **out, struct text label, struct err *err) MUST_CHECK;
const struct encoding *encoding_utf8(void);
const char *encoding_name(const struct encoding *encoding); // "windows-1252"
bool encoding_is_utf8(const struct encoding *encoding);

// Appends `in` as UTF-8. Errors: ENCODING_BYTES with the byte's offset, LIMIT_PASSED when `out` is full.
bool encoding_to_utf8(struct buf *out, const struct encoding *encoding, struct text in,
                      enum encoding_mode mode, struct err *err) MUST_CHECK;
// Appends UTF-8 `in` as `encoding`. Errors: ENCODING_LETTER, ENCODING_BYTES (`in` is not UTF-8), LIMIT_PASSED.
bool encoding_from_utf8(struct buf *out, const struct encoding *encoding, struct text in,
                        enum encoding_mode mode, struct err *err) MUST_CHECK;

// Large files in pieces: feed each, then finish. A character cut by the end of a piece waits for the next one.
struct decoder {
    const struct encoding *encoding;
    enum encoding_mode mode;
    uint64_t offset; // bytes read so far, for messages
    bool begun, big_endian;
    uint8_t pending_length;
    char pending[4];
};
static inline struct decoder decoder_new(const struct encoding *encoding, enum encoding_mode mode)
{
    return (struct decoder){.encoding = encoding, .mode = mode};
}
bool decoder_feed(struct decoder *decoder, struct buf *out, struct text piece, struct err *err) MUST_CHECK;
// Fails (strict) or writes U+FFFD (lossy) when a character was cut off by the end.
bool decoder_finish(struct decoder *decoder, struct buf *out, struct err *err) MUST_CHECK;

// What the bytes most likely are: by the mark, by looking for UTF-16's zero bytes, by being valid UTF-8, else the
// single-byte charset in which they make the likeliest Nordic or Baltic text (windows-1252 when nothing tells them
// apart). `start` may be the beginning of a longer text: a character cut by its end is no fault. Never NULL.
enum { ENCODING_GUESS_BYTES = 256 << 10 }; // more than this need not be given
const struct encoding *encoding_guess(struct text start);

#endif
