// Requests about alerts. In the host.
#include "host/requests.h"

enum { MOST_ALERTS = 1000 };

bool request_alert_list(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    int64_t most;
    (void)frame;
    if (!body_integer(&most, body, "most", err))
        return false;
    json_begin_object(&writer);
    json_write_key(&writer, "alerts");
    if (!store_view(host->store, &writer, STORE_ALERTS, most < MOST_ALERTS ? most : MOST_ALERTS, err))
        return false;
    json_end_object(&writer);
    return answer_written(answer, &writer, "alerts", err);
}
