// See evidence.h. Each turn of the loop makes one page, so that nobody waits for an auditor.
#include "host/evidence_own.h"

#include "host/turn.h"
#include "lib/digest/digest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PLACE ".renki/evidence"

// ---- the folder

static void remove_folder(int place, const char *name)
{
    const int folder = openat(place, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *entries = folder < 0 ? NULL : fdopendir(folder);
    for (const struct dirent *entry; entries && (entry = readdir(entries));)
        (void)unlinkat(folder, entry->d_name, 0);
    if (entries)
        closedir(entries);
    (void)unlinkat(place, name, AT_REMOVEDIR);
}

static bool is_old(int place, const char *name)
{
    struct stat status;
    return name[0] != '.' && fstatat(place, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           status.st_mtim.tv_sec < time(NULL) - EVIDENCE_KEEP_S;
}

static void remove_old(void)
{
    DIR *entries = opendir(PLACE);
    for (const struct dirent *entry; entries && (entry = readdir(entries));)
        if (is_old(dirfd(entries), entry->d_name))
            remove_folder(dirfd(entries), entry->d_name);
    if (entries)
        closedir(entries);
}

void evidence_drop(const char *folder)
{
    const char *slash = strrchr(folder, '/');
    const int place = open(PLACE, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (place >= 0 && slash && slash[1] != '.' && slash[1] != '\0')
        remove_folder(place, slash + 1);
    if (place >= 0)
        close(place);
}

static bool make_folder(struct evidence *evidence, struct err *err)
{
    unsigned char random[8];
    char hex[2 * sizeof random + 1];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(hex, sizeof hex, random, sizeof random);
    evidence->folder =
        xasprintf("%s/" PLACE "/%lld-%s", evidence->host->folder, (long long)evidence->run.id, hex);
    return file_make_folder(evidence->folder, err);
}

// ---- its files

// A name of a robot's making may be anything: what could mean something to a shell, a terminal or a zip reader goes.
static void clean(char *name)
{
    for (char *c = name; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f || *c == '\\' || *c == ':')
            *c = '_';
}

static bool is_taken(const struct evidence *evidence, const char *name)
{
    for (size_t i = 0; i < evidence->count; i++)
        if (strcmp(evidence->files[i].name, name) == 0)
            return true;
    return false;
}

struct evidence_file *evidence_add(struct evidence *evidence, const char *name)
{
    char *own = xstrdup(name);
    clean(own);
    for (int number = 2; is_taken(evidence, own); number++) {
        xfree(own);
        own = xasprintf("%s (%d)", name, number);
        clean(own);
    }
    evidence->files = xreallocarray(evidence->files, evidence->count + 1, sizeof *evidence->files);
    struct evidence_file *file = &evidence->files[evidence->count++];
    *file = (struct evidence_file){.name = own};
    return file;
}

bool evidence_begin(struct evidence *evidence, const char *name, struct err *err)
{
    if (evidence->count >= EVIDENCE_FILES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "evidence", N(EVIDENCE_FILES_MAX));
    struct evidence_file *file = evidence_add(evidence, name);
    file->path = xasprintf("%s/%zu", evidence->folder, evidence->count);
    return file_begin(&evidence->draft, AT_FDCWD, file->path, 0600, err);
}

bool evidence_end(struct evidence *evidence, struct err *err)
{
    struct evidence_file *file = &evidence->files[evidence->count - 1];
    struct stat status;
    if (!file_finish(&evidence->draft, err) || !digest_file(file->sha256, AT_FDCWD, file->path, err))
        return false;
    if (stat(file->path, &status) != 0)
        return fail(err, ERR_FILE_UNREADABLE, file->path, strerror(errno));
    file->size_bytes = status.st_size;
    return true;
}

bool evidence_write(struct evidence *evidence, const char *name, struct text content, struct err *err)
{
    return evidence_begin(evidence, name, err) && file_add(&evidence->draft, content, err) &&
           evidence_end(evidence, err);
}

// ---- the end

static void on_closed(uv_handle_t *handle)
{
    struct evidence *evidence = handle->data;
    for (size_t i = 0; i < evidence->count; i++) {
        xfree(evidence->files[i].name);
        xfree(evidence->files[i].path);
        xfree(evidence->files[i].why);
    }
    xfree(evidence->files);
    json_document_free(evidence->outputs);
    xfree(evidence->no_commits);
    evidence_commits_drop(evidence);
    if (evidence->log)
        log_reader_free(evidence->log);
    evidence_place_dispose(&evidence->place);
    run_row_dispose(&evidence->run);
    xfree(evidence->actor);
    xfree(evidence->folder);
    xfree(evidence);
}

static void write_file(struct json_writer *writer, const struct evidence_file *file)
{
    json_begin_object(writer);
    json_write_key(writer, "name");
    json_write_string(writer, file->name);
    json_write_key(writer, file->why ? "why" : "path");
    json_write_string(writer, file->why ? file->why : file->path);
    json_write_key(writer, "size_bytes");
    json_write_integer(writer, file->size_bytes);
    json_write_key(writer, "sha256");
    json_write_string(writer, file->sha256);
    json_end_object(writer);
}

static void write_files(struct json_writer *writer, const struct evidence *evidence, bool there)
{
    json_write_key(writer, there ? "files" : "missing");
    json_begin_array(writer);
    for (size_t i = 0; i < evidence->count; i++)
        if (!evidence->files[i].why == there)
            write_file(writer, &evidence->files[i]);
    json_end_array(writer);
}

static bool answer(struct evidence *evidence, struct err *err)
{
    SCOPED_BUF(body, BODY_MAX);
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "folder");
    json_write_string(&writer, evidence->folder);
    json_write_key(&writer, "run");
    json_write_integer(&writer, evidence->run.id);
    json_write_key(&writer, "robot");
    json_write_string(&writer, evidence->run.robot);
    write_files(&writer, evidence, true);
    write_files(&writer, evidence, false);
    json_write_key(&writer, "no_commits");
    if (evidence->no_commits)
        json_write_lossy(&writer, text_from(evidence->no_commits));
    else
        json_write_null(&writer);
    json_end_object(&writer);
    if (!json_writer_done(&writer))
        return fail(err, ERR_LIMIT_PASSED, "evidence", "900 KB");
    answer_done(STEAL(evidence->answer), buf_text(&body));
    return true;
}

static void end(struct evidence *evidence, const struct err *failed)
{
    struct err err;
    bool good = !failed && answer(evidence, &err);
    if (!good) {
        file_drop(&evidence->draft);
        if (evidence->folder)
            evidence_drop(evidence->folder);
        answer_fail(STEAL(evidence->answer), failed ? failed : &err);
    }
    uv_close((uv_handle_t *)&evidence->idle, on_closed);
}

// ---- a page a turn

static bool step(struct evidence *evidence, bool *more, struct err *err)
{
    const struct evidence_document *document = &evidence_documents[evidence->document];
    if (document->name && evidence->draft.fd < 0 && !evidence_begin(evidence, document->name, err))
        return false;
    *more = false;
    if (!document->write(evidence, more, err))
        return false;
    if (!*more) {
        if (document->name && !evidence_end(evidence, err))
            return false;
        evidence_place_dispose(&evidence->place);
        evidence->document++;
    }
    *more = evidence->document < evidence_document_count;
    return true;
}

static void on_idle(uv_idle_t *idle)
{
    struct evidence *evidence = idle->data;
    struct err err;
    bool more = false;
    if (!answer_is_heard(evidence->answer))
        (void)fail(&err, ERR_WIRE_CLOSED);
    else if (step(evidence, &more, &err)) {
        if (more)
            return;
        end(evidence, NULL);
        return;
    }
    end(evidence, &err);
}

void evidence_wait(struct evidence *evidence)
{
    uv_idle_stop(&evidence->idle);
}

void evidence_go_on(void *owner)
{
    struct evidence *evidence = owner;
    uv_idle_start(&evidence->idle, on_idle);
}

static void on_noted(void *owner, const struct err *failed)
{
    struct evidence *evidence = owner;
    struct err err;
    remove_old();
    if (failed || !make_folder(evidence, &err)) {
        end(evidence, failed ? failed : &err);
        return;
    }
    evidence_go_on(evidence);
}

static bool is_over(const struct run_row *run)
{
    enum run_state state;
    return run_state_from_name(&state, run->state) && state >= RUN_DONE;
}

// That somebody took evidence of a run is part of the evidence.
static bool note(struct host *host, int64_t run, const char *actor, struct err *err)
{
    return turn_begin(host, err) && store_audit(host->store, actor, "evidence", run, TEXT_OF("{}"), err);
}

bool evidence_make(struct host *host, struct answer *answer, int64_t run, const char *actor,
                   enum language language, struct err *err)
{
    struct run_row row;
    if (!store_run_load(host->store, &row, run, err))
        return false;
    if (!is_over(&row)) {
        (void)fail(err, ERR_EVIDENCE_TOO_EARLY, N(run), row.state);
        run_row_dispose(&row);
        return false;
    }
    if (!note(host, run, actor, err)) {
        turn_spoil(host, err);
        run_row_dispose(&row);
        return false;
    }
    struct evidence *evidence = xcalloc(1, sizeof *evidence);
    *evidence = (struct evidence){.host = host,
                                  .answer = answer,
                                  .run = row,
                                  .actor = xstrdup(actor),
                                  .language = language,
                                  .draft = file_draft_none()};
    require(uv_idle_init(host->loop, &evidence->idle) == 0);
    evidence->idle.data = evidence;
    turn_after(host, on_noted, evidence);
    return true;
}
