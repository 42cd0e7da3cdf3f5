// Brings what a branch and the approvals name, as it is sent: not a byte of it is looked into here, for this process has
// a network and a login. The pack goes to a file that another process reads.
#include "sync/sync.h"

#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#include <string.h>
#include <unistd.h>

enum { REFERENCES_FILE_MAX = 8 << 20, PART_MAX = 300000 };

// ---- the pack: a backend of the object database that only takes packs, and only as bytes

struct incoming {
    git_odb_writepack writepack;
    struct syncing *syncing;
    int fd;
    size_t bytes;
};

struct taker {
    git_odb_backend backend;
    struct syncing *syncing;
};

static int append(git_odb_writepack *writepack, const void *data, size_t size, git_indexer_progress *stats)
{
    struct incoming *incoming = (struct incoming *)writepack;
    const char *at = data;
    (void)stats;
    incoming->bytes += size;
    if (incoming->bytes > SYNC_PACK_BYTES_MAX)
        return fail(&incoming->syncing->why, ERR_SYNC_REFUSED, incoming->syncing->url, "it is too large") - 1;
    while (size) {
        const ssize_t written = write(incoming->fd, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return fail(&incoming->syncing->why, ERR_FILE_UNWRITABLE, SYNC_INCOMING, strerror(errno)) - 1;
        at += written;
        size -= (size_t)written;
    }
    return 0;
}

static int commit(git_odb_writepack *writepack, git_indexer_progress *stats)
{
    struct incoming *incoming = (struct incoming *)writepack;
    struct taker *taker = (struct taker *)writepack->backend;
    (void)stats;
    taker->syncing->fresh = incoming->bytes > 0;
    return 0;
}

static void free_incoming(git_odb_writepack *writepack)
{
    struct incoming *incoming = (struct incoming *)writepack;
    close(incoming->fd);
    xfree(incoming);
}

static int take_pack(git_odb_writepack **out, git_odb_backend *backend, git_odb *odb,
                     git_indexer_progress_cb progress, void *payload)
{
    struct taker *taker = (struct taker *)backend;
    SCOPED_TEXT char *path = xasprintf("%s/" SYNC_INCOMING, taker->syncing->quarantine);
    (void)odb, (void)progress, (void)payload;
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail(&taker->syncing->why, ERR_FILE_UNWRITABLE, path, strerror(errno)) - 1;
    struct incoming *incoming = xcalloc(1, sizeof *incoming);
    *incoming = (struct incoming){{backend, append, commit, free_incoming}, taker->syncing, fd, 0};
    *out = &incoming->writepack;
    return 0;
}

static void free_taker(git_odb_backend *backend)
{
    xfree(backend);
}

static bool take_packs(struct syncing *syncing, struct err *err)
{
    git_odb *objects = NULL;
    struct taker *taker = xcalloc(1, sizeof *taker); // the object database frees it
    SCOPED_TEXT char *folder = xasprintf("%s/objects", syncing->quarantine);
    git_odb_init_backend(&taker->backend, GIT_ODB_BACKEND_VERSION);
    taker->backend.writepack = take_pack;
    taker->backend.free = free_taker;
    taker->syncing = syncing;
    const bool good = git_odb_new(&objects) == 0 && git_odb_add_backend(objects, &taker->backend, 1) == 0 &&
                      git_odb_add_disk_alternate(objects, folder) == 0 &&
                      git_repository_set_odb(syncing->repository, objects) == 0;
    git_odb_free(objects);
    return good ? true : sync_failed(syncing, err);
}

// ---- the references

// The name that a reference of the remote has in the quarantine; NULL for those that are no matter of ours.
static const char *wanted_name(const struct syncing *syncing, const char *name)
{
    static const char *const kept[] = {"refs/renki/approvals/", "refs/renki/rejections/"};
    static const char heads[] = "refs/heads/";
    if (text_ends(text_from(name), "^{}")) // what a tag leads to, told beside it
        return NULL;
    if (strncmp(name, heads, sizeof heads - 1) == 0 && strcmp(name + sizeof heads - 1, syncing->branch) == 0)
        return "refs/heads/remote";
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        if (strncmp(name, kept[i], strlen(kept[i])) == 0)
            return name;
    return NULL;
}

struct telling {
    struct syncing *syncing;
    struct buf part, file;
    size_t count;
    bool has_branch, unchanged;
};

static bool send_part(struct telling *telling, struct err *err)
{
    if (!telling->part.length)
        return true;
    const bool good = buf_append_char(&telling->part, ']') &&
                      wire_send(telling->syncing->host,
                                MESSAGE_OF(SYNC_REFERENCES, .references = buf_text(&telling->part)), err);
    buf_clear(&telling->part);
    return good;
}

static bool tell(struct telling *telling, const git_remote_head *head, struct err *err)
{
    struct syncing *syncing = telling->syncing;
    const char *name = wanted_name(syncing, head->name);
    char id[GIT_OID_HEXSZ + 1];
    if (!name)
        return true;
    if (strlen(name) > SYNC_REFERENCE_NAME_MAX || !text_is_utf8(text_from(name)))
        return sync_refuse(syncing, "a reference with an odd name", err);
    if (++telling->count > SYNC_REFERENCES_MAX)
        return sync_refuse(syncing, "too many references", err);
    git_oid_tostr(id, sizeof id, &head->oid);
    if (name != head->name) {
        telling->has_branch = true;
        telling->unchanged = strcmp(id, syncing->refused) == 0;
    }
    SCOPED_TEXT char *line = xasprintf("%s %s\n", id, name);
    const bool good =
        buf_append_text(&telling->file, text_from(line)) &&
        buf_append_char(&telling->part, telling->part.length ? ',' : '[') &&
        buf_append_char(&telling->part, '[') && json_append_quoted(&telling->part, text_from(name)) &&
        buf_append_char(&telling->part, ',') && json_append_quoted(&telling->part, text_from(id)) &&
        buf_append_char(&telling->part, ']');
    if (!good)
        return fail(err, ERR_LIMIT_PASSED, "references", N(SYNC_REFERENCES_MAX));
    return telling->part.length < PART_MAX || send_part(telling, err);
}

static bool tell_all(struct telling *telling, git_remote *remote, struct err *err)
{
    const git_remote_head **heads;
    size_t count;
    if (git_remote_ls(&heads, &count, remote) != 0)
        return sync_failed(telling->syncing, err);
    if (count > SYNC_ADVERTISED_MAX)
        return sync_refuse(telling->syncing, "too many references", err);
    for (size_t i = 0; i < count; i++)
        if (!tell(telling, heads[i], err))
            return false;
    if (!telling->has_branch)
        return fail(err, ERR_SYNC_FAILED, telling->syncing->url, "it has no such branch");
    return send_part(telling, err);
}

static bool keep_references(const struct telling *telling, struct err *err)
{
    SCOPED_TEXT char *path = xasprintf("%s/" SYNC_INCOMING_REFERENCES, telling->syncing->quarantine);
    return file_write(AT_FDCWD, path, buf_text(&telling->file), 0600, err);
}

// ---- the step

static bool download(struct syncing *syncing, git_remote *remote, const git_fetch_options *options,
                     struct err *err)
{
    SCOPED_TEXT char *branch = xasprintf("+refs/heads/%s:refs/heads/remote", syncing->branch);
    char approvals[] = "+refs/renki/approvals/*:refs/renki/approvals/*";
    char rejections[] = "+refs/renki/rejections/*:refs/renki/rejections/*";
    char *specifications[] = {branch, approvals, rejections};
    const git_strarray wanted = {specifications, COUNT_OF(specifications)};
    return git_remote_download(remote, &wanted, options) == 0 ? true : sync_failed(syncing, err);
}

static bool fetch(struct syncing *syncing, git_remote *remote, const git_fetch_options *options,
                  struct telling *telling, struct err *err)
{
    if (!take_packs(syncing, err))
        return false;
    // Not git_remote_connect: that one would follow a redirect to another host, and take the login along.
    git_remote_connect_options connecting = GIT_REMOTE_CONNECT_OPTIONS_INIT;
    connecting.callbacks = options->callbacks;
    connecting.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    connecting.custom_headers = options->custom_headers;
    if (git_remote_connect_ext(remote, GIT_DIRECTION_FETCH, &connecting) != 0)
        return sync_failed(syncing, err);
    if (!tell_all(telling, remote, err))
        return false;
    if (!telling->unchanged && (!download(syncing, remote, options, err) || !keep_references(telling, err)))
        return false;
    return wire_send(syncing->host, MESSAGE_OF(SYNC_DONE, .fresh = syncing->fresh), err);
}

bool step_fetch(struct syncing *syncing, struct err *err)
{
    git_remote *remote = NULL;
    git_fetch_options options = GIT_FETCH_OPTIONS_INIT;
    struct telling telling = {
        .syncing = syncing, .part = buf_new(2 * PART_MAX), .file = buf_new(REFERENCES_FILE_MAX)};
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    options.update_fetchhead = 0;
    options.custom_headers = remote_headers(syncing);
    remote_callbacks(&options.callbacks, syncing);
    const bool good = git_remote_create_anonymous(&remote, syncing->repository, syncing->url) == 0
                          ? fetch(syncing, remote, &options, &telling, err)
                          : sync_failed(syncing, err);
    git_remote_free(remote);
    remote_headers_dispose(&options.custom_headers);
    buf_dispose(&telling.part);
    buf_dispose(&telling.file);
    return good;
}
