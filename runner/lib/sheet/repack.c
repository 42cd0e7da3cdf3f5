// See repack.h. Runs in the worker.
//
// libzip replaces a file by writing a temporary one beside it. Here it sees one source that reads from one descriptor and
// writes to another, so who calls decides what is on disk under which name.
#include "lib/sheet/repack.h"
#include "lib/sheet/spool_source.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

struct transfer {
    int from, to;
    zip_uint64_t size, read_at, write_at, written;
    zip_error_t error;
};

static zip_int64_t system_failed(struct transfer *transfer, int code)
{
    zip_error_set(&transfer->error, code, errno);
    return -1;
}

static zip_int64_t read_some(struct transfer *transfer, void *data, zip_uint64_t length)
{
    ssize_t got;
    do
        got = pread(transfer->from, data, length, (off_t)transfer->read_at);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return system_failed(transfer, ZIP_ER_READ);
    transfer->read_at += (zip_uint64_t)got;
    return got;
}

static zip_int64_t write_all(struct transfer *transfer, const char *data, zip_uint64_t length)
{
    for (zip_uint64_t done = 0; done < length;) {
        const ssize_t written = pwrite(transfer->to, data + done, length - done, (off_t)transfer->write_at);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return system_failed(transfer, ZIP_ER_WRITE);
        done += (zip_uint64_t)written;
        transfer->write_at += (zip_uint64_t)written;
        if (transfer->write_at > transfer->written)
            transfer->written = transfer->write_at;
    }
    return (zip_int64_t)length;
}

static zip_int64_t seek(struct transfer *transfer, zip_uint64_t *at, zip_uint64_t size, void *data,
                        zip_uint64_t length)
{
    const zip_int64_t offset = zip_source_seek_compute_offset(*at, size, data, length, &transfer->error);
    if (offset < 0)
        return -1;
    *at = (zip_uint64_t)offset;
    return 0;
}

static zip_int64_t tell_size(const struct transfer *transfer, void *data)
{
    zip_stat_t *stat = data;
    zip_stat_init(stat);
    stat->size = transfer->size;
    stat->valid |= ZIP_STAT_SIZE;
    return sizeof *stat;
}

static zip_int64_t serve(void *state, void *data, zip_uint64_t length, zip_source_cmd_t command)
{
    struct transfer *transfer = state;
    switch (command) {
    case ZIP_SOURCE_OPEN:
        transfer->read_at = 0;
        return 0;
    case ZIP_SOURCE_READ:
        return read_some(transfer, data, length);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
    case ZIP_SOURCE_COMMIT_WRITE:
    case ZIP_SOURCE_ROLLBACK_WRITE:
    case ZIP_SOURCE_REMOVE: // of an archive that became empty: never asked for, but a source that writes must know it
        return 0;
    case ZIP_SOURCE_STAT:
        return tell_size(transfer, data);
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&transfer->error, data, length);
    case ZIP_SOURCE_SEEK:
        return seek(transfer, &transfer->read_at, transfer->size, data, length);
    case ZIP_SOURCE_TELL:
        return (zip_int64_t)transfer->read_at;
    case ZIP_SOURCE_BEGIN_WRITE:
        transfer->write_at = transfer->written = 0;
        return 0;
    case ZIP_SOURCE_WRITE:
        return write_all(transfer, data, length);
    case ZIP_SOURCE_SEEK_WRITE:
        return seek(transfer, &transfer->write_at, transfer->written, data, length);
    case ZIP_SOURCE_TELL_WRITE:
        return (zip_int64_t)transfer->write_at;
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(
            ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR,
            ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_BEGIN_WRITE,
            ZIP_SOURCE_COMMIT_WRITE, ZIP_SOURCE_ROLLBACK_WRITE, ZIP_SOURCE_WRITE, ZIP_SOURCE_SEEK_WRITE,
            ZIP_SOURCE_TELL_WRITE, ZIP_SOURCE_REMOVE, -1);
    default: // what is not in the list above is not asked for
        zip_error_set(&transfer->error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

static bool fail_zip(zip_t *zip, struct err *err)
{
    zip_error_t *error = zip_get_error(zip);
    if (zip_error_code_zip(error) == ZIP_ER_WRITE && zip_error_code_system(error))
        return fail(err, ERR_SYSTEM, "write", strerror(zip_error_code_system(error)));
    return fail(err, ERR_SHEET_BROKEN_ZIP, zip_strerror(zip));
}

// Names as in package.h: slashes put right, letters by their case first.
static bool same_name(const char *a, const char *b, bool any_case)
{
    while (*a == '/' || *a == '\\')
        a++;
    for (; *a && *b; a++, b++) {
        const char c = *a == '\\' ? '/' : *a;
        if (c != *b && !(any_case && (c | 0x20) == (*b | 0x20) && (c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
            return false;
    }
    return !*a && !*b;
}

static zip_int64_t locate(zip_t *zip, const char *part)
{
    const zip_int64_t count = zip_get_num_entries(zip, ZIP_FL_UNCHANGED);
    for (int any_case = 0; any_case < 2; any_case++)
        for (zip_int64_t i = 0; i < count; i++) {
            const char *name = zip_get_name(zip, (zip_uint64_t)i, ZIP_FL_UNCHANGED);
            if (name && same_name(name, part, any_case))
                return i;
        }
    return -1;
}

static bool put(zip_t *zip, const struct repack_change *change, zip_int64_t index, struct err *err)
{
    zip_stat_t stat;
    zip_source_t *source = change->spooled
                               ? spool_source(zip, change->spool, change->spooled)
                               : zip_source_buffer(zip, change->content.data, change->content.length, 0);
    if (!source)
        return fail_zip(zip, err);
    if (index < 0)
        index = zip_file_add(zip, change->part, source, ZIP_FL_ENC_UTF_8);
    else if (zip_file_replace(zip, (zip_uint64_t)index, source, 0) != 0)
        index = -1;
    if (index < 0) {
        zip_source_free(source);
        return fail_zip(zip, err);
    }
    // The time that the template's part had: what is written depends on nothing but template and values.
    const bool known = zip_stat_index(zip, (zip_uint64_t)index, ZIP_FL_UNCHANGED, &stat) == 0 &&
                       (stat.valid & ZIP_STAT_MTIME);
    return zip_file_set_mtime(zip, (zip_uint64_t)index, known ? stat.mtime : 0, 0) == 0 || fail_zip(zip, err);
}

static bool change_entries(zip_t *zip, const struct repack_change *changes, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        const zip_int64_t index = locate(zip, changes[i].part);
        if (!changes[i].remove) {
            if (!put(zip, &changes[i], index, err))
                return false;
        } else if (index >= 0 && zip_delete(zip, (zip_uint64_t)index) != 0) {
            return fail_zip(zip, err);
        }
    }
    return true;
}

static bool copy_file(struct transfer *transfer, struct err *err)
{
    enum { CHUNK = 64 << 10 };
    SCOPED_TEXT char *chunk = xmalloc(CHUNK);
    zip_int64_t got;
    while ((got = read_some(transfer, chunk, CHUNK)) > 0)
        if (write_all(transfer, chunk, (zip_uint64_t)got) < 0)
            return fail(err, ERR_SYSTEM, "write", strerror(errno));
    return got == 0 || fail(err, ERR_SYSTEM, "read", strerror(errno));
}

bool repack(int source, int target, const struct repack_change *changes, size_t count, struct err *err)
{
    struct transfer transfer = {.from = source, .to = target};
    struct stat status;
    zip_error_t error;
    if (fstat(source, &status) != 0)
        return fail(err, ERR_SYSTEM, "fstat", strerror(errno));
    transfer.size = (zip_uint64_t)status.st_size;
    if (!count)
        return copy_file(&transfer, err);
    zip_error_init(&error);
    zip_error_init(&transfer.error);
    zip_source_t *both = zip_source_function_create(serve, &transfer, &error);
    zip_t *zip = both ? zip_open_from_source(both, 0, &error) : NULL;
    if (!zip) {
        zip_source_free(both);
        fail(err, ERR_SHEET_BROKEN_ZIP, zip_error_strerror(&error));
        zip_error_fini(&error);
        return false;
    }
    if (!change_entries(zip, changes, count, err)) {
        zip_discard(zip);
        return false;
    }
    if (zip_close(zip) == 0)
        return true;
    fail_zip(zip, err);
    zip_discard(zip);
    return false;
}
