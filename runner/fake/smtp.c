// See fake.h. Just enough of RFC 5321 to take every mail; nothing is sent on. A mail is a file with the envelope in
// two head lines of its own (X-Envelope-From, X-Envelope-To) above the message as it came.
#include "fake/fake.h"

#include "lib/base/file.h"

#include <netinet/in.h>
#include <stdio.h>

enum { SMTP_LINE_MAX = 4096, SMTP_SESSIONS_MAX = 50 };

struct smtp_listener {
    uv_tcp_t tcp;
    int folder, sessions;
    unsigned mails;
};

struct session {
    uv_tcp_t tcp;
    struct smtp_listener *listener;
    struct buf in, envelope, message;
    bool data, quitting;
};

struct answer {
    uv_write_t write;
    char text[];
};

static void on_session_closed(uv_handle_t *handle)
{
    struct session *session = handle->data;
    session->listener->sessions--;
    buf_dispose(&session->in);
    buf_dispose(&session->envelope);
    buf_dispose(&session->message);
    xfree(session);
}

static void end(struct session *session)
{
    if (!uv_is_closing((uv_handle_t *)&session->tcp))
        uv_close((uv_handle_t *)&session->tcp, on_session_closed);
}

static void on_written(uv_write_t *write, int status)
{
    struct session *session = write->handle->data;
    const bool quitting = session->quitting;
    xfree(write->data);
    if (status < 0 || quitting)
        end(session);
}

static void say(struct session *session, const char *text)
{
    const size_t length = strlen(text);
    struct answer *answer = xmalloc(sizeof *answer + length);
    memcpy(answer->text, text, length);
    answer->write.data = answer;
    const uv_buf_t part = uv_buf_init(answer->text, (unsigned)length);
    if (uv_write(&answer->write, (uv_stream_t *)&session->tcp, &part, 1, on_written) < 0)
        xfree(answer);
}

static bool keep(struct session *session)
{
    struct smtp_listener *listener = session->listener;
    char name[32];
    snprintf(name, sizeof name, "%04u.eml", ++listener->mails);
    SCOPED_BUF(whole, FAKE_MAIL_MAX + 65536);
    struct err err;
    return buf_append_text(&whole, buf_text(&session->envelope)) &&
           buf_append_text(&whole, buf_text(&session->message)) &&
           file_write(listener->folder, name, buf_text(&whole), 0644, &err);
}

static void reset(struct session *session)
{
    buf_clear(&session->envelope);
    buf_clear(&session->message);
    session->data = false;
}

static void data_line(struct session *session, struct text line)
{
    if (text_is(line, ".")) {
        say(session, keep(session) ? "250 2.0.0 kept\r\n" : "452 4.3.1 can't keep it\r\n");
        reset(session);
        return;
    }
    if (line.length && line.data[0] == '.') // RFC 5321 4.5.2: a leading dot was doubled
        line = text_of(line.data + 1, line.length - 1);
    if (!buf_append_text(&session->message, line) || !buf_append_string(&session->message, "\n")) {
        say(session, "552 5.3.4 too large\r\n");
        end(session);
    }
}

static bool command_is(struct text line, const char *command)
{
    const size_t length = strlen(command);
    return line.length >= length && text_equal_ascii_case(text_of(line.data, length), text_from(command));
}

// The address between < and >.
static bool envelope(struct session *session, const char *head, struct text line)
{
    const ptrdiff_t open = text_find(line, '<'), close = text_find(line, '>');
    return open >= 0 && close > open &&
           buf_printf(&session->envelope, "%s: %.*s\n", head, (int)(close - open - 1), line.data + open + 1);
}

static void command(struct session *session, struct text line)
{
    if (command_is(line, "EHLO"))
        say(session, "250-fake\r\n250-8BITMIME\r\n250 SIZE 31457280\r\n");
    else if (command_is(line, "HELO") || command_is(line, "NOOP"))
        say(session, "250 2.0.0 ok\r\n");
    else if (command_is(line, "MAIL FROM:")) {
        reset(session);
        say(session,
            envelope(session, "X-Envelope-From", line) ? "250 2.1.0 ok\r\n" : "501 5.1.7 which address?\r\n");
    } else if (command_is(line, "RCPT TO:"))
        say(session,
            envelope(session, "X-Envelope-To", line) ? "250 2.1.5 ok\r\n" : "501 5.1.3 which address?\r\n");
    else if (command_is(line, "RSET")) {
        reset(session);
        say(session, "250 2.0.0 ok\r\n");
    } else if (command_is(line, "DATA")) {
        session->data = session->envelope.length > 0;
        say(session, session->data ? "354 go on, end with a dot\r\n" : "503 5.5.1 MAIL FROM first\r\n");
    } else if (command_is(line, "QUIT")) {
        session->quitting = true;
        say(session, "221 2.0.0 bye\r\n");
    } else
        say(session, "500 5.5.2 unknown command\r\n");
}

static void lines(struct session *session)
{
    size_t used = 0;
    while (!uv_is_closing((uv_handle_t *)&session->tcp)) {
        struct text rest = text_of(session->in.data + used, session->in.length - used);
        const ptrdiff_t end_of_line = text_find(rest, '\n');
        if (end_of_line < 0)
            break;
        used += (size_t)end_of_line + 1;
        struct text line = text_of(rest.data, (size_t)end_of_line);
        if (line.length && line.data[line.length - 1] == '\r')
            line.length--;
        if (session->data)
            data_line(session, line);
        else
            command(session, line);
    }
    buf_consume(&session->in, used);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    (void)suggested;
    struct session *session = handle->data;
    char *room = buf_reserve(&session->in, SMTP_LINE_MAX);
    *out = uv_buf_init(room, room ? SMTP_LINE_MAX : 0);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *part)
{
    (void)part;
    struct session *session = stream->data;
    if (got < 0) {
        end(session);
        return;
    }
    session->in.length += (size_t)got;
    lines(session);
}

static void on_connection(uv_stream_t *server, int status)
{
    struct smtp_listener *listener = server->data;
    if (status < 0)
        return;
    struct session *session = xcalloc(1, sizeof *session);
    session->listener = listener;
    session->in = buf_new(64 * SMTP_LINE_MAX);
    session->envelope = buf_new(65536);
    session->message = buf_new(FAKE_MAIL_MAX);
    uv_tcp_init(server->loop, &session->tcp);
    session->tcp.data = session;
    listener->sessions++;
    if (uv_accept(server, (uv_stream_t *)&session->tcp) < 0 || listener->sessions > SMTP_SESSIONS_MAX) {
        end(session);
        return;
    }
    uv_read_start((uv_stream_t *)&session->tcp, on_room, on_read);
    say(session, "220 fake mail catcher\r\n");
}

bool smtp_listen(struct smtp_listener **out, uv_loop_t *loop, int port, int folder, struct err *err)
{
    struct smtp_listener *listener = xcalloc(1, sizeof *listener);
    listener->folder = folder;
    struct sockaddr_in address;
    uv_ip4_addr("127.0.0.1", port, &address);
    uv_tcp_init(loop, &listener->tcp);
    listener->tcp.data = listener;
    int result = uv_tcp_bind(&listener->tcp, (const struct sockaddr *)&address, 0);
    if (result == 0)
        result = uv_listen((uv_stream_t *)&listener->tcp, 16, on_connection);
    if (result < 0) // the loop may hold the handle: the process ends with this error anyway
        return fail(err, ERR_FAKE_LISTEN, "mail", N(port), uv_strerror(result));
    *out = listener;
    return true;
}

int smtp_port(const struct smtp_listener *listener)
{
    struct sockaddr_in address;
    int size = sizeof address;
    uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&address, &size);
    return ntohs(address.sin_port);
}
