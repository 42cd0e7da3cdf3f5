// See secret.h. The plaintext of a box is the public part as JSON, a version, and the value after a NUL byte: the value
// is never parsed and never copied out of locked memory.
#include "lib/seal/secret.h"

#include <sodium.h>

enum field { USERNAME = 1, HEADER = 2, FORM = 4 };

static const struct {
    const char *name;
    unsigned fields; // exactly these, besides name, kind, origin
} kinds[] = {
    [SECRET_BASIC] = {"basic", USERNAME},
    [SECRET_BEARER] = {"bearer", 0},
    [SECRET_HEADER] = {"header", HEADER},
    [SECRET_FORM] = {"form", USERNAME | FORM},
    [SECRET_CLIENT_CERTIFICATE] = {"client_certificate", 0},
    [SECRET_NTLM] = {"ntlm", USERNAME},
    [SECRET_NEGOTIATE] = {"negotiate", USERNAME},
    [SECRET_SIGNATURE] = {"signature", 0},
    [SECRET_SSH_KEY] = {"ssh_key", USERNAME},
};

static const struct {
    const char *name;
    enum field field;
} fields[] = {{"username", USERNAME}, {"header", HEADER}, {"form", FORM}};

const char *secret_kind_name(enum secret_kind kind)
{
    return kinds[kind].name;
}

static bool kind_read(enum secret_kind *out, const char *name, struct err *err)
{
    const char *names[COUNT_OF(kinds)];
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        names[i] = kinds[i].name;
        if (strcmp(name, names[i]) == 0) {
            *out = (enum secret_kind)i;
            return true;
        }
    }
    const char *nearest = text_nearest(name, names, COUNT_OF(names));
    return fail(err, ERR_SECRET_KIND, name, nearest ? nearest : names[0]);
}

static bool is_name(const char *name)
{
    const size_t length = strlen(name);
    return length >= 1 && length <= 64 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == length &&
           name[0] != '-' && name[0] != '_';
}

static bool is_one_line(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7F)
            return false;
    return true;
}

static bool is_header_name(const char *name)
{
    static const char *const refused[] = {"host", "cookie", "content-length", "transfer-encoding",
                                          "connection"};
    const size_t length = strlen(name);
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        if (text_equal_ascii_case(text_from(name), text_from(refused[i])))
            return false;
    return length >= 1 && length <= 64 &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == length;
}

static bool fields_are_known(const struct json *part, enum secret_kind kind, struct err *err)
{
    for (const struct json *member = json_first(part); member; member = json_next(member)) {
        const struct text key = json_key(member);
        bool known = text_is(key, "name") || text_is(key, "kind") || text_is(key, "origin");
        for (size_t i = 0; i < COUNT_OF(fields); i++)
            known = known || (text_is(key, fields[i].name) && (kinds[kind].fields & fields[i].field));
        if (!known) {
            SCOPED_TEXT char *written = text_copy(key);
            return fail(err, ERR_SECRET_FIELD_UNKNOWN, kinds[kind].name, written);
        }
    }
    return true;
}

// { "url": "https://…", "fields": [["user", "{username}"], ["password", "{secret}"]] }
static bool form_is_good(const struct json *form)
{
    const struct json *list = json_get(form, "fields");
    bool has_secret = false;
    if (json_kind(list) != JSON_ARRAY || json_count(list) == 0 || json_count(list) > 40)
        return false;
    for (const struct json *field = json_first(list); field; field = json_next(field)) {
        const char *value = json_string_or(json_at(field, 1), NULL);
        if (!json_string_or(json_at(field, 0), NULL) || !value || json_count(field) != 2)
            return false;
        has_secret = has_secret || strstr(value, "{secret}");
    }
    struct origin origin;
    struct err err;
    if (!origin_read(&origin, text_from(json_string_or(json_get(form, "url"), "")), &err))
        return false;
    origin_dispose(&origin);
    return has_secret;
}

static bool is_for_ssh(const char *written)
{
    return strncmp(written, "ssh://", 6) == 0;
}

// smtp://mail.example:587 and ssh://git.example have the form of any other origin but for their scheme.
static bool origin_of(struct origin *out, bool *for_mail, const char *written, struct err *err)
{
    const bool for_ssh = is_for_ssh(written);
    *for_mail = strncmp(written, "smtp://", 7) == 0 || strncmp(written, "smtps://", 8) == 0;
    if (strncmp(written, "hook:", 5) ==
        0) { // of a webhook that comes in: a name that no call goes to (RFC 2606)
        SCOPED_TEXT char *nowhere = xasprintf("https://hook.invalid/%s", written + 5);
        return is_name(written + 5) ? origin_read(out, text_from(nowhere), err)
                                    : fail(err, ERR_ORIGIN_FORM, written);
    }
    if (!*for_mail && !for_ssh)
        return origin_read(out, text_from(written), err);
    SCOPED_TEXT char *as_http = xasprintf("https%s", strstr(written, "://"));
    return origin_read(out, text_from(as_http), err);
}

static bool check_part(enum secret_kind *kind, const struct json *part, struct err *err)
{
    const char *name = json_string_or(json_get(part, "name"), "");
    if (!is_name(name))
        return fail(err, ERR_SECRET_NAME, name);
    if (!kind_read(kind, json_string_or(json_get(part, "kind"), ""), err) ||
        !fields_are_known(part, *kind, err))
        return false;
    const unsigned needed = kinds[*kind].fields;
    const char *username = json_string_or(json_get(part, "username"), "");
    if ((needed & USERNAME) && (!*username || strlen(username) > 400 || !is_one_line(username) ||
                                (*kind == SECRET_BASIC && strchr(username, ':'))))
        return fail(err, ERR_SECRET_FIELD, kinds[*kind].name, "username");
    if ((needed & HEADER) && !is_header_name(json_string_or(json_get(part, "header"), "")))
        return fail(err, ERR_SECRET_FIELD, kinds[*kind].name, "header");
    if ((needed & FORM) && !form_is_good(json_get(part, "form")))
        return fail(err, ERR_SECRET_FIELD, kinds[*kind].name, "form = { url, fields }");
    struct origin origin;
    bool for_mail;
    const char *written = json_string_or(json_get(part, "origin"), "");
    if (!origin_of(&origin, &for_mail, written, err))
        return false;
    origin_dispose(&origin);
    if ((*kind == SECRET_SSH_KEY) != is_for_ssh(written))
        return fail(err, ERR_SECRET_KIND, kinds[*kind].name, is_for_ssh(written) ? "ssh_key" : "basic");
    if (for_mail && *kind != SECRET_BASIC)
        return fail(err, ERR_SECRET_KIND, kinds[*kind].name, "basic");
    return true;
}

bool secret_check(const struct json *public_part, struct err *err)
{
    enum secret_kind kind;
    return check_part(&kind, public_part, err);
}

static bool check_value(enum secret_kind kind, struct text value, struct err *err)
{
    if (value.length < SECRET_LEAST || value.length > SECRET_MOST)
        return fail(err, ERR_SECRET_LENGTH, N(SECRET_LEAST), N(SECRET_MOST));
    if (memchr(value.data, '\0', value.length))
        return fail(err, ERR_SECRET_VALUE, "text");
    if (kind == SECRET_CLIENT_CERTIFICATE) {
        if (!memmem(value.data, value.length, "-----BEGIN CERTIFICATE-----", 27) ||
            !memmem(value.data, value.length, "PRIVATE KEY-----", 16))
            return fail(err, ERR_SECRET_VALUE, "PEM (certificate and key)");
        return true;
    }
    if (kind == SECRET_SSH_KEY)
        return memmem(value.data, value.length, "PRIVATE KEY-----", 16)
                   ? true
                   : fail(err, ERR_SECRET_VALUE, "PEM (OpenSSH private key)");
    for (size_t i = 0; i < value.length; i++)
        if ((unsigned char)value.data[i] < ' ' || value.data[i] == 0x7F)
            return fail(err, ERR_SECRET_VALUE, "text of one line");
    return true;
}

bool secret_seal(struct buf *out, const char *public_key, const struct json *public_part, int64_t version,
                 struct text value, struct err *err)
{
    enum secret_kind kind;
    if (!seal_start(err) || !check_part(&kind, public_part, err) || !check_value(kind, value, err))
        return false;
    SCOPED_BUF(head, SECRET_PUBLIC_MAX);
    struct json_writer writer = json_writer_new(&head);
    json_begin_object(&writer);
    json_write_key(&writer, "version");
    json_write_integer(&writer, version);
    json_write_key(&writer, "secret");
    json_write_value(&writer, public_part);
    json_end_object(&writer);
    if (!json_writer_done(&writer))
        return fail(err, ERR_LIMIT_PASSED, "secret", N(SECRET_PUBLIC_MAX));
    const size_t size = head.length + 1 + value.length;
    char *plain = sodium_malloc(size);
    require(plain);
    memcpy(plain, head.data, head.length + 1); // with its NUL
    memcpy(plain + head.length + 1, value.data, value.length);
    const bool good = seal_bytes(out, public_key, text_of(plain, size), err);
    sodium_free(plain);
    return good;
}

static bool fill(struct secret *secret, size_t length, const char *name, int64_t version, struct err *err)
{
    const size_t head = strnlen(secret->plain, length);
    if (head == length || !json_parse(&secret->document, text_of(secret->plain, head), err))
        return false;
    const struct json *root = json_root(secret->document), *part = json_get(root, "secret");
    secret->value = text_of(secret->plain + head + 1, length - head - 1);
    secret->version = json_int64_or(json_get(root, "version"), -1);
    if (!check_part(&secret->kind, part, err) || !check_value(secret->kind, secret->value, err))
        return false;
    secret->name = json_string_or(json_get(part, "name"), "");
    secret->username = json_string_or(json_get(part, "username"), NULL);
    secret->header = json_string_or(json_get(part, "header"), NULL);
    secret->origin_text = json_string_or(json_get(part, "origin"), "");
    secret->form_url = json_string_or(json_get(json_get(part, "form"), "url"), NULL);
    secret->form_fields = json_get(json_get(part, "form"), "fields");
    secret->for_ssh = is_for_ssh(secret->origin_text);
    return strcmp(secret->name, name) == 0 && secret->version == version &&
           origin_of(&secret->origin, &secret->for_mail, secret->origin_text, err);
}

bool secret_open(struct secret **out, const struct seal_key *key, struct text box, const char *name,
                 int64_t version, struct err *err)
{
    SCOPED(secret)
    secret = xcalloc(1, sizeof *secret);
    size_t length;
    if (!seal_open_bytes(&secret->plain, &length, key, box) || !fill(secret, length, name, version, err))
        return fail(err, ERR_SECRET_BOX, name);
    *out = STEAL(secret);
    return true;
}

void secret_free(struct secret *secret)
{
    if (!secret)
        return;
    json_document_free(secret->document);
    origin_dispose(&secret->origin);
    seal_wiped_free(secret->plain);
    xfree(secret);
}
