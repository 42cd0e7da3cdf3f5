// From bytes of a charset to UTF-8, whole or in pieces.
//
// Each kind has one step: it looks at the front of the bytes and says how many belong together and what they mean.
// Whether the bytes came in one piece or many is decided around it, so both ways give the same text and offsets.
#include "lib/encoding/tables.h"

#include <stdio.h>

struct step {
    size_t length;       // bytes that belong together; 0: more are needed to tell
    uint32_t code_point; // or MEANINGLESS
};

enum { LONGEST = 4 }; // bytes of one character, in any charset here
#define MEANINGLESS UINT32_MAX

static const struct step unfinished = {0, 0};

// The length of the maximal part of a UTF-8 sequence that is cut or damaged (Unicode 15, 3.9, U+FFFD substitution).
static size_t utf8_part(struct text in)
{
    const unsigned char *s = (const unsigned char *)in.data;
    const size_t wanted = s[0] < 0xC2 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 1;
    const unsigned char least = s[0] == 0xE0 ? 0xA0 : s[0] == 0xF0 ? 0x90 : 0x80;
    const unsigned char most = s[0] == 0xED ? 0x9F : s[0] == 0xF4 ? 0x8F : 0xBF;
    size_t length = 1;
    while (length < wanted && length < in.length && s[length] >= (length == 1 ? least : 0x80) &&
           s[length] <= (length == 1 ? most : 0xBF))
        length++;
    return length < wanted && length == in.length ? 0 : length;
}

static struct step utf8_step(struct text in)
{
    struct step step = {0, 0};
    step.length = text_utf8_decode(in, &step.code_point);
    if (step.length)
        return step;
    step.length = utf8_part(in);
    return step.length ? (struct step){step.length, MEANINGLESS} : unfinished;
}

static struct step utf16_step(struct text in, bool big_endian)
{
    const unsigned char *s = (const unsigned char *)in.data;
    const size_t high = big_endian ? 0 : 1, low = 1 - high;
    if (in.length < 2)
        return unfinished;
    const uint32_t first = (uint32_t)s[high] << 8 | s[low];
    if (first >= 0xDC00 && first <= 0xDFFF)
        return (struct step){2, MEANINGLESS};
    if (first < 0xD800 || first > 0xDBFF)
        return (struct step){2, first};
    if (in.length < 4)
        return unfinished;
    const uint32_t second = (uint32_t)s[2 + high] << 8 | s[2 + low];
    if (second < 0xDC00 || second > 0xDFFF)
        return (struct step){2, MEANINGLESS};
    return (struct step){4, 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)};
}

static struct step step_of(const struct decoder *decoder, struct text in)
{
    switch (decoder->encoding->kind) {
    case ENCODING_UTF8:
        return utf8_step(in);
    case ENCODING_UTF16:
        return utf16_step(in, decoder->big_endian);
    case ENCODING_TABLE:
        break;
    }
    const uint16_t code_point = decoder->encoding->forth[(unsigned char)in.data[0]];
    return (struct step){1, code_point == ENCODING_NOTHING ? MEANINGLESS : code_point};
}

static bool full(const struct buf *out, struct err *err)
{
    return fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum));
}

static bool append(struct buf *out, uint32_t code_point, struct err *err)
{
    char utf8[4];
    const size_t length = text_utf8_encode(code_point, utf8);
    return buf_append(out, utf8, length) || full(out, err);
}

static bool meaningless(const struct decoder *decoder, struct text bytes, struct err *err)
{
    char hex[3 * LONGEST + 1] = "";
    for (size_t i = 0; i < bytes.length && i < LONGEST; i++)
        snprintf(hex + 3 * i, 4, "%02X ", (unsigned char)bytes.data[i]);
    hex[bytes.length ? 3 * (bytes.length < LONGEST ? bytes.length : LONGEST) - 1 : 0] = '\0';
    return fail(err, ERR_ENCODING_BYTES, N(decoder->offset), hex, decoder->encoding->name);
}

static bool put(const struct decoder *decoder, struct buf *out, struct text bytes, uint32_t code_point,
                struct err *err)
{
    if (code_point != MEANINGLESS)
        return append(out, code_point, err);
    return decoder->mode == ENCODING_LOSSY ? append(out, REPLACEMENT, err) : meaningless(decoder, bytes, err);
}

// How many bytes at the front are ASCII and mean themselves, as nearly all of nearly every file does.
static size_t plain_run(const struct encoding *encoding, struct text in)
{
    size_t length = 0;
    if (encoding->kind == ENCODING_UTF8)
        while (length < in.length && (unsigned char)in.data[length] < 0x80)
            length++;
    else if (encoding->kind == ENCODING_TABLE)
        while (length < in.length && (unsigned char)in.data[length] < 0x80 &&
               encoding->forth[(unsigned char)in.data[length]] == (unsigned char)in.data[length])
            length++;
    return length;
}

static struct text rest_of(struct text in, size_t used)
{
    return text_of(in.data + used, in.length - used);
}

// Takes what is complete; *in keeps the rest, which is shorter than one character.
static bool decode(struct decoder *decoder, struct buf *out, struct text *in, struct err *err)
{
    while (in->length) {
        const size_t run = plain_run(decoder->encoding, *in);
        if (run && !buf_append(out, in->data, run))
            return full(out, err);
        *in = rest_of(*in, run);
        decoder->offset += run;
        if (!in->length)
            return true;
        const struct step step = step_of(decoder, *in);
        if (step.length == 0)
            return true;
        if (!put(decoder, out, text_of(in->data, step.length), step.code_point, err))
            return false;
        *in = rest_of(*in, step.length);
        decoder->offset += step.length;
    }
    return true;
}

// The mark at the start: how many bytes it has, 0 for none; LONGEST when it cannot be told yet.
static size_t mark_length(struct decoder *decoder, struct text in, bool ended)
{
    if (decoder->encoding->kind == ENCODING_UTF8) {
        const size_t same = in.length < 3 ? in.length : 3;
        if (memcmp(in.data, "\xEF\xBB\xBF", same) != 0)
            return 0;
        return same == 3 ? 3 : ended ? 0 : LONGEST;
    }
    if (decoder->encoding->kind != ENCODING_UTF16)
        return 0;
    decoder->big_endian = decoder->encoding->big_endian;
    if (in.length < 2)
        return ended ? 0 : LONGEST;
    const bool little = memcmp(in.data, "\xFF\xFE", 2) == 0, big = memcmp(in.data, "\xFE\xFF", 2) == 0;
    if (decoder->encoding->mark) // plain "utf-16": the mark decides
        decoder->big_endian = big;
    return (decoder->big_endian ? big : little) ? 2 : 0;
}

// Passes over the mark; false when more bytes are needed first.
static bool begin(struct decoder *decoder, struct text *in, bool ended)
{
    if (decoder->begun || !in->length)
        return true;
    const size_t length = mark_length(decoder, *in, ended);
    if (length == LONGEST)
        return false;
    decoder->begun = true;
    decoder->offset += length;
    *in = rest_of(*in, length);
    return true;
}

static void keep(struct decoder *decoder, struct text rest)
{
    require(rest.length < LONGEST);
    memmove(decoder->pending, rest.data, rest.length);
    decoder->pending_length = (uint8_t)rest.length;
}

static bool decode_piece(struct decoder *decoder, struct buf *out, struct text piece, struct err *err)
{
    if (begin(decoder, &piece, false) && !decode(decoder, out, &piece, err))
        return false;
    keep(decoder, piece);
    return true;
}

bool decoder_feed(struct decoder *decoder, struct buf *out, struct text piece, struct err *err)
{
    // What waited is completed byte by byte, at most LONGEST times, so that the piece itself is never copied.
    while (decoder->pending_length && piece.length) {
        char joined[LONGEST];
        const size_t length = decoder->pending_length;
        memcpy(joined, decoder->pending, length);
        joined[length] = piece.data[0];
        piece = rest_of(piece, 1);
        if (!decode_piece(decoder, out, text_of(joined, length + 1), err))
            return false;
    }
    return piece.length == 0 || decode_piece(decoder, out, piece, err);
}

bool decoder_finish(struct decoder *decoder, struct buf *out, struct err *err)
{
    char copy[LONGEST];
    struct text rest = text_of(copy, decoder->pending_length);
    memcpy(copy, decoder->pending, rest.length);
    decoder->pending_length = 0;
    if (!begin(decoder, &rest, true) || !decode(decoder, out, &rest, err))
        return false;
    return rest.length == 0 || put(decoder, out, rest, MEANINGLESS, err);
}

bool encoding_to_utf8(struct buf *out, const struct encoding *encoding, struct text in,
                      enum encoding_mode mode, struct err *err)
{
    struct decoder decoder = decoder_new(encoding, mode);
    return decoder_feed(&decoder, out, in, err) && decoder_finish(&decoder, out, err);
}
