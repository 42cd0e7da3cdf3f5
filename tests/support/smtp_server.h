// A mail catcher for tests: SMTP on loopback, keeps what it got. Refuses recipients that begin with "nobody".
#ifndef RENKI_TESTS_SMTP_SERVER_H
#define RENKI_TESTS_SMTP_SERVER_H

struct smtp_server;

struct smtp_server *smtp_server_start(void);
void smtp_server_stop(struct smtp_server *server);
int smtp_server_port(const struct smtp_server *server);
// All that came so far, commands and mails as they were written; the caller frees it.
char *smtp_server_heard(struct smtp_server *server);

#endif
