// See hook.h. A secret signs for one webhook only: its origin names it ("hook:NAME"), so that what signs an alert or
// another webhook is no use here.
#include "gateway/hook.h"

#include "lib/base/log.h"
#include "lib/seal/signature.h"

#include <stdio.h>

static void forget(struct gateway *gateway)
{
    struct credential *credential = STEAL(gateway->hook_secret);
    if (credential)
        xfree(credential->box);
    xfree(credential);
}

bool hook_take_secret(struct gateway *gateway, struct frame *frame, struct err *err)
{
    struct message_HOOK_SECRET message;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    forget(gateway);
    struct credential *credential = xcalloc(1, sizeof *credential);
    *credential = (struct credential){.run = message.check,
                                      .version = message.version,
                                      .box = xstrndup(message.box.data, message.box.length),
                                      .box_length = message.box.length};
    snprintf(credential->name, sizeof credential->name, "%.*s", (int)message.name.length, message.name.data);
    gateway->hook_secret = credential;
    return true;
}

static bool is_good(const struct gateway *gateway, const struct message_HOOK_CHECK *check)
{
    const struct credential *credential = gateway->hook_secret;
    struct err err;
    SCOPED(secret)
    secret = NULL;
    if (!credential || credential->run != check->check ||
        !secret_open(&secret, gateway->key, text_of(credential->box, credential->box_length),
                     credential->name, credential->version, &err))
        return false;
    SCOPED_TEXT char *wanted = xasprintf("hook:%.*s", (int)check->hook.length, check->hook.data);
    if (secret->kind != SECRET_SIGNATURE || strcmp(secret->origin_text, wanted) != 0) {
        log_error("hook.secret", "hook=%s secret=%s reason=\"its kind is signature, its origin hook:NAME\"",
                  wanted + 5, credential->name);
        return false;
    }
    return signature_is(secret->value, check->timestamp, check->body, check->signature);
}

bool hook_check(struct gateway *gateway, struct frame *frame, struct err *err)
{
    struct message_HOOK_CHECK check;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &check, frame, err))
        return false;
    const bool good = is_good(gateway, &check);
    forget(gateway);
    return channel_send(gateway->host, MESSAGE_OF(HOOK_CHECKED, .check = check.check, .good = good))
               ? true
               : fail(err, ERR_FRAME_ENCODE, "HOOK_CHECKED", "check");
}
