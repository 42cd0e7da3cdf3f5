// See gitobject.h.
#include "lib/gitobject/gitobject.h"

enum { ATTRIBUTES_LINE_MAX = 2048 }; // git's own bound

static const char broken[] = "a tree is broken";

// git compares names as if folders ended with a slash.
static int compare(const struct gitobject_entry *a, const struct gitobject_entry *b)
{
    const size_t least = a->name.length < b->name.length ? a->name.length : b->name.length;
    const int order = memcmp(a->name.data, b->name.data, least);
    if (order)
        return order;
    const unsigned char end_a =
        a->name.length > least ? (unsigned char)a->name.data[least] : (a->is_folder ? '/' : '\0');
    const unsigned char end_b =
        b->name.length > least ? (unsigned char)b->name.data[least] : (b->is_folder ? '/' : '\0');
    return (int)end_a - (int)end_b;
}

// "x" as a file and "x" as a folder sort apart, with "x.y" between them. All that stands between begins with "x", so only
// files that begin the present name can have it once more.
static bool is_there_twice(struct gitobject_tree *tree, const struct gitobject_entry *entry)
{
    while (tree->file_count) {
        const struct text file = tree->files[tree->file_count - 1];
        if (file.length <= entry->name.length && memcmp(file.data, entry->name.data, file.length) == 0)
            break;
        tree->file_count--;
    }
    if (tree->file_count && text_equal(tree->files[tree->file_count - 1], entry->name))
        return true;
    if (!entry->is_folder)
        tree->files[tree->file_count++] = entry->name; // each is longer than the one before: there is room
    return false;
}

static const char *check_kind(struct text mode, bool *is_folder)
{
    *is_folder = text_is(mode, "40000");
    if (*is_folder || text_is(mode, "100644") || text_is(mode, "100755"))
        return NULL;
    return text_is(mode, "160000") ? "a submodule" : "a link";
}

const char *gitobject_entry_take(struct gitobject_entry *out, struct gitobject_tree *tree)
{
    static const unsigned char nothing[GITOBJECT_ID_BYTES];
    struct text mode, *rest = &tree->rest;
    if (!text_cut(rest, ' ', &mode) || !text_cut(rest, '\0', &out->name) || rest->length < GITOBJECT_ID_BYTES)
        return broken;
    out->id = (const unsigned char *)rest->data;
    *rest = text_of(rest->data + GITOBJECT_ID_BYTES, rest->length - GITOBJECT_ID_BYTES);
    if (!gitobject_name_is_safe(out->name))
        return "a name that is not safe";
    const char *wrong = check_kind(mode, &out->is_folder);
    if (wrong)
        return wrong;
    if (text_equal_ascii_case(out->name, TEXT_OF(".gitmodules")))
        return "a submodule";
    if (memcmp(out->id, nothing, sizeof nothing) == 0)
        return broken;
    if ((tree->before.name.length && compare(&tree->before, out) >= 0) || is_there_twice(tree, out))
        return "a tree out of order";
    tree->before = *out;
    return NULL;
}

const char *gitobject_attributes_check(struct text content)
{
    struct text line;
    while (text_cut(&content, '\n', &line))
        if (line.length >= ATTRIBUTES_LINE_MAX)
            return "a .gitattributes with endless lines";
    return NULL;
}
