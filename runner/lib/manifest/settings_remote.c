// The git remote of the settings; see manifest.h and docs/reference/sync.md.
#include "lib/manifest/schema.h"

enum { REMOTE_EVERY_MS = 60 * 1000, REMOTE_LEAST_MS = 1000 };

// What stands before the path, without a user before an @; NULL when there is no server in it.
static const char *remote_server(const char *url)
{
    const char *at = strstr(url, "://");
    return at && strncmp(url, "file://", 7) != 0 ? at + 3 : NULL;
}

// A password has no place in an address; nor has a user in one of https, for the login has it.
static bool has_wrong_user(const char *url, const char *server)
{
    const size_t length = strcspn(server, "/");
    const char *at = memchr(server, '@', length);
    return at && (url[0] == 'h' || memchr(server, ':', (size_t)(at - server)));
}

static const char *wrong_remote(const struct json *remote)
{
    const char *url = json_string_or(json_get(remote, "url"), "");
    const char *server = remote_server(url);
    const bool ssh = strncmp(url, "ssh://", 6) == 0, https = strncmp(url, "https://", 8) == 0;
    bool push = false;
    (void)json_boolean(json_get(remote, "push"), &push);
    if (!ssh && !https && url[0] != '/' && strncmp(url, "file:///", 8) != 0)
        return "neither https:// nor ssh:// nor a full path";
    if (server && (has_wrong_user(url, server) || !server[0] || server[0] == '/'))
        return "no user or password belongs into the address";
    if (ssh && (json_count(json_get(remote, "host_keys")) == 0 || !json_get(remote, "login")))
        return "ssh needs host_keys and a login of the kind ssh_key";
    if (!ssh && !https && (push || json_get(remote, "login")))
        return "a folder is only fetched from, and needs no login";
    const char *ca = json_string_or(json_get(remote, "ca"), "/");
    return ca[0] == '/' ? NULL : "ca is a full path";
}

void settings_check_remote(const struct json *remote, struct problems *problems)
{
    const char *wrong = remote ? wrong_remote(remote) : NULL;
    if (wrong)
        fail(problems_add(problems), ERR_SETTINGS_REMOTE, "remote", wrong);
}

void settings_read_remote(struct settings *settings, const struct json *remote)
{
    struct text text;
    settings->remote = json_string_or(json_get(remote, "url"), NULL);
    settings->remote_login = json_string_or(json_get(remote, "login"), NULL);
    settings->remote_ca = json_string_or(json_get(remote, "ca"), NULL);
    settings->remote_webhook = json_string_or(json_get(remote, "webhook"), NULL);
    settings->remote_host_keys = json_get(remote, "host_keys");
    (void)json_boolean(json_get(remote, "push"), &settings->remote_push);
    settings->remote_branch = json_string_or(json_get(remote, "branch"), "main");
    if (!json_text(json_get(remote, "every"), &text) ||
        !duration_from_text(text, &settings->remote_every_ms) || settings->remote_every_ms < REMOTE_LEAST_MS)
        settings->remote_every_ms = REMOTE_EVERY_MS;
}
