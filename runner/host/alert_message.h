// What goes out for some alerts: a mail and a JSON text for a webhook. In the host.
//
// begin, add each, end; then the texts are there until dispose. One alert is told as it is; several as a list with their
// number first.
#ifndef RENKI_HOST_ALERT_MESSAGE_H
#define RENKI_HOST_ALERT_MESSAGE_H

#include "host/host.h"

extern const char alert_mail_type[]; // the content type of `mail`

struct alert_message {
    struct host *host;
    struct buf text, list; // what people read; the alerts as JSON
    struct json_writer writer;
    int64_t count;
    bool cut;                 // not all of them fitted
    char first[400];          // the first one's title
    const char *url, *secret; // of the webhook, from the settings; NULL: none
    char *recipients, *subject;
    struct buf mail, json;
};
void alert_message_begin(struct alert_message *message, struct host *host);
void alert_message_add(struct alert_message *message, const struct alert_row *alert);
void alert_message_end(struct alert_message *message);
void alert_message_dispose(struct alert_message *message);
// The permits of who sends it, from the settings; false when there are too many.
bool alert_message_permits(struct buf *out, const struct json *settings) MUST_CHECK;

#endif
