// Requests about runs: start, resume, cancel, list, show. In the host.
#include "host/approvals.h"
#include "host/artifact.h"
#include "host/emergencies.h"
#include "host/life.h"
#include "host/pins.h"
#include "host/queue.h"
#include "host/requests.h"
#include "host/roles.h"
#include "host/session.h"
#include "host/shared.h"
#include "host/suspension.h"
#include "host/sweep.h"
#include "host/today.h"
#include "host/trees.h"
#include "host/turn.h"
#include "host/watches.h"
#include "lib/base/file.h"
#include "lib/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    GIVEN_MAX = 200,
    FILES_MAX = FRAME_FDS_MAX,
    INPUT_BYTES_MAX = 1 << 30,
    INPUTS_JSON_MAX = 400000,
    LIST_MAX = 1000
};

// ---- starting

struct file_input {
    char *name;  // of the input
    char *given; // the file as the person wrote it
    int fd;
};

// A run that is being prepared: until its row is stored it is nobody's.
struct starting {
    struct session *session;
    struct answer *answer;
    struct json_document *body;
    struct given given[GIVEN_MAX];
    size_t given_count;
    struct file_input files[FILES_MAX];
    struct shared_file kept[FILES_MAX]; // the same, in its folder
    size_t file_count;
    bool at_once; // a place is free: it is taken from the queue as it comes in
};

static void starting_free(struct starting *starting)
{
    for (size_t i = 0; i < starting->file_count; i++) {
        if (starting->files[i].fd >= 0)
            close(starting->files[i].fd);
        xfree(starting->files[i].name);
        xfree(starting->files[i].given);
    }
    json_document_free(starting->body);
    xfree(starting);
}

static void give_up(struct starting *starting, const struct err *why)
{
    answer_fail(starting->answer, why);
    if (starting->session->folder_fd >= 0)
        session_remove_folder(starting->session);
    session_free(starting->session);
    starting_free(starting);
}

static void give_up_problems(struct starting *starting, const struct problems *problems)
{
    answer_problems(starting->answer, problems);
    session_free(starting->session);
    starting_free(starting);
}

// given: [[name, value], …]; a file's value is its path as the person wrote it, its descriptor comes in `files`.
static bool take_given(struct starting *starting, const struct json *body, struct err *err)
{
    for (const struct json *pair = json_first(json_get(body, "given")); pair; pair = json_next(pair)) {
        struct text value;
        const char *name = json_string_or(json_at(pair, 0), NULL);
        if (!name || !json_text(json_at(pair, 1), &value))
            return fail(err, ERR_REQUEST_MALFORMED, "given");
        if (starting->given_count == GIVEN_MAX)
            return fail(err, ERR_LIMIT_PASSED, "inputs", N(GIVEN_MAX));
        starting->given[starting->given_count++] = (struct given){name, value};
    }
    return true;
}

// files: [[input, path], …] in the order of the descriptors.
static bool take_files(struct starting *starting, const struct json *body, struct frame *frame,
                       struct err *err)
{
    const struct json *files = json_get(body, "files");
    if (json_count(files) != frame->fd_count)
        return fail(err, ERR_REQUEST_MALFORMED, "files");
    for (size_t i = 0; i < frame->fd_count; i++) {
        const struct json *pair = json_at(files, i);
        struct file_input *file = &starting->files[starting->file_count++];
        *file = (struct file_input){
            .name = xstrdup(json_string_or(json_at(pair, 0), "")),
            .given = xstrdup(json_string_or(json_at(pair, 1), "")),
            .fd = frame->fds[i],
        };
        frame->fds[i] = -1;
    }
    return true;
}

static struct shared_files kept_files(const struct starting *starting)
{
    const struct session *session = starting->session;
    return (struct shared_files){.host = session->host,
                                 .name = session->folder,
                                 .fd = session->folder_fd,
                                 .items = starting->kept,
                                 .count = starting->file_count};
}

static bool check_input(const struct starting *starting, const struct file_input *file, struct err *err)
{
    struct stat status;
    const struct input *input = manifest_input(starting->session->pin->manifest, file->name);
    if (!input || input->type != INPUT_FILE)
        return fail(err, ERR_REQUEST_MALFORMED, "files");
    return fstat(file->fd, &status) == 0 && S_ISREG(status.st_mode)
               ? true
               : fail(err, ERR_FILE_UNREADABLE, file->given,
                      strerror(S_ISDIR(status.st_mode) ? EISDIR : EINVAL));
}

// Its folder, with a place for what it is given.
static bool make_folder(struct starting *starting, struct err *err)
{
    struct session *session = starting->session;
    for (size_t i = 0; i < starting->file_count; i++)
        if (!check_input(starting, &starting->files[i], err))
            return false;
    if (!session_make_folder(session, err))
        return false;
    return starting->file_count == 0 || mkdirat(session->folder_fd, "in", 0700) == 0 ||
           fail(err, ERR_FILE_UNWRITABLE, "in", strerror(errno));
}

// What an administrator said who asks for an emergency run. False: it was not asked for, or by nobody.
static bool emergency_words(struct emergency_said *out, struct person *person, const struct session *session,
                            const struct json *body)
{
    *out = (struct emergency_said){.run = session->id,
                                   .robot = session->robot,
                                   .tree = session->tree,
                                   .why = json_string_or(json_get(body, "why"), NULL),
                                   .person = person,
                                   .signature = json_string_or(json_get(body, "signed"), NULL)};
    return body_flag(body, "emergency") &&
           person_find(person, session->host->settings,
                       json_string_or(json_get(body, "as"), session->host->account));
}

static bool add_emergency(const struct starting *starting, struct err *err)
{
    struct emergency_said said;
    struct person person;
    return !starting->session->held ||
           !emergency_words(&said, &person, starting->session, json_root(starting->body)) ||
           emergency_ask(starting->session->host, &said, err);
}

// What is not approved waits for the second administrator, where the first one asked for it.
static bool may_begin(struct starting *starting, struct err *err)
{
    struct session *session = starting->session;
    const struct json *body = json_root(starting->body);
    struct emergency_said said;
    struct person person;
    const bool approved =
        approvals_check(session->host, session->robot, session->tree, session->pin->manifest, err);
    if (!body_flag(body, "emergency"))
        return approved;
    if (approved)
        return fail(err, ERR_EMERGENCY_NEEDLESS, session->robot);
    if (err->code != ERR_APPROVAL_MISSING && err->code != ERR_APPROVAL_REJECTED)
        return false;
    if (!emergency_words(&said, &person, session, body))
        return fail(err, ERR_EMERGENCY_WHO, json_string_or(json_get(body, "as"), ""), "-");
    session->held = emergency_may(session->host, &said, err);
    return session->held;
}

static bool add_row(struct starting *starting, struct err *err)
{
    struct session *session = starting->session;
    struct host *host = session->host;
    int64_t waiting = 0;
    starting->at_once = queue_is_free(host);
    const struct run_new row = {
        .robot = session->robot,
        .tree = session->tree,
        .actor = session->actor,
        .language = language_name(session->language),
        .folder = session->folder,
        .host = starting->at_once ? host->identity : queue_owner(host),
        .served = host->serving,
        .taken = starting->at_once,
        .record = session->record,
        .draft = session->draft,
        .dry_run = session->dry_run,
        .inputs = text_from(session->inputs),
        .manifest = text_from(session->pin->manifest_json),
    };
    const int64_t queued_ms = session->pin->manifest->limits.queued_ms;
    if (!store_run_count_live(host->store, &waiting, session->robot, err))
        return false;
    if (waiting >= host->settings->queued_runs)
        return fail(err, ERR_QUEUE_FULL, N(waiting));
    if (!turn_begin(host, err) || !run_queue(host->store, &session->id, &row, err) ||
        !add_emergency(starting, err) ||
        (queued_ms && !store_run_may_queue(host->store, session->id, queued_ms, err)) ||
        (session->draft && !store_draft_add(host->store, session->tree, session->robot, err)) ||
        !trees_keep(host, session->tree, err))
        return false;
    for (size_t i = 0; i < starting->file_count; i++) {
        const struct file_input *file = &starting->files[i];
        const struct copied *copied = &starting->kept[i].content;
        if (!store_input_add(host->store, session->id, file->name, file->given, copied->size_bytes,
                             copied->sha256, err))
            return false;
    }
    return true;
}

static void tell_queued(const struct answer *answer, int64_t run, const char *robot)
{
    SCOPED_BUF(body, 4096);
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "run");
    json_write_integer(&writer, run);
    json_write_key(&writer, "robot");
    json_write_string(&writer, robot);
    json_end_object(&writer);
    if (json_writer_done(&writer))
        answer_event(answer, "queued", buf_text(&body));
}

// The run is a row now: it starts, or waits for the queue to start it.
static void begin(struct starting *starting)
{
    struct session *session = starting->session;
    struct host *host = session->host;
    const int64_t run = session->id;
    tell_queued(starting->answer, run, session->robot);
    if (starting->at_once) {
        answer_list_add(&session->watchers, starting->answer);
        queue_begin(session);
    } else {
        session_free(session);
        watches_add(host, run, starting->answer);
        queue_look(host);
    }
    starting_free(starting);
}

static void on_shared(void *owner, const struct err *failed)
{
    struct starting *starting = owner;
    struct err err;
    if (failed)
        err = *failed;
    else if (add_row(starting, &err)) {
        begin(starting);
        return;
    } else {
        const struct shared_files files = kept_files(starting);
        shared_forget_files(&files);
    }
    turn_spoil(starting->session->host, &err);
    give_up(starting, &err);
}

static void on_copied(void *owner, const struct copied *copied, const struct err *failed)
{
    struct starting *starting = owner;
    if (failed) {
        give_up(starting, failed);
        return;
    }
    for (size_t i = 0; i < starting->file_count; i++)
        starting->kept[i].content = copied[i];
    const struct shared_files files = kept_files(starting);
    shared_keep(&files, on_shared, starting);
}

static void copy_inputs(struct starting *starting)
{
    const struct session *session = starting->session;
    if (starting->file_count == 0) {
        on_shared(starting, NULL);
        return;
    }
    struct copies *copies = copies_new(session->host, on_copied, starting);
    for (size_t i = 0; i < starting->file_count; i++) {
        const struct file_input *file = &starting->files[i];
        char *path = starting->kept[i].path;
        input_file_path(path, manifest_input(session->pin->manifest, file->name), text_from(file->given));
        copies_add(copies, file->fd, session->folder_fd, path, INPUT_BYTES_MAX);
    }
    copies_begin(copies);
}

// What may not run is in the audit log, as the runs are that do.
static void refused(struct host *host, const struct session *session, const struct err *why)
{
    struct err err;
    if (!approvals_tell_refused(host, session->robot, session->tree, session->actor, 0, why, &err))
        turn_spoil(host, &err);
}

static void on_pin(void *owner, struct pin *pin, const struct problems *wrong)
{
    struct starting *starting = owner;
    struct session *session = starting->session;
    struct host *host = session->host;
    struct err err;
    if (wrong) {
        give_up_problems(starting, wrong);
        return;
    }
    session->pin = pin_keep(pin);
    if (!may_begin(starting, &err)) {
        refused(host, session, &err);
        give_up(starting, &err);
        return;
    }
    struct problems problems = {0};
    struct buf inputs = buf_new(INPUTS_JSON_MAX);
    if (!inputs_check(&inputs, pin->manifest, starting->given, starting->given_count, today(host),
                      &problems)) {
        give_up_problems(starting, &problems);
        problems_dispose(&problems);
        buf_dispose(&inputs);
        return;
    }
    session->inputs = buf_steal(&inputs);
    if (make_folder(starting, &err)) {
        copy_inputs(starting);
        return;
    }
    turn_spoil(host, &err);
    give_up(starting, &err);
}

static char *current_tree(struct host *host, const char *robot, bool draft, struct err *err)
{
    char tree[REPO_ID_SIZE];
    struct repo *repo = host_repo(host, err);
    return repo && repo_pin(repo, tree, robot, pins_kind(host, draft), err) ? xstrdup(tree) : NULL;
}

bool request_run_start(struct host *host, struct answer *answer, const struct json *body, struct frame *frame,
                       struct err *err)
{
    const char *robot;
    if (!body_text(&robot, body, "robot", err))
        return false;
    if (host->draining)
        return fail(err, ERR_SERVICE_STOPS);
    if (host->settings->production && body_flag(body, "draft"))
        return fail(err, ERR_APPROVAL_DRAFT, robot);
    if (!sweep_has_room())
        return fail(err, ERR_DISK_LOW, N(SWEEP_FLOOR_MB));
    struct starting *starting = xcalloc(1, sizeof *starting);
    SCOPED_BUF(copy, BODY_MAX); // the body is gone when the manifest comes
    struct json_writer writer = json_writer_new(&copy);
    json_write_value(&writer, body);
    SCOPED_TEXT char *tree = NULL;
    if (!json_parse(&starting->body, buf_text(&copy), err) ||
        !take_given(starting, json_root(starting->body), err) || !take_files(starting, body, frame, err) ||
        !(tree = current_tree(host, robot, body_flag(body, "draft"), err)) ||
        !may_start_for(host, robot, tree, body_actor(body), err)) {
        starting_free(starting);
        return false;
    }
    starting->answer = answer;
    struct session *session = starting->session = session_new(host);
    session->stage = SESSION_PREPARING;
    session->robot = xstrdup(robot);
    session->tree = xstrdup(tree);
    session->actor = xstrdup(body_actor(body));
    session->language = body_language(body);
    session->draft = body_flag(body, "draft");
    session->dry_run = body_flag(body, "dry_run");
    session->record = body_flag(body, "record");
    pins_load(host, tree, on_pin, starting);
    return true;
}

// ---- resuming

static bool has_its_folder(struct host *host, const struct run_row *row, struct err *err)
{
    SCOPED_TEXT char *path = xasprintf(".renki/runs/%s", row->folder);
    int64_t files = 0;
    if (access(path, F_OK) == 0)
        return true;
    return store_input_count(host->store, &files, row->id, err) &&
           (files == 0 || settings_share_files(host->settings) || fail(err, ERR_RUN_FOLDER_GONE, N(row->id)));
}

static bool queue_again(struct host *host, const struct run_row *row, const char *owner,
                        const struct json *body, struct err *err)
{
    enum run_state state;
    if (!run_state_from_name(&state, row->state) || state < RUN_DONE || !run_may_move(state, RUN_QUEUED))
        return fail(err, ERR_RUN_NOT_RESUMABLE, N(row->id), row->state);
    if (!may_start_for(host, row->robot, row->tree, body_actor(body), err) ||
        !has_its_folder(host, row, err) || !turn_begin(host, err))
        return false;
    if (run_resume(host->store, row->id, state, owner, body_actor(body), err))
        return true;
    turn_spoil(host, err);
    return false;
}

// What is queued for any daemon is taken over by this host, for the person who waits for it here.
static bool resume_row(struct host *host, const struct run_row *row, const struct json *body, struct err *err)
{
    enum run_state state;
    const bool known = run_state_from_name(&state, row->state);
    if (known && state == RUN_QUEUED && row->host[0] == '\0')
        return turn_begin(host, err) && store_run_for(host->store, row->id, queue_owner(host), err);
    return queue_again(host, row, queue_owner(host), body, err);
}

bool request_run_resume(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    struct run_row row;
    int64_t run;
    (void)frame;
    if (!body_integer(&run, body, "run", err) || !store_run_load(host->store, &row, run, err))
        return false;
    const bool good = host->draining            ? fail(err, ERR_SERVICE_STOPS)
                      : session_find(host, run) ? fail(err, ERR_RUN_NOT_RESUMABLE, N(run), row.state)
                                                : resume_row(host, &row, body, err);
    if (good) {
        tell_queued(answer, run, row.robot);
        watches_add(host, run, answer);
        queue_look(host);
    }
    run_row_dispose(&row);
    return good;
}

// ---- cancelling

bool request_run_cancel(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    struct run_row row;
    int64_t run;
    (void)frame;
    if (!body_integer(&run, body, "run", err) || !store_run_load(host->store, &row, run, err))
        return false;
    const bool elsewhere = strcmp(row.state, "running") == 0;
    run_row_dispose(&row);
    struct session *session = session_find(host, run);
    if (session) {
        session_cancel(session, body_actor(body));
        answer_done(answer, TEXT_OF("{}"));
        return true;
    }
    if (!elsewhere && !queue_cancel(host, run, body_actor(body), err))
        return false;
    // Another host has it: it looks every 250 ms whether somebody asked.
    if (elsewhere && (!turn_begin(host, err) || !store_run_request_cancel(host->store, run, err))) {
        turn_spoil(host, err);
        return false;
    }
    turn_after(host, answer_stored, answer);
    return true;
}

bool request_run_retry(struct host *host, struct answer *answer, const struct json *body, struct frame *frame,
                       struct err *err)
{
    struct run_row row;
    int64_t run;
    (void)frame;
    if (!body_integer(&run, body, "run", err) || !store_run_load(host->store, &row, run, err))
        return false;
    const bool good = session_find(host, run) ? fail(err, ERR_RUN_NOT_RESUMABLE, N(run), row.state)
                                              : queue_again(host, &row, "", body, err);
    run_row_dispose(&row);
    if (!good)
        return false;
    turn_after(host, answer_stored, answer);
    queue_look(host);
    return true;
}

// ---- reading

bool request_run_list(struct host *host, struct answer *answer, const struct json *body, struct frame *frame,
                      struct err *err)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    (void)frame;
    const int64_t most = json_int64_or(json_get(body, "most"), 20);
    json_begin_object(&writer);
    json_write_key(&writer, "runs");
    if (!store_view(host->store, &writer, STORE_RUNS, most < 1 ? 1 : most > LIST_MAX ? LIST_MAX : most, err))
        return false;
    json_end_object(&writer);
    return answer_written(answer, &writer, "runs", err);
}

bool request_run_show(struct host *host, struct answer *answer, const struct json *body, struct frame *frame,
                      struct err *err)
{
    SCOPED_BUF(out, BODY_MAX);
    int64_t run;
    (void)frame;
    if (!body_integer(&run, body, "run", err) || !session_report(host, &out, run, err))
        return false;
    answer_done(answer, buf_text(&out));
    return true;
}
