// See biff.h. Runs in the worker.
#include "lib/sheet/biff.h"

enum { WINDOW_BYTES = 256 << 10, HEADER_BYTES = 4 };

enum { TEXT_WIDE = 1, TEXT_PHONETIC = 4, TEXT_RICH = 8 }; // [MS-XLS] 2.5.293

static bool fail_biff(const struct biff *biff, const char *why, struct err *err)
{
    fail(err, ERR_SHEET_BROKEN_XLS, why);
    err_note(err, "byte %llu", (unsigned long long)biff->at);
    return false;
}

struct biff biff_new(const struct ole_stream *stream)
{
    return (struct biff){.stream = stream,
                         .version = BIFF8,
                         .encoding = encoding_find(TEXT_OF("windows-1252")),
                         .window = xmalloc(WINDOW_BYTES)};
}

void biff_dispose(struct biff *biff)
{
    xfree(biff->window);
    *biff = (struct biff){0};
}

/* ---- records ------------------------------------------------------------------------------------------------------------ */

void biff_seek(struct biff *biff, uint64_t offset)
{
    biff->next = offset;
}

// Bytes of the stream in the window: moves it when they are not all there.
static bool look(struct biff *biff, uint64_t offset, size_t length, const char **bytes, struct err *err)
{
    const uint64_t size = ole_stream_size(biff->stream);
    if (offset > size || length > size - offset)
        return fail_biff(biff, "it ends too early", err);
    if (offset < biff->window_at || offset + length > biff->window_at + biff->window_length) {
        const uint64_t left = size - offset;
        biff->window_length = 0;
        const size_t wanted = left < WINDOW_BYTES ? (size_t)left : WINDOW_BYTES;
        if (!ole_stream_read(biff->stream, offset, biff->window, wanted, err))
            return false;
        biff->window_at = offset;
        biff->window_length = wanted;
    }
    *bytes = biff->window + (offset - biff->window_at);
    return true;
}

bool biff_next(struct biff *biff, bool *more, struct err *err)
{
    const char *bytes;
    *more = biff->next + HEADER_BYTES <= ole_stream_size(biff->stream);
    if (!*more)
        return true;
    biff->at = biff->next;
    if (!look(biff, biff->at, HEADER_BYTES, &bytes, err))
        return false;
    biff->type = bytes_u16(bytes);
    biff->length = bytes_u16(bytes + 2);
    biff->taken = 0;
    if (!look(biff, biff->at, HEADER_BYTES + biff->length, &bytes, err))
        return false;
    biff->data = (const unsigned char *)bytes + HEADER_BYTES;
    biff->next = biff->at + HEADER_BYTES + biff->length;
    return true;
}

bool biff_require(const struct biff *biff, size_t length, struct err *err)
{
    return biff->length >= length || fail_biff(biff, "a record is too short", err);
}

/* ---- texts -------------------------------------------------------------------------------------------------------------- */

// Goes over to a CONTINUE record that follows; *there is false when another one does.
static bool go_on(struct biff *biff, bool *there, struct err *err)
{
    const char *bytes;
    *there = biff->next + HEADER_BYTES <= ole_stream_size(biff->stream);
    if (!*there)
        return true;
    if (!look(biff, biff->next, HEADER_BYTES, &bytes, err))
        return false;
    *there = bytes_u16(bytes) == BIFF_CONTINUE;
    return !*there || biff_next(biff, there, err);
}

// Sees to it that there is a byte to take.
static bool more_bytes(struct biff *biff, struct err *err)
{
    while (biff->taken >= biff->length) {
        bool there;
        if (!go_on(biff, &there, err))
            return false;
        if (!there)
            return fail_biff(biff, "a text ends too early", err);
    }
    return true;
}

static bool take(struct biff *biff, unsigned bytes, uint32_t *out, struct err *err)
{
    *out = 0;
    for (unsigned i = 0; i < bytes; i++) {
        if (!more_bytes(biff, err))
            return false;
        *out |= (uint32_t)biff->data[biff->taken++] << (8 * i);
    }
    return true;
}

static bool pass(struct biff *biff, uint64_t bytes, struct err *err)
{
    while (bytes) {
        if (!more_bytes(biff, err))
            return false;
        const size_t left = biff->length - biff->taken;
        const size_t piece = bytes < left ? (size_t)bytes : left;
        biff->taken += piece;
        bytes -= piece;
    }
    return true;
}

static bool append_code(struct buf *out, uint32_t code, struct err *err)
{
    char bytes[4];
    size_t length = text_utf8_encode(code, bytes);
    if (!length)
        length = text_utf8_encode(0xFFFD, bytes);
    return buf_append(out, bytes, length) || fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum));
}

// Joins the halves of letters beyond the first plane; *high is one that waits for its other half.
static bool append_unit(struct buf *out, uint32_t unit, uint32_t *high, struct err *err)
{
    const uint32_t waiting = *high;
    *high = 0;
    if (waiting && unit >= 0xDC00 && unit <= 0xDFFF)
        return append_code(out, 0x10000 + ((waiting - 0xD800) << 10) + (unit - 0xDC00), err);
    if (waiting && !append_code(out, 0xFFFD, err))
        return false;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        *high = unit;
        return true;
    }
    return append_code(out, unit, err);
}

// Where the letters themselves go on in another record, it begins with a byte that tells anew how wide they are.
static bool append_letters(struct biff *biff, uint32_t count, bool wide, struct buf *out, struct err *err)
{
    uint32_t high = 0, unit;
    while (count) {
        if (biff->taken >= biff->length) {
            if (!take(biff, 1, &unit, err))
                return false;
            wide = unit & TEXT_WIDE;
            continue;
        }
        if (!take(biff, wide ? 2 : 1, &unit, err) || !append_unit(out, unit, &high, err))
            return false;
        count--;
    }
    return !high || append_code(out, 0xFFFD, err);
}

static bool append_unicode(struct biff *biff, uint32_t count, struct buf *out, struct err *err)
{
    uint32_t flags, runs = 0, phonetic = 0;
    if (!take(biff, 1, &flags, err))
        return false;
    if ((flags & TEXT_RICH) && !take(biff, 2, &runs, err))
        return false;
    if ((flags & TEXT_PHONETIC) && !take(biff, 4, &phonetic, err))
        return false;
    return append_letters(biff, count, flags & TEXT_WIDE, out, err) &&
           pass(biff, (uint64_t)runs * 4 + phonetic, err);
}

static bool append_encoded(struct biff *biff, uint32_t count, struct buf *out, struct err *err)
{
    while (count) {
        if (!more_bytes(biff, err))
            return false;
        const size_t left = biff->length - biff->taken, piece = count < left ? count : left;
        const struct text bytes = text_of((const char *)biff->data + biff->taken, piece);
        if (!encoding_to_utf8(out, biff->encoding, bytes, ENCODING_LOSSY, err))
            return false;
        biff->taken += piece;
        count -= (uint32_t)piece;
    }
    return true;
}

bool biff_text(struct biff *biff, size_t at, unsigned length_bytes, struct buf *out, struct err *err)
{
    uint32_t count;
    if (!biff_require(biff, at + length_bytes, err))
        return false;
    biff->taken = at;
    if (!take(biff, length_bytes, &count, err))
        return false;
    if (biff->version < BIFF8)
        return append_encoded(biff, count, out, err);
    // Some programs leave even the byte that tells the width out when there is nothing to tell of.
    return !count || append_unicode(biff, count, out, err);
}

bool biff_next_text(struct biff *biff, struct buf *out, bool *more, struct err *err)
{
    uint32_t count;
    *more = true;
    while (*more && biff->taken >= biff->length)
        if (!go_on(biff, more, err))
            return false;
    return !*more || (take(biff, 2, &count, err) && append_unicode(biff, count, out, err));
}
