// The request sync.now: fetches and pushes at once, and tells what came of it. In the host.
#include "host/requests.h"
#include "host/sync.h"

bool request_sync_now(struct host *host, struct answer *answer, const struct json *body, struct frame *frame,
                      struct err *err)
{
    (void)body, (void)frame;
    return sync_by_hand(host, answer, err);
}
