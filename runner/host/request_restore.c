// The request that makes a robot what it was in a version: a new commit, never a rewrite. In the host.
//
// What is not saved stops it; with `force` it is first kept as a draft, and then thrown away in the working folder.
#include "host/past.h"
#include "host/people.h"
#include "host/repo/compare.h"
#include "host/repo/save.h"
#include "host/requests.h"
#include "host/turn.h"

enum { MODULES_MAX = 200, MESSAGE_MAX = 400, ID_SHOWN = 10 };

struct restoring {
    struct host *host;
    struct answer *answer;
    char *robot, *text, *message, *actor; // text: the version as it was called; message NULL: ours
    enum language language;
    bool with_lib, force;
    char kept[REPO_ID_SIZE]; // the draft; "": none
    struct repo_saved saved;
    struct version version;
};

static void restoring_free(struct restoring *restoring)
{
    repo_saved_dispose(&restoring->saved);
    xfree(restoring->robot);
    xfree(restoring->text);
    xfree(restoring->message);
    xfree(restoring->actor);
    xfree(restoring);
}

// ---- what becomes of working files that are not saved

static bool is_unsaved(const struct err *err)
{
    return err->code == ERR_ROBOT_DIFFERS || err->code == ERR_ROBOT_UNCOMMITTED;
}

static bool make_room(struct restoring *restoring, struct repo *repo, struct err *err)
{
    char tree[REPO_ID_SIZE];
    SCOPED_TEXT char *path = xasprintf("robots/%s", restoring->robot);
    if (repo_pin(repo, tree, restoring->robot, REPO_COMMITTED, err) || err->code == ERR_ROBOT_UNKNOWN ||
        err->code == ERR_ROBOT_UNKNOWN_NEAR)
        return true; // as committed, or not there
    if (!is_unsaved(err))
        return false;
    if (!restoring->force)
        return fail(err, ERR_RESTORE_UNSAVED, path);
    return repo_pin(repo, restoring->kept, restoring->robot, REPO_DRAFT, err) &&
           repo_discard(repo, path, err) && (!restoring->with_lib || repo_discard(repo, "robots/lib", err));
}

// ---- the commit

struct edits {
    struct repo_edit items[MODULES_MAX + 1];
    char ids[MODULES_MAX + 1][REPO_ID_SIZE];
    char *paths[MODULES_MAX + 1];
    size_t count;
};

static bool add_edit(void *owner, const char *name, const char *id, bool folder, struct err *err)
{
    struct edits *edits = owner;
    if (edits->count > MODULES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "robots/lib", N(MODULES_MAX));
    const size_t at = edits->count++;
    memcpy(edits->ids[at], id, REPO_ID_SIZE);
    edits->paths[at] = xasprintf("robots/%s", name);
    edits->items[at] = (struct repo_edit){
        .path = edits->paths[at], .kind = folder ? REPO_EDIT_TREE : REPO_EDIT_FILE, .id = edits->ids[at]};
    return true;
}

static bool add_module(void *owner, const char *name, const char *id, bool folder, struct err *err)
{
    SCOPED_TEXT char *path = xasprintf("lib/%s", name);
    return add_edit(owner, path, id, folder, err);
}

static bool take_edits(struct restoring *restoring, struct repo *repo, struct edits *edits, struct err *err)
{
    char side[REPO_ID_SIZE], id[REPO_ID_SIZE];
    const char *then = restoring->version.robot;
    SCOPED_TEXT char *path = xasprintf("robots/%s", then);
    if (!repo_side(repo, side, then, restoring->version.commit, err))
        return false;
    if (!repo_side_folder(repo, id, side, path))
        return fail(err, ERR_VERSION_REMOVED, restoring->robot, restoring->text);
    return add_edit(edits, restoring->robot, id, true, err) &&
           (!restoring->with_lib || repo_side_each(repo, side, "robots/lib", add_module, edits, err));
}

static bool save(struct restoring *restoring, struct repo *repo, struct edits *edits, struct err *err)
{
    struct person person;
    SCOPED_BUF(message, MESSAGE_MAX);
    if (!person_find(&person, restoring->host->settings, restoring->actor))
        return fail(err, ERR_REQUEST_MALFORMED, "actor");
    if (!restoring->message && !phrase_append(&message, restoring->language, PHRASE_RESTORE_MESSAGE,
                                              restoring->robot, restoring->text))
        return fail(err, ERR_LIMIT_PASSED, "message", N(MESSAGE_MAX));
    const struct repo_saving saving = {.login = person.login,
                                       .name = person.name,
                                       .mail = person.email,
                                       .message =
                                           restoring->message ? restoring->message : buf_string(&message),
                                       .language = restoring->language,
                                       .edits = edits->items,
                                       .edit_count = edits->count};
    return repo_save(repo, &restoring->saved, &saving, err);
}

static bool restore(struct restoring *restoring, struct err *err)
{
    struct repo *repo = host_repo(restoring->host, err);
    struct edits *edits = xcalloc(1, sizeof *edits);
    const bool good =
        repo && past_find(restoring->host, &restoring->version, restoring->robot, restoring->text, err) &&
        take_edits(restoring, repo, edits, err) && make_room(restoring, repo, err) &&
        save(restoring, repo, edits, err);
    for (size_t i = 0; i < edits->count; i++)
        xfree(edits->paths[i]);
    xfree(edits);
    return good;
}

// ---- what is recorded and answered

static bool audit(struct restoring *restoring, struct err *err)
{
    SCOPED_BUF(content, MESSAGE_MAX + (size_t)4 * REPO_ID_SIZE + ROBOT_NAME_MAX);
    struct json_writer writer = json_writer_new(&content);
    const struct {
        const char *key, *value;
    } texts[] = {{"robot", restoring->robot},
                 {"version", restoring->version.commit},
                 {"commit", restoring->saved.commit},
                 {"draft", restoring->kept}};
    json_begin_object(&writer);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        json_write_key(&writer, texts[i].key);
        json_write_string(&writer, texts[i].value);
    }
    json_end_object(&writer);
    require(json_writer_done(&writer));
    return turn_begin(restoring->host, err) && store_audit(restoring->host->store, restoring->actor,
                                                           "robot.restored", 0, buf_text(&content), err);
}

static void on_stored(void *owner, const struct err *failed)
{
    struct restoring *restoring = owner;
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_string(&writer, restoring->robot);
    json_write_key(&writer, "version");
    json_write_string(&writer, restoring->text);
    json_write_key(&writer, "commit");
    json_write_string(&writer, restoring->saved.commit);
    json_write_key(&writer, "kept");
    json_write_string(&writer, restoring->kept);
    json_write_key(&writer, "same");
    json_write_boolean(&writer, restoring->saved.end == REPO_UNCHANGED);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    if (failed)
        answer_fail(restoring->answer, failed);
    else
        answer_done(restoring->answer, buf_text(&out));
    restoring_free(restoring);
}

static void on_ready(void *owner, const struct err *failed)
{
    struct restoring *restoring = owner;
    struct err err;
    if (failed || !restore(restoring, &err)) {
        answer_fail(restoring->answer, failed ? failed : &err);
        restoring_free(restoring);
        return;
    }
    if (restoring->saved.end == REPO_UNCHANGED) {
        on_stored(restoring, NULL);
        return;
    }
    if (!audit(restoring, &err))
        turn_spoil(restoring->host, &err);
    turn_after(restoring->host, on_stored, restoring);
}

bool request_version_restore(struct host *host, struct answer *answer, const struct json *body,
                             struct frame *frame, struct err *err)
{
    const char *robot, *version, *message = json_string_or(json_get(body, "message"), NULL);
    (void)frame;
    if (!body_text(&robot, body, "robot", err) || !body_text(&version, body, "version", err))
        return false;
    if (!robot_name_is_valid(robot))
        return fail(err, ERR_ROBOT_NAME, robot);
    if (message && strlen(message) > SAVE_MESSAGE_MAX)
        return fail(err, ERR_LIMIT_PASSED, "message", N(SAVE_MESSAGE_MAX));
    struct restoring *restoring = xcalloc(1, sizeof *restoring);
    *restoring = (struct restoring){.host = host,
                                    .answer = answer,
                                    .robot = xstrdup(robot),
                                    .text = xstrdup(version),
                                    .message = message ? xstrdup(message) : NULL,
                                    .actor = xstrdup(body_actor(body)),
                                    .language = body_language(body),
                                    .with_lib = body_flag(body, "with_lib"),
                                    .force = body_flag(body, "force")};
    past_prepare(host, on_ready, restoring);
    return true;
}
