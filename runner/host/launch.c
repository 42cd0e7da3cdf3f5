// See session.h. From a queued session to a worker at work.
//
// The fork is asked for at once; the worker is told what to run only when the store has "running" on disk.
#include "host/fault.h"
#include "host/freezes.h"
#include "host/life.h"
#include "host/logs.h"
#include "host/roles.h"
#include "host/run_log.h"
#include "host/seen.h"
#include "host/session.h"
#include "host/suspension.h"
#include "host/turn.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sodium.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOGINS_MAX = 64, TREE_DEPTH = 32, DAY_MS = 24 * 3600 * 1000 };

// ---- the folder

static void name_folder(char name[33])
{
    unsigned char random[16];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(name, 33, random, sizeof random);
}

// Until all that a run was given is fetched its folder has another name: a host that dies meanwhile leaves none that
// looks whole.
static char *folder_path(const struct session *session)
{
    return xasprintf(".renki/runs/%s%s", session->folder, session->fetching ? ".part" : "");
}

// Making a folder costs ext4 up to a millisecond when many were removed a moment ago; renaming an empty one costs
// nothing. So folders of runs that are over are emptied and kept for the next ones.
static bool use_spare(struct host *host, const char *path)
{
    if (host->spare_count == 0)
        return false;
    SCOPED_TEXT char *spare = xasprintf(".renki/runs/%s", host->spares[--host->spare_count]);
    return rename(spare, path) == 0;
}

bool session_make_folder(struct session *session, struct err *err)
{
    if (!session->folder[0])
        name_folder(session->folder);
    SCOPED_TEXT char *path = folder_path(session);
    if (!use_spare(session->host, path) && mkdir(path, 0700) != 0 && errno != EEXIST)
        return fail(err, ERR_FILE_UNWRITABLE, path, strerror(errno));
    session->folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return session->folder_fd >= 0 ? true : fail(err, ERR_FILE_UNWRITABLE, path, strerror(errno));
}

bool session_folder_fetched(struct session *session, struct err *err)
{
    SCOPED_TEXT char *path = folder_path(session);
    session->fetching = false;
    SCOPED_TEXT char *whole = folder_path(session);
    return rename(path, whole) == 0 ? true : fail(err, ERR_FILE_UNWRITABLE, whole, strerror(errno));
}

static int empty_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    if (place->level == 0)
        return 0;
    return kind == FTW_DP ? rmdir(path) : unlink(path);
}

// Its name goes first, and at once: the run may come back to this host (from another that died, or resumed by a person),
// and must not find a folder that is half empty, or that is another run's by then.
void session_remove_folder(struct session *session)
{
    struct host *host = session->host;
    char name[33];
    SCOPED_TEXT char *path = folder_path(session);
    if (!session->folder[0])
        return;
    name_folder(name);
    SCOPED_TEXT char *spare = xasprintf(".renki/runs/%s", name);
    if (rename(path, spare) != 0 || nftw(spare, empty_one, TREE_DEPTH, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0)
        log_error("run.folder", "run=%lld reason=%s", (long long)session->id, strerror(errno));
    else if (host->spare_count < HOST_SPARES_MAX)
        memcpy(host->spares[host->spare_count++], name, sizeof name);
    else if (rmdir(spare) != 0)
        log_error("run.folder", "run=%lld reason=%s", (long long)session->id, strerror(errno));
}

void session_remove_spares(struct host *host)
{
    while (host->spare_count) {
        SCOPED_TEXT char *spare = xasprintf(".renki/runs/%s", host->spares[--host->spare_count]);
        rmdir(spare);
    }
}

// ---- the gateway's part

// Names of logins that permits ask for, wherever they stand.
static void collect_logins(const struct json *value, struct text *names, size_t *count)
{
    for (const struct json *member = json_first(value); member; member = json_next(member)) {
        struct text name;
        bool known = false;
        if (json_kind(value) == JSON_OBJECT && text_is(json_key(member), "login") &&
            json_text(member, &name)) {
            for (size_t i = 0; i < *count; i++)
                known = known || text_equal(names[i], name);
            if (!known && *count < LOGINS_MAX)
                names[(*count)++] = name;
        } else
            collect_logins(member, names, count);
    }
}

struct sending {
    struct session *session;
    struct text name;
};

static bool send_box(void *owner, int64_t version, struct text box, struct err *err)
{
    const struct sending *sending = owner;
    struct channel *gateway = roles_gateway(sending->session->host);
    return gateway && channel_send(gateway, MESSAGE_OF(CREDENTIAL, .run = sending->session->id,
                                                       .name = sending->name, .version = version, .box = box))
               ? true
               : fail(err, ERR_ROLE_DIED, "gateway");
}

static bool send_credentials(struct session *session, struct err *err)
{
    struct host *host = session->host;
    struct text names[LOGINS_MAX];
    size_t count = 0;
    collect_logins(session->pin->manifest->permits, names, &count);
    if (json_get(session->pin->manifest->permits, "mail"))
        collect_logins(host->settings->mail, names, &count);
    for (size_t i = 0; i < count; i++) {
        struct sending sending = {session, names[i]};
        SCOPED_TEXT char *name = text_copy(names[i]);
        if (!freezes_tell(host, name, err))
            return false;
        if (!store_secret_use(host->store, name, send_box, &sending, err))
            return false;
    }
    return true;
}

static bool write_or_empty(struct json_writer *writer, const struct json *value)
{
    if (value)
        json_write_value(writer, value);
    else {
        json_begin_object(writer);
        json_end_object(writer);
    }
    return json_writer_done(writer);
}

// How many mails the robot may send yet: MAILS_A_DAY within any 24 hours, whichever of its runs sends them.
static bool mails_left(struct session *session, int64_t *left, struct err *err)
{
    int64_t sent = 0;
    if (json_get(session->pin->manifest->permits, "mail") &&
        !store_mails_since(session->host->store, &sent, session->robot,
                           store_now_ms(session->host->store) - DAY_MS, err))
        return false;
    *left = sent < MAILS_A_DAY ? MAILS_A_DAY - sent : 0;
    return true;
}

static bool write_limits(struct buf *out, const struct run_limits *limits, int64_t mails_left_today)
{
    struct json_writer writer = json_writer_new(out);
    json_begin_object(&writer);
    json_write_key(&writer, "calls");
    json_write_integer(&writer, limits->calls);
    json_write_key(&writer, "mails");
    json_write_integer(&writer, limits->mails);
    json_write_key(&writer, "mails_left_today");
    json_write_integer(&writer, mails_left_today);
    json_write_key(&writer, "answer_bytes");
    json_write_integer(&writer, limits->answer_bytes);
    json_end_object(&writer);
    return json_writer_done(&writer);
}

static bool open_at_gateway(struct session *session, int end, struct err *err)
{
    struct channel *gateway = roles_gateway(session->host);
    SCOPED_BUF(permits, 200000);
    SCOPED_BUF(limits, 4096);
    struct json_writer writer = json_writer_new(&permits);
    if (!gateway)
        return fail(err, ERR_ROLE_DIED, "gateway");
    int64_t left = 0;
    if (!mails_left(session, &left, err))
        return false;
    if (!write_or_empty(&writer, session->pin->manifest->permits) ||
        !write_limits(&limits, &session->pin->manifest->limits, left))
        return fail(err, ERR_LIMIT_PASSED, "permits", "200 KB");
    if (!send_credentials(session, err))
        return false;
    session->gateway_open =
        channel_send_fds(gateway,
                         MESSAGE_OF(RUN_OPEN, .run = session->id, .robot = text_from(session->robot),
                                    .permits = buf_text(&permits), .limits = buf_text(&limits),
                                    .dry_run = session->dry_run, .record = session->record),
                         &end, 1);
    if (!session->gateway_open)
        return fail(err, ERR_ROLE_DIED, "gateway");
    session->gateway = roles_run_opened(session->host);
    return true;
}

// ---- the worker's part

static bool ask_for_fork(struct session *session, const int ends[2], struct err *err)
{
    struct channel *zygote = roles_zygote(session->host);
    const struct run_limits *limits = &session->pin->manifest->limits;
    SCOPED_BUF(shares, 65536);
    struct json_writer writer = json_writer_new(&shares);
    if (!write_or_empty(&writer, json_get(session->pin->manifest->permits, "shares")))
        return fail(err, ERR_LIMIT_PASSED, "shares", "64 KB");
    session->forking =
        zygote &&
        channel_send_fds(zygote,
                         MESSAGE_OF(FORK, .run = session->id, .memory_bytes = limits->memory_bytes,
                                    .cpu_ms = limits->cpu_ms, .file_bytes = limits->output_bytes,
                                    .folder = text_from(session->folder), .shares = buf_text(&shares)),
                         ends, 2);
    if (session->forking)
        session->zygote = roles_forked(session->host);
    return session->forking ? true : fail(err, ERR_ROLE_DIED, "zygote");
}

static bool pair(int out[2], struct err *err)
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, out) == 0
               ? true
               : fail(err, ERR_SYSTEM, "socketpair", strerror(errno));
}

// The two socket pairs of a run: host–worker and gateway–worker. A test has nobody at the other end of the second.
static bool connect_worker(struct session *session, struct err *err)
{
    int host_pair[2], gateway_pair[2];
    if (!pair(host_pair, err))
        return false;
    session->channel = channel_new(session->host->loop, host_pair[0], ROLE_HOST, ROLE_WORKER, false,
                                   &session_channel_events, session);
    channel_phase(session->channel, PHASE_START);
    if (session->kind == SESSION_FAKE) {
        gateway_pair[0] = -1;
        gateway_pair[1] = session->peer;
        session->peer = -1;
    } else if (!pair(gateway_pair, err)) {
        close(host_pair[1]);
        return false;
    }
    const int ends[2] = {host_pair[1], gateway_pair[1]};
    const bool good = (session->kind != SESSION_RUN || open_at_gateway(session, gateway_pair[0], err)) &&
                      ask_for_fork(session, ends, err);
    close(host_pair[1]);
    if (gateway_pair[0] >= 0)
        close(gateway_pair[0]);
    close(gateway_pair[1]);
    return good;
}

static bool is_lua(const char *name)
{
    return text_ends(text_from(name), ".lua");
}

// What the worker is told of the pinned tree: the robot's and the workplace's Lua files; its tests only in a test, with
// the recordings and other small files beside them.
static bool is_wanted(const struct session *session, const char *name)
{
    if (strncmp(name, "tests/", 6) == 0)
        return session->kind != SESSION_RUN && (is_lua(name) || text_ends(text_from(name), ".json"));
    return is_lua(name) && (session->kind != SESSION_RUN || strcmp(name, "manifest.lua") != 0);
}

static const char *kind_name(enum session_kind kind)
{
    switch (kind) {
    case SESSION_RUN:
        return "run";
    case SESSION_TEST:
        return "test";
    case SESSION_CHECK:
        return "check";
    case SESSION_FAKE:
        return "fake";
    }
    return "run";
}

// A check tells what is missing: the names of all files in the robot's folder.
static void write_files(struct json_writer *writer, const struct session *session)
{
    json_write_key(writer, "files");
    json_begin_array(writer);
    for (size_t i = 0; i < session->pin->count; i++)
        if (strncmp(session->pin->files[i].name, "lib/", 4) != 0)
            json_write_lossy(writer, text_from(session->pin->files[i].name));
    json_end_array(writer);
}

static bool write_problems(struct json_writer *writer, const char *problems)
{
    struct err err;
    SCOPED(json_document)
    document = NULL;
    if (!json_parse(&document, text_from(problems), &err))
        return false;
    json_write_key(writer, "problems");
    json_write_value(writer, json_root(document));
    return true;
}

// What the keys of a run's steps are made from: the same on every attempt, and nothing of the folder's name in it.
static void write_seed(struct json_writer *writer, const struct session *session)
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    char seed[2 * sizeof hash + 1];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)session->folder, sizeof session->folder,
                       (const unsigned char *)&session->id, sizeof session->id);
    json_write_key(writer, "seed");
    json_write_string(writer, sodium_bin2hex(seed, sizeof seed, hash, sizeof hash));
}

static bool write_options(struct buf *out, const struct session *session)
{
    struct json_writer writer = json_writer_new(out);
    json_begin_object(&writer);
    json_write_key(&writer, "dry_run");
    json_write_boolean(&writer, session->dry_run);
    json_write_key(&writer, "draft");
    json_write_boolean(&writer, session->draft);
    json_write_key(&writer, "timezone");
    json_write_string(&writer, session->host->settings->timezone);
    json_write_key(&writer, "manifest");
    if (session->kind != SESSION_RUN && session->pin->manifest_json)
        json_write_value(&writer, json_root(session->pin->manifest->document));
    else
        json_write_null(&writer);
    if (session->kind == SESSION_RUN)
        write_seed(&writer, session);
    if (session->kind == SESSION_CHECK)
        write_files(&writer, session);
    if (session->problems && !write_problems(&writer, session->problems))
        return false;
    json_end_object(&writer);
    return json_writer_done(&writer);
}

static bool tell_worker(struct session *session)
{
    SCOPED_BUF(options, 400000);
    if (!write_options(&options, session))
        return false;
    bool good = channel_send(session->channel,
                             MESSAGE_OF(RUN_START, .run = session->id, .attempt = session->attempt,
                                        .kind = text_from(kind_name(session->kind)),
                                        .robot = text_from(session->robot),
                                        .language = text_from(language_name(session->language)),
                                        .inputs = text_from(session->inputs), .options = buf_text(&options)));
    const struct pin_file *robot = pin_file(session->pin, "robot.lua");
    good = good && channel_send(session->channel, MESSAGE_OF(SOURCE, .name = TEXT_OF("robot.lua"),
                                                             .text = text_of(robot->text, robot->length)));
    for (size_t i = 0; good && i < session->pin->count; i++) {
        const struct pin_file *file = &session->pin->files[i];
        if (file != robot && is_wanted(session, file->name))
            good = channel_send(session->channel, MESSAGE_OF(SOURCE, .name = text_from(file->name),
                                                             .text = text_of(file->text, file->length)));
    }
    return good && channel_send(session->channel, MESSAGE_OF(GO));
}

// ---- in order

static void give_up(struct session *session, const struct err *why)
{
    session_kill(session, why);
}

static void begin_work(void *owner, const struct err *failed)
{
    struct session *session = owner;
    session->release_pending = false;
    if (failed)
        give_up(session, failed);
    else if (session->channel && !session->failed_early && !tell_worker(session)) {
        struct err err;
        (void)fail(&err, ERR_LIMIT_PASSED, "robot", "8 MB");
        give_up(session, &err);
    }
    session_settle(session);
}

static bool record_start(struct session *session, struct err *err)
{
    struct host *host = session->host;
    const struct run_started with = {session->attempt, host->identity, host->settings->environment,
                                     host->settings->production ? "production" : "development"};
    if (session->kind != SESSION_RUN || run_start(host->store, session->id, &with, session->actor, err))
        return true;
    turn_spoil(host, err);
    return false;
}

// The fork is asked for first: it is made while its start is recorded. One that can't be made is recorded too: its end
// is that of any run.
static bool fork_and_record(struct session *session, const struct err *failed, struct err *err)
{
    struct err unrecorded;
    if (session->kind == SESSION_RUN && !turn_begin(session->host, err))
        return false;
    if (failed)
        *err = *failed;
    const bool forked = !failed && connect_worker(session, err);
    if (record_start(session, &unrecorded))
        return forked;
    *err = unrecorded;
    return false;
}

static void on_roles_ready(void *owner, const struct err *failed)
{
    struct session *session = owner;
    struct err err;
    if (session->lost) {
        session_leave_lost(session);
        return;
    }
    session->stage = SESSION_RUNNING;
    session->started_ms = clock_monotonic_ms();
    session->deadline_ms = session->started_ms + session->pin->manifest->limits.time_ms;
    session->sweep_at_ms = session->started_ms;
    session->log = run_log_open(session->id, session->attempt, logs_are_shared(session->host));
    session->seen = seen_new();
    if (!fork_and_record(session, failed, &err)) {
        give_up(session, &err);
        return;
    }
    session->release_pending = true;
    turn_after(session->host, begin_work, session);
}

void session_launch(struct session *session)
{
    struct err err;
    if ((session->kind == SESSION_RUN && !may_start(session->host, session->robot, session->tree, &err)) ||
        (session->folder_fd < 0 && !session_make_folder(session, &err))) {
        on_roles_ready(session, &err);
        return;
    }
    roles_need(session->host, session->kind == SESSION_RUN ? ROLES_ZYGOTE | ROLES_GATEWAY : ROLES_ZYGOTE,
               on_roles_ready, session);
}
