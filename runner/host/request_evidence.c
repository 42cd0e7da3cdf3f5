// Requests about evidence: made for a command line that packs it, and taken away again. In the host.
#include "host/evidence.h"
#include "host/requests.h"

bool request_evidence_make(struct host *host, struct answer *answer, const struct json *body,
                           struct frame *frame, struct err *err)
{
    int64_t run;
    (void)frame;
    return body_integer(&run, body, "run", err) &&
           evidence_make(host, answer, run, body_actor(body), body_language(body), err);
}

bool request_evidence_drop(struct host *host, struct answer *answer, const struct json *body,
                           struct frame *frame, struct err *err)
{
    const char *folder;
    (void)frame, (void)host;
    if (!body_text(&folder, body, "folder", err))
        return false;
    evidence_drop(folder);
    answer_done(answer, TEXT_OF("{}"));
    return true;
}
