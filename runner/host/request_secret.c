// Requests about secrets: the host stores sealed boxes and can't open them. In the host.
#include "host/freezes.h"
#include "host/requests.h"
#include "host/roles.h"
#include "host/turn.h"

#include <sodium.h>

enum { NAME_MAX_BYTES = 64, BOX_MAX = 65536 };

static bool is_name(const char *name)
{
    const size_t length = strlen(name);
    return length > 0 && length <= NAME_MAX_BYTES && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == length;
}

struct asking {
    struct host *host;
    struct answer *answer;
    char *name;
};

static void on_gateway(void *owner, const struct err *failed)
{
    struct asking *asking = owner;
    SCOPED_BUF(body, 4096);
    struct json_writer writer = json_writer_new(&body);
    int64_t version = 0;
    struct err err;
    if (failed)
        answer_fail(asking->answer, failed);
    else if (!store_secret_version(asking->host->store, &version, asking->name, &err))
        answer_fail(asking->answer, &err);
    else {
        json_begin_object(&writer);
        json_write_key(&writer, "public_key");
        json_write_string(&writer, roles_public_key(asking->host));
        json_write_key(&writer, "version");
        json_write_integer(&writer, version + 1);
        json_end_object(&writer);
        require(json_writer_done(&writer));
        answer_done(asking->answer, buf_text(&body));
    }
    xfree(asking->name);
    xfree(asking);
}

bool request_secret_key(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    const char *name;
    (void)frame;
    if (!body_text(&name, body, "name", err))
        return false;
    if (!is_name(name))
        return fail(err, ERR_SECRET_NAME, name);
    struct asking *asking = xcalloc(1, sizeof *asking);
    *asking = (struct asking){host, answer, xstrdup(name)};
    roles_need(host, ROLES_GATEWAY, on_gateway, asking);
    return true;
}

static bool decode_box(unsigned char *out, size_t *length, const char *base64, struct err *err)
{
    return sodium_base642bin(out, BOX_MAX, base64, strlen(base64), NULL, length, NULL,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
                   *length > crypto_box_SEALBYTES
               ? true
               : fail(err, ERR_REQUEST_MALFORMED, "box");
}

// The version is inside the box too, so it must be the one that was handed out: two people at once, one loses.
static bool put(struct host *host, const struct json *body, const char *name, const char *box,
                struct err *err)
{
    SCOPED_TEXT unsigned char *bytes = xmalloc(BOX_MAX);
    SCOPED_BUF(origin, 8192);
    struct json_writer writer = json_writer_new(&origin);
    size_t length;
    int64_t version, known;
    json_write_value(&writer, json_get(body, "origin"));
    if (!json_writer_done(&writer))
        return fail(err, ERR_REQUEST_MALFORMED, "origin");
    if (!body_integer(&version, body, "version", err) || !decode_box(bytes, &length, box, err) ||
        !turn_begin(host, err) || !store_secret_version(host->store, &known, name, err))
        return false;
    if (version != known + 1)
        return fail(err, ERR_SECRET_CHANGED, name);
    bool thawed;
    return store_secret_put(host->store, name, version, buf_text(&origin),
                            text_of((const char *)bytes, length), body_actor(body), err) &&
           freezes_thaw(host, &thawed, name, body_actor(body), err);
}

bool request_secret_set(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    const char *name, *box;
    (void)frame;
    if (!body_text(&name, body, "name", err) || !body_text(&box, body, "box", err))
        return false;
    if (!is_name(name))
        return fail(err, ERR_SECRET_NAME, name);
    if (!put(host, body, name, box, err)) {
        turn_spoil(host, err);
        return false;
    }
    turn_after(host, answer_stored, answer);
    return true;
}

bool request_secret_list(struct host *host, struct answer *answer, const struct json *body,
                         struct frame *frame, struct err *err)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    (void)body, (void)frame;
    json_begin_object(&writer);
    json_write_key(&writer, "secrets");
    if (!store_view(host->store, &writer, STORE_SECRETS, 0, err))
        return false;
    json_end_object(&writer);
    return answer_written(answer, &writer, "secrets", err);
}

bool request_secret_remove(struct host *host, struct answer *answer, const struct json *body,
                           struct frame *frame, struct err *err)
{
    const char *name;
    (void)frame;
    if (!body_text(&name, body, "name", err) || !turn_begin(host, err))
        return false;
    if (!store_secret_remove(host->store, name, body_actor(body), err)) {
        turn_spoil(host, err);
        return false;
    }
    turn_after(host, answer_stored, answer);
    return true;
}

bool request_secret_thaw(struct host *host, struct answer *answer, const struct json *body,
                         struct frame *frame, struct err *err)
{
    const char *name;
    bool thawed = false;
    (void)frame;
    if (!body_text(&name, body, "name", err) || !turn_begin(host, err))
        return false;
    if (!freezes_thaw(host, &thawed, name, body_actor(body), err)) {
        turn_spoil(host, err);
        return false;
    }
    if (!thawed)
        return fail(err, ERR_SECRET_NOT_FROZEN, name);
    turn_after(host, answer_stored, answer);
    return true;
}
