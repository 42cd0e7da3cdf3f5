// Requests that save robots: as the working files are, or as somebody else sends them; and conflicts that wait. In the host.
//
// What looks like a credential stops the save, with file and line. A line that says it is none is let through, and told in
// the audit log. The commit is made before its audit row: a row tells of what is there, and a save whose row can't be
// written is told as an error though its commit stays.
#include "host/people.h"
#include "host/repo/save.h"
#include "host/requests.h"
#include "host/turn.h"
#include "lib/credential/credential.h"

#include <sodium.h>
#include <unistd.h>

enum { ROBOTS_MAX = 1000, ALLOWED_MAX = 100, AUDIT_MAX = 60000, CHANGES_TOLD = 2000 };
enum { CONFLICT_TEXT_MAX = 60000 }; // bytes of one side that are told

// ---- what is asked

struct saving_request {
    struct repo_saving what;
    char **roots;
    size_t root_count;
    struct repo_edit *edits;
    size_t edit_count;
    char **decoded; // of Base64, one an edit
    struct problems problems;
    struct {
        char *path;
        struct credential found;
    } allowed[ALLOWED_MAX];
    size_t allowed_count;
};

static void saving_request_free(struct saving_request *request)
{
    if (!request)
        return;
    for (size_t i = 0; i < request->root_count; i++)
        xfree(request->roots[i]);
    for (size_t i = 0; i < request->edit_count; i++)
        xfree(request->decoded[i]);
    for (size_t i = 0; i < request->allowed_count; i++)
        xfree(request->allowed[i].path);
    xfree(request->roots);
    xfree(request->edits);
    xfree(request->decoded);
    problems_dispose(&request->problems);
    xfree(request);
}
DEFINE_SCOPED(saving_request)

static void add_root(struct saving_request *request, char *path)
{
    request->roots = xreallocarray(request->roots, request->root_count + 1, sizeof *request->roots);
    request->roots[request->root_count++] = path;
}

// A robot with what belongs to it: modules of the workplace, and its schedule.
static bool take_robots(struct saving_request *request, const struct json *robots, struct err *err)
{
    if (json_count(robots) > ROBOTS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "robots", N(ROBOTS_MAX));
    for (const struct json *each = json_first(robots); each; each = json_next(each)) {
        const char *robot = json_string_or(each, "");
        if (!robot_name_is_valid(robot))
            return fail(err, ERR_ROBOT_NAME, robot);
        add_root(request, xasprintf("robots/%s", robot));
        add_root(request, xasprintf("schedules/%s.lua", robot));
    }
    if (request->root_count)
        add_root(request, xstrdup("robots/lib"));
    else
        for (size_t i = 0; repo_roots[i]; i++)
            add_root(request, xstrdup(repo_roots[i]));
    return true;
}

static bool take_base64(struct saving_request *request, size_t i, const char *text, struct err *err)
{
    const size_t length = strlen(text);
    size_t got;
    request->decoded[i] = xmalloc(length + 1);
    if (sodium_base642bin((unsigned char *)request->decoded[i], length, text, length, NULL, &got, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return fail(err, ERR_REQUEST_MALFORMED, "base64");
    request->edits[i].content = text_of(request->decoded[i], got);
    return true;
}

static bool take_file(struct saving_request *request, size_t i, const struct json *file, struct err *err)
{
    struct repo_edit *edit = &request->edits[i];
    const char *base64 = json_string_or(json_get(file, "base64"), NULL);
    edit->executable = body_flag(file, "executable");
    edit->kind = body_flag(file, "gone") ? REPO_EDIT_GONE : REPO_EDIT_FILE;
    if (!body_text(&edit->path, file, "path", err))
        return false;
    if (edit->kind == REPO_EDIT_GONE)
        return true;
    if (base64)
        return take_base64(request, i, base64, err);
    return json_text(json_get(file, "content"), &edit->content) ? true
                                                                : fail(err, ERR_REQUEST_MALFORMED, "content");
}

static bool take_files(struct saving_request *request, const struct json *files, struct err *err)
{
    const size_t count = json_count(files);
    if (count > SAVE_EDITS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "files", N(SAVE_EDITS_MAX));
    request->edits = xcalloc(count, sizeof *request->edits);
    request->decoded = xcalloc(count, sizeof *request->decoded);
    request->edit_count = count;
    size_t i = 0;
    for (const struct json *file = json_first(files); file; file = json_next(file), i++)
        if (!take_file(request, i, file, err))
            return false;
    return true;
}

// ---- credentials

static enum err_code code_of(enum credential_kind kind)
{
    static const enum err_code codes[CREDENTIAL_KIND_COUNT] = {
        [CREDENTIAL_KEY] = ERR_SAVE_KEY,
        [CREDENTIAL_TOKEN] = ERR_SAVE_TOKEN,
        [CREDENTIAL_PASSWORD] = ERR_SAVE_PASSWORD,
        [CREDENTIAL_IDENTITY] = ERR_SAVE_IDENTITY,
    };
    return codes[kind];
}

struct looking {
    struct saving_request *request;
    const char *path;
};

static bool on_credential(void *owner, const struct credential *found)
{
    const struct looking *looking = owner;
    struct saving_request *request = looking->request;
    if (!found->allowed) {
        err_set(problems_add(&request->problems), code_of(found->kind),
                (const char *const[]){looking->path, N(found->line), found->shown, NULL});
        return true;
    }
    if (request->allowed_count < ALLOWED_MAX) {
        request->allowed[request->allowed_count].path = xstrdup(looking->path);
        request->allowed[request->allowed_count++].found = *found;
    }
    return true;
}

static bool inspect(void *owner, const char *path, struct text content, struct err *err)
{
    struct saving_request *request = owner;
    struct looking looking = {request, path};
    if (path)
        credential_scan(content, text_ends(text_from(path), ".lua"), on_credential, &looking);
    else if (request->problems.count) {
        *err = request->problems.items[0];
        return false;
    }
    return true;
}

// ---- what is answered

static const char *const ends[] = {
    [REPO_SAVED] = "saved", [REPO_UNCHANGED] = "unchanged", [REPO_CONFLICTS] = "conflicts"};
static const char *const change_names[] = {
    [REPO_ADDED] = "added", [REPO_CHANGED] = "changed", [REPO_DELETED] = "deleted"};

static void write_string(struct json_writer *out, const char *key, const char *text)
{
    json_write_key(out, key);
    if (text)
        json_write_lossy(out, text_from(text));
    else
        json_write_null(out);
}

static void write_changes(struct json_writer *out, const struct repo_saved *saved, size_t most)
{
    json_write_key(out, "changes");
    json_begin_array(out);
    for (size_t i = 0; i < saved->change_count && i < most; i++) {
        json_begin_object(out);
        write_string(out, "path", saved->changes[i].path);
        write_string(out, "kind", change_names[saved->changes[i].kind]);
        json_end_object(out);
    }
    json_end_array(out);
    json_write_key(out, "change_count");
    json_write_integer(out, (int64_t)saved->change_count);
}

static void write_allowed(struct json_writer *out, const struct saving_request *request)
{
    json_write_key(out, "allowed");
    json_begin_array(out);
    for (size_t i = 0; i < request->allowed_count; i++) {
        json_begin_object(out);
        write_string(out, "path", request->allowed[i].path);
        json_write_key(out, "line");
        json_write_integer(out, request->allowed[i].found.line);
        write_string(out, "kind", credential_kind_name(request->allowed[i].found.kind));
        json_end_object(out);
    }
    json_end_array(out);
}

// A side that is not there is null; one that is no text, or too long, is only told to be there.
static void write_side(struct json_writer *out, const char *key, const char *content, size_t length)
{
    json_write_key(out, key);
    if (!content)
        json_write_null(out);
    else if (length > CONFLICT_TEXT_MAX || !text_is_utf8(text_of(content, length)))
        json_write_boolean(out, true);
    else
        json_write_text(out, text_of(content, length));
}

static void write_conflicts(struct json_writer *out, const struct repo_saved *saved)
{
    size_t told = 0;
    json_write_key(out, "conflicts");
    json_begin_array(out);
    for (size_t i = 0; i < saved->conflict_count; i++) {
        const struct repo_conflict *conflict = &saved->conflicts[i];
        const size_t size =
            conflict->base_length + conflict->branch_length + conflict->mine_length + conflict->marked_length;
        const bool fits = (told += size) < BODY_MAX / 8; // a byte may take six as JSON
        json_begin_object(out);
        write_string(out, "path", conflict->path);
        write_side(out, "base", conflict->base, fits ? conflict->base_length : SIZE_MAX);
        write_side(out, "branch", conflict->branch, fits ? conflict->branch_length : SIZE_MAX);
        write_side(out, "mine", conflict->mine, fits ? conflict->mine_length : SIZE_MAX);
        write_side(out, "text", conflict->marked, fits ? conflict->marked_length : SIZE_MAX);
        json_end_object(out);
    }
    json_end_array(out);
}

static void write_left(struct json_writer *out, const struct repo_saved *saved)
{
    json_write_key(out, "left");
    json_begin_array(out);
    for (size_t i = 0; i < saved->left_count && i < CHANGES_TOLD; i++)
        json_write_lossy(out, text_from(saved->left[i]));
    json_end_array(out);
}

// Whether what was saved has to be approved before it runs.
static bool changes_robots(const struct repo_saved *saved)
{
    for (size_t i = 0; i < saved->change_count; i++)
        if (strncmp(saved->changes[i].path, "robots/", strlen("robots/")) == 0)
            return true;
    return false;
}

static bool write_saved(struct buf *out, const struct host *host, const struct saving_request *request,
                        const struct repo_saved *saved)
{
    struct json_writer writer = json_writer_new(out);
    json_begin_object(&writer);
    write_string(&writer, "end", ends[saved->end]);
    write_string(&writer, "commit", saved->commit);
    write_changes(&writer, saved, CHANGES_TOLD);
    write_left(&writer, saved);
    write_conflicts(&writer, saved);
    write_string(&writer, "kept", saved->kept);
    write_allowed(&writer, request);
    json_write_key(&writer, "waits");
    json_write_boolean(&writer,
                       host->settings->production && saved->end == REPO_SAVED && changes_robots(saved));
    json_end_object(&writer);
    return json_writer_done(&writer);
}

static bool write_audit(struct host *host, const char *actor, const struct saving_request *request,
                        const struct repo_saved *saved, struct err *err)
{
    SCOPED_BUF(content, AUDIT_MAX);
    struct json_writer writer = json_writer_new(&content);
    if (saved->end == REPO_UNCHANGED)
        return true;
    json_begin_object(&writer);
    write_string(&writer, "commit", saved->commit);
    write_changes(&writer, saved, 100);
    write_string(&writer, "kept", saved->kept);
    write_allowed(&writer, request);
    json_end_object(&writer);
    return json_writer_done(&writer)
               ? store_audit(host->store, actor,
                             saved->end == REPO_SAVED ? "robot.saved" : "robot.save_conflict", 0,
                             buf_text(&content), err)
               : fail(err, ERR_LIMIT_PASSED, "audit", "60 KB");
}

// ---- the requests

struct answering {
    struct answer *answer;
    char *body;
    size_t length;
};

static void on_stored(void *owner, const struct err *failed)
{
    struct answering *answering = owner;
    if (failed)
        answer_fail(answering->answer, failed);
    else
        answer_done(answering->answer, text_of(answering->body, answering->length));
    xfree(answering->body);
    xfree(answering);
}

// A name that is nobody's would be "nothing changed" otherwise.
static bool are_known(const struct saving_request *request, const struct repo_saved *saved, struct err *err)
{
    static const char robots[] = "robots/";
    for (size_t i = 0; saved->end == REPO_UNCHANGED && i < request->root_count; i++)
        if (strncmp(request->roots[i], robots, strlen(robots)) == 0 && access(request->roots[i], F_OK) != 0 &&
            strcmp(request->roots[i], "robots/lib") != 0)
            return fail(err, ERR_ROBOT_UNKNOWN, request->roots[i] + strlen(robots));
    return true;
}

static bool save(struct host *host, struct answer *answer, struct saving_request *request, const char *actor,
                 struct err *err)
{
    struct repo_saved saved = {0};
    SCOPED_BUF(out, BODY_MAX);
    struct repo *repo = host_repo(host, err);
    bool good = repo && turn_begin(host, err) && repo_save(repo, &saved, &request->what, err) &&
                are_known(request, &saved, err) && write_audit(host, actor, request, &saved, err);
    if (good && !write_saved(&out, host, request, &saved))
        good = fail(err, ERR_LIMIT_PASSED, "changes", "900 KB");
    repo_saved_dispose(&saved);
    if (good) {
        struct answering *answering = xcalloc(1, sizeof *answering);
        *answering = (struct answering){answer, NULL, out.length};
        answering->body = buf_steal(&out);
        turn_after(host, on_stored, answering);
        return true;
    }
    if (!request->problems.count)
        return false;
    answer_problems(answer, &request->problems);
    return true;
}

static bool take_message(struct repo_saving *what, const struct json *body, struct err *err)
{
    what->message = json_string_or(json_get(body, "message"), NULL);
    if (!what->message)
        return true;
    if (strlen(what->message) > SAVE_MESSAGE_MAX)
        return fail(err, ERR_LIMIT_PASSED, "message", "10 KB");
    if (text_trim(text_from(what->message)).length == 0)
        what->message = NULL;
    for (const char *c = what->message; c && *c; c++)
        if (((unsigned char)*c < 0x20 && *c != '\n' && *c != '\t') || *c == 0x7F)
            return fail(err, ERR_REQUEST_MALFORMED, "message");
    return true;
}

bool request_robot_save(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    SCOPED(saving_request)
    request = xcalloc(1, sizeof *request);
    struct person person;
    const char *actor = body_actor(body);
    const struct json *files = json_get(body, "files");
    (void)frame;
    if (!person_find(&person, host->settings, actor))
        return fail(err, ERR_REQUEST_MALFORMED, "actor");
    if (!take_message(&request->what, body, err) ||
        !(files ? take_files(request, files, err) : take_robots(request, json_get(body, "robots"), err)))
        return false;
    request->what.login = person.login;
    request->what.name = person.name;
    request->what.mail = person.email;
    request->what.language = body_language(body);
    request->what.base = json_string_or(json_get(body, "base"), NULL);
    request->what.edits = request->edits;
    request->what.edit_count = request->edit_count;
    request->what.roots = (const char *const *)request->roots;
    request->what.root_count = request->root_count;
    request->what.inspect = inspect;
    request->what.owner = request;
    return save(host, answer, request, actor, err);
}

static bool write_conflict(void *owner, const char *reference, int64_t time_ms, const char *paths,
                           struct err *err)
{
    struct json_writer *out = owner;
    struct text rest = text_from(paths), path;
    (void)err;
    json_begin_object(out);
    write_string(out, "reference", reference);
    json_write_key(out, "time_ms");
    json_write_integer(out, time_ms);
    json_write_key(out, "paths");
    json_begin_array(out);
    while (text_cut(&rest, '\n', &path))
        if (path.length)
            json_write_lossy(out, path);
    json_end_array(out);
    json_end_object(out);
    return true;
}

bool request_robot_conflicts(struct host *host, struct answer *answer, const struct json *body,
                             struct frame *frame, struct err *err)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    struct repo *repo = host_repo(host, err);
    (void)frame;
    json_begin_object(&writer);
    json_write_key(&writer, "conflicts");
    json_begin_array(&writer);
    if (!repo ||
        !repo_conflicts(repo, body_flag(body, "all") ? NULL : body_actor(body), write_conflict, &writer, err))
        return false;
    json_end_array(&writer);
    json_end_object(&writer);
    if (!json_writer_done(&writer))
        return fail(err, ERR_LIMIT_PASSED, "conflicts", "900 KB");
    answer_done(answer, buf_text(&out));
    return true;
}
