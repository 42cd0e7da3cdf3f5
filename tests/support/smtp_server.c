// See smtp_server.h.
#include "support/smtp_server.h"

#include "lib/base/buf.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct smtp_server {
    int listener, port;
    pthread_t thread;
    pthread_mutex_t lock;
    struct buf heard;
};

static void say(FILE *stream, const char *words)
{
    fputs(words, stream);
    fputs("\r\n", stream);
    fflush(stream);
}

static void hear(struct smtp_server *server, const char *line)
{
    pthread_mutex_lock(&server->lock);
    require(buf_append_string(&server->heard, line));
    pthread_mutex_unlock(&server->lock);
}

static bool starts(const char *line, const char *word)
{
    return text_equal_ascii_case(text_of(line, strnlen(line, strlen(word))), text_from(word));
}

static void take_mail(struct smtp_server *server, FILE *stream, char *line, int size)
{
    say(stream, "354 go on");
    while (fgets(line, size, stream) && strcmp(line, ".\r\n") != 0)
        hear(server, line);
    say(stream, "250 taken");
}

static void talk(struct smtp_server *server, int fd)
{
    static char line[1 << 20];
    FILE *stream = fdopen(fd, "r+");
    require(stream);
    say(stream, "220 catcher");
    while (fgets(line, sizeof line, stream)) {
        hear(server, line);
        if (starts(line, "EHLO"))
            say(stream, "250-catcher\r\n250 SIZE 100000000");
        else if (starts(line, "RCPT TO:<nobody"))
            say(stream, "550 no such mailbox");
        else if (starts(line, "DATA"))
            take_mail(server, stream, line, sizeof line);
        else if (starts(line, "QUIT")) {
            say(stream, "221 bye");
            break;
        } else
            say(stream, "250 good");
    }
    fclose(stream);
}

static void *serve(void *argument)
{
    struct smtp_server *server = argument;
    for (;;) {
        const int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return NULL;
        const struct timeval most = {.tv_sec = 20};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
        talk(server, fd);
    }
}

struct smtp_server *smtp_server_start(void)
{
    struct smtp_server *server = xcalloc(1, sizeof *server);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    server->heard = buf_new(64 << 20);
    pthread_mutex_init(&server->lock, NULL);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    require(bind(server->listener, (struct sockaddr *)&address, sizeof address) == 0);
    require(listen(server->listener, 20) == 0);
    require(getsockname(server->listener, (struct sockaddr *)&address, &size) == 0);
    server->port = ntohs(address.sin_port);
    require(pthread_create(&server->thread, NULL, serve, server) == 0);
    return server;
}

// Its clients must have gone.
void smtp_server_stop(struct smtp_server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    buf_dispose(&server->heard);
    xfree(server);
}

int smtp_server_port(const struct smtp_server *server)
{
    return server->port;
}

char *smtp_server_heard(struct smtp_server *server)
{
    pthread_mutex_lock(&server->lock);
    char *copy = xstrndup(buf_text(&server->heard).data, server->heard.length);
    pthread_mutex_unlock(&server->lock);
    return copy;
}
