// Working files and git's index follow the branch. In the host.
//
// Every path that bases.c notes is looked at: a working file that is as its base becomes what the branch has, one that is
// so already is only entered in the index, any other stays and keeps its base. A new working file is written in .renki and
// renamed into place: no reader sees half of it, and nothing is left between robots' files by whoever dies.
//
// The index is read, changed and written beside its place, then renamed, all under its lock.
#include "host/repo/save_own.h"
#include "host/repo/walk.h"
#include "lib/base/file.h"

#include <errno.h>
#include <stdio.h>

static const char temporary[] = ".renki/save.new";

// ---- one working file

static bool remove_file(struct repo *repo, const char *path, bool *done, struct err *err)
{
    const char *name;
    SCOPED_FD folder = place_open(repo, path, false, &name);
    *done = folder < 0 || unlinkat(folder, name, 0) == 0 || errno == ENOENT;
    if (!*done && errno != EACCES && errno != EROFS && errno != EPERM)
        return fail(err, ERR_FILE_UNWRITABLE, path, strerror(errno));
    // Folders that are empty now go too: git knows none.
    SCOPED_TEXT char *place = xstrdup(path);
    for (char *slash; *done && (slash = strrchr(place, '/'));) {
        *slash = '\0';
        if (!strchr(place, '/') || unlinkat(repo->folder, place, AT_REMOVEDIR) != 0)
            break;
    }
    return true;
}

bool follow_write(struct repo *repo, const char *path, struct text content, bool executable, bool *done,
                  struct err *err)
{
    const char *name;
    if (!content.data)
        return remove_file(repo, path, done, err);
    if (!file_write(repo->folder, temporary, content, executable ? 0755 : 0644, err))
        return false;
    SCOPED_FD folder = place_open(repo, path, true, &name);
    *done = folder >= 0 && renameat(repo->folder, temporary, folder, name) == 0;
    const int reason = errno;
    if (!*done)
        unlinkat(repo->folder, temporary, 0);
    if (!*done && reason != EACCES && reason != EROFS && reason != EPERM && reason != ENOTDIR &&
        reason != EISDIR)
        return fail(err, ERR_FILE_UNWRITABLE, path, strerror(reason));
    if (*done && fsync(folder) != 0)
        return fail(err, ERR_FILE_UNWRITABLE, path, strerror(errno));
    return true;
}

// ---- all of them

struct following {
    struct repo *repo;
    struct repo_saved *out;
    git_tree *tree, *mine;
    git_index *index;
    struct bases bases;
    struct err *err;
};

struct wanted {
    git_tree_entry *entry; // NULL: the branch has no such file
    git_oid id;            // zero then
};

static void find_wanted(struct wanted *out, git_tree *tree, const char *whole)
{
    *out = (struct wanted){NULL};
    if (!tree || git_tree_entry_bypath(&out->entry, tree, whole) != 0)
        return;
    if (git_tree_entry_type(out->entry) == GIT_OBJECT_BLOB) {
        out->id = *git_tree_entry_id(out->entry);
        return;
    }
    git_tree_entry_free(out->entry);
    out->entry = NULL;
}

void tree_file_id(git_oid *out, git_tree *tree, const char *whole)
{
    struct wanted found;
    find_wanted(&found, tree, whole);
    *out = found.id;
    git_tree_entry_free(found.entry);
}

static bool write_wanted(struct following *following, const char *path, const struct wanted *wanted,
                         bool *done)
{
    git_blob *blob = NULL;
    if (!wanted->entry)
        return follow_write(following->repo, path, text_of(NULL, 0), false, done, following->err);
    if (git_blob_lookup(&blob, following->repo->repository, &wanted->id) != 0)
        return repo_failed(following->err, path);
    const char *bytes = git_blob_rawcontent(blob);
    const struct text content = text_of(bytes ? bytes : "", (size_t)git_blob_rawsize(blob));
    const bool executable = git_tree_entry_filemode(wanted->entry) == GIT_FILEMODE_BLOB_EXECUTABLE;
    const bool good = follow_write(following->repo, path, content, executable, done, following->err);
    git_blob_free(blob);
    return good;
}

static void fill_times(git_index_entry *entry, const struct repo *repo, const char *path)
{
    const char *name;
    struct stat status;
    SCOPED_FD folder = place_open(repo, path, false, &name);
    if (folder < 0 || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    entry->ctime = (git_index_time){(int32_t)status.st_ctim.tv_sec, (uint32_t)status.st_ctim.tv_nsec};
    entry->mtime = (git_index_time){(int32_t)status.st_mtim.tv_sec, (uint32_t)status.st_mtim.tv_nsec};
    entry->dev = (uint32_t)status.st_dev;
    entry->ino = (uint32_t)status.st_ino;
    entry->uid = status.st_uid;
    entry->gid = status.st_gid;
    entry->file_size = (uint32_t)status.st_size;
}

// `same`: the working file is what the branch has, so git need not read it again.
static bool enter_index(struct following *following, const char *path, const char *whole,
                        const struct wanted *wanted, bool same)
{
    if (!wanted->entry) {
        (void)git_index_remove(following->index, whole, 0);
        return true;
    }
    git_index_entry entry = {.path = whole, .mode = git_tree_entry_filemode(wanted->entry), .id = wanted->id};
    if (same)
        fill_times(&entry, following->repo, path);
    return git_index_add(following->index, &entry) == 0 ? true : repo_failed(following->err, path);
}

// What a person has put into the index by git itself stays there.
static bool index_is_at(const struct following *following, const char *whole, const git_oid *id)
{
    const git_index_entry *entry = git_index_get_bypath(following->index, whole, 0);
    return entry ? git_oid_equal(&entry->id, id) : git_oid_is_zero(id);
}

static void leave(struct following *following, const char *path)
{
    struct repo_saved *out = following->out;
    out->left = xreallocarray(out->left, out->left_count + 1, sizeof *out->left);
    out->left[out->left_count++] = xstrdup(path);
}

// Nobody has changed it since it was read: it is as its base, or as it went into what was saved now.
static bool is_unchanged(const struct following *following, const struct base *base, const char *whole,
                         const git_oid *now)
{
    git_oid mine;
    if (git_oid_equal(now, &base->id))
        return true;
    if (!following->mine)
        return false;
    tree_file_id(&mine, following->mine, whole);
    return git_oid_equal(now, &mine);
}

// *followed: the path needs no note any more.
static bool follow_one(struct following *following, const struct base *base, const char *whole,
                       bool *followed)
{
    git_oid now;
    bool other, good = true;
    struct wanted wanted;
    find_wanted(&wanted, following->tree, whole);
    if (!working_id(following->repo, base->path, &now, &other, following->err)) {
        git_tree_entry_free(wanted.entry);
        return false;
    }
    *followed = !other && git_oid_equal(&now, &wanted.id);
    if (!*followed && !other && is_unchanged(following, base, whole, &now))
        good = write_wanted(following, base->path, &wanted, followed);
    if (good && (*followed || index_is_at(following, whole, &base->id)))
        good = enter_index(following, base->path, whole, &wanted, *followed);
    if (!*followed)
        leave(following, base->path);
    git_tree_entry_free(wanted.entry);
    return good;
}

static bool follow_all(struct following *following)
{
    for (size_t i = following->bases.count; i-- > 0;) {
        bool followed = false;
        const struct base *base = &following->bases.items[i];
        SCOPED_TEXT char *whole = xasprintf("%s%s", following->repo->prefix, base->path);
        if (!follow_one(following, base, whole, &followed))
            return false;
        if (followed)
            bases_drop(&following->bases, base->path);
    }
    return true;
}

// ---- the index

enum { INDEX_BYTES_MAX = 256 << 20 };

static bool copy_index(const char *from, const char *to, bool *found, struct err *err)
{
    SCOPED_BUF(content, INDEX_BYTES_MAX);
    *found = file_read(&content, AT_FDCWD, from, err);
    if (!*found)
        return err->code == ERR_FILE_MISSING;
    return file_write(AT_FDCWD, to, buf_text(&content), 0644, err);
}

static bool open_index(struct following *following, const char *place, const char *beside)
{
    bool found;
    if (!copy_index(place, beside, &found, following->err))
        return false;
    if (!found)
        unlink(beside);
    const bool good =
        git_index_open(&following->index, beside) == 0 &&
        (found || !following->tree || git_index_read_tree(following->index, following->tree) == 0);
    return good ? true : repo_failed(following->err, "index");
}

static bool write_index(struct following *following, const char *place, const char *beside)
{
    if (git_index_write(following->index) != 0)
        return repo_failed(following->err, "index");
    return file_publish(AT_FDCWD, beside, place, following->err);
}

bool follow(struct repo *repo, struct repo_saved *out, git_tree *tree, git_tree *mine, struct err *err)
{
    struct following following = {.repo = repo, .out = out, .tree = tree, .mine = mine, .err = err};
    const char *folder = git_repository_path(repo->repository);
    SCOPED_TEXT char *place = xasprintf("%sindex", folder), *beside = xasprintf("%srenki.index", folder);
    if (!bases_read(&following.bases, repo, err))
        return false;
    const bool good = following.bases.count == 0 ||
                      (open_index(&following, place, beside) && follow_all(&following) &&
                       write_index(&following, place, beside) && bases_write(&following.bases, repo, err));
    git_index_free(following.index);
    bases_dispose(&following.bases);
    return good;
}
