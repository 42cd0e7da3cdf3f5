// See alert_message.h.
#include "host/alert_message.h"

#include "lib/base/base64.h"
#include "lib/base/clock.h"

#include <stdio.h>

enum { TEXT_MAX = 100000, LIST_MAX = 200000, LISTED_MOST = 50, SUBJECT_MAX = 300, MAIL_MAX = 200000 };

#define BOUNDARY "=_renki_alert"
const char alert_mail_type[] = "multipart/mixed; boundary=\"" BOUNDARY "\"";

void alert_message_begin(struct alert_message *message, struct host *host)
{
    const struct json *webhook = json_get(host->settings->alerts, "webhook");
    *message = (struct alert_message){.host = host,
                                      .text = buf_new(TEXT_MAX),
                                      .list = buf_new(LIST_MAX),
                                      .mail = buf_new(MAIL_MAX),
                                      .json = buf_new(LIST_MAX + 4096),
                                      .url = json_string_or(json_get(webhook, "url"), NULL),
                                      .secret = json_string_or(json_get(webhook, "secret"), NULL)};
    message->writer = json_writer_new(&message->list);
    json_begin_array(&message->writer);
}

static void write_alert(struct json_writer *writer, const struct alert_row *alert)
{
    json_begin_object(writer);
    json_write_key(writer, "id");
    json_write_integer(writer, alert->id);
    json_write_key(writer, "kind");
    json_write_text(writer, alert->kind);
    json_write_key(writer, "run");
    json_write_integer(writer, alert->run);
    json_write_key(writer, "subject");
    json_write_text(writer, alert->subject);
    json_write_key(writer, "title");
    json_write_text(writer, alert->title);
    json_write_key(writer, "hint");
    json_write_text(writer, alert->hint);
    json_write_key(writer, "created_ms");
    json_write_integer(writer, alert->created_ms);
    json_end_object(writer);
}

// Only the first ones are written out; all are counted.
void alert_message_add(struct alert_message *message, const struct alert_row *alert)
{
    char when[CLOCK_TEXT_SIZE];
    if (message->count++ == 0)
        snprintf(message->first, sizeof message->first, "%.*s",
                 (int)text_utf8_floor(alert->title, sizeof message->first - 1), alert->title.data);
    if (message->count > LISTED_MOST)
        return;
    write_alert(&message->writer, alert);
    message->cut =
        !buf_printf(&message->text, "%s\n%.*s\n%.*s\n\n", clock_text(when, alert->created_ms),
                    (int)alert->title.length, alert->title.data, (int)alert->hint.length, alert->hint.data) ||
        message->cut;
}

static void write_subject(struct alert_message *message)
{
    SCOPED_BUF(subject, SUBJECT_MAX);
    const enum language language = message->host->settings->language;
    const struct text title = text_from(message->first);
    require(buf_append_string(&subject, "renki: "));
    if (message->count > 1)
        require(phrase_append(&subject, language, PHRASE_ALERT_DIGEST, N(message->count)));
    else
        require(buf_append_text(&subject,
                                text_of(title.data, text_utf8_floor(title, SUBJECT_MAX - subject.length))));
    for (size_t i = 0; i < subject.length; i++)
        if ((unsigned char)subject.data[i] < ' ')
            subject.data[i] = ' '; // one line
    message->subject = buf_steal(&subject);
}

static void write_recipients(struct alert_message *message)
{
    SCOPED_BUF(recipients, LIST_MAX);
    struct json_writer writer = json_writer_new(&recipients);
    json_write_value(&writer, json_get(json_get(message->host->settings->alerts, "mail"), "to"));
    message->recipients = buf_steal(&recipients);
}

// One part, in Base64: whatever stands in a title, the lines are the mail's own.
static void write_mail(struct alert_message *message)
{
    const enum language language = message->host->settings->language;
    if (message->count > LISTED_MOST || message->cut)
        phrase_append(&message->text, language, PHRASE_ALERT_MORE);
    phrase_append(&message->text, language, PHRASE_ALERT_FOOT, message->host->folder);
    require(buf_append_string(&message->mail, "--" BOUNDARY "\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                              "Content-Transfer-Encoding: base64\r\n\r\n") &&
            base64_append(&message->mail, buf_text(&message->text), BASE64_LINES) &&
            buf_append_string(&message->mail, "--" BOUNDARY "--\r\n"));
}

static void write_json(struct alert_message *message)
{
    struct json_writer writer = json_writer_new(&message->json);
    SCOPED(json_document)
    list = NULL;
    struct err ignored;
    json_end_array(&message->writer);
    json_begin_object(&writer);
    json_write_key(&writer, "workspace");
    json_write_string(&writer, message->host->folder);
    json_write_key(&writer, "count");
    json_write_integer(&writer, message->count);
    json_write_key(&writer, "alerts");
    if (json_writer_done(&message->writer) && json_parse(&list, buf_text(&message->list), &ignored))
        json_write_value(&writer, json_root(list));
    else
        json_write_null(&writer); // too long: the number tells that there are some
    json_end_object(&writer);
    require(json_writer_done(&writer));
}

void alert_message_end(struct alert_message *message)
{
    write_subject(message);
    write_recipients(message);
    write_mail(message);
    write_json(message);
}

void alert_message_dispose(struct alert_message *message)
{
    buf_dispose(&message->text);
    buf_dispose(&message->list);
    buf_dispose(&message->mail);
    buf_dispose(&message->json);
    xfree(message->recipients);
    xfree(message->subject);
    *message = (struct alert_message){0};
}

bool alert_message_permits(struct buf *out, const struct json *settings)
{
    struct json_writer writer = json_writer_new(out);
    const struct json *webhook = json_get(settings, "webhook"), *mail = json_get(settings, "mail");
    json_begin_object(&writer);
    if (webhook) {
        json_write_key(&writer, "http");
        json_begin_array(&writer);
        json_begin_object(&writer);
        json_write_key(&writer, "1");
        json_write_string(&writer, "POST");
        json_write_key(&writer, "2");
        json_write_value(&writer, json_get(webhook, "url"));
        if (json_get(webhook, "secret")) {
            json_write_key(&writer, "login");
            json_write_value(&writer, json_get(webhook, "secret"));
        }
        json_end_object(&writer);
        json_end_array(&writer);
    }
    if (mail) {
        json_write_key(&writer, "mail");
        json_begin_object(&writer);
        json_write_key(&writer, "to");
        json_write_value(&writer, json_get(mail, "to"));
        json_end_object(&writer);
    }
    json_end_object(&writer);
    return json_writer_done(&writer);
}
