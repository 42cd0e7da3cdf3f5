// A timeline kept in .renki/timeline, so that a host that lives for one command need not read every commit. In the host.
//
// One block: a head with counts, the arrays as they are in memory, the names, and over all of it a digest. It is made
// by this machine for itself: another layout, another workspace or one wrong byte, and it is not used but made anew.
#include "host/repo/timeline.h"

#include "lib/base/file.h"
#include "lib/base/log.h"

#define PLACE ".renki/timeline"

struct head {
    char magic[8];
    uint32_t commit_size, change_size; // of this build
    uint64_t commits, parents, changes, names, name_bytes;
};
static const char magic[8] = {'r', 'e', 'n', 'k', 'i', 't', 'l', '1'};

// ---- writing

static bool append_names(struct buf *out, const struct repo *repo, const struct timeline *timeline)
{
    bool good = buf_append(out, repo->prefix, strlen(repo->prefix) + 1);
    for (size_t i = 0; good && i < timeline->name_count; i++)
        good = buf_append(out, timeline->names[i], strlen(timeline->names[i]) + 1);
    return good;
}

static bool append_all(struct buf *out, const struct repo *repo, const struct timeline *timeline)
{
    SCOPED_BUF(names, TIMELINE_BYTES_MAX);
    struct head head = {.commit_size = sizeof *timeline->commits, .change_size = sizeof *timeline->changes};
    git_oid digest;
    if (!append_names(&names, repo, timeline))
        return false;
    memcpy(head.magic, magic, sizeof magic);
    head.commits = timeline->commit_count;
    head.parents = timeline->parent_count;
    head.changes = timeline->change_count;
    head.names = timeline->name_count;
    head.name_bytes = names.length;
    return buf_append(out, &head, sizeof head) &&
           buf_append(out, timeline->commits, head.commits * sizeof *timeline->commits) &&
           buf_append(out, timeline->parents, head.parents * sizeof *timeline->parents) &&
           buf_append(out, timeline->changes, head.changes * sizeof *timeline->changes) &&
           buf_append_text(out, buf_text(&names)) &&
           git_odb_hash(&digest, out->data, out->length, GIT_OBJECT_BLOB) == 0 &&
           buf_append(out, digest.id, sizeof digest.id);
}

// A timeline that can't be kept is made again: nothing is lost but time.
void timeline_save(struct repo *repo, struct timeline *timeline)
{
    struct err err;
    SCOPED_BUF(content, TIMELINE_BYTES_MAX);
    timeline->saved = timeline->commit_count;
    if (append_all(&content, repo, timeline) &&
        !file_write(repo->folder, PLACE, buf_text(&content), 0600, &err))
        log_info("timeline.not_kept", "error=%s", err_name(err.code));
}

// ---- reading

// Takes `count` things of `size` bytes off the front of `rest`; NULL when they are not there.
static void *take(struct text *rest, uint64_t count, size_t size)
{
    if (count > rest->length / size)
        return NULL;
    void *array = xreallocarray(NULL, count ? count : 1, size);
    memcpy(array, rest->data, count * size);
    *rest = text_of(rest->data + count * size, rest->length - count * size);
    return array;
}

static bool digest_fits(struct text content)
{
    git_oid digest;
    const size_t length = content.length - GIT_OID_RAWSZ;
    return git_odb_hash(&digest, content.data, length, GIT_OBJECT_BLOB) == 0 &&
           memcmp(digest.id, content.data + length, sizeof digest.id) == 0;
}

static bool take_names(struct timeline *timeline, const struct repo *repo, uint64_t count, struct text rest)
{
    struct text name;
    if (!text_cut(&rest, '\0', &name) || !text_is(name, repo->prefix))
        return false;
    for (uint64_t i = 0; i < count; i++)
        if (!text_cut(&rest, '\0', &name) || timeline_add_name(timeline, name) != i)
            return false;
    return rest.length == 0;
}

static bool commit_fits(const struct timeline *timeline, uint32_t place)
{
    const struct timeline_commit *commit = &timeline->commits[place];
    if ((uint64_t)commit->parents + commit->parent_count > timeline->parent_count ||
        (uint64_t)commit->changes + commit->change_count > timeline->change_count)
        return false;
    for (uint32_t i = 0; i < commit->parent_count; i++)
        if (timeline->parents[commit->parents + i] >= place)
            return false;
    for (uint32_t i = 0; i < commit->change_count; i++)
        if (timeline->changes[commit->changes + i].name >= timeline->name_count)
            return false;
    return true;
}

static bool take_all(struct timeline *timeline, const struct repo *repo, struct text content)
{
    struct text rest = text_of(content.data, content.length - GIT_OID_RAWSZ);
    struct head head;
    memcpy(&head, rest.data, sizeof head);
    rest = text_of(rest.data + sizeof head, rest.length - sizeof head);
    if (memcmp(head.magic, magic, sizeof magic) != 0 || head.commit_size != sizeof *timeline->commits ||
        head.change_size != sizeof *timeline->changes || head.commits > TIMELINE_COMMITS_MAX)
        return false;
    struct timeline_commit *commits = take(&rest, head.commits, sizeof *commits);
    timeline->parents = take(&rest, head.parents, sizeof *timeline->parents);
    timeline->changes = take(&rest, head.changes, sizeof *timeline->changes);
    bool good = commits && timeline->parents && timeline->changes && rest.length == head.name_bytes &&
                take_names(timeline, repo, head.names, rest);
    timeline->parent_count = timeline->parent_room = head.parents;
    timeline->change_count = timeline->change_room = head.changes;
    for (uint32_t i = 0; good && i < head.commits; i++) {
        timeline_add_commit(timeline, &commits[i]);
        good = commit_fits(timeline, i);
    }
    xfree(commits);
    return good;
}

struct timeline *timeline_load(struct repo *repo)
{
    struct err ignored;
    SCOPED_BUF(content, TIMELINE_BYTES_MAX);
    if (!file_read(&content, repo->folder, PLACE, &ignored) ||
        content.length < sizeof(struct head) + GIT_OID_RAWSZ || !digest_fits(buf_text(&content)))
        return NULL;
    struct timeline *timeline = xcalloc(1, sizeof *timeline);
    if (take_all(timeline, repo, buf_text(&content))) {
        timeline->saved = timeline->commit_count;
        return timeline;
    }
    timeline_free(timeline);
    return NULL;
}
