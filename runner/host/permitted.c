// See permitted.h. The permits are read when first asked for: most runs never do.
#include "host/permitted.h"

static bool need(struct session *session, struct err *err)
{
    return session->permits || permits_read(&session->permits, session->pin->manifest->permits, err);
}

bool permitted_queue(struct session *session, struct text name, enum queue_right right, struct err *err)
{
    return need(session, err) && permits_queue(session->permits, name, right, err);
}

bool permitted_robot(struct session *session, struct text name, struct err *err)
{
    return need(session, err) && permits_robot(session->permits, name, err);
}
