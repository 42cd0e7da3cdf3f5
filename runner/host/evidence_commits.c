// See evidence_own.h. The commits behind what ran, packed by a thread that has the repository opened for itself: it may take
// seconds, and the host goes on meanwhile. In the host.
#include "host/evidence_own.h"

#include "host/repo/bundle.h"
#include "lib/digest/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

struct bundling {
    uv_work_t work;
    struct evidence *evidence;
    struct repo *repo;
    struct repo_bundling what;
    char *branch, *path;
    bool over, good, found;
    char sha256[DIGEST_TEXT_SIZE];
    struct err err;
};

void evidence_commits_drop(struct evidence *evidence)
{
    struct bundling *bundling = STEAL(evidence->bundling);
    if (!bundling)
        return;
    repo_free(bundling->repo);
    xfree(bundling->branch);
    xfree(bundling->path);
    xfree(bundling);
}

static void on_thread(uv_work_t *work)
{
    struct bundling *bundling = work->data;
    bundling->good =
        repo_bundle(bundling->repo, &bundling->found, &bundling->what, &bundling->err) &&
        (!bundling->found || digest_file(bundling->sha256, AT_FDCWD, bundling->path, &bundling->err));
}

static void on_done(uv_work_t *work, int status)
{
    struct bundling *bundling = work->data;
    (void)status; // it is never called off
    bundling->over = true;
    bundling->evidence->host->copying--;
    evidence_go_on(bundling->evidence);
}

static bool begin(struct evidence *evidence, struct err *err)
{
    struct repo *repo = NULL;
    if (!repo_open(&repo, ".", err))
        return false;
    struct bundling *bundling = xcalloc(1, sizeof *bundling);
    *bundling = (struct bundling){.evidence = evidence,
                                  .repo = repo,
                                  .branch = xasprintf("run-%lld", (long long)evidence->run.id),
                                  .path = xasprintf("%s/commits", evidence->folder)};
    bundling->what = (struct repo_bundling){evidence->run.robot, evidence->run.tree, evidence->run.created_ms,
                                            bundling->branch, bundling->path};
    bundling->work.data = bundling;
    evidence->bundling = bundling;
    evidence_wait(evidence);
    evidence->host->copying++;
    require(uv_queue_work(evidence->host->loop, &bundling->work, on_thread, on_done) == 0);
    return true;
}

static bool take(struct evidence *evidence, struct err *err)
{
    const struct bundling *bundling = evidence->bundling;
    struct stat status;
    if (evidence->count >= EVIDENCE_FILES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "evidence", N(EVIDENCE_FILES_MAX));
    if (stat(bundling->path, &status) != 0)
        return fail(err, ERR_FILE_UNREADABLE, bundling->path, strerror(errno));
    struct evidence_file *file = evidence_add(evidence, "commits.bundle");
    file->path = xstrdup(bundling->path);
    file->size_bytes = status.st_size;
    memcpy(file->sha256, bundling->sha256, sizeof bundling->sha256);
    return true;
}

// Without them the rest is worth having all the same; why they are not there is told.
static void say_why(struct evidence *evidence, const struct err *why)
{
    SCOPED_BUF(words, BODY_MAX);
    (void)!(why ? err_message(&words, why, evidence->language)
                : phrase_append(&words, evidence->language, PHRASE_EVIDENCE_NEVER_SAVED));
    evidence->no_commits = text_copy(buf_text(&words));
}

bool evidence_write_commits(struct evidence *evidence, bool *more, struct err *err)
{
    const struct bundling *bundling = evidence->bundling;
    struct err failed;
    bool good = true;
    *more = false;
    if (!bundling && evidence->run.tree[0]) {
        *more = begin(evidence, &failed);
        if (!*more)
            say_why(evidence, &failed);
        return true;
    }
    if (bundling && bundling->good && bundling->found)
        good = take(evidence, err);
    else
        say_why(evidence, bundling && !bundling->good ? &bundling->err : NULL);
    evidence_commits_drop(evidence);
    return good;
}
