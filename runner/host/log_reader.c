// See logs.h. What a run wrote, wherever it is: in this host's own file, in the store, or in the place that hosts share.
#include "host/kept.h"
#include "host/logs.h"
#include "host/run_log.h"
#include "host/store/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { CHUNK = 1 << 18, PARTS_AT_ONCE = 8 };

struct log_reader {
    struct host *host;
    int64_t run;
    log_lines lines;
    void (*ready)(void *owner);
    void *owner;
    bool chosen, own;     // whether it was looked where they are, and whether that is this host's own file
    int fd;               // of the file that is being read; -1: none
    struct log_file file; // the same, of shared ones
    int64_t last, part;   // files were read up to this part, parts up to that one
    int64_t part_bytes;   // of the parts after `last`
    bool waiting, freed;  // for a file to be opened
    bool failed;
    struct err why;
};

struct log_reader *log_reader_new(struct host *host, int64_t run, log_lines lines, void (*ready)(void *owner),
                                  void *owner)
{
    struct log_reader *reader = xcalloc(1, sizeof *reader);
    *reader = (struct log_reader){
        .host = host, .run = run, .lines = lines, .ready = ready, .owner = owner, .fd = -1};
    return reader;
}

void log_reader_free(struct log_reader *reader)
{
    if (reader->waiting) {
        reader->freed = true;
        return;
    }
    if (reader->fd >= 0)
        close(reader->fd);
    xfree(reader->file.path);
    xfree(reader);
}

// ---- one file

static enum log_found read_chunk(struct log_reader *reader, struct err *err)
{
    SCOPED_TEXT char *chunk = xmalloc(CHUNK);
    const ssize_t got = read(reader->fd, chunk, CHUNK);
    if (got < 0) {
        (void)fail(err, ERR_FILE_UNREADABLE, reader->file.path ? reader->file.path : ".renki/logs",
                   strerror(errno));
        return LOG_FAILED;
    }
    if (got > 0)
        reader->lines(reader->owner, text_of(chunk, (size_t)got));
    return got > 0 ? LOG_MORE : LOG_END;
}

static enum log_found read_own(struct log_reader *reader, struct err *err)
{
    SCOPED_TEXT char *path = run_log_path(reader->run);
    if (reader->fd < 0)
        reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return reader->fd < 0 ? LOG_END : read_chunk(reader, err); // a run that says nothing makes no file
}

// ---- what hosts share

// Its parts were read already, to the end or to this place.
static bool pass_over(struct log_reader *reader)
{
    const int64_t read_bytes = reader->part_bytes;
    const bool whole = reader->part >= reader->file.last;
    reader->part_bytes = whole ? read_bytes - reader->file.size_bytes : 0;
    if (whole)
        reader->last = reader->file.last;
    return whole || lseek(reader->fd, read_bytes, SEEK_SET) == read_bytes;
}

static void on_opened(void *owner, int fd, const struct err *failed)
{
    struct log_reader *reader = owner;
    reader->waiting = false;
    if (reader->freed) {
        log_reader_free(reader);
        return;
    }
    reader->failed = failed != NULL;
    if (failed)
        reader->why = *failed;
    else {
        reader->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        reader->failed = !pass_over(reader) &&
                         !fail(&reader->why, ERR_FILE_UNREADABLE, reader->file.path, strerror(errno));
    }
    reader->ready(reader->owner);
}

static enum log_found open_file(struct log_reader *reader)
{
    struct copied content = {.size_bytes = reader->file.size_bytes};
    if (reader->part >= reader->file.last) {
        (void)pass_over(reader);
        return LOG_MORE;
    }
    memcpy(content.sha256, reader->file.sha256, sizeof content.sha256);
    reader->waiting = true;
    kept_open(reader->host, reader->file.path, &content, on_opened, reader);
    return reader->waiting ? LOG_WAIT : LOG_MORE;
}

static bool take_part(void *owner, int64_t part, struct text lines, struct err *err)
{
    struct log_reader *reader = owner;
    (void)err;
    reader->part = part;
    reader->part_bytes += (int64_t)lines.length;
    reader->lines(reader->owner, lines);
    return true;
}

static enum log_found read_parts(struct log_reader *reader, struct err *err)
{
    const int64_t before = reader->part > reader->last ? reader->part : reader->last;
    reader->part = before;
    if (!store_log_parts(reader->host->store, reader->run, before, PARTS_AT_ONCE, take_part, reader, err))
        return LOG_FAILED;
    return reader->part > before ? LOG_MORE : LOG_END;
}

static enum log_found read_on(struct log_reader *reader, struct err *err)
{
    enum log_found found = read_chunk(reader, err);
    if (found == LOG_END) {
        close(reader->fd);
        reader->fd = -1;
        reader->last = reader->file.last;
        found = LOG_MORE;
    }
    return found;
}

static enum log_found read_shared(struct log_reader *reader, struct err *err)
{
    if (reader->fd >= 0)
        return read_on(reader, err);
    xfree(STEAL(reader->file.path));
    if (!store_log_file(reader->host->store, &reader->file, reader->run, reader->last, err))
        return LOG_FAILED;
    return reader->file.last ? open_file(reader) : read_parts(reader, err);
}

// ----

// A run from before hosts shared their logs, or of a host that shares none, has its own file alone.
static bool choose(struct log_reader *reader, struct err *err)
{
    SCOPED_TEXT char *path = run_log_path(reader->run);
    bool there = false;
    if (reader->chosen)
        return true;
    if (logs_are_shared(reader->host) && !store_log_is_there(reader->host->store, &there, reader->run, err))
        return false;
    reader->own = !there && access(path, F_OK) == 0;
    reader->chosen = there || reader->own;
    return true;
}

enum log_found log_read(struct log_reader *reader, struct err *err)
{
    if (reader->waiting)
        return LOG_WAIT;
    if (reader->failed) {
        *err = reader->why;
        return LOG_FAILED;
    }
    if (!choose(reader, err))
        return LOG_FAILED;
    if (!reader->chosen)
        return LOG_END; // nothing anywhere
    return reader->own ? read_own(reader, err) : read_shared(reader, err);
}
