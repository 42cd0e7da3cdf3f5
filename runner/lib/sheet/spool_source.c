// See spool_source.h. Runs in the worker.
//
// libzip copies what a source gives as it is when the source says that it is compressed in the way the entry shall be,
// and takes size and CRC from what it tells.
#include "lib/sheet/spool_source.h"

#include <errno.h>

struct source {
    const struct sheet_spool *spool;
    const struct spooled *part;
    uint64_t at;
    zip_error_t error;
};

static zip_int64_t tell(const struct source *source, zip_stat_t *stat)
{
    zip_stat_init(stat);
    stat->size = source->part->bytes;
    stat->comp_size = source->part->packed;
    stat->comp_method = ZIP_CM_DEFLATE;
    stat->crc = source->part->crc;
    stat->valid = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_CRC;
    return sizeof *stat;
}

static zip_int64_t read_some(struct source *source, void *data, zip_uint64_t size)
{
    const ssize_t got = spool_read(source->spool, source->part, source->at, data, size);
    if (got < 0)
        zip_error_set(&source->error, ZIP_ER_READ, errno);
    else
        source->at += (uint64_t)got;
    return got;
}

static zip_int64_t serve(void *state, void *data, zip_uint64_t size, zip_source_cmd_t command)
{
    struct source *source = state;
    switch (command) {
    case ZIP_SOURCE_OPEN:
        source->at = 0;
        return 0;
    case ZIP_SOURCE_READ:
        return read_some(source, data, size);
    case ZIP_SOURCE_CLOSE:
        return 0;
    case ZIP_SOURCE_STAT:
        return tell(source, data);
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&source->error, data, size);
    case ZIP_SOURCE_FREE:
        xfree(source);
        return 0;
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                              ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
    default: // what is not in the list above is not asked for
        zip_error_set(&source->error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

zip_source_t *spool_source(zip_t *zip, const struct sheet_spool *spool, const struct spooled *part)
{
    struct source *source = xcalloc(1, sizeof *source);
    *source = (struct source){.spool = spool, .part = part};
    zip_error_init(&source->error);
    zip_source_t *given = zip_source_function(zip, serve, source);
    if (!given)
        xfree(source);
    return given;
}
