// See record.h.
#include "gateway/record.h"

#include "gateway/call.h"
#include "lib/base/base64.h"

enum { RECORD_PART = 512 << 10, RECORD_MAX = 24 << 20 };

struct exchange *exchange_new(void)
{
    struct exchange *exchange = xcalloc(1, sizeof *exchange);
    exchange->sent = buf_new(EXCHANGE_BODY_MAX);
    exchange->received = buf_new(EXCHANGE_BODY_MAX);
    exchange->sent_headers = buf_new(EXCHANGE_HEADERS_MAX);
    exchange->received_headers = buf_new(EXCHANGE_HEADERS_MAX);
    return exchange;
}

void exchange_free(struct exchange *exchange)
{
    if (!exchange)
        return;
    buf_dispose(&exchange->sent);
    buf_dispose(&exchange->received);
    buf_dispose(&exchange->sent_headers);
    buf_dispose(&exchange->received_headers);
    xfree(exchange->url);
    xfree(exchange);
}

static void keep(struct exchange *exchange, struct buf *body, struct text part)
{
    const size_t room = EXCHANGE_BODY_MAX - body->length;
    const size_t most = part.length < room ? part.length : room;
    exchange->cut = exchange->cut || most < part.length || !buf_append(body, part.data, most);
}

void exchange_sent(struct exchange *exchange, struct text part)
{
    keep(exchange, &exchange->sent, part);
}

void exchange_received(struct exchange *exchange, struct text part)
{
    keep(exchange, &exchange->received, part);
}

bool record_may_show(struct text header, const char *own)
{
    static const char *const hidden[] = {"authorization", "cookie",           "set-cookie",
                                         "set-cookie2",   "www-authenticate", "authentication-info"};
    for (size_t i = 0; i < COUNT_OF(hidden); i++)
        if (text_equal_ascii_case(header, text_from(hidden[i])))
            return false;
    if (own && text_equal_ascii_case(header, text_from(own)))
        return false;
    return !(header.length > 6 && text_equal_ascii_case(text_of(header.data, 6), TEXT_OF("proxy-")));
}

static void write_body(struct json_writer *writer, const struct buf *body)
{
    const struct text text = buf_text(body);
    json_write_key(writer, "body");
    if (text_is_utf8(text)) {
        json_write_text(writer, text);
        return;
    }
    SCOPED_BUF(encoded, 2 * EXCHANGE_BODY_MAX);
    require(base64_append(&encoded, text, BASE64_PLAIN));
    json_write_text(writer, buf_text(&encoded));
    json_write_key(writer, "base64");
    json_write_boolean(writer, true);
}

static void write_headers(struct json_writer *writer, const struct buf *headers)
{
    SCOPED(json_document)
    document = NULL;
    struct err err;
    json_write_key(writer, "headers");
    if (headers->length && json_parse(&document, buf_text(headers), &err))
        json_write_value(writer, json_root(document));
    else {
        json_begin_array(writer);
        json_end_array(writer);
    }
}

static void write_exchange(struct json_writer *writer, const struct call *call)
{
    const struct exchange *exchange = call->exchange;
    json_begin_object(writer);
    json_write_key(writer, "call");
    json_write_integer(writer, call->number);
    json_write_key(writer, "kind");
    json_write_string(writer, call->adapter->kind);
    json_write_key(writer, "method");
    json_write_string(writer, call->method);
    json_write_key(writer, "url");
    json_write_string(writer, exchange->url ? exchange->url : "");
    json_write_key(writer, "login");
    json_write_string(writer, call->login);
    json_write_key(writer, "request");
    json_begin_object(writer);
    write_headers(writer, &exchange->sent_headers);
    write_body(writer, &exchange->sent);
    json_end_object(writer);
    json_write_key(writer, "status");
    json_write_integer(writer, call->status);
    write_headers(writer, &exchange->received_headers);
    write_body(writer, &exchange->received);
    json_write_key(writer, "cut");
    json_write_boolean(writer, exchange->cut);
    json_end_object(writer);
}

void record_send(struct call *call)
{
    SCOPED_BUF(written, RECORD_MAX);
    struct json_writer writer = json_writer_new(&written);
    write_exchange(&writer, call);
    if (!check(json_writer_done(&writer)))
        return;
    struct text rest = buf_text(&written);
    while (rest.length) {
        const size_t most = rest.length < RECORD_PART ? rest.length : RECORD_PART;
        if (!channel_send(call->run->gateway->host,
                          MESSAGE_OF(RECORDING, .run = call->run->id, .last = most == rest.length,
                                     .part = text_of(rest.data, most))))
            return;
        rest = text_of(rest.data + most, rest.length - most);
    }
}
