// The request for what is different between two versions of a robot: in sentences, then file by file. In the host.
//
// What doesn't fit into one answer is counted and told; words within lines are marked here, so that the terminal and the
// page show the same.
#include "host/diff.h"
#include "host/past.h"
#include "host/repo/compare.h"
#include "host/requests.h"
#include "host/today.h"

#include <stdio.h>

enum {
    FILES_BYTES = 600000, // of all lines in an answer
    FILE_LINES_MAX = 4000,
    BLOCK_MAX = 200, // lines taken away, or added, that are looked at together
    LINE_SHOWN_MAX = 2000,
    SENTENCES_BYTES = 200000
};

struct side {
    char tree[REPO_ID_SIZE];
    struct version version; // commit "" where it is the working files, or nothing
    bool working;
};

struct asked {
    struct host *host;
    struct answer *answer;
    char *robot, *a, *b; // a, b: as the person called them; NULL when not said
    enum language language;
    struct side before, after;
    char *sentences; // JSON
    struct err unreadable;
};

static void asked_free(struct asked *asked)
{
    xfree(asked->robot);
    xfree(asked->a);
    xfree(asked->b);
    xfree(asked->sentences);
    xfree(asked);
}

// ---- lines: those taken away wait for those that came in their place

struct kept_line {
    char *text;
    int old_number, new_number;
    bool open; // it has no line end
};

struct telling {
    struct json_writer out;
    struct kept_line lines[2][BLOCK_MAX]; // taken away, added
    size_t counts[2];
    size_t told;                     // lines of this file
    bool in_file, in_hunk, cut, any; // cut: this file has more than is told
    int64_t more_files;
};

// Texts by turns the same and not the same, beginning with the same: ["local sum = ", "1", ""].
struct parts {
    struct json_writer *out;
    enum word_kind wanted;
    bool marked; // the last text was a marked one
};

static void write_part(void *owner, enum word_kind kind, struct text text)
{
    struct parts *parts = owner;
    const bool marked = kind == parts->wanted;
    if (kind != WORD_SAME && !marked)
        return;
    if (marked == parts->marked)
        json_write_string(parts->out, ""); // the turn of the other kind
    json_write_lossy(parts->out, text);
    parts->marked = marked;
}

static void write_line(struct telling *telling, char origin, const struct kept_line *line,
                       const struct kept_line *twin)
{
    struct json_writer *out = &telling->out;
    const char kind[2] = {origin, '\0'};
    json_begin_object(out);
    json_write_key(out, "kind");
    json_write_string(out, kind);
    json_write_key(out, "old");
    json_write_integer(out, line->old_number);
    json_write_key(out, "new");
    json_write_integer(out, line->new_number);
    json_write_key(out, "text");
    json_write_lossy(out, text_from(line->text));
    if (line->open) {
        json_write_key(out, "open");
        json_write_boolean(out, true);
    }
    if (twin) {
        struct parts parts = {out, origin == '-' ? WORD_OLD : WORD_NEW, true};
        json_write_key(out, "parts");
        json_begin_array(out);
        (void)words_compare(text_from(origin == '-' ? line->text : twin->text),
                            text_from(origin == '-' ? twin->text : line->text), write_part, &parts);
        json_end_array(out);
    }
    json_end_object(out);
    telling->told++;
}

static void no_words(void *owner, enum word_kind kind, struct text text)
{
    (void)owner, (void)kind, (void)text;
}

// The line that came in its place, where both are alike.
static const struct kept_line *twin_of(const struct telling *telling, size_t side, size_t index)
{
    if (index >= telling->counts[0] || index >= telling->counts[1])
        return NULL;
    const struct kept_line *was = &telling->lines[0][index], *is = &telling->lines[1][index];
    return words_compare(text_from(was->text), text_from(is->text), no_words, NULL) ? side ? was : is : NULL;
}

static void flush_lines(struct telling *telling)
{
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < telling->counts[side]; i++)
            write_line(telling, side ? '+' : '-', &telling->lines[side][i], twin_of(telling, side, i));
    for (size_t side = 0; side < 2; side++) {
        for (size_t i = 0; i < telling->counts[side]; i++)
            xfree(telling->lines[side][i].text);
        telling->counts[side] = 0;
    }
}

static void end_hunk(struct telling *telling)
{
    flush_lines(telling);
    if (!telling->in_hunk)
        return;
    json_end_array(&telling->out);
    json_end_object(&telling->out);
    telling->in_hunk = false;
}

static void end_file(struct telling *telling)
{
    end_hunk(telling);
    if (!telling->in_file)
        return;
    json_end_array(&telling->out);
    json_write_key(&telling->out, "cut");
    json_write_boolean(&telling->out, telling->cut);
    json_end_object(&telling->out);
    telling->in_file = false;
}

static bool is_full(const struct telling *telling)
{
    return telling->out.out->length > FILES_BYTES;
}

static bool on_file(void *owner, const struct compare_file *file)
{
    static const char *const kinds[] = {[COMPARE_CHANGED] = "changed",
                                        [COMPARE_ADDED] = "added",
                                        [COMPARE_REMOVED] = "removed",
                                        [COMPARE_RENAMED] = "renamed"};
    struct telling *telling = owner;
    end_file(telling);
    telling->any = true;
    if (is_full(telling)) {
        telling->more_files++;
        return true;
    }
    json_begin_object(&telling->out);
    json_write_key(&telling->out, "path");
    json_write_lossy(&telling->out, text_from(file->path));
    json_write_key(&telling->out, "was");
    json_write_lossy(&telling->out, text_from(file->was ? file->was : ""));
    json_write_key(&telling->out, "kind");
    json_write_string(&telling->out, kinds[file->kind]);
    json_write_key(&telling->out, "binary");
    json_write_boolean(&telling->out, file->binary);
    json_write_key(&telling->out, "bytes");
    json_write_integer(&telling->out, file->bytes);
    json_write_key(&telling->out, "bytes_before");
    json_write_integer(&telling->out, file->bytes_before);
    json_write_key(&telling->out, "hunks");
    json_begin_array(&telling->out);
    telling->in_file = true;
    telling->cut = false;
    telling->told = 0;
    return true;
}

static bool on_hunk(void *owner, int old_start, int old_count, int new_start, int new_count)
{
    struct telling *telling = owner;
    const struct {
        const char *key;
        int number;
    } numbers[] = {
        {"old", old_start}, {"old_count", old_count}, {"new", new_start}, {"new_count", new_count}};
    end_hunk(telling);
    if (!telling->in_file)
        return true;
    json_begin_object(&telling->out);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        json_write_key(&telling->out, numbers[i].key);
        json_write_integer(&telling->out, numbers[i].number);
    }
    json_write_key(&telling->out, "lines");
    json_begin_array(&telling->out);
    telling->in_hunk = true;
    return true;
}

static void mark_open(struct telling *telling)
{
    const size_t side = telling->counts[1] ? 1 : 0;
    if (telling->counts[side])
        telling->lines[side][telling->counts[side] - 1].open = true;
}

static bool on_line(void *owner, const struct compare_line *line)
{
    struct telling *telling = owner;
    if (!telling->in_hunk)
        return true;
    if (line->origin == '\\') {
        mark_open(telling);
        return true;
    }
    if (telling->told + telling->counts[0] + telling->counts[1] >= FILE_LINES_MAX || is_full(telling)) {
        telling->cut = true;
        return true;
    }
    const struct text shown = text_of(line->text.data, text_utf8_floor(line->text, LINE_SHOWN_MAX));
    struct kept_line kept = {text_copy(shown), line->old_number, line->new_number, false};
    const size_t side = line->origin == '+';
    if (line->origin == ' ' || telling->counts[side] == BLOCK_MAX || (!side && telling->counts[1]))
        flush_lines(telling);
    if (line->origin == ' ') {
        write_line(telling, ' ', &kept, NULL);
        xfree(kept.text);
    } else
        telling->lines[side][telling->counts[side]++] = kept;
    return true;
}

// ---- the answer

static void write_side(struct json_writer *out, const char *key, const struct side *side)
{
    const char *kind = side->working ? "working" : side->version.commit[0] ? "version" : "nothing";
    json_write_key(out, key);
    json_begin_object(out);
    json_write_key(out, "kind");
    json_write_string(out, kind);
    json_write_key(out, "number");
    json_write_integer(out, side->version.number);
    json_write_key(out, "commit");
    json_write_string(out, side->version.commit);
    json_write_key(out, "robot");
    json_write_string(out, side->version.robot);
    json_end_object(out);
}

static void write_sentences(struct json_writer *out, const struct asked *asked)
{
    SCOPED(json_document)
    sentences = NULL;
    struct err ignored;
    json_write_key(out, "changes");
    if (asked->sentences && json_parse(&sentences, text_from(asked->sentences), &ignored))
        json_write_value(out, json_root(sentences));
    else {
        json_begin_array(out);
        json_end_array(out);
    }
    json_write_key(out, "unreadable");
    SCOPED_BUF(why, LINE_SHOWN_MAX);
    if (asked->unreadable.code == ERR_NONE || !err_message(&why, &asked->unreadable, asked->language))
        json_write_null(out);
    else
        json_write_lossy(out, buf_text(&why));
}

bool diff_write_files(struct json_writer *out, struct host *host, const char *before, const char *after,
                      struct err *err)
{
    static const struct compare_visitor visitor = {on_file, on_hunk, on_line};
    struct repo *repo = host_repo(host, err);
    struct telling *telling = xcalloc(1, sizeof *telling);
    telling->out = *out;
    json_write_key(&telling->out, "files");
    json_begin_array(&telling->out);
    const bool good = repo && repo_diff(repo, before, after, &visitor, telling, err);
    end_file(telling);
    json_end_array(&telling->out);
    json_write_key(&telling->out, "more_files");
    json_write_integer(&telling->out, telling->more_files);
    *out = telling->out;
    xfree(telling);
    return good;
}

static bool tell(const struct asked *asked, struct buf *out, struct err *err)
{
    struct json_writer writer = json_writer_new(out);
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_string(&writer, asked->robot);
    write_side(&writer, "before", &asked->before);
    write_side(&writer, "after", &asked->after);
    write_sentences(&writer, asked);
    const bool good = diff_write_files(&writer, asked->host, asked->before.tree, asked->after.tree, err);
    json_end_object(&writer);
    return good && (json_writer_done(&writer) || fail(err, ERR_LIMIT_PASSED, "diff", "900 KB"));
}

static void on_changes(void *owner, const struct changes *changes, const struct err *unreadable)
{
    struct asked *asked = owner;
    struct err err;
    SCOPED_BUF(sentences, SENTENCES_BYTES);
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&sentences);
    changes_write(&writer, changes);
    if (json_writer_done(&writer))
        asked->sentences = buf_steal(&sentences);
    if (unreadable)
        asked->unreadable = *unreadable;
    if (tell(asked, &out, &err))
        answer_done(asked->answer, buf_text(&out));
    else
        answer_fail(asked->answer, &err);
    asked_free(asked);
}

// ---- which two

static bool take_side(struct asked *asked, struct side *side, const char *text, struct err *err)
{
    struct repo *repo = host_repo(asked->host, err);
    side->working = !text;
    if (!repo || (text && !past_find(asked->host, &side->version, asked->robot, text, err)))
        return false;
    if (!text)
        (void)snprintf(side->version.robot, sizeof side->version.robot, "%s", asked->robot);
    return repo_side(repo, side->tree, side->version.robot, text ? side->version.commit : NULL, err);
}

// Without a version: the working files against the newest. With one: that one against the newest. A robot that was never
// saved is compared with nothing.
static bool take_sides(struct asked *asked, struct err *err)
{
    const bool good = take_side(asked, &asked->before, asked->a ? asked->a : "newest", err);
    if (!good && (asked->a || err->code != ERR_VERSION_NONE))
        return false;
    if (!good) {
        asked->before = (struct side){0};
        (void)snprintf(asked->before.version.robot, sizeof asked->before.version.robot, "%s", asked->robot);
        memcpy(asked->before.tree, REPO_EMPTY_TREE, REPO_ID_SIZE);
    }
    if (!take_side(asked, &asked->after, asked->b ? asked->b : asked->a ? "newest" : NULL, err))
        return false;
    const bool is_nobody = !good && strcmp(asked->after.tree, REPO_EMPTY_TREE) == 0;
    return is_nobody ? fail(err, ERR_VERSION_NONE, asked->robot) : true;
}

static void on_ready(void *owner, const struct err *failed)
{
    struct asked *asked = owner;
    struct err err;
    if (failed || !take_sides(asked, &err)) {
        answer_fail(asked->answer, failed ? failed : &err);
        asked_free(asked);
        return;
    }
    const struct past_sides sides = {asked->before.tree, asked->after.tree, asked->before.version.robot,
                                     asked->after.version.robot, asked->language};
    past_changes(asked->host, &sides, on_changes, asked);
}

bool request_version_diff(struct host *host, struct answer *answer, const struct json *body,
                          struct frame *frame, struct err *err)
{
    const char *robot, *a = json_string_or(json_get(body, "a"), NULL),
                       *b = json_string_or(json_get(body, "b"), NULL);
    (void)frame;
    if (!body_text(&robot, body, "robot", err))
        return false;
    if (!robot_name_is_valid(robot))
        return fail(err, ERR_ROBOT_NAME, robot);
    struct asked *asked = xcalloc(1, sizeof *asked);
    *asked = (struct asked){.host = host, .answer = answer, .robot = xstrdup(robot)};
    asked->a = a ? xstrdup(a) : NULL;
    asked->b = a && b ? xstrdup(b) : NULL;
    asked->language = body_language(body);
    past_prepare(host, on_ready, asked);
    return true;
}
