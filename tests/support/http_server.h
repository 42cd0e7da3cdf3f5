// A server for tests and measurements: HTTP/1.1 on loopback, plain or with a certificate of its own making, that
// answers, and misbehaves, by path. One thread a connection.
//
//   /ok                 200 "ok"                      /status/N[/WORDS]   status N, WORDS as the body
//   /bytes/N            N bytes of "x"                /echo               the request: head, empty line, body
//   /slow/MS            answers after MS              /cut                breaks off in the midst of the body
//   /endless            never stops                   /redirect/N         N hops, then /ok (302)
//   /go/STATUS?URL      to any address                /bomb               1 GB of zeros in gzip
//   /chunked            in three chunks               /latin1             "ä" as ISO-8859-1
//   /retry              503 with Retry-After once, then 200               /lines/N            N header lines
//   /basic              401 unless robot:correct horse                    /count              requests so far
//   /cookie/set         sets a cookie                 /cookie/show        the Cookie header
//   /login (POST)       a session for password=correct+horse              /private            302 to /login without it
//   /logout             forgets all sessions          /upload             the number of bytes sent
//   /page/N             a page of a list, Django style, of three          /silent             closes without a word
#ifndef RENKI_TESTS_HTTP_SERVER_H
#define RENKI_TESTS_HTTP_SERVER_H

#include <stdbool.h>

struct http_server;

struct http_server *http_server_start(bool tls);
void http_server_stop(struct http_server *server);
int http_server_port(const struct http_server *server);
// The certificate in PEM, for tests that trust it; borrowed.
const char *http_server_certificate(const struct http_server *server);
int http_server_requests(const struct http_server *server);

#endif
