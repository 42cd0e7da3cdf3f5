// See tzif.h. Everything that the file claims about its size is compared with its size before it is used.
#include "lib/calendar/tzif.h"

enum { HEADER_BYTES = 44, OFFSET_MOST = 26 * 3600 };

struct counts {
    size_t utc_marks, standard_marks, leaps, changes, types, letters;
};

static uint32_t big32(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

static int64_t big64(const char *s)
{
    return (int64_t)((uint64_t)big32(s) << 32 | big32(s + 4));
}

static bool take(struct text *in, size_t length, struct text *out)
{
    if (in->length < length)
        return false;
    *out = text_of(in->data, length);
    *in = text_of(in->data + length, in->length - length);
    return true;
}

static bool take_header(struct text *in, struct counts *out)
{
    struct text header;
    if (!take(in, HEADER_BYTES, &header) || !text_starts(header, "TZif") || header.data[4] < '2')
        return false;
    const char *s = header.data + 20;
    *out = (struct counts){big32(s), big32(s + 4), big32(s + 8), big32(s + 12), big32(s + 16), big32(s + 20)};
    return out->changes <= TZIF_CHANGES_MAX && out->types >= 1 && out->types <= 256 && out->letters <= 4096 &&
           out->leaps <= 4096 && out->utc_marks <= out->types && out->standard_marks <= out->types;
}

// The block after a header; times have 4 bytes in the first, which is passed over, and 8 in the second.
struct block {
    struct text times, indexes, types;
};

static bool take_block(struct text *in, const struct counts *counts, size_t time_bytes, struct block *out)
{
    struct text passed;
    return take(in, counts->changes * time_bytes, &out->times) && take(in, counts->changes, &out->indexes) &&
           take(in, counts->types * 6, &out->types) && take(in, counts->letters, &passed) &&
           take(in, counts->leaps * (time_bytes + 4), &passed) && take(in, counts->standard_marks, &passed) &&
           take(in, counts->utc_marks, &passed);
}

static bool take_rule(struct text in, struct tzif *out)
{
    struct text line;
    if (!take(&in, 1, &line) || line.data[0] != '\n')
        return false;
    const ptrdiff_t end = text_find(in, '\n');
    if (end < 0)
        return false;
    out->has_rule = end > 0;
    return !out->has_rule || rule_parse(&out->rule, text_of(in.data, (size_t)end));
}

static bool offset_of(const struct block *block, size_t type, int32_t *out)
{
    if (type >= block->types.length / 6)
        return false;
    *out = (int32_t)big32(block->types.data + type * 6);
    return *out >= -OFFSET_MOST && *out <= OFFSET_MOST;
}

// Changes that keep the offset (a new name, summer time made standard) are left out.
static bool fill(struct tzif *out, const struct block *block, size_t changes)
{
    if (!offset_of(block, 0, &out->first_offset))
        return false;
    out->times = xreallocarray(NULL, changes + 1, sizeof(out->times[0]));
    out->offsets = xreallocarray(NULL, changes + 1, sizeof(out->offsets[0]));
    int32_t before = out->first_offset;
    int64_t last = INT64_MIN;
    for (size_t i = 0; i < changes; i++) {
        const int64_t time = big64(block->times.data + 8 * i);
        int32_t offset;
        if (!offset_of(block, (unsigned char)block->indexes.data[i], &offset) || (i > 0 && time <= last))
            return false;
        last = time;
        if (offset == before && i + 1 < changes)
            continue;
        out->times[out->count] = time;
        out->offsets[out->count++] = before = offset;
    }
    return true;
}

bool tzif_parse(struct tzif *out, struct text bytes)
{
    struct counts counts;
    struct block block;
    *out = (struct tzif){0};
    if (bytes.length > TZIF_BYTES_MAX || !take_header(&bytes, &counts) ||
        !take_block(&bytes, &counts, 4, &block) || !take_header(&bytes, &counts) ||
        !take_block(&bytes, &counts, 8, &block))
        return false;
    if (take_rule(bytes, out) && fill(out, &block, counts.changes))
        return true;
    tzif_dispose(out);
    return false;
}

void tzif_dispose(struct tzif *tzif)
{
    xfree(tzif->times);
    xfree(tzif->offsets);
    *tzif = (struct tzif){0};
}

static bool rule_day_equal(const struct rule_day *a, const struct rule_day *b)
{
    return a->kind == b->kind && a->month == b->month && a->week == b->week && a->day == b->day &&
           a->seconds == b->seconds;
}

static bool rule_equal(const struct rule *a, const struct rule *b)
{
    return a->has_summer == b->has_summer && a->standard_offset == b->standard_offset &&
           a->summer_offset == b->summer_offset && rule_day_equal(&a->summer_begins, &b->summer_begins) &&
           rule_day_equal(&a->summer_ends, &b->summer_ends);
}

bool tzif_equal(const struct tzif *a, const struct tzif *b)
{
    return a->count == b->count && a->first_offset == b->first_offset && a->has_rule == b->has_rule &&
           rule_equal(&a->rule, &b->rule) &&
           memcmp(a->times, b->times, a->count * sizeof(a->times[0])) == 0 &&
           memcmp(a->offsets, b->offsets, a->count * sizeof(a->offsets[0])) == 0;
}
