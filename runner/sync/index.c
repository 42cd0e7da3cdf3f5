// Makes objects of what was brought. This process has no network, no login and no file but the quarantine: it is the one
// that unpacks what strangers wrote, after lib/pack has gone over it once and found it small enough.
#include "sync/sync.h"

#include "lib/base/file.h"
#include "lib/pack/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REFERENCES_FILE_MAX = 8 << 20, PIECE_BYTES = 1 << 20 };

static const struct pack_limits limits = {.objects = SYNC_OBJECTS_MAX,
                                          .object_bytes = SYNC_OBJECT_BYTES_MAX,
                                          .unpacked_bytes = SYNC_UNPACKED_BYTES_MAX,
                                          .delta_depth = SYNC_DELTA_DEPTH_MAX};

static bool index_pack(struct syncing *syncing, struct text pack, struct err *err)
{
    git_indexer *indexer = NULL;
    git_indexer_progress progress = {0};
    git_odb *objects = NULL;
    SCOPED_TEXT char *folder = xasprintf("%s/objects/pack", syncing->quarantine);
    bool good = git_repository_odb(&objects, syncing->repository) == 0 &&
                git_indexer_new(&indexer, folder, 0600, objects, NULL) == 0;
    for (size_t at = 0; good && at < pack.length; at += PIECE_BYTES) {
        const size_t rest = pack.length - at, size = rest < PIECE_BYTES ? rest : PIECE_BYTES;
        good = git_indexer_append(indexer, pack.data + at, size, &progress) == 0;
    }
    good = good && git_indexer_commit(indexer, &progress) == 0;
    git_indexer_free(indexer);
    git_odb_free(objects);
    return good ? true : sync_refuse(syncing, "a pack is broken", err);
}

static bool read_pack(struct syncing *syncing, int fd, struct err *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || status.st_size <= 0 || status.st_size > SYNC_PACK_BYTES_MAX)
        return sync_refuse(syncing, "it is too large", err);
    const size_t size = (size_t)status.st_size;
    char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return sync_refuse(syncing, "it is too large", err);
    const char *wrong = pack_check(text_of(bytes, size), &limits);
    const bool good =
        !wrong ? index_pack(syncing, text_of(bytes, size), err) : sync_refuse(syncing, wrong, err);
    munmap(bytes, size);
    return good;
}

static const char odd[] = "a reference that leads nowhere, or with an odd name";

// What the next fetch tells the remote that we have.
static bool keep_reference(struct syncing *syncing, struct text line, struct err *err)
{
    struct text id_text;
    git_oid id;
    git_reference *made = NULL;
    if (!text_cut(&line, ' ', &id_text) || id_text.length != GIT_OID_HEXSZ ||
        git_oid_fromstrn(&id, id_text.data, id_text.length) != 0)
        return sync_refuse(syncing, odd, err);
    SCOPED_TEXT char *name = text_copy(line);
    const int done = git_reference_create(&made, syncing->repository, name, &id, 1, "sync");
    git_reference_free(made);
    if (done ==
        GIT_ELOCKED) // a process that was killed left it, and the host begins with an empty quarantine
        return sync_failed(syncing, err);
    return done == 0 ? true : sync_refuse(syncing, odd, err);
}

static bool keep_references(struct syncing *syncing, struct err *err)
{
    SCOPED_TEXT char *path = xasprintf("%s/" SYNC_INCOMING_REFERENCES, syncing->quarantine);
    SCOPED_BUF(file, REFERENCES_FILE_MAX);
    if (!file_read(&file, AT_FDCWD, path, err))
        return false;
    struct text rest = buf_text(&file), line;
    while (text_cut(&rest, '\n', &line))
        if (line.length && !keep_reference(syncing, line, err))
            return false;
    return true;
}

bool step_index(struct syncing *syncing, struct err *err)
{
    SCOPED_TEXT char *path = xasprintf("%s/" SYNC_INCOMING, syncing->quarantine);
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return fail(err, ERR_FILE_UNREADABLE, path, strerror(errno));
    const bool good = read_pack(syncing, fd, err) && keep_references(syncing, err);
    close(fd);
    unlink(path); // good or not: what is not taken is brought anew
    return good && wire_send(syncing->host, MESSAGE_OF(SYNC_DONE, .fresh = false), err);
}
