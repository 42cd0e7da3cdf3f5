// What strangers' git objects say: whatever is taken has its form, and points into the bytes.
// links: gitobject
#include "lib/gitobject/gitobject.h"

#include "lib/base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_inside(struct text whole, struct text part)
{
    return part.length == 0 ||
           (part.data >= whole.data && part.data + part.length <= whole.data + whole.length);
}

static void tree_is_in_order(struct text bytes)
{
    struct gitobject_tree *tree = xcalloc(1, sizeof *tree);
    struct gitobject_entry entry = {0};
    struct text before = {0};
    tree->rest = bytes;
    while (tree->rest.length && !gitobject_entry_take(&entry, tree)) {
        require(is_inside(bytes, entry.name) && gitobject_name_is_safe(entry.name));
        require(is_inside(bytes, text_of((const char *)entry.id, GITOBJECT_ID_BYTES)));
        require(!text_equal(before, entry.name) && tree->file_count <= GITOBJECT_NAME_MAX);
        before = entry.name;
    }
    xfree(tree);
}

static void name_stays_where_it_is(struct text name)
{
    if (!gitobject_name_is_safe(name))
        return;
    require(name.length > 0 && name.length <= GITOBJECT_NAME_MAX && text_is_utf8(name));
    require(!text_is(name, ".") && !text_is(name, "..") && !text_equal_ascii_case(name, TEXT_OF(".git")));
    for (size_t i = 0; i < name.length; i++)
        require((unsigned char)name.data[i] >= 0x20 && name.data[i] != '/' && name.data[i] != '\\');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text bytes = text_of((const char *)data, size);
    struct gitobject_commit commit;
    struct gitobject_tag tag;
    tree_is_in_order(bytes);
    name_stays_where_it_is(bytes);
    if (!gitobject_commit_read(&commit, bytes)) {
        require(commit.tree.length == GITOBJECT_HEX && commit.parent_count <= GITOBJECT_PARENTS_MAX);
        require(is_inside(bytes, commit.message) && is_inside(bytes, commit.author.name) &&
                is_inside(bytes, commit.committer.email) && text_is_utf8(commit.message));
    }
    if (!gitobject_tag_read(&tag, bytes))
        require(tag.target.length == GITOBJECT_HEX && is_inside(bytes, tag.message) &&
                is_inside(bytes, tag.tagger.name));
    (void)!gitobject_attributes_check(bytes);
    return 0;
}
