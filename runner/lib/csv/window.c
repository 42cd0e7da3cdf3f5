// See window.h. Runs in the worker.
#include "lib/csv/window.h"
#include "lib/csv/marks.h"
#include "lib/csv/reader.h"

#include <errno.h>
#include <unistd.h>

enum { DECODED_PER_BYTE = 3, ENCODING_ROOM = 4 };

struct csv_window csv_window_new(int descriptor, struct text memory, bool lenient)
{
    // A row of the greatest size, as much again, and what a block becomes.
    const size_t room = (size_t)CSV_ROW_BYTES_MAX * 2 + (size_t)CSV_BLOCK_BYTES * DECODED_PER_BYTE;
    return (struct csv_window){
        .text = buf_new(room + MARKS_PADDING),
        .descriptor = descriptor,
        .memory = memory,
        .lenient = lenient,
        .block = descriptor < 0 ? NULL : xmalloc(CSV_BLOCK_BYTES),
    };
}

void csv_window_dispose(struct csv_window *window)
{
    buf_dispose(&window->text);
    xfree(window->block);
}

/* ---- bytes in ---------------------------------------------------------------------------------------------------- */

static bool read_file(struct csv_window *window, char *room, size_t wanted, size_t *got, struct err *err)
{
    *got = 0;
    while (*got < wanted) {
        ssize_t more = pread(window->descriptor, room + *got, wanted - *got, window->offset);
        if (more < 0 && errno == ESPIPE)
            more = read(window->descriptor, room + *got, wanted - *got);
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return fail(err, ERR_SYSTEM, "read", strerror(errno));
        if (more == 0) {
            window->at_end = true;
            break;
        }
        *got += (size_t)more;
        window->offset += more;
    }
    window->bytes_read += *got;
    return true;
}

static struct text take_memory(struct csv_window *window, size_t wanted)
{
    const size_t length = wanted < window->memory.length ? wanted : window->memory.length;
    const struct text taken = text_of(window->memory.data, length);
    window->memory = text_of(window->memory.data + length, window->memory.length - length);
    window->at_end = window->memory.length == 0;
    window->bytes_read += length;
    return taken;
}

static bool read_block(struct csv_window *window, struct text *out, struct err *err)
{
    size_t got;
    if (window->descriptor < 0) {
        *out = take_memory(window, CSV_BLOCK_BYTES);
        return true;
    }
    if (!read_file(window, window->block, CSV_BLOCK_BYTES, &got, err))
        return false;
    *out = text_of(window->block, got);
    return true;
}

/* ---- encoding ----------------------------------------------------------------------------------------------------- */

static bool is_ascii(struct text text)
{
    uint64_t eight, all = 0;
    size_t at = 0;
    for (; text.length - at >= sizeof eight; at += sizeof eight) {
        memcpy(&eight, text.data + at, sizeof eight);
        all |= eight;
    }
    for (; at < text.length; at++)
        all |= (unsigned char)text.data[at];
    return !(all & 0x8080808080808080);
}

// A file with letters in proper UTF-8 and bytes that are none is a damaged UTF-8 file, not one of an older encoding:
// it must not be read as "Ã„ijÃ¤".
static bool is_broken_utf8(struct text start)
{
    size_t proper = 0, broken = 0;
    for (struct text rest = start; rest.length;) {
        uint32_t code;
        const size_t length = text_utf8_decode(rest, &code);
        if (length > 1)
            proper++;
        else if (length == 0 && rest.length >= 4)
            broken++;
        rest = text_of(rest.data + (length ? length : 1), rest.length - (length ? length : 1));
    }
    return broken && proper >= broken;
}

static void guess(struct csv_window *window, struct text start)
{
    const bool begun = window->decoder.begun;
    const struct encoding *encoding = is_broken_utf8(start) ? encoding_utf8() : encoding_guess(start);
    if (begun && text_starts(text_from(encoding_name(encoding)), "utf-16"))
        encoding = encoding_utf8(); // no file changes to two bytes a letter in its midst
    window->encoding = encoding_name(encoding);
    window->decoder = decoder_new(encoding, window->lenient ? ENCODING_LOSSY : ENCODING_STRICT);
    window->decoder.begun = begun;
    window->open_encoding = encoding_is_utf8(encoding) && is_ascii(start);
}

static bool choose_encoding(struct csv_window *window, const char *label, struct text start, struct err *err)
{
    const struct encoding *encoding;
    if (!label) {
        guess(window, start);
        return true;
    }
    if (!encoding_require(&encoding, text_from(label), err))
        return false;
    window->encoding = encoding_name(encoding);
    window->decoder = decoder_new(encoding, window->lenient ? ENCODING_LOSSY : ENCODING_STRICT);
    return true;
}

static void look_at(struct csv_window *window, size_t from)
{
    const struct text all = buf_text(&window->text), added = text_of(all.data + from, all.length - from);
    window->has_nul = window->has_nul || (added.length && memchr(added.data, 0, added.length));
}

// In lenient mode the decoder puts U+FFFD for what means nothing; a file may also hold that sign itself.
static bool decode(struct csv_window *window, struct text raw, struct err *err)
{
    const size_t before = window->text.length;
    bool done = decoder_feed(&window->decoder, &window->text, raw, err);
    if (done && window->at_end)
        done = decoder_finish(&window->decoder, &window->text, err);
    if (!done && err->code != ERR_LIMIT_PASSED)
        return fail(err, ERR_CSV_BYTES, window->encoding, "");
    if (!done)
        return false;
    const size_t added = window->text.length - before;
    window->has_replaced =
        window->has_replaced ||
        (window->lenient && added && memmem(window->text.data + before, added, "\xEF\xBF\xBD", 3));
    look_at(window, before);
    return true;
}

// The block, read behind the window's text with the bytes of a cut character before it, is UTF-8 but for its end.
static bool accept(struct csv_window *window, size_t length)
{
    const size_t before = window->text.length;
    const struct text raw = text_of(window->text.data + before, length);
    const size_t sound = text_utf8_valid(raw), rest = length - sound;
    // A cut character is no fault while more may come; the decoder would wait for the rest too.
    if (rest >= ENCODING_ROOM || (rest && window->at_end) || (rest && (unsigned char)raw.data[sound] < 0xC2))
        return false;
    for (size_t i = 1; i < rest; i++)
        if (((unsigned char)raw.data[sound + i] & 0xC0) != 0x80)
            return false;
    window->decoder.pending_length = (uint8_t)rest;
    memcpy(window->decoder.pending, raw.data + sound, rest);
    window->text.length += sound;
    look_at(window, before);
    return true;
}

// Bytes that are no UTF-8 go to the decoder, which finds the place or puts a sign there.
static bool decode_again(struct csv_window *window, size_t length, struct err *err)
{
    SCOPED_TEXT char *raw = xmalloc(length + 1);
    memcpy(raw, window->text.data + window->text.length, length);
    window->decoder.pending_length = 0;
    if (window->open_encoding)
        guess(window, text_of(raw, length));
    return decode(window, text_of(raw, length), err);
}

static bool read_straight(struct csv_window *window, struct err *err)
{
    const size_t pending = window->decoder.pending_length;
    size_t got = 0;
    char *room = buf_reserve(&window->text, pending + CSV_BLOCK_BYTES);
    if (!room)
        return fail(err, ERR_LIMIT_PASSED, "text", N(window->text.maximum));
    memcpy(room, window->decoder.pending, pending);
    if (window->descriptor < 0) {
        const struct text taken = take_memory(window, CSV_BLOCK_BYTES);
        memcpy(room + pending, taken.data, taken.length);
        got = taken.length;
    } else if (!read_file(window, room + pending, CSV_BLOCK_BYTES, &got, err)) {
        return false;
    }
    const struct text raw = text_of(room, pending + got);
    if (window->open_encoding && is_ascii(raw)) {
        window->text.length += raw.length;
        look_at(window, window->text.length - raw.length);
        return true;
    }
    if (!accept(window, raw.length))
        return decode_again(window, raw.length, err);
    window->open_encoding = false;
    return true;
}

/* ---- the window ---------------------------------------------------------------------------------------------------- */

static bool pad(struct csv_window *window, struct err *err)
{
    char *behind = buf_reserve(&window->text, MARKS_PADDING);
    if (!behind)
        return fail(err, ERR_LIMIT_PASSED, "text", N(window->text.maximum));
    memset(behind, 0, MARKS_PADDING);
    return true;
}

bool csv_window_begin(struct csv_window *window, const char *label, struct err *err)
{
    struct text raw;
    return read_block(window, &raw, err) && choose_encoding(window, label, raw, err) &&
           decode(window, raw, err) && pad(window, err);
}

bool csv_window_slide(struct csv_window *window, size_t used, struct err *err)
{
    buf_consume(&window->text, used);
    const size_t rest = window->text.length, wanted = rest > CSV_BLOCK_BYTES ? rest : CSV_BLOCK_BYTES;
    if (rest > CSV_ROW_BYTES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "text", N(CSV_ROW_BYTES_MAX));
    while (!window->at_end && window->text.length < rest + wanted) {
        struct text raw;
        const bool straight = encoding_is_utf8(window->decoder.encoding) && window->decoder.begun;
        if (straight ? !read_straight(window, err)
                     : !read_block(window, &raw, err) || !decode(window, raw, err))
            return false;
    }
    return pad(window, err);
}

bool csv_window_settle(struct csv_window *window, struct err *err)
{
    size_t got;
    while (window->open_encoding && !window->at_end && window->descriptor >= 0) {
        if (!read_file(window, window->block, CSV_BLOCK_BYTES, &got, err))
            return false;
        if (!is_ascii(text_of(window->block, got)))
            guess(window, text_of(window->block, got));
    }
    return true;
}
