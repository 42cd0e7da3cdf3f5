// Connecting: the login, the server's key, its certificate. Nothing is trusted because it was seen before.
#include "sync/sync.h"

#include "lib/base/base64.h"
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ATTEMPTS_MAX = 2, KEY_TEXT_MAX = 8192, KNOWN_HOSTS_MAX = 65536 }; // git asks for the user's name first

// ---- the login

bool login_read(struct login *login, int fd)
{
    char *text = xcalloc(1, SYNC_SECRET_MAX + 1);
    size_t length = 0;
    for (ssize_t got = 1; got > 0 && length < SYNC_SECRET_MAX;) {
        got = read(fd, text + length, SYNC_SECRET_MAX - length);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            length += (size_t)got;
    }
    char *user = memchr(text, '\n', length);
    char *value = user ? memchr(user + 1, '\n', length - (size_t)(user + 1 - text)) : NULL;
    *login = (struct login){.text = text, .size = SYNC_SECRET_MAX + 1};
    if (!value)
        return false;
    *user = *value = '\0';
    login->kind = text;
    login->username = user + 1;
    login->value = value + 1;
    if (strcmp(text, "ssh_key") == 0 && length < SYNC_SECRET_MAX)
        text[length] = '\n'; // libssh2 wants the last line ended
    return true;
}

void login_dispose(struct login *login)
{
    if (login->text)
        memory_wipe(login->text, login->size);
    xfree(login->text);
    *login = (struct login){0};
}

static bool is_kind(const struct syncing *syncing, const char *kind)
{
    return syncing->login.kind && strcmp(syncing->login.kind, kind) == 0;
}

static int refuse_login(struct syncing *syncing)
{
    (void)fail(&syncing->why, ERR_SYNC_LOGIN, syncing->url, syncing->login_name);
    return GIT_EAUTH;
}

static int on_credential(git_credential **out, const char *url, const char *user, unsigned allowed,
                         void *payload)
{
    struct syncing *syncing = payload;
    const struct login *login = &syncing->login;
    (void)url, (void)user;
    if (!login->kind || ++syncing->attempts > ATTEMPTS_MAX)
        return refuse_login(syncing);
    if ((allowed & GIT_CREDENTIAL_USERNAME) && is_kind(syncing, "ssh_key"))
        return git_credential_username_new(out, login->username);
    if ((allowed & GIT_CREDENTIAL_SSH_MEMORY) && is_kind(syncing, "ssh_key"))
        return git_credential_ssh_key_memory_new(out, login->username, NULL, login->value, NULL);
    if ((allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) && is_kind(syncing, "basic"))
        return git_credential_userpass_plaintext_new(out, login->username, login->value);
    return refuse_login(syncing);
}

git_strarray remote_headers(const struct syncing *syncing)
{
    git_strarray headers = {0};
    if (!is_kind(syncing, "bearer") || strncmp(syncing->url, "https://", 8) != 0)
        return headers;
    headers.strings = xcalloc(1, sizeof *headers.strings);
    headers.strings[headers.count++] = xasprintf("Authorization: Bearer %s", syncing->login.value);
    return headers;
}

void remote_headers_dispose(git_strarray *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        memory_wipe(headers->strings[i], strlen(headers->strings[i]));
        xfree(headers->strings[i]);
    }
    xfree(headers->strings);
    *headers = (git_strarray){0};
}

// ---- the server

// "ssh-ed25519 AAAA… [comment]": whether its second word is this key.
static bool names_key(const char *line, struct text key)
{
    const size_t kind = strcspn(line, " ");
    const char *second = line + kind + (line[kind] ? 1 : 0);
    return strcspn(second, " ") == key.length && strncmp(second, key.data, key.length) == 0;
}

static int check_host_key(struct syncing *syncing, const git_cert_hostkey *cert, const char *host)
{
    SCOPED_BUF(key, KEY_TEXT_MAX);
    if (!(cert->type & GIT_CERT_SSH_RAW) ||
        !base64_append(&key, text_of(cert->hostkey, cert->hostkey_len), BASE64_PLAIN))
        return GIT_ECERTIFICATE;
    for (const struct json *line = json_first(syncing->host_keys); line; line = json_next(line))
        if (names_key(json_string_or(line, ""), buf_text(&key)))
            return 0;
    SCOPED_TEXT char *shown = text_copy(buf_text(&key));
    (void)fail(&syncing->why, ERR_SYNC_HOST_KEY, host, shown);
    return GIT_ECERTIFICATE;
}

static int on_certificate(git_cert *cert, int valid, const char *host, void *payload)
{
    struct syncing *syncing = payload;
    if (cert->cert_type == GIT_CERT_HOSTKEY_LIBSSH2)
        return check_host_key(syncing, (const git_cert_hostkey *)cert, host);
    if (valid)
        return 0;
    (void)fail(&syncing->why, ERR_SYNC_CERTIFICATE, host);
    return GIT_ECERTIFICATE;
}

static int on_progress(const git_indexer_progress *progress, void *payload)
{
    struct syncing *syncing = payload;
    if (progress->total_objects <= SYNC_OBJECTS_MAX && progress->received_bytes <= SYNC_PACK_BYTES_MAX)
        return 0;
    (void)fail(&syncing->why, ERR_SYNC_REFUSED, syncing->url, "it is too large");
    return -1;
}

void remote_callbacks(git_remote_callbacks *out, struct syncing *syncing)
{
    out->credentials = on_credential;
    out->certificate_check = on_certificate;
    out->transfer_progress = on_progress;
    out->payload = syncing;
}

// ---- what libraries look for by name

// "host" of ssh://user@host:port/path.
static char *server_name(const char *url)
{
    const char *server = url + strlen("ssh://"), *at = memchr(server, '@', strcspn(server, "/"));
    server = at ? at + 1 : server;
    return xstrndup(server, strcspn(server, ":/"));
}

static bool write_known_hosts(const struct syncing *syncing, struct err *err)
{
    SCOPED_BUF(lines, KNOWN_HOSTS_MAX);
    SCOPED_TEXT char *host = server_name(syncing->url);
    SCOPED_TEXT char *folder = xasprintf("%s/home/.ssh", syncing->quarantine);
    SCOPED_TEXT char *path = xasprintf("%s/known_hosts", folder);
    for (const struct json *key = json_first(syncing->host_keys); key; key = json_next(key)) {
        SCOPED_TEXT char *line = xasprintf("%s %s\n", host, json_string_or(key, ""));
        if (!buf_append_text(&lines, text_from(line)))
            return fail(err, ERR_LIMIT_PASSED, "remote.host_keys", N(KNOWN_HOSTS_MAX));
    }
    return file_make_folder(folder, err) && file_write(AT_FDCWD, path, buf_text(&lines), 0600, err);
}

bool remote_prepare(const struct syncing *syncing, struct err *err)
{
    SCOPED_TEXT char *home = xasprintf("%s/home", syncing->quarantine);
    // libssh2 and libgit2 look below it; nothing but the keys of the settings is there.
    if (!file_make_folder(home, err) || setenv("HOME", home, 1) != 0)
        return false;
    if (syncing->ca[0] && git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, syncing->ca, NULL) != 0)
        return fail(err, ERR_FILE_UNREADABLE, syncing->ca, "no certificate");
    return strncmp(syncing->url, "ssh://", 6) != 0 || write_known_hosts(syncing, err);
}
