// See splice.h. Runs in the worker.
#include "lib/sheet/splice.h"
#include "lib/sheet/package.h"
#include "lib/sheet/repack.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static bool read_part(struct buf *out, struct package *package, const char *name, struct err *err)
{
    SCOPED(part)
    part = NULL;
    size_t got;
    if (!part_open(&part, package, text_from(name), err))
        return false;
    do {
        enum { PIECE = 64 * 1024 };
        char *room = buf_reserve(out, PIECE);
        if (!room)
            return fail(err, ERR_LIMIT_PASSED, name, N(SPLICE_FRAME_MAX));
        if (!part_read(part, room, PIECE, &got, err))
            return false;
        out->length += got;
    } while (got);
    return true;
}

static struct text from_to(const char *from, const char *to)
{
    return text_of(from, (size_t)(to - from));
}

// The first place of `mark` in `text`, or NULL.
static const char *find(struct text text, const char *mark)
{
    return memmem(text.data, text.length, mark, strlen(mark));
}

static bool append(struct buf *out, const char *from, const char *to)
{
    return buf_append(out, from, (size_t)(to - from));
}

// What stands before the rows, with the range that they take.
static bool put_head(struct buf *out, struct text head, struct range range)
{
    static const char opening[] = "<dimension ref=\"";
    char first[REFERENCE_TEXT_SIZE], last[REFERENCE_TEXT_SIZE];
    const char *const end = head.data + head.length;
    const char *from = find(head, opening), *to = NULL;
    if (from) {
        from += strlen(opening);
        to = memchr(from, '"', (size_t)(end - from));
    }
    if (!to || !range.first.row)
        return buf_append_text(out, head);
    return append(out, head.data, from) &&
           buf_printf(out, "%s:%s", reference_text(first, range.first), reference_text(last, range.last)) &&
           append(out, to, end);
}

static bool cut(struct buf *head, struct buf *end, struct text frame, struct range range)
{
    static const char empty[] = "<sheetData/>", open[] = "<sheetData>", close[] = "</sheetData>";
    const char *begun = find(frame, empty), *ended = begun ? begun + strlen(empty) : NULL;
    if (!begun && (begun = find(frame, open)) && (ended = find(frame, close)))
        ended += strlen(close);
    return check(begun && ended) && put_head(head, from_to(frame.data, begun), range) &&
           buf_append_string(head, open) && buf_append_string(end, close) &&
           append(end, ended, frame.data + frame.length);
}

// Joins head, rows and end of a page's part: the whole is in splice->rows then.
static bool join(struct sheet_spool *spool, struct splice *splice, struct text frame, struct err *err)
{
    SCOPED_BUF(head, SPLICE_FRAME_MAX);
    SCOPED_BUF(end, SPLICE_FRAME_MAX);
    struct spooled whole = {0}, after = {0};
    if (!cut(&head, &end, frame, splice->range))
        return fail(err, ERR_LIMIT_PASSED, splice->part, N(SPLICE_FRAME_MAX));
    const bool good = spool_add(spool, &whole, buf_text(&head), err) &&
                      spool_add(spool, &after, buf_text(&end), err) && spool_end(spool, &after, err);
    if (good) {
        spool_join(&whole, &splice->rows);
        spool_join(&whole, &after);
        splice->rows = whole;
        whole = (struct spooled){0};
    }
    spooled_dispose(&whole);
    spooled_dispose(&after);
    return good;
}

static bool join_pages(int frames, struct sheet_spool *spool, struct splice *splices, size_t count,
                       struct err *err)
{
    SCOPED(package)
    package = NULL;
    if (!package_open_file(&package, frames, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        SCOPED_BUF(frame, SPLICE_FRAME_MAX);
        if (!read_part(&frame, package, splices[i].part, err) ||
            !join(spool, &splices[i], buf_text(&frame), err))
            return false;
    }
    return true;
}

static bool pack(int source, int target, const struct sheet_spool *spool, const struct splice *splices,
                 size_t count, struct err *err)
{
    SCOPED_TEXT struct repack_change *changes = xcalloc(count, sizeof *changes);
    for (size_t i = 0; i < count; i++)
        changes[i] =
            (struct repack_change){.part = splices[i].part, .spooled = &splices[i].rows, .spool = spool};
    return repack(source, target, changes, count, err);
}

bool sheet_splice(const char *path, struct sheet_spool *spool, struct splice *splices, size_t count,
                  struct err *err)
{
    const int frames = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (frames < 0)
        return fail(err, ERR_SHEET_WRITE, path, strerror(errno));
    if (!join_pages(frames, spool, splices, count, err))
        return false;
    // The new package takes the name of the old one, which is read to its end without a name.
    const int source = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const int target = source >= 0 && unlinkat(AT_FDCWD, path, 0) == 0
                           ? openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)
                           : -1;
    bool good = target >= 0 || fail(err, ERR_SHEET_WRITE, path, strerror(errno));
    good = good && pack(source, target, spool, splices, count, err);
    if (source >= 0)
        close(source);
    if (target >= 0 && close(target) != 0 && good)
        good = fail(err, ERR_SHEET_WRITE, path, strerror(errno));
    return good;
}
