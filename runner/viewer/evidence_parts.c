// See evidence.h: reading the parts of it.
#include "viewer/evidence.h"

enum { CHUNK = 256 << 10 };

struct err *evidence_problem(struct evidence_view *view)
{
    static struct err more; // beyond those that are told
    const size_t at = view->problem_count++;
    return at < EVIDENCE_PROBLEMS_MAX ? &view->problems[at] : &more;
}

static bool open_part(struct evidence_view *view, struct part **out, const char *name)
{
    struct err err;
    if (part_open(out, view->package, text_from(name), &err))
        return true;
    return fail(evidence_problem(view),
                err.code == ERR_SHEET_PART_MISSING ? ERR_EVIDENCE_MISSING : ERR_EVIDENCE_DAMAGED, name);
}

static bool read_chunk(struct evidence_view *view, struct part *part, char *into, size_t *got)
{
    struct err err;
    return part_read(part, into, CHUNK, got, &err) ||
           fail(evidence_problem(view), ERR_EVIDENCE_DAMAGED, part_name(part));
}

bool evidence_text(struct evidence_view *view, struct buf *out, const char *name)
{
    SCOPED(part)
    part = NULL;
    SCOPED_TEXT char *chunk = xmalloc(CHUNK);
    size_t got = 1;
    bool good = open_part(view, &part, name);
    while (good && got)
        good =
            read_chunk(view, part, chunk, &got) && (buf_append_text(out, text_of(chunk, got)) ||
                                                    fail(evidence_problem(view), ERR_EVIDENCE_DAMAGED, name));
    return good;
}

bool evidence_digest(struct evidence_view *view, char out[DIGEST_TEXT_SIZE], const char *name)
{
    SCOPED(part)
    part = NULL;
    SCOPED_TEXT char *chunk = xmalloc(CHUNK);
    struct digest *digest = digest_new();
    size_t got = 1;
    bool good = open_part(view, &part, name);
    while (good && got) {
        good = read_chunk(view, part, chunk, &got);
        if (good)
            digest_add(digest, text_of(chunk, got));
    }
    digest_end(out, digest);
    return good;
}

// ---- lines

struct lines {
    struct evidence_view *view;
    const char *name;
    evidence_line visit;
    void *owner;
    struct buf rest; // a line that is not whole yet
};

static bool take_line(struct lines *lines, struct text line)
{
    SCOPED(json_document)
    document = NULL;
    struct err err;
    if (!json_parse(&document, line, &err))
        return fail(evidence_problem(lines->view), ERR_EVIDENCE_DAMAGED, lines->name);
    return lines->visit(lines->owner, json_root(document));
}

static bool take_lines(struct lines *lines)
{
    struct text left = buf_text(&lines->rest);
    size_t used = 0;
    bool good = true;
    for (ptrdiff_t end; good && left.length && (end = text_find(left, '\n')) >= 0;) {
        good = take_line(lines, text_of(left.data, (size_t)end));
        used += (size_t)end + 1;
        left = text_of(left.data + end + 1, left.length - (size_t)end - 1);
    }
    buf_consume(&lines->rest, used);
    return good;
}

void evidence_lines(struct evidence_view *view, const char *name, evidence_line visit, void *owner)
{
    SCOPED(part)
    part = NULL;
    SCOPED_TEXT char *chunk = xmalloc(CHUNK);
    struct lines lines = {view, name, visit, owner, buf_new(EVIDENCE_LINE_MAX + CHUNK)};
    size_t got = 1;
    bool good = open_part(view, &part, name);
    while (good && got) {
        good = read_chunk(view, part, chunk, &got);
        if (good && !buf_append_text(&lines.rest, text_of(chunk, got)))
            good = fail(evidence_problem(view), ERR_EVIDENCE_DAMAGED, name);
        good = good && take_lines(&lines);
    }
    if (good && lines.rest.length)
        (void)fail(evidence_problem(view), ERR_EVIDENCE_DAMAGED, name);
    buf_dispose(&lines.rest);
}
