// See gitobject.h. Of the heads only those are understood that git writes; the rest must have their form.
#include "lib/gitobject/gitobject.h"

enum { HEAD_LINES_MAX = 1000, PERSON_MAX = 1000 };

static const char broken[] = "a commit is broken", broken_tag[] = "a tag is broken";
static const char person_wrong[] = "a person that git would not take", words_wrong[] = "control characters";

static bool is_id(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!((text.data[i] >= '0' && text.data[i] <= '9') || (text.data[i] >= 'a' && text.data[i] <= 'f')))
            return false;
    return text.length == GITOBJECT_HEX;
}

// A line that is ended; false for what only begins one.
static bool cut_line(struct text *rest, struct text *line)
{
    return rest->length && memchr(rest->data, '\n', rest->length) && text_cut(rest, '\n', line);
}

// Takes a line that begins with the word and a space; what follows is *value.
static bool take_line(struct text *rest, const char *word, struct text *value)
{
    const size_t length = strlen(word);
    struct text copy = *rest, line;
    if (!cut_line(&copy, &line) || !text_starts(line, word) || line.length <= length ||
        line.data[length] != ' ')
        return false;
    *value = text_of(line.data + length + 1, line.length - length - 1);
    *rest = copy;
    return true;
}

// Line ends and tabs aside nothing may steer a terminal; what is not UTF-8 is not shown as something else either.
static bool is_words(struct text text, bool lines)
{
    for (size_t at = 0; at < text.length;) {
        uint32_t c;
        const size_t size = text_utf8_decode(text_of(text.data + at, text.length - at), &c);
        const bool white = lines && (c == '\n' || c == '\t' || c == '\r');
        if (size == 0 || (c < 0x20 && !white) || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
            (c >= 0x2066 && c <= 0x2069))
            return false;
        at += size;
    }
    return true;
}

// ---- "NAME <EMAIL> SECONDS +0200"

static bool read_time(int64_t *out, struct text text)
{
    struct text digits;
    if (!text_cut(&text, ' ', &digits) || digits.length == 0 || digits.length > 12 ||
        (digits.length > 1 && digits.data[0] == '0') || !text_to_int64(digits, out) || *out < 0)
        return false;
    if (text.length != 5 || (text.data[0] != '+' && text.data[0] != '-'))
        return false;
    for (size_t i = 1; i < 5; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return true;
}

static const char *read_person(struct gitobject_person *out, struct text text)
{
    struct text name;
    if (text.length > PERSON_MAX || !text_cut(&text, '<', &name) || name.length < 2 ||
        name.data[name.length - 1] != ' ' || memchr(name.data, '>', name.length) ||
        !text_cut(&text, '>', &out->email) || memchr(out->email.data, '<', out->email.length) ||
        text.length == 0 || text.data[0] != ' ')
        return person_wrong;
    out->name = text_of(name.data, name.length - 1);
    if (!read_time(&out->seconds, text_of(text.data + 1, text.length - 1)))
        return person_wrong;
    return is_words(out->name, false) && is_words(out->email, false) ? NULL : words_wrong;
}

// ---- commits

static const char *read_parents(struct gitobject_commit *out, struct text *rest)
{
    struct text id;
    while (take_line(rest, "parent", &id)) {
        if (!is_id(id) || out->parent_count == GITOBJECT_PARENTS_MAX)
            return broken;
        out->parents[out->parent_count++] = id;
    }
    return NULL;
}

// What stands between the committer and the empty line: signatures, the encoding. A line that begins with a space goes on
// with the one before.
static const char *read_other_heads(struct gitobject_commit *out, struct text *rest)
{
    struct text line;
    for (int i = 0; i < HEAD_LINES_MAX; i++) {
        if (!cut_line(rest, &line))
            return broken;
        if (line.length == 0)
            return NULL;
        if (!is_words(line, true))
            return words_wrong;
        if (text_starts(line, "gpgsig "))
            out->has_signature = true;
        else if (text_starts(line, "encoding ") || text_starts(line, "tree ") ||
                 text_starts(line, "parent ") || text_starts(line, "author ") ||
                 text_starts(line, "committer "))
            return broken;
        else if (i == 0 && line.data[0] == ' ')
            return broken;
    }
    return broken;
}

const char *gitobject_commit_read(struct gitobject_commit *out, struct text object)
{
    struct text author, committer;
    *out = (struct gitobject_commit){0};
    if (!take_line(&object, "tree", &out->tree) || !is_id(out->tree))
        return broken;
    const char *wrong = read_parents(out, &object);
    if (wrong)
        return wrong;
    if (!take_line(&object, "author", &author) || !take_line(&object, "committer", &committer))
        return broken;
    if ((wrong = read_person(&out->author, author)) || (wrong = read_person(&out->committer, committer)) ||
        (wrong = read_other_heads(out, &object)))
        return wrong;
    out->message = object;
    return is_words(out->message, true) ? NULL : words_wrong;
}

// ---- tags

const char *gitobject_tag_read(struct gitobject_tag *out, struct text object)
{
    struct text tagger, line;
    *out = (struct gitobject_tag){0};
    if (!take_line(&object, "object", &out->target) || !is_id(out->target) ||
        !take_line(&object, "type", &out->kind) || !take_line(&object, "tag", &out->name) ||
        !take_line(&object, "tagger", &tagger) || !cut_line(&object, &line) || line.length != 0)
        return broken_tag;
    const char *wrong = read_person(&out->tagger, tagger);
    if (wrong)
        return wrong;
    out->message = object;
    return is_words(out->name, false) && is_words(out->message, true) ? NULL : words_wrong;
}
