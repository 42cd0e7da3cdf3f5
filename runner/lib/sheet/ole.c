// See ole.h. Runs in the worker. Section numbers are those of [MS-CFB].
#include "lib/sheet/ole.h"
#include "lib/sheet/bytes.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HEADER_BYTES = 512,
    ENTRY_BYTES = 128,
    ENTRY_NAME_BYTES_MAX = 64,
    MINI_SHIFT = 6,
    MINI_CUTOFF = 4096, // 2.2: shorter streams lie in the mini stream
    HEADER_DIFAT = 109,
    MINI_STREAM_BYTES_MAX = 64 << 20,
};
#define SECTOR_LAST 0xFFFFFFF9U // 2.1: larger numbers have meanings of their own

enum { ENTRY_FOLDER = 1, ENTRY_STREAM = 2, ENTRY_ROOT = 5 };

// Numbers of sectors in order.
struct chain {
    uint32_t *sectors;
    size_t count;
};

struct ole {
    int descriptor;
    uint64_t file_bytes;
    unsigned shift; // a sector has 1 << shift bytes
    uint32_t sector_count;
    uint32_t *fat; // what comes after each sector
    size_t fat_count;
    char *entries;
    size_t entry_count;
    bool *at_root; // which entries stand at the root
};

struct ole_stream {
    const struct ole *ole; // NULL: a plain file
    int descriptor;
    uint64_t size;
    struct chain chain;
    char *small; // the content of one that lies in the mini stream
};

static bool fail_ole(const char *why, struct err *err)
{
    return fail(err, ERR_SHEET_BROKEN_XLS, why);
}

/* ---- sectors ---------------------------------------------------------------------------------------------------------- */

// What lies beyond the file's end is zero: some programs leave the last sector's rest out.
static bool read_at(int descriptor, void *into, size_t length, uint64_t offset, struct err *err)
{
    size_t done = 0;
    while (done < length) {
        const ssize_t got = pread(descriptor, (char *)into + done, length - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(err, ERR_SYSTEM, "read", strerror(errno));
        if (got == 0)
            break;
        done += (size_t)got;
    }
    memset((char *)into + done, 0, length - done);
    return true;
}

static size_t sector_bytes(const struct ole *ole)
{
    return (size_t)1 << ole->shift;
}

static uint64_t sector_offset(const struct ole *ole, uint32_t sector)
{
    return ((uint64_t)sector + 1) << ole->shift;
}

// At most `count` sectors; fewer when the chain ends. It is broken where it leaves the file.
static bool follow(struct chain *out, const struct ole *ole, uint32_t first, uint64_t count, struct err *err)
{
    *out = (struct chain){0};
    if (count > ole->sector_count)
        count = ole->sector_count;
    out->sectors = xmalloc((count + 1) * sizeof *out->sectors);
    for (uint32_t at = first; out->count < count && at <= SECTOR_LAST; at = ole->fat[at]) {
        if (at >= ole->sector_count || at >= ole->fat_count) {
            xfree(out->sectors);
            *out = (struct chain){0};
            return fail_ole("a sector that is not there", err);
        }
        out->sectors[out->count++] = at;
    }
    return true;
}

static bool read_chain(const struct ole *ole, const struct chain *chain, uint64_t offset, char *into,
                       size_t length, struct err *err)
{
    while (length) {
        size_t index = (size_t)(offset >> ole->shift), run = 1;
        const size_t skip = (size_t)(offset & (sector_bytes(ole) - 1));
        require(index < chain->count);
        // Sectors that lie side by side are read at once.
        while (index + run < chain->count && chain->sectors[index + run] == chain->sectors[index] + run &&
               run * sector_bytes(ole) - skip < length)
            run++;
        size_t piece = run * sector_bytes(ole) - skip;
        piece = piece < length ? piece : length;
        if (!read_at(ole->descriptor, into, piece, sector_offset(ole, chain->sectors[index]) + skip, err))
            return false;
        into += piece;
        offset += piece;
        length -= piece;
    }
    return true;
}

// All of a chain's bytes, at most `most`; the caller frees them.
static bool read_whole(const struct ole *ole, uint32_t first, uint64_t most, char **out, size_t *length,
                       struct err *err)
{
    struct chain chain;
    if (!follow(&chain, ole, first, (most + sector_bytes(ole) - 1) >> ole->shift, err))
        return false;
    *length = chain.count << ole->shift;
    *out = xmalloc(*length + 1);
    const bool good = read_chain(ole, &chain, 0, *out, *length, err);
    xfree(chain.sectors);
    if (!good)
        xfree(STEAL(*out));
    return good;
}

/* ---- the container ------------------------------------------------------------------------------------------------------ */

// Takes the sectors of the allocation table that `list` names, as many as the file can need. 2.3.
static bool add_fat(struct ole *ole, const unsigned char *list, size_t count, size_t *taken, struct err *err)
{
    const size_t each = sector_bytes(ole) / 4;
    for (size_t i = 0; i < count && *taken * each < ole->sector_count; i++) {
        const uint32_t sector = bytes_u32(list + 4 * i);
        if (sector > SECTOR_LAST)
            return true;
        if (sector >= ole->sector_count)
            return fail_ole("its list of sectors is not there", err);
        uint32_t *into = ole->fat + *taken * each;
        if (!read_at(ole->descriptor, into, sector_bytes(ole), sector_offset(ole, sector), err))
            return false;
        ++*taken;
        ole->fat_count = *taken * each;
    }
    return true;
}

// The first 109 sectors of the table are named in the header, others in sectors of their own. 2.5.
static bool read_fat(struct ole *ole, const unsigned char *header, struct err *err)
{
    const size_t each = sector_bytes(ole) / 4;
    const size_t needed = (ole->sector_count + each - 1) / each;
    size_t taken = 0;
    unsigned char sector[4096];
    ole->fat = xcalloc((needed + 1) * each, sizeof *ole->fat);
    if (!add_fat(ole, header + 76, HEADER_DIFAT, &taken, err))
        return false;
    uint32_t next = bytes_u32(header + 68);
    for (size_t steps = 0; taken < needed && steps <= needed && next < ole->sector_count; steps++) {
        if (!read_at(ole->descriptor, sector, sector_bytes(ole), sector_offset(ole, next), err) ||
            !add_fat(ole, sector, each - 1, &taken, err))
            return false;
        next = bytes_u32(sector + sector_bytes(ole) - 4);
    }
    for (size_t i = 0; i < ole->fat_count; i++)
        ole->fat[i] = bytes_u32(&ole->fat[i]);
    return true;
}

static const char *entry_at(const struct ole *ole, size_t index)
{
    return ole->entries + index * ENTRY_BYTES;
}

// The root's tree of entries, in no order: 2.6.4. Every entry is visited once at most.
static void mark_root(struct ole *ole)
{
    SCOPED_TEXT uint32_t *left = xmalloc((ole->entry_count * 2 + 1) * sizeof *left);
    size_t waiting = 0;
    left[waiting++] = bytes_u32(entry_at(ole, 0) + 76);
    while (waiting) {
        const uint32_t index = left[--waiting];
        if (index >= ole->entry_count || ole->at_root[index])
            continue;
        ole->at_root[index] = true;
        left[waiting++] = bytes_u32(entry_at(ole, index) + 68);
        left[waiting++] = bytes_u32(entry_at(ole, index) + 72);
    }
}

static bool read_entries(struct ole *ole, uint32_t first, struct err *err)
{
    size_t length;
    if (!read_whole(ole, first, (uint64_t)OLE_ENTRIES_MAX * ENTRY_BYTES, &ole->entries, &length, err))
        return false;
    ole->entry_count = length / ENTRY_BYTES;
    if (!ole->entry_count || entry_at(ole, 0)[66] != ENTRY_ROOT)
        return fail_ole("it has no list of streams", err);
    ole->at_root = xcalloc(ole->entry_count, sizeof *ole->at_root);
    mark_root(ole);
    return true;
}

static bool read_container(struct ole *ole, struct err *err)
{
    unsigned char header[HEADER_BYTES];
    struct stat stat;
    if (fstat(ole->descriptor, &stat) != 0)
        return fail(err, ERR_SYSTEM, "stat", strerror(errno));
    ole->file_bytes = (uint64_t)stat.st_size;
    if (ole->file_bytes > OLE_FILE_BYTES_MAX)
        return fail(err, ERR_FILE_TOO_LARGE, ".xls", N(OLE_FILE_BYTES_MAX >> 20));
    if (!read_at(ole->descriptor, header, sizeof header, 0, err))
        return false;
    ole->shift = bytes_u16(header + 30);
    if ((ole->shift != 9 && ole->shift != 12) || ole->file_bytes <= sector_bytes(ole))
        return fail_ole("its head is wrong", err);
    ole->sector_count = (uint32_t)((ole->file_bytes - 1) >> ole->shift);
    return read_fat(ole, header, err) && read_entries(ole, bytes_u32(header + 48), err);
}

bool ole_open(struct ole **out, int descriptor, struct err *err)
{
    SCOPED(ole)
    ole = xcalloc(1, sizeof *ole);
    ole->descriptor = descriptor;
    if (!read_container(ole, err))
        return false;
    *out = STEAL(ole);
    return true;
}

void ole_free(struct ole *ole)
{
    if (!ole)
        return;
    close(ole->descriptor);
    xfree(ole->fat);
    xfree(ole->entries);
    xfree(ole->at_root);
    xfree(ole);
}

// 2.6.1: UTF-16, its length in bytes with the zero at the end.
static bool has_name(const char *entry, const char *name)
{
    const size_t length = strlen(name);
    char plain[ENTRY_NAME_BYTES_MAX / 2];
    if (length >= sizeof plain || bytes_u16(entry + 64) != 2 * (length + 1))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (entry[2 * i + 1])
            return false;
        plain[i] = entry[2 * i];
    }
    return text_equal_ascii_case(text_of(plain, length), text_from(name));
}

static const char *find_entry(const struct ole *ole, const char *name)
{
    for (size_t i = 1; i < ole->entry_count; i++) {
        const char *entry = entry_at(ole, i);
        if (ole->at_root[i] && (entry[66] == ENTRY_STREAM || entry[66] == ENTRY_FOLDER) &&
            has_name(entry, name))
            return entry;
    }
    return NULL;
}

bool ole_has(const struct ole *ole, const char *name)
{
    return find_entry(ole, name) != NULL;
}

/* ---- streams -------------------------------------------------------------------------------------------------------------- */

// 2.4: a file system inside, with sectors of 64 bytes in the root's stream and a table of their own.
static bool read_small(struct ole_stream *stream, const struct ole *ole, uint32_t first, struct err *err)
{
    unsigned char header[HEADER_BYTES];
    char *table = NULL, *container = NULL;
    size_t table_length = 0, length = 0, done = 0;
    const char *root = entry_at(ole, 0);
    bool good = read_at(ole->descriptor, header, sizeof header, 0, err) &&
                read_whole(ole, bytes_u32(header + 60), MINI_STREAM_BYTES_MAX, &table, &table_length, err) &&
                read_whole(ole, bytes_u32(root + 116), MINI_STREAM_BYTES_MAX, &container, &length, err);
    stream->small = xcalloc(1, MINI_CUTOFF);
    for (uint32_t at = first; good && done < stream->size; done += (size_t)1 << MINI_SHIFT) {
        const uint64_t from = (uint64_t)at << MINI_SHIFT;
        good = ((uint64_t)at + 1) * 4 <= table_length && from + ((size_t)1 << MINI_SHIFT) <= length;
        if (!good)
            fail_ole("a sector that is not there", err);
        else
            memcpy(stream->small + done, container + from, (size_t)1 << MINI_SHIFT);
        at = good ? bytes_u32(table + (size_t)at * 4) : 0;
    }
    xfree(table);
    xfree(container);
    return good;
}

bool ole_stream_open(struct ole_stream **out, const struct ole *ole, const char *name, struct err *err)
{
    const char *entry = find_entry(ole, name);
    if (!entry || entry[66] != ENTRY_STREAM)
        return fail_ole("a stream is missing", err);
    SCOPED(ole_stream)
    stream = xcalloc(1, sizeof *stream);
    const uint32_t first = bytes_u32(entry + 116);
    stream->ole = ole;
    stream->size = bytes_u32(entry + 120); // 2.6.1: the upper half may hold anything in version 3
    if (stream->size < MINI_CUTOFF) {
        if (!read_small(stream, ole, first, err))
            return false;
    } else {
        const uint64_t needed = (stream->size + sector_bytes(ole) - 1) >> ole->shift;
        if (!follow(&stream->chain, ole, first, needed, err))
            return false;
        if (stream->chain.count < needed)
            return fail_ole("it ends too early", err);
    }
    *out = STEAL(stream);
    return true;
}

bool ole_stream_open_file(struct ole_stream **out, int descriptor, struct err *err)
{
    struct stat stat;
    if (fstat(descriptor, &stat) != 0)
        return fail(err, ERR_SYSTEM, "stat", strerror(errno));
    if ((uint64_t)stat.st_size > OLE_FILE_BYTES_MAX)
        return fail(err, ERR_FILE_TOO_LARGE, ".xls", N(OLE_FILE_BYTES_MAX >> 20));
    *out = xcalloc(1, sizeof **out);
    (*out)->descriptor = descriptor;
    (*out)->size = (uint64_t)stat.st_size;
    return true;
}

void ole_stream_free(struct ole_stream *stream)
{
    if (!stream)
        return;
    xfree(stream->chain.sectors);
    xfree(stream->small);
    xfree(stream);
}

uint64_t ole_stream_size(const struct ole_stream *stream)
{
    return stream->size;
}

bool ole_stream_read(const struct ole_stream *stream, uint64_t offset, void *into, size_t length,
                     struct err *err)
{
    if (offset > stream->size || length > stream->size - offset)
        return fail_ole("it ends too early", err);
    if (stream->small)
        memcpy(into, stream->small + offset, length);
    else if (stream->ole)
        return read_chain(stream->ole, &stream->chain, offset, into, length, err);
    else
        return read_at(stream->descriptor, into, length, offset, err);
    return true;
}
