// What working files were made from, where that is not what the branch has: .renki/bases. In the host.
//
// A line for each: three ids of 40 digits (zeros: none) and the path, with blanks between. The first is the content that
// the file was made from. It is written before the branch moves: a line means "this working file has not been seen to
// follow yet". Where working files themselves are saved, the third is the commit that the branch is to move to and the
// second what they held: if the branch has it when the line is read, they were made from that. Without a line, a working
// file was made from what the branch has, as git itself takes it.
#include "host/repo/save_own.h"
#include "lib/base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { BASES_BYTES_MAX = 16 << 20 };
static const char file[] = ".renki/bases";

void bases_dispose(struct bases *bases)
{
    for (size_t i = 0; i < bases->count; i++)
        xfree(bases->items[i].path);
    xfree(bases->items);
    *bases = (struct bases){0};
}

static struct base *find(const struct bases *bases, const char *path)
{
    for (size_t i = 0; i < bases->count; i++)
        if (strcmp(bases->items[i].path, path) == 0)
            return &bases->items[i];
    return NULL;
}

const struct base *bases_find(const struct bases *bases, const char *path)
{
    return find(bases, path);
}

void bases_set(struct bases *bases, const char *path, const git_oid *id)
{
    struct base *base = find(bases, path);
    if (!base) {
        bases->items = xreallocarray(bases->items, bases->count + 1, sizeof *bases->items);
        base = &bases->items[bases->count++];
        *base = (struct base){.path = xstrdup(path)};
    }
    base->id = *id;
    memset(&base->commit, 0, sizeof base->commit);
}

void bases_expect(struct bases *bases, const char *path, const git_oid *after, const git_oid *commit)
{
    struct base *base = find(bases, path);
    if (base) {
        base->after = *after;
        base->commit = *commit;
    }
}

void bases_default(struct bases *bases, const char *path, const git_oid *id)
{
    if (!find(bases, path))
        bases_set(bases, path, id);
}

void bases_drop(struct bases *bases, const char *path)
{
    struct base *base = find(bases, path);
    if (!base)
        return;
    xfree(base->path);
    *base = bases->items[--bases->count];
}

static bool has_commit(struct repo *repo, const git_oid *commit)
{
    git_oid newest;
    return !git_oid_is_zero(commit) && git_reference_name_to_id(&newest, repo->repository, "HEAD") == 0 &&
           (git_oid_equal(&newest, commit) ||
            git_graph_descendant_of(repo->repository, &newest, commit) == 1);
}

enum { ID_LENGTH = GIT_OID_HEXSZ + 1, IDS = 3 };

// A line that is broken (the disk's work, or somebody's editor) is passed over: its file counts as made from the branch.
static void take_line(struct bases *bases, struct repo *repo, struct text line)
{
    git_oid ids[IDS];
    if (line.length <= (size_t)ID_LENGTH * IDS || bases->count == SAVE_FILES_MAX)
        return;
    for (size_t i = 0; i < IDS; i++)
        if (line.data[i * ID_LENGTH + GIT_OID_HEXSZ] != ' ' ||
            git_oid_fromstrn(&ids[i], line.data + i * ID_LENGTH, GIT_OID_HEXSZ) != 0)
            return;
    SCOPED_TEXT char *path =
        text_copy(text_of(line.data + (size_t)ID_LENGTH * IDS, line.length - (size_t)ID_LENGTH * IDS));
    bases_set(bases, path, has_commit(repo, &ids[2]) ? &ids[1] : &ids[0]);
}

bool bases_read(struct bases *out, struct repo *repo, struct err *err)
{
    SCOPED_BUF(content, BASES_BYTES_MAX);
    *out = (struct bases){0};
    if (!file_read(&content, repo->folder, file, err))
        return err->code == ERR_FILE_MISSING;
    struct text rest = buf_text(&content), line;
    while (text_cut(&rest, '\n', &line))
        take_line(out, repo, line);
    return true;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct base *)a)->path, ((const struct base *)b)->path);
}

static bool append_id(struct buf *out, const git_oid *id)
{
    char text[REPO_ID_SIZE];
    git_oid_tostr(text, sizeof text, id);
    return buf_printf(out, "%s ", text);
}

bool bases_write(const struct bases *bases, struct repo *repo, struct err *err)
{
    SCOPED_BUF(content, BASES_BYTES_MAX);
    bool good = true;
    if (bases->count)
        qsort(bases->items, bases->count, sizeof *bases->items, by_path);
    for (size_t i = 0; good && i < bases->count; i++) {
        const struct base *base = &bases->items[i];
        good = append_id(&content, &base->id) && append_id(&content, &base->after) &&
               append_id(&content, &base->commit) && buf_printf(&content, "%s\n", base->path);
    }
    if (!good)
        return fail(err, ERR_LIMIT_PASSED, file, "16 MB");
    if (mkdirat(repo->folder, ".renki", 0700) != 0 && errno != EEXIST)
        return fail(err, ERR_FILE_UNWRITABLE, ".renki", strerror(errno));
    return file_write(repo->folder, file, buf_text(&content), 0600, err);
}
