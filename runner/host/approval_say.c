// What a person says of a content becomes a signed tag: by the host's key, or by one of the person's own. In the host.
#include "host/approval_own.h"

#include "host/turn.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/sshsig/signer.h"

enum { SIGNED_AGO_MAX_MS = 15 * 60 * 1000 };

bool approvals_payload(struct buf *out, const struct host *host, const struct approval_said *said,
                       bool by_host)
{
    const bool other = by_host && strcmp(said->person->login, host->account) != 0;
    const struct approval_words words = {.tree = said->tree,
                                         .robot = said->robot,
                                         .person = said->person->login,
                                         .name = said->person->name,
                                         .email = said->person->email,
                                         .account = other ? host->account : NULL,
                                         .why = said->why,
                                         .rejects = said->why != NULL,
                                         .time_ms = clock_realtime_ms()};
    return approval_payload(out, &words);
}

static bool audit(struct host *host, const struct approval_said *said, const char *tag, const char *account,
                  struct err *err)
{
    SCOPED_BUF(content, 4096);
    struct json_writer writer = json_writer_new(&content);
    const struct {
        const char *key, *value;
    } texts[] = {{"robot", said->robot},
                 {"tree", said->tree},
                 {"person", said->person->login},
                 {"tag", tag},
                 {account ? "account" : "signed", account ? account : "by the person"},
                 {"why", said->why}};
    json_begin_object(&writer);
    for (size_t i = 0; i < COUNT_OF(texts) - (said->why ? 0 : 1); i++) {
        json_write_key(&writer, texts[i].key);
        json_write_string(&writer, texts[i].value);
    }
    json_end_object(&writer);
    require(json_writer_done(&writer));
    return store_audit(host->store, said->person->login, said->why ? "robot.rejected" : "robot.approved", 0,
                       buf_text(&content), err);
}

static bool add(struct host *host, char tag[REPO_ID_SIZE], const struct approval_said *said,
                struct text object, const char *account, struct err *err)
{
    struct repo *repo = host_repo(host, err);
    if (!repo || !turn_begin(host, err) ||
        !repo_approval_add(repo, tag, said->tree, said->person->login, said->why != NULL, object, err))
        return false;
    approvals_forget(host);
    log_info(said->why ? "robot.rejected" : "robot.approved", "robot=%s tree=%s person=%s", said->robot,
             said->tree, said->person->login);
    if (audit(host, said, tag, account, err))
        return true;
    turn_spoil(host, err);
    return false;
}

bool approvals_sign(struct host *host, char tag[REPO_ID_SIZE], const struct approval_said *said,
                    struct err *err)
{
    SCOPED_BUF(object, APPROVAL_TAG_MAX);
    SCOPED_BUF(armor, SSHSIG_ARMOR_MAX);
    struct signer *signer;
    if (said->person->keys)
        return fail(err, ERR_APPROVAL_SIGN, said->person->login);
    if (!approvals_signer(host, &signer, err))
        return false;
    if (!approvals_payload(&object, host, said, true) ||
        !signer_sign(signer, &armor, "git", buf_text(&object)) || !buf_append_text(&object, buf_text(&armor)))
        return fail(err, ERR_LIMIT_PASSED, "approval", N(APPROVAL_TAG_MAX));
    return add(host, tag, said, buf_text(&object), host->account, err);
}

static bool is_of_now(int64_t time_ms)
{
    const int64_t now = clock_realtime_ms();
    return time_ms <= now + SIGNED_AGO_MAX_MS && time_ms >= now - SIGNED_AGO_MAX_MS;
}

bool approvals_take(struct host *host, char tag[REPO_ID_SIZE], const struct approval_said *said,
                    struct text object, struct err *err)
{
    struct approval approval;
    approval_read(&approval, object);
    SCOPED_TEXT char *begin = xasprintf("object %s\n", said->tree);
    if (object.length > APPROVAL_TAG_MAX || approval.fault != APPROVAL_GOOD || !text_starts(object, begin) ||
        approval.rejects != (said->why != NULL) || strcmp(approval.person, said->person->login) != 0 ||
        !keys_have(said->person->keys, &approval.key) || !is_of_now(approval.time_ms))
        return fail(err, ERR_APPROVAL_SIGNATURE, said->person->login);
    return add(host, tag, said, object, NULL, err);
}
