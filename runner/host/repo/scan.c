// Working files, read into an index that is only in memory. In the host.
//
// Folders are opened one at a time without following links, as everywhere in repo/. A blob is written only for a file
// that is not as `known` has it.
#include "host/repo/save_own.h"
#include "host/repo/walk.h"
#include "lib/base/file.h"

#include <errno.h>

struct scan {
    struct repo *repo;
    git_index *index;
    git_tree *known;
    struct repo_budget budget; // of one robot
    size_t files;
    struct err *err;
};

// ---- one place

static bool enter(int *folder, const char *name, bool make)
{
    if (make && mkdirat(*folder, name, 0755) != 0 && errno != EEXIST)
        return false;
    const int inner = walk_enter(*folder, name);
    if (inner < 0)
        return false;
    close(*folder);
    *folder = inner;
    return true;
}

int place_open(const struct repo *repo, const char *path, bool make, const char **name)
{
    int folder = fcntl(repo->folder, F_DUPFD_CLOEXEC, 3);
    for (const char *slash; folder >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
        SCOPED_TEXT char *part = xstrndup(path, (size_t)(slash - path));
        if (!enter(&folder, part, make)) {
            const int reason = errno;
            close(folder);
            folder = -1;
            errno = reason;
        }
    }
    *name = path;
    return folder;
}

static bool hash(git_oid *id, struct text content, const char *path, struct err *err)
{
    return git_odb_hash(id, content.data, content.length, GIT_OBJECT_BLOB) == 0 ? true
                                                                                : repo_failed(err, path);
}

bool working_id(struct repo *repo, const char *path, git_oid *id, bool *other, struct err *err)
{
    const char *name;
    struct stat status;
    SCOPED_BUF(content, REPO_FILE_BYTES_MAX);
    memset(id, 0, sizeof *id);
    *other = false;
    SCOPED_FD folder = place_open(repo, path, false, &name);
    if (folder < 0 || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    *other = !S_ISREG(status.st_mode) || status.st_size > REPO_FILE_BYTES_MAX;
    return *other || (file_read(&content, folder, name, err) && hash(id, buf_text(&content), path, err));
}

// ---- all below a root

static const git_tree_entry *known_entry(const struct scan *scan, const char *path, git_tree_entry **found)
{
    *found = NULL;
    return scan->known && git_tree_entry_bypath(found, scan->known, path) == 0 ? *found : NULL;
}

static bool is_known(const struct scan *scan, const char *path, const git_oid *id)
{
    git_tree_entry *found;
    SCOPED_TEXT char *whole = xasprintf("%s%s", scan->repo->prefix, path);
    const git_tree_entry *entry = known_entry(scan, whole, &found);
    const bool known = entry && (!id || git_oid_equal(git_tree_entry_id(entry), id));
    git_tree_entry_free(found);
    return known;
}

static bool take_budget(struct scan *scan, const char *path, size_t bytes)
{
    if (++scan->files > SAVE_FILES_MAX)
        return fail(scan->err, ERR_REPO_LIMIT, path, N(SAVE_FILES_MAX), N(REPO_BYTES_MAX >> 20),
                    N(REPO_DEPTH_MAX));
    return repo_budget_take(&scan->budget, path, bytes, scan->err);
}

static bool add_file(struct scan *scan, int folder, const char *name, const char *path)
{
    struct stat status;
    SCOPED_BUF(content, REPO_FILE_BYTES_MAX);
    SCOPED_TEXT char *whole = xasprintf("%s%s", scan->repo->prefix, path);
    git_index_entry entry = {.path = whole};
    if (!file_read(&content, folder, name, scan->err) || !take_budget(scan, path, content.length))
        return scan->err->code == ERR_FILE_TOO_LARGE
                   ? fail(scan->err, ERR_FILE_TOO_LARGE, path, N(REPO_FILE_BYTES_MAX >> 20))
                   : false;
    const struct text text = buf_text(&content);
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return fail(scan->err, ERR_FILE_UNREADABLE, path, strerror(errno));
    entry.mode = status.st_mode & S_IXUSR ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB;
    if (!hash(&entry.id, text, path, scan->err))
        return false;
    const bool good =
        (is_known(scan, path, &entry.id) ||
         git_blob_create_from_buffer(&entry.id, scan->repo->repository, text.data, text.length) == 0) &&
        git_index_add(scan->index, &entry) == 0;
    return good ? true : repo_failed(scan->err, path);
}

static bool add_folder(struct scan *scan, int folder, const char *path, int depth);

static bool add(struct scan *scan, int folder, const char *name, const char *path, int depth)
{
    const enum walk_kind kind = walk_kind_of(folder, name);
    if (!is_known(scan, path, NULL) && working_is_ignored(scan->repo, path))
        return true;
    if (kind == WALK_OTHER || !gitobject_name_is_safe(text_from(name)))
        return fail(scan->err, ERR_REPO_NAME, path);
    if (kind == WALK_FILE)
        return add_file(scan, folder, name, path);
    SCOPED_FD inner = walk_enter(folder, name);
    return inner < 0 ? fail(scan->err, ERR_FILE_UNREADABLE, path, strerror(errno))
                     : add_folder(scan, inner, path, depth + 1);
}

static bool add_folder(struct scan *scan, int folder, const char *path, int depth)
{
    if (depth > REPO_DEPTH_MAX)
        return fail(scan->err, ERR_REPO_LIMIT, path, N(REPO_FILES_MAX), N(REPO_BYTES_MAX >> 20),
                    N(REPO_DEPTH_MAX));
    SCOPED_NAMES names = {NULL, -1};
    names.count = scandirat(folder, ".", &names.list, walk_is_name, alphasort);
    if (names.count < 0)
        return fail(scan->err, ERR_FILE_UNREADABLE, path, strerror(errno));
    const bool robots = strcmp(path, "robots") == 0;
    for (int i = 0; i < names.count; i++) {
        SCOPED_TEXT char *place = xasprintf("%s/%s", path, names.list[i]->d_name);
        if (robots)
            scan->budget = repo_budget_new();
        if (!add(scan, folder, names.list[i]->d_name, place, depth))
            return false;
    }
    return true;
}

bool scan_into(struct repo *repo, git_index *index, git_tree *known, const char *root, struct err *err)
{
    struct scan scan = {
        .repo = repo, .index = index, .known = known, .budget = repo_budget_new(), .err = err};
    const char *name;
    struct stat status;
    SCOPED_FD folder = place_open(repo, root, false, &name);
    if (folder < 0 || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    return add(&scan, folder, name, root, 0);
}
