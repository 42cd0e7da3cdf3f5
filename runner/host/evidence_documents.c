// See evidence_own.h. What the evidence of a run consists of, in this order. In the host.
#include "host/evidence_own.h"

#include "host/kept.h"
#include "host/session.h"
#include "host/trees.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { PAGE_BYTES_MAX = 16 << 20 };

// ---- run.json: the report of the run, who or what started it, and the newest row of the audit log

static bool add_report(struct json_writer *writer, struct evidence *evidence, struct err *err)
{
    SCOPED_BUF(report, BODY_MAX);
    SCOPED(json_document)
    document = NULL;
    if (!session_report(evidence->host, &report, evidence->run.id, err) ||
        !json_parse(&document, buf_text(&report), err))
        return false;
    for (const struct json *value = json_first(json_root(document)); value; value = json_next(value)) {
        struct text key = json_key(value);
        if (text_is(key, "folder")) // a place of this machine
            continue;
        json_write_key_text(writer, key);
        json_write_value(writer, value);
    }
    return true;
}

static bool write_run(struct evidence *evidence, bool *more, struct err *err)
{
    SCOPED_BUF(out, PAGE_BYTES_MAX);
    struct json_writer writer = json_writer_new(&out);
    struct store *store = evidence->host->store;
    (void)more;
    json_begin_object(&writer);
    json_write_key(&writer, "format");
    json_write_string(&writer, "renki evidence 1");
    json_write_key(&writer, "made_ms");
    json_write_integer(&writer, store_now_ms(store));
    json_write_key(&writer, "made_by");
    json_write_string(&writer, evidence->actor);
    json_write_key(&writer, "renki");
    json_write_string(&writer, RENKI_VERSION);
    if (!add_report(&writer, evidence, err))
        return false;
    json_write_key(&writer, "start");
    if (!store_evidence_start(store, &writer, evidence->run.id, err))
        return false;
    json_write_key(&writer, "audit_head");
    if (!store_evidence_head(store, &writer, err))
        return false;
    json_end_object(&writer);
    if (!json_writer_done(&writer))
        return fail(err, ERR_LIMIT_PASSED, "run.json", "16 MB");
    return file_add(&evidence->draft, buf_text(&out), err);
}

// ---- the store's lines

static bool write_page(struct evidence *evidence, enum store_evidence what, bool *more, struct err *err)
{
    SCOPED_BUF(page, PAGE_BYTES_MAX);
    return store_evidence_page(evidence->host->store, &page, more, what, evidence->run.id, &evidence->place,
                               err) &&
           file_add(&evidence->draft, buf_text(&page), err);
}

static bool write_entries(struct evidence *evidence, bool *more, struct err *err)
{
    return write_page(evidence, EVIDENCE_ENTRIES, more, err);
}

static bool write_calls(struct evidence *evidence, bool *more, struct err *err)
{
    return write_page(evidence, EVIDENCE_CALLS, more, err);
}

static bool write_audit(struct evidence *evidence, bool *more, struct err *err)
{
    return write_page(evidence, EVIDENCE_AUDIT, more, err);
}

// ---- the log, wherever it lies

static void take_lines(void *owner, struct text lines)
{
    struct evidence *evidence = owner;
    struct err err;
    if (evidence->draft.fd >= 0 && !file_add(&evidence->draft, lines, &err))
        evidence->unwritten = err;
}

static bool write_log(struct evidence *evidence, bool *more, struct err *err)
{
    if (!evidence->log)
        evidence->log =
            log_reader_new(evidence->host, evidence->run.id, take_lines, evidence_go_on, evidence);
    const enum log_found found = log_read(evidence->log, err);
    *more = found == LOG_MORE || found == LOG_WAIT;
    if (found == LOG_WAIT)
        evidence_wait(evidence);
    else if (found != LOG_MORE)
        log_reader_free(STEAL(evidence->log));
    if (evidence->unwritten.code != ERR_NONE)
        *err = evidence->unwritten;
    return found != LOG_FAILED && evidence->unwritten.code == ERR_NONE;
}

// ---- the robot, as it ran

static bool write_robot_file(void *owner, const char *path, struct text content, struct err *err)
{
    SCOPED_TEXT char *name = xasprintf("robot/%s", strncmp(path, "robot/", 6) == 0 ? path + 6 : path);
    return evidence_write(owner, name, content, err);
}

static bool write_robot(struct evidence *evidence, bool *more, struct err *err)
{
    struct host *host = evidence->host;
    const char *tree = evidence->run.tree;
    (void)more;
    if (!tree[0]) // it was never prepared
        return true;
    struct repo *repo = host_repo(host, err);
    return repo && (repo_has(repo, tree) || trees_fetch(host, repo, tree, err)) &&
           repo_read(repo, tree, write_robot_file, evidence, err);
}

// ---- what it attached: not copied where it lies on this machine, for it may be large

static void say_missing(struct evidence *evidence, const struct err *why)
{
    SCOPED_BUF(words, BODY_MAX);
    struct evidence_file *file = &evidence->files[evidence->count - 1];
    (void)!err_message(&words, why, evidence->language);
    file->why = text_copy(buf_text(&words));
}

static void on_copied(void *owner, const struct copied *copied, const struct err *failed)
{
    (void)copied; // the digest stays that of the record
    if (failed)
        say_missing(owner, failed);
    evidence_go_on(owner);
}

static void on_fetched(void *owner, int fd, const struct err *failed)
{
    struct evidence *evidence = owner;
    const struct evidence_file *file = &evidence->files[evidence->count - 1];
    if (failed) {
        on_copied(evidence, NULL, failed);
        return;
    }
    struct copies *copies = copies_new(evidence->host, on_copied, evidence);
    copies_add(copies, fd, AT_FDCWD, file->path, file->size_bytes);
    copies_begin(copies);
}

// What lies in a bucket is fetched into the folder of this evidence.
static void fetch_output(struct evidence *evidence, struct evidence_file *file, const char *place)
{
    struct copied content = {.size_bytes = file->size_bytes};
    file->path = xasprintf("%s/%zu", evidence->folder, evidence->count);
    memcpy(content.sha256, file->sha256, sizeof content.sha256);
    evidence_wait(evidence);
    kept_open(evidence->host, place, &content, on_fetched, evidence);
}

static bool find_output(struct evidence *evidence, const struct json *artifact, struct err *err)
{
    struct stat status;
    const char *path = json_string_or(json_get(artifact, "path"), "");
    SCOPED_TEXT char *name = xasprintf("outputs/%s", json_string_or(json_get(artifact, "name"), ""));
    if (evidence->count >= EVIDENCE_FILES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "evidence", N(EVIDENCE_FILES_MAX));
    struct evidence_file *file = evidence_add(evidence, name);
    file->size_bytes = json_int64_or(json_get(artifact, "size_bytes"), 0);
    snprintf(file->sha256, sizeof file->sha256, "%s", json_string_or(json_get(artifact, "sha256"), ""));
    if (strstr(path, "://")) {
        fetch_output(evidence, file, path);
        return true;
    }
    file->path = path[0] == '/' ? xstrdup(path) : xasprintf("%s/%s", evidence->host->folder, path);
    if (stat(file->path, &status) != 0)
        file->why = xstrdup(strerror(errno));
    return true;
}

static bool list_outputs(struct evidence *evidence, struct err *err)
{
    SCOPED_BUF(list, PAGE_BYTES_MAX);
    struct json_writer writer = json_writer_new(&list);
    if (!store_view(evidence->host->store, &writer, STORE_ARTIFACTS, evidence->run.id, err))
        return false;
    if (!json_writer_done(&writer))
        return fail(err, ERR_LIMIT_PASSED, "outputs", "16 MB");
    if (!json_parse(&evidence->outputs, buf_text(&list), err))
        return false;
    evidence->output = json_first(json_root(evidence->outputs));
    return true;
}

static bool write_outputs(struct evidence *evidence, bool *more, struct err *err)
{
    if (!evidence->outputs && !list_outputs(evidence, err))
        return false;
    const struct json *output = evidence->output;
    *more = output != NULL;
    if (output)
        evidence->output = json_next(output);
    return !output || find_output(evidence, output, err);
}

// ---- how to read it, and the digests of all

static bool write_readme(struct evidence *evidence, bool *more, struct err *err)
{
    SCOPED_BUF(text, 65536);
    (void)more;
    if (!phrase_append(&text, evidence->language, PHRASE_EVIDENCE_README, N(evidence->run.id),
                       evidence->run.robot))
        return fail(err, ERR_LIMIT_PASSED, "README.txt", N(65536));
    return file_add(&evidence->draft, buf_text(&text), err);
}

static bool write_sums(struct evidence *evidence, bool *more, struct err *err)
{
    SCOPED_BUF(sums, PAGE_BYTES_MAX);
    (void)more;
    for (size_t i = 0; i < evidence->count; i++)
        if (!evidence->files[i].why &&
            !buf_printf(&sums, "%s  %s\n", evidence->files[i].sha256, evidence->files[i].name))
            return fail(err, ERR_LIMIT_PASSED, "SHA256SUMS", "16 MB");
    return evidence_write(evidence, "SHA256SUMS", buf_text(&sums), err) &&
           evidence_sign(evidence, buf_text(&sums), err);
}

const struct evidence_document evidence_documents[] = {
    {"run.json", write_run},
    {"entries.jsonl", write_entries},
    {"calls.jsonl", write_calls},
    {"log.jsonl", write_log},
    {NULL, write_robot},
    {NULL, write_outputs},
    {NULL, evidence_write_commits},
    {"allowed_signers", evidence_write_signers},
    {"audit.jsonl", write_audit},
    {"README.txt", write_readme},
    {NULL, write_sums},
};
const size_t evidence_document_count = COUNT_OF(evidence_documents);
