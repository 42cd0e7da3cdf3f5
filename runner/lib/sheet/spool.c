// See spool.h. Runs in the worker; the only file that knows ISA-L's compression.
#include "lib/sheet/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <unistd.h>
#include <zlib.h>

// What can't be compressed is stored, in blocks of 65,535 bytes with five bytes each, and a flush adds five more.
enum { LEVEL = 1, STORED_BYTES = 65535, STORED_HEAD = 5, ROOM = SPOOL_CHUNK_BYTES + 16 * STORED_HEAD };

struct sheet_spool {
    char *beside, *path;
    int file; // -1: not yet there
    uint64_t end;
    struct isal_zstream stream;
    uint8_t level[ISAL_DEF_LVL1_DEFAULT];
    uint8_t packed[ROOM];
};
_Static_assert((SPOOL_CHUNK_BYTES / STORED_BYTES + 2) * STORED_HEAD < ROOM - SPOOL_CHUNK_BYTES,
               "a chunk that is stored fits");

struct sheet_spool *sheet_spool_new(const char *beside, const char *path)
{
    struct sheet_spool *spool = xmalloc(sizeof *spool);
    spool->beside = xstrdup(beside);
    spool->path = xstrdup(path);
    spool->file = -1;
    spool->end = 0;
    return spool;
}

void sheet_spool_free(struct sheet_spool *spool)
{
    if (!spool)
        return;
    if (spool->file >= 0)
        close(spool->file);
    xfree(spool->beside);
    xfree(spool->path);
    xfree(spool);
}

static bool told(const struct sheet_spool *spool, int why, struct err *err)
{
    return fail(err, ERR_SHEET_WRITE, spool->path, strerror(why));
}

static bool open_file(struct sheet_spool *spool, struct err *err)
{
    if (spool->file >= 0)
        return true;
    spool->file = openat(AT_FDCWD, spool->beside, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    return (spool->file >= 0 && unlinkat(AT_FDCWD, spool->beside, 0) == 0) || told(spool, errno, err);
}

static bool write_all(struct sheet_spool *spool, const uint8_t *data, size_t length, struct err *err)
{
    while (length) {
        const ssize_t done = pwrite(spool->file, data, length, (off_t)spool->end);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return told(spool, done ? errno : ENOSPC, err);
        data += done;
        length -= (size_t)done;
        spool->end += (uint64_t)done;
    }
    return true;
}

static void note_piece(struct spooled *to, uint64_t offset, uint64_t length)
{
    struct spool_piece *last = to->count ? &to->pieces[to->count - 1] : NULL;
    to->packed += length;
    if (last && last->offset + last->length == offset) {
        last->length += length;
        return;
    }
    to->pieces = xreallocarray(to->pieces, to->count + 1, sizeof *to->pieces);
    to->pieces[to->count++] = (struct spool_piece){offset, length};
}

static bool add_chunk(struct sheet_spool *spool, struct spooled *to, struct text chunk, struct err *err)
{
    const uint64_t offset = spool->end;
    struct isal_zstream *stream = &spool->stream;
    isal_deflate_stateless_init(stream);
    stream->level = LEVEL;
    stream->level_buf = spool->level;
    stream->level_buf_size = sizeof spool->level;
    stream->flush = FULL_FLUSH;
    stream->end_of_stream = 0;
    stream->next_in = (uint8_t *)(uintptr_t)chunk.data; // only read
    stream->avail_in = (uint32_t)chunk.length;
    stream->next_out = spool->packed;
    stream->avail_out = ROOM;
    require(isal_deflate_stateless(stream) == COMP_OK && stream->avail_in == 0);
    if (!write_all(spool, spool->packed, stream->total_out, err))
        return false;
    to->crc = crc32_gzip_refl(to->crc, (const uint8_t *)chunk.data, chunk.length);
    to->bytes += chunk.length;
    note_piece(to, offset, stream->total_out);
    return true;
}

bool spool_add(struct sheet_spool *spool, struct spooled *to, struct text bytes, struct err *err)
{
    if (!open_file(spool, err))
        return false;
    for (size_t at = 0; at < bytes.length; at += SPOOL_CHUNK_BYTES) {
        const size_t left = bytes.length - at;
        const size_t length = left < SPOOL_CHUNK_BYTES ? left : SPOOL_CHUNK_BYTES;
        if (!add_chunk(spool, to, text_of(bytes.data + at, length), err))
            return false;
    }
    return true;
}

bool spool_end(struct sheet_spool *spool, struct spooled *part, struct err *err)
{
    static const uint8_t last_block[] = {0x03, 0x00}; // final, fixed codes, empty
    const uint64_t offset = spool->end;
    if (!open_file(spool, err) || !write_all(spool, last_block, sizeof last_block, err))
        return false;
    note_piece(part, offset, sizeof last_block);
    return true;
}

void spool_join(struct spooled *to, struct spooled *behind)
{
    to->crc = (uint32_t)crc32_combine64(to->crc, behind->crc, (off64_t)behind->bytes);
    to->bytes += behind->bytes;
    for (size_t i = 0; i < behind->count; i++)
        note_piece(to, behind->pieces[i].offset, behind->pieces[i].length);
    spooled_dispose(behind);
}

ssize_t spool_read(const struct sheet_spool *spool, const struct spooled *from, uint64_t at, void *out,
                   size_t size)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct spool_piece *piece = &from->pieces[i];
        if (at < piece->length) {
            const uint64_t left = piece->length - at;
            return pread(spool->file, out, left < size ? left : size, (off_t)(piece->offset + at));
        }
        at -= piece->length;
    }
    return 0;
}

void spooled_dispose(struct spooled *spooled)
{
    xfree(spooled->pieces);
    *spooled = (struct spooled){0};
}
