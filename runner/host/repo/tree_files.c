// See tree_files.h.
#include "host/repo/tree_files.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <string.h>

static const char broken[] = "a tree is broken", many[] = "too many files", deep[] = "folders too deep";

struct counted {
    git_oid tree;
    size_t files; // with folders; the empty tree is not remembered
};

struct tree_files {
    git_odb *objects;
    struct counted *items; // by the first bytes of the id, the next free place after it
    size_t count, capacity;
};

struct tree_files *tree_files_new(git_odb *objects)
{
    struct tree_files *files = xcalloc(1, sizeof *files);
    *files = (struct tree_files){.objects = objects, .capacity = 1024};
    files->items = xcalloc(files->capacity, sizeof *files->items);
    return files;
}

void tree_files_free(struct tree_files *files)
{
    if (files)
        xfree(files->items);
    xfree(files);
}

static struct counted *place_of(const struct tree_files *files, const git_oid *tree)
{
    uint32_t at;
    memcpy(&at, tree->id, sizeof at);
    while (files->items[at %= files->capacity].files && !git_oid_equal(&files->items[at].tree, tree))
        at++;
    return &files->items[at];
}

static void remember(struct tree_files *files, const git_oid *tree, size_t count)
{
    if (2 * files->count >= files->capacity) {
        struct tree_files larger = {.capacity = 2 * files->capacity};
        larger.items = xcalloc(larger.capacity, sizeof *larger.items);
        for (size_t i = 0; i < files->capacity; i++)
            if (files->items[i].files)
                *place_of(&larger, &files->items[i].tree) = files->items[i];
        xfree(files->items);
        files->items = larger.items;
        files->capacity = larger.capacity;
    }
    *place_of(files, tree) = (struct counted){*tree, count};
    files->count++;
}

static const char *count_tree(struct tree_files *files, size_t *out, const git_oid *tree, int depth);

// An entry is "MODE NAME", NUL, the id's bytes. What is wrong in it otherwise was said when it was taken over.
static const char *count_entries(struct tree_files *files, size_t *out, struct text rest, int depth)
{
    struct text mode, name;
    const char *wrong = NULL;
    *out = 0;
    while (rest.length && !wrong) {
        size_t inside = 0;
        git_oid id;
        if (!text_cut(&rest, ' ', &mode) || !text_cut(&rest, '\0', &name) || rest.length < GIT_OID_RAWSZ)
            return broken;
        git_oid_fromraw(&id, (const unsigned char *)rest.data);
        rest = text_of(rest.data + GIT_OID_RAWSZ, rest.length - GIT_OID_RAWSZ);
        if (text_is(mode, "40000"))
            wrong = count_tree(files, &inside, &id, depth + 1);
        *out += 1 + inside;
        if (*out > TREE_FILES_MAX)
            return many;
    }
    return wrong;
}

static const char *count_tree(struct tree_files *files, size_t *out, const git_oid *tree, int depth)
{
    git_odb_object *object = NULL;
    *out = place_of(files, tree)->files;
    if (*out)
        return NULL;
    if (depth > TREE_FOLDERS_DEPTH_MAX)
        return deep;
    if (git_odb_read(&object, files->objects, tree) != 0)
        return broken;
    const char *wrong =
        git_odb_object_type(object) == GIT_OBJECT_TREE
            ? count_entries(files, out, text_of(git_odb_object_data(object), git_odb_object_size(object)),
                            depth)
            : broken;
    git_odb_object_free(object);
    if (!wrong && *out)
        remember(files, tree, *out);
    return wrong;
}

const char *tree_files_check(struct tree_files *files, const git_oid *tree)
{
    size_t count;
    return count_tree(files, &count, tree, 0);
}
