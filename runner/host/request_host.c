// Requests about the hosts that share the store: list, drain. In the host.
#include "host/hosts.h"
#include "host/requests.h"
#include "host/turn.h"

bool request_hosts_list(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    (void)body, (void)frame;
    json_begin_object(&writer);
    if (!hosts_write(host, &writer, err))
        return false;
    json_end_object(&writer);
    return answer_written(answer, &writer, "hosts", err);
}

bool request_hosts_drain(struct host *host, struct answer *answer, const struct json *body,
                         struct frame *frame, struct err *err)
{
    const char *which;
    (void)frame;
    if (!body_text(&which, body, "host", err) ||
        !hosts_drain(host, which, !body_flag(body, "undo"), body_actor(body), err))
        return false;
    turn_after(host, answer_stored, answer);
    return true;
}
