// See pack.h. The format: git's Documentation/gitformat-pack.txt.
#include "lib/pack/pack.h"

#include "lib/base/memory.h"

#include <zlib.h>

enum { HEAD_BYTES = 12, ID_BYTES = 20, PIECE_BYTES = 16384, SIZE_BITS_MAX = 60, DELTA_HEAD_MAX = 20 };
enum object_kind { COMMIT = 1, TREE = 2, BLOB = 3, TAG = 4, DELTA_BY_OFFSET = 6, DELTA_BY_NAME = 7 };

static const char broken[] = "a pack is broken", large[] = "it is too large", deep[] = "deltas too deep";

struct seen {
    size_t offset, depth;
};

struct scan {
    struct text pack;
    const struct pack_limits *limits;
    size_t at, end; // the objects end before the checksum
    size_t unpacked;
    struct seen *seen;
    size_t count;
};

static bool take_byte(struct scan *scan, unsigned char *out)
{
    if (scan->at >= scan->end)
        return false;
    *out = (unsigned char)scan->pack.data[scan->at++];
    return true;
}

static bool take_head(struct scan *scan, enum object_kind *kind, size_t *size)
{
    unsigned char byte;
    if (!take_byte(scan, &byte))
        return false;
    *kind = (byte >> 4) & 7;
    *size = byte & 15;
    for (int shift = 4; byte & 0x80; shift += 7) {
        if (shift > SIZE_BITS_MAX - 7 || !take_byte(scan, &byte))
            return false;
        *size |= (size_t)(byte & 0x7F) << shift;
    }
    return true;
}

// How far back the base stands; each further byte adds one, so that there is one way to write a number.
static bool take_distance(struct scan *scan, size_t *out)
{
    unsigned char byte;
    if (!take_byte(scan, &byte))
        return false;
    size_t distance = byte & 0x7F;
    while (byte & 0x80) {
        if (distance > SIZE_MAX >> 8 || !take_byte(scan, &byte))
            return false;
        distance = ((distance + 1) << 7) | (byte & 0x7F);
    }
    *out = distance;
    return true;
}

static bool find_depth(const struct scan *scan, size_t offset, size_t *depth)
{
    size_t low = 0, high = scan->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (scan->seen[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == scan->count || scan->seen[low].offset != offset)
        return false;
    *depth = scan->seen[low].depth;
    return true;
}

// ---- one object's stream

// The second of the two numbers that a delta begins with: how large its result is.
static bool result_size(struct text delta, size_t *out)
{
    size_t at = 0;
    for (int number = 0; number < 2; number++) {
        unsigned char byte = 0x80;
        *out = 0;
        for (int shift = 0; byte & 0x80; shift += 7) {
            if (at >= delta.length || shift > SIZE_BITS_MAX - 7)
                return false;
            byte = (unsigned char)delta.data[at++];
            *out |= (size_t)(byte & 0x7F) << shift;
        }
    }
    return true;
}

static bool inflate_all(struct scan *scan, z_stream *stream, size_t size, char head[DELTA_HEAD_MAX])
{
    unsigned char piece[PIECE_BYTES];
    int result = Z_OK;
    while (result == Z_OK) {
        const size_t before = stream->total_out;
        stream->next_out = piece;
        stream->avail_out = sizeof piece;
        result = inflate(stream, Z_NO_FLUSH);
        if (before < DELTA_HEAD_MAX && stream->total_out > before) {
            const size_t got = stream->total_out - before, room = DELTA_HEAD_MAX - before;
            memcpy(head + before, piece, got < room ? got : room);
        }
        if (stream->total_out > size || (result == Z_OK && stream->total_out == before && !stream->avail_in))
            return false;
    }
    scan->at = scan->end - stream->avail_in;
    return result == Z_STREAM_END && stream->total_out == size;
}

static bool take_stream(struct scan *scan, size_t size, char head[DELTA_HEAD_MAX])
{
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)scan->pack.data + scan->at,
                       .avail_in = (unsigned)(scan->end - scan->at)};
    if (inflateInit(&stream) != Z_OK)
        return false;
    const bool good = inflate_all(scan, &stream, size, head);
    inflateEnd(&stream);
    return good;
}

static bool count_bytes(struct scan *scan, size_t size)
{
    if (size > scan->limits->object_bytes || size > scan->limits->unpacked_bytes - scan->unpacked)
        return false;
    scan->unpacked += size;
    return true;
}

// ---- the objects

static const char *take_base(struct scan *scan, enum object_kind kind, size_t offset, size_t *depth)
{
    size_t distance;
    *depth = 0;
    if (kind == DELTA_BY_NAME) {
        if (scan->end - scan->at < ID_BYTES)
            return broken;
        scan->at += ID_BYTES;
        *depth = 1;
    } else if (kind == DELTA_BY_OFFSET) {
        if (!take_distance(scan, &distance) || distance == 0 || distance > offset ||
            !find_depth(scan, offset - distance, depth))
            return broken;
        (*depth)++;
    } else if (kind < COMMIT || kind > TAG)
        return broken;
    return *depth > scan->limits->delta_depth ? deep : NULL;
}

static const char *take_object(struct scan *scan)
{
    enum object_kind kind;
    char head[DELTA_HEAD_MAX] = {0};
    size_t size, depth, result;
    const size_t offset = scan->at;
    if (!take_head(scan, &kind, &size))
        return broken;
    const char *wrong = take_base(scan, kind, offset, &depth);
    if (wrong)
        return wrong;
    if (!count_bytes(scan, size))
        return large;
    if (!take_stream(scan, size, head))
        return broken;
    if (depth) {
        const size_t known = size < DELTA_HEAD_MAX ? size : DELTA_HEAD_MAX;
        if (!result_size(text_of(head, known), &result))
            return broken;
        if (!count_bytes(scan, result))
            return large;
    }
    scan->seen[scan->count++] = (struct seen){offset, depth};
    return NULL;
}

static size_t big_endian(const char *data)
{
    const unsigned char *bytes = (const unsigned char *)data;
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

const char *pack_check(struct text pack, const struct pack_limits *limits)
{
    const char *wrong = NULL;
    if (pack.length < HEAD_BYTES + ID_BYTES || memcmp(pack.data, "PACK", 4) != 0)
        return broken;
    const size_t version = big_endian(pack.data + 4), objects = big_endian(pack.data + 8);
    if (version != 2 && version != 3)
        return broken;
    if (objects > limits->objects || pack.length > UINT32_MAX)
        return large;
    struct scan scan = {.pack = pack, .limits = limits, .at = HEAD_BYTES, .end = pack.length - ID_BYTES};
    if (objects > scan.end - HEAD_BYTES) // an object has a byte at least
        return broken;
    scan.seen = xcalloc(objects + 1, sizeof *scan.seen);
    for (size_t i = 0; i < objects && !wrong; i++)
        wrong = take_object(&scan);
    xfree(scan.seen);
    return wrong ? wrong : scan.at == scan.end ? NULL : broken;
}
