// See lines.h.
#include "lib/encoding/lines.h"

#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 64 << 10 };

struct line_reader {
    int fd;
    char *path;
    bool guess, ended, after_cr;
    struct decoder decoder;
    struct buf text; // decoded and not yet handed out, but for the first `used` bytes
    size_t used, searched;
    size_t number; // of the line that is read
    char piece[PIECE_BYTES];
};

void line_reader_free(struct line_reader *reader)
{
    if (!reader)
        return;
    if (reader->fd >= 0)
        close(reader->fd);
    buf_dispose(&reader->text);
    xfree(reader->path);
    xfree(reader);
}

bool line_reader_open(struct line_reader **out, int directory, const char *path,
                      const struct encoding *encoding, enum encoding_mode mode, struct err *err)
{
    SCOPED(line_reader)
    reader = xcalloc(1, sizeof(*reader));
    struct stat status;
    reader->path = xstrdup(path);
    reader->guess = encoding == NULL;
    reader->decoder = decoder_new(encoding, mode);
    // Room for the longest line, and three pieces more: a byte becomes at most three of UTF-8.
    reader->text = buf_new(LINE_BYTES_MAX + 3 * PIECE_BYTES + 16);
    reader->fd = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (reader->fd < 0 || fstat(reader->fd, &status) != 0)
        return file_unreadable(err, reader->path, errno);
    if (!S_ISREG(status.st_mode))
        return file_unreadable(err, reader->path, S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
    *out = STEAL(reader);
    return true;
}

static bool read_piece(struct line_reader *reader, struct err *err)
{
    ssize_t got;
    do
        got = read(reader->fd, reader->piece, sizeof(reader->piece));
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return file_unreadable(err, reader->path, errno);
    if (reader->guess) {
        reader->decoder.encoding = encoding_guess(text_of(reader->piece, (size_t)got));
        reader->guess = false;
    }
    if (reader->used)
        buf_consume(&reader->text, reader->used);
    reader->searched -= reader->used;
    reader->used = 0;
    reader->ended = got == 0;
    return reader->ended
               ? decoder_finish(&reader->decoder, &reader->text, err)
               : decoder_feed(&reader->decoder, &reader->text, text_of(reader->piece, (size_t)got), err);
}

// Hands out what stands before the end of line at `end`.
static struct text hand_out(struct line_reader *reader, size_t end, size_t end_length)
{
    const struct text line = text_of(reader->text.data + reader->used, end - reader->used);
    reader->used = reader->searched = end + end_length;
    return line;
}

// A line that is whole in the buffer; false when more must be read.
static bool take_line(struct line_reader *reader, struct text *line)
{
    const char *data = reader->text.data;
    if (reader->after_cr && reader->used < reader->text.length) {
        // The LF of a CR LF that two pieces, or two calls, part from each other.
        if (data[reader->used] == '\n')
            reader->used++;
        reader->after_cr = false;
    }
    if (reader->searched < reader->used)
        reader->searched = reader->used;
    for (; reader->searched < reader->text.length; reader->searched++) {
        const char c = data[reader->searched];
        if (c != '\n' && c != '\r')
            continue;
        reader->after_cr = c == '\r';
        *line = hand_out(reader, reader->searched, 1);
        return true;
    }
    return false;
}

bool line_reader_next(struct line_reader *reader, struct text *line, bool *found, struct err *err)
{
    reader->number++;
    *found = true;
    while (!take_line(reader, line)) {
        if (reader->text.length - reader->used > LINE_BYTES_MAX) {
            (void)fail(err, ERR_LIMIT_PASSED, reader->path, N(LINE_BYTES_MAX));
            return err_note(err, "%s, line %zu", reader->path, reader->number);
        }
        if (reader->ended) {
            *found = reader->used < reader->text.length;
            if (*found)
                *line = hand_out(reader, reader->text.length, 0);
            return true;
        }
        if (!read_piece(reader, err))
            return err_note(err, "%s, line %zu", reader->path, reader->number);
    }
    return true;
}
