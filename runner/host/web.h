// The web process: started when the host serves and the settings say where to listen. In the host.
#ifndef RENKI_HOST_WEB_H
#define RENKI_HOST_WEB_H

#include "host/host.h"

struct web_child *web_new(struct host *host);
// The host serves from now on, or its settings have changed. When the process ends, another is started after a while, a
// longer one each time.
void web_begin(struct host *host);
void web_stop(struct host *host);
struct channel *web_channel(struct host *host); // NULL when it is not there

#endif
