// See trigger_claims.h.
#include "host/trigger_claims.h"

#include "host/queue.h"
#include "host/shared.h"
#include "host/triggers.h"
#include "host/turn.h"
#include "lib/base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { CLAIMS_AT_ONCE = 16, FILE_BYTES_MAX = 1 << 30, FACTS_MAX = 16384, TOKEN_SIZE = 24 };

#define CLAIMED ".renki-claimed"

struct trigger_claims {
    struct schedules *schedules;
    char host[17]; // this workspace on this machine
    size_t under_way;
    bool wanted; // somebody was told to come again
    bool recovered;
    void (*room)(void *owner);
    void *owner;
};

// ---- names

static void name_host(char out[17], const struct host *host)
{
    struct utsname machine;
    uint64_t hash = 0xcbf29ce484222325u;
    const char *parts[] = {uname(&machine) == 0 ? machine.nodename : "", host->folder};
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        for (const char *at = parts[i]; *at; at++)
            hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
    snprintf(out, 17, "%016llx", (unsigned long long)hash);
}

// `whose`: the run's number; of one that is still to be, a token that no number looks like.
static char *claimed_path(const char *share, const char *host, const char *whose, const char *file)
{
    return xasprintf("%s/" CLAIMED "/%s-%s-%s", share, host, whose, file);
}

const char *trigger_claims_place(const struct trigger_claims *claims)
{
    return claims->host;
}

const char *trigger_share_path(const struct host *host, const char *share)
{
    return json_string_or(json_get(host->settings->shares, share), NULL);
}

// ---- putting away

struct moving {
    char *share, *claimed, *file, *folder; // folder NULL: back to the share itself
    int64_t run;
};

static void moving_free(struct moving *moving)
{
    xfree(moving->share);
    xfree(moving->claimed);
    xfree(moving->file);
    xfree(moving->folder);
    xfree(moving);
}

static void move(const struct moving *moving)
{
    SCOPED_TEXT char *folder =
        moving->folder ? xasprintf("%s/%s", moving->share, moving->folder) : xstrdup(moving->share);
    SCOPED_TEXT char *plain = xasprintf("%s/%s", folder, moving->file);
    SCOPED_TEXT char *numbered = xasprintf("%s/%lld-%s", folder, (long long)moving->run, moving->file);
    if (moving->folder && mkdir(folder, 0770) != 0 && errno != EEXIST)
        log_error("trigger.folder", "path=\"%s\" reason=\"%s\"", folder, strerror(errno));
    if (rename(moving->claimed, access(plain, F_OK) == 0 ? numbered : plain) != 0 && errno != ENOENT)
        log_error("trigger.move", "file=\"%s\" reason=\"%s\"", moving->claimed, strerror(errno));
}

static void on_over_stored(void *owner, const struct err *failed)
{
    struct moving *moving = owner;
    if (!failed)
        move(moving);
    moving_free(moving);
}

// Of a run's cause; NULL when no file started it.
static struct moving *moving_of(struct host *host, int64_t run, const struct json *cause, bool well)
{
    const char *file = json_string_or(json_get(cause, "file"), NULL),
               *share = json_string_or(json_get(cause, "share"), NULL),
               *claimer = json_string_or(json_get(cause, "host"), NULL),
               *done = json_string_or(json_get(cause, "done"), "done");
    const char *path = share ? trigger_share_path(host, share) : NULL;
    if (!file || !claimer || !path)
        return NULL;
    struct moving *moving = xcalloc(1, sizeof *moving);
    *moving = (struct moving){.share = xstrdup(path),
                              .claimed = claimed_path(path, claimer, N(run), file),
                              .file = xstrdup(file),
                              .folder = xstrdup(!well               ? "failed"
                                                : strchr(done, '/') ? "done"
                                                                    : done),
                              .run = run};
    return moving;
}

void trigger_files_put_away(struct host *host, int64_t run, const struct json *cause, bool well)
{
    struct moving *moving = moving_of(host, run, cause, well);
    if (moving)
        turn_after(host, on_over_stored, moving);
}

// ---- claiming

struct claim {
    struct trigger_claims *claims;
    struct moving back; // owns its texts; `run` is 0 until there is one
    char *schedule, *input;
    struct session folder; // a session for its folder alone; input NULL: it has none
    struct shared_file kept;
};

static struct shared_files kept_files(const struct claim *claim)
{
    return (struct shared_files){.host = claim->folder.host,
                                 .name = claim->folder.folder,
                                 .fd = claim->folder.folder_fd,
                                 .items = &claim->kept,
                                 .count = 1};
}

static void claim_free(struct claim *claim)
{
    claim->claims->under_way--;
    if (claim->folder.folder_fd >= 0)
        close(claim->folder.folder_fd);
    char *texts[] = {claim->back.share, claim->back.claimed, claim->back.file, claim->schedule, claim->input};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        xfree(texts[i]);
    xfree(claim);
}

// Is over; `failed`: the file goes back under its name.
static void finish(struct claim *claim, const struct err *failed)
{
    struct trigger_claims *claims = claim->claims;
    const struct shared_files kept = kept_files(claim);
    if (failed) {
        log_error("trigger.claim", "file=\"%s\" error=%s", claim->back.file, err_name(failed->code));
        move(&claim->back);
    }
    if (failed && claim->folder.folder_fd >= 0) {
        session_remove_folder(&claim->folder);
        shared_forget_files(&kept);
    }
    claim_free(claim);
    if (claims->wanted)
        claims->room(claims->owner);
    claims->wanted = false;
}

static void on_claim_stored(void *owner, const struct err *failed)
{
    finish(owner, failed);
}

static bool write_facts(struct buf *out, const struct trigger_claims *claims,
                        const struct schedule_facts *facts, const char *file)
{
    return buf_append_string(out, "\"file\":") && json_append_quoted(out, text_from(file)) &&
           buf_append_string(out, ",\"share\":") && json_append_quoted(out, text_from(facts->file.share)) &&
           buf_append_string(out, ",\"done\":") &&
           json_append_quoted(out, text_from(facts->file.done ? facts->file.done : "done")) &&
           buf_printf(out, ",\"host\":\"%s\"", claims->host);
}

static bool write_input(struct buf *out, const struct schedule_facts *facts, const char *file)
{
    return !facts->file.input ||
           (buf_append_char(out, '[') && json_append_quoted(out, text_from(facts->file.input)) &&
            buf_append_char(out, ',') && json_append_quoted(out, text_from(file)) &&
            buf_append_char(out, ']'));
}

static bool record_file(const struct claim *claim, int64_t run, struct err *err)
{
    struct host *host = claim->folder.host;
    const struct copied *content = &claim->kept.content;
    return store_run_folder(host->store, run, claim->folder.folder, err) &&
           (settings_share_files(host->settings) || // else its copy is on this machine alone
            store_run_for(host->store, run, host->identity, err)) &&
           store_input_add(host->store, run, claim->input, claim->back.file, content->size_bytes,
                           content->sha256, err);
}

static bool name_claim_after(struct claim *claim, int64_t run, struct err *err)
{
    char *named = claimed_path(claim->back.share, claim->claims->host, N(run), claim->back.file);
    if (rename(claim->back.claimed, named) != 0) {
        xfree(named);
        return fail(err, ERR_SCHEDULE_SHARE, claim->back.share, strerror(errno));
    }
    xfree(claim->back.claimed);
    claim->back.claimed = named;
    claim->back.run = run;
    return true;
}

static bool start(struct claim *claim, const struct schedule_row *row, const struct schedule *schedule,
                  struct err *err)
{
    struct host *host = claim->folder.host;
    const struct schedule_facts *facts = schedule_facts(schedule);
    int64_t run;
    SCOPED_BUF(about, FACTS_MAX);
    SCOPED_BUF(input, FACTS_MAX);
    if (!write_facts(&about, claim->claims, facts, claim->back.file) ||
        !write_input(&input, facts, claim->back.file))
        return fail(err, ERR_LIMIT_PASSED, "cause", N(FACTS_MAX));
    const struct started started = {
        .by = "file", .actor = "renki", .facts = buf_text(&about), .inputs = buf_text(&input)};
    if (!turn_begin(host, err) ||
        !schedule_start(claim->claims->schedules, &run, row, schedule, &started, err))
        return false;
    if (!name_claim_after(claim, run, err)) {
        struct err why = *err;
        if (store_planned_delete(host->store, run, err))
            *err = why;
        return false;
    }
    if (claim->input && !record_file(claim, run, err))
        return false;
    log_info("trigger.file", "schedule=%s run=%lld file=\"%s\"", row->name, (long long)run, claim->back.file);
    return true;
}

// The schedule may be another one by now, or paused: then the file lies there again for whoever wants it.
static bool start_if_wanted(struct claim *claim, struct err *err)
{
    struct schedules *schedules = claim->claims->schedules;
    struct schedule_row row;
    SCOPED_SCHEDULE(opened);
    if (!store_schedule_load(claim->folder.host->store, &row, claim->schedule, err))
        return false;
    bool good = schedule_open_row(&opened, schedules, &row, err);
    const struct schedule_facts *facts = good ? schedule_facts(opened.schedule) : NULL;
    const bool same = facts && facts->file.pattern && !facts->file.input == !claim->input &&
                      (!claim->input || strcmp(facts->file.input, claim->input) == 0);
    if (good && (!same || row.paused_by[0]))
        good = fail(err, ERR_SCHEDULE_UNKNOWN, claim->schedule);
    good = good && start(claim, &row, opened.schedule, err);
    schedule_row_dispose(&row);
    return good;
}

static void on_shared(void *owner, const struct err *failed)
{
    struct claim *claim = owner;
    struct host *host = claim->folder.host;
    struct err err;
    if (failed)
        finish(claim, failed);
    else if (start_if_wanted(claim, &err))
        turn_after(host, on_claim_stored, claim);
    else {
        turn_spoil(host, &err);
        finish(claim, &err);
    }
}

static void on_copied(void *owner, const struct copied *copied, const struct err *failed)
{
    struct claim *claim = owner;
    if (failed) {
        finish(claim, failed);
        return;
    }
    claim->kept.content = copied[0];
    const struct shared_files kept = kept_files(claim);
    shared_keep(&kept, on_shared, claim);
}

static bool copy_in(struct claim *claim, struct err *err)
{
    const struct input input = {.name = claim->input};
    const int from = open(claim->back.claimed, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (from < 0)
        return fail(err, ERR_FILE_UNREADABLE, claim->back.file, strerror(errno));
    bool good = session_make_folder(&claim->folder, err);
    if (good && mkdirat(claim->folder.folder_fd, "in", 0700) != 0)
        good = fail(err, ERR_FILE_UNWRITABLE, "in", strerror(errno));
    if (good) {
        struct copies *copies = copies_new(claim->folder.host, on_copied, claim);
        input_file_path(claim->kept.path, &input, text_from(claim->back.file));
        copies_add(copies, from, claim->folder.folder_fd, claim->kept.path, FILE_BYTES_MAX);
        copies_begin(copies);
    }
    close(from);
    return good;
}

static struct claim *claim_new(struct trigger_claims *claims, const char *schedule,
                               const struct schedule_facts *facts, const char *share, const char *file)
{
    char token[TOKEN_SIZE];
    unsigned char random[8];
    struct claim *claim = xcalloc(1, sizeof *claim);
    token[0] = 'w';
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(token + 1, sizeof token - 1, random, sizeof random);
    claim->claims = claims;
    claim->folder.host = claims->schedules->host;
    claim->folder.folder_fd = -1;
    claim->schedule = xstrdup(schedule);
    claim->input = facts->file.input ? xstrdup(facts->file.input) : NULL;
    claim->back = (struct moving){.share = xstrdup(share),
                                  .claimed = claimed_path(share, claims->host, token, file),
                                  .file = xstrdup(file)};
    claims->under_way++;
    return claim;
}

bool trigger_claim(struct trigger_claims *claims, const char *schedule, const struct schedule_facts *facts,
                   const char *share, const char *file)
{
    struct err err;
    if (claims->under_way >= CLAIMS_AT_ONCE) {
        claims->wanted = true;
        return false;
    }
    struct claim *claim = claim_new(claims, schedule, facts, share, file);
    SCOPED_TEXT char *from = xasprintf("%s/%s", share, file);
    SCOPED_TEXT char *folder = xasprintf("%s/" CLAIMED, share);
    if ((mkdir(folder, 0770) != 0 && errno != EEXIST) || rename(from, claim->back.claimed) != 0) {
        if (errno != ENOENT) // else another host has it
            log_error("trigger.claim", "file=\"%s\" reason=\"%s\"", from, strerror(errno));
        claim_free(claim);
    } else if (!claim->input)
        on_shared(claim, NULL);
    else if (!copy_in(claim, &err))
        finish(claim, &err);
    return true;
}

// ---- claims whose run never came to be

// Whether it is that run's: then it stays, or goes where files of runs that are over go.
static bool is_of_run(struct host *host, int64_t run, const char *file)
{
    struct err err;
    SCOPED_TEXT char *cause = NULL;
    SCOPED(json_document)
    document = NULL;
    struct run_row row;
    enum run_state state;
    if (!store_run_cause(host->store, &cause, run, &err))
        return true; // nobody knows
    if (!cause || !json_parse(&document, text_from(cause), &err) ||
        strcmp(json_string_or(json_get(json_root(document), "file"), ""), file) != 0)
        return false;
    if (!store_run_load(host->store, &row, run, &err))
        return true;
    if (run_state_from_name(&state, row.state) && state >= RUN_DONE)
        trigger_files_put_away(host, run, json_root(document), state == RUN_DONE);
    run_row_dispose(&row);
    return true;
}

static void recover_claim(const struct trigger_claims *claims, const char *share, const char *claimed)
{
    struct text rest = text_from(claimed), claimer, whose;
    int64_t run = 0;
    if (!text_cut(&rest, '-', &claimer) || !text_is(claimer, claims->host) || !text_cut(&rest, '-', &whose) ||
        (!text_starts(whose, "w") && !text_to_int64(whose, &run)))
        return;
    SCOPED_TEXT char *file = text_copy(rest);
    SCOPED_TEXT char *own = text_copy(whose);
    SCOPED_TEXT char *path = claimed_path(share, claims->host, own, file);
    if (run && is_of_run(claims->schedules->host, run, file))
        return;
    const struct moving back = {.share = (char *)(uintptr_t)share, .claimed = path, .file = file, .run = run};
    move(&back);
}

void trigger_claims_recover(struct trigger_claims *claims)
{
    const struct settings *settings = claims->schedules->host->settings;
    if (claims->recovered)
        return;
    claims->recovered = true;
    for (const struct json *share = json_first(settings->shares); share; share = json_next(share)) {
        SCOPED_TEXT char *path = xasprintf("%s/" CLAIMED, json_string_or(share, "/nowhere"));
        DIR *folder = opendir(path);
        const struct dirent *entry;
        while (folder && (entry = readdir(folder)))
            recover_claim(claims, json_string_or(share, ""), entry->d_name);
        if (folder)
            closedir(folder);
    }
}

// ---- its life

struct trigger_claims *trigger_claims_new(struct schedules *schedules, void (*room)(void *owner), void *owner)
{
    struct trigger_claims *claims = xcalloc(1, sizeof *claims);
    *claims = (struct trigger_claims){.schedules = schedules, .room = room, .owner = owner};
    name_host(claims->host, schedules->host);
    return claims;
}

void trigger_claims_free(struct trigger_claims *claims)
{
    xfree(claims);
}
