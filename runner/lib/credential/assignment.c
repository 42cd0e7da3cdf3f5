// Values given to names like password, secret, api_key, salasana, lösenord; and logins in addresses.
//
// The name decides what a value must look like: what a password's name is given counts as one unless it stands for
// something else; under the name of a secret or a token, which may as well name the place of one (`secret = "ledger"`),
// only what looks random does.
#include "lib/credential/words.h"

#include <stdio.h>

enum { NAME_MAX_BYTES = 64, PASSWORD_LEAST = 6, SECRET_LEAST = 16, BARE_LEAST = 8, VALUE_MAX = 256 };
enum { NAMES_MAX = 50 }; // of a line are looked at

static const struct {
    const char *word;
    bool password;
} names[] = {
    {"password", true},    {"passwd", true},     {"passphrase", true},  {"pwd", true},
    {"salasana", true},    {"salalause", true},  {"lösenord", true},    {"losenord", true},
    {"secret", false},     {"token", false},     {"apikey", false},     {"accesskey", false},
    {"privatekey", false}, {"secretkey", false}, {"accountkey", false}, {"apiavain", false},
    {"tunniste", false},   {"apinyckel", false}, {"credential", false}, {"authkey", false},
};

// "db_password", but not "password_label": what follows says that it is about one.
static const char *const about[] = {"name",   "label",  "field",  "id",     "url",   "path",
                                    "file",   "page",   "title",  "hint",   "text",  "type",
                                    "length", "policy", "env",    "header", "kind",  "help",
                                    "count",  "column", "prompt", "hash",   "param", "nimi"};

static bool is_name_byte(char c)
{
    return is_word(c) || c == '-' || (unsigned char)c >= 0x80;
}

// Small letters without what parts words; Ö, Ä and Å too.
static size_t normalise(char out[NAME_MAX_BYTES + 1], struct text name)
{
    size_t length = 0;
    for (size_t i = 0; i < name.length && length < NAME_MAX_BYTES; i++) {
        const unsigned char c = (unsigned char)name.data[i];
        if (c == '_' || c == '-')
            continue;
        const bool capital = (c >= 'A' && c <= 'Z') ||
                             (i > 0 && (unsigned char)name.data[i - 1] == 0xC3 && c >= 0x80 && c <= 0x9E);
        out[length++] = (char)(capital ? c + 0x20 : c);
    }
    out[length] = '\0';
    return length;
}

static bool says_about(struct text rest)
{
    for (size_t i = 0; i < COUNT_OF(about); i++)
        if (text_starts(rest, about[i]))
            return true;
    return false;
}

// The row of `names` that the name ends with, but for digits and words like "test"; -1: none. "secretary" is none.
static int kind_of_name(struct text name)
{
    char flat[NAME_MAX_BYTES + 1];
    const struct text whole = text_of(flat, normalise(flat, name));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *at = memmem(whole.data, whole.length, names[i].word, strlen(names[i].word));
        if (!at)
            continue;
        const char *end = at + strlen(names[i].word);
        const struct text rest = text_of(end, (size_t)(whole.data + whole.length - end));
        if (!says_about(rest) && (names[i].password || rest.length == 0 || is_digit(*end) ||
                                  text_is(rest, "s") || text_is(rest, "test") || text_is(rest, "prod")))
            return (int)i;
    }
    return -1;
}

// The name that ends before `at`, over blanks, quotes and brackets: password, "password", ["password"].
static struct text name_before(struct text line, size_t at)
{
    while (at > 0 && memchr(" \t\"'])", line.data[at - 1], 6))
        at--;
    size_t begin = at;
    while (begin > 0 && at - begin < NAME_MAX_BYTES && is_name_byte(line.data[begin - 1]))
        begin--;
    return text_of(line.data + begin, at - begin);
}

// The value after `at`: between quotes, or [[ ]], or as far as it goes. *quoted is whether it was in quotes.
static struct text value_after(struct text line, size_t at, bool *quoted)
{
    while (at < line.length && memchr(" \t=>:", line.data[at], 5))
        at++;
    const struct text rest = text_of(line.data + at, line.length - at);
    *quoted = rest.length > 0 && memchr("\"'`", rest.data[0], 3);
    const bool brackets = text_starts(rest, "[[");
    const size_t from = brackets ? 2 : *quoted ? 1 : 0;
    size_t end = from;
    *quoted = *quoted || brackets;
    while (end < rest.length && end - from < VALUE_MAX &&
           !(*quoted ? rest.data[end] == (brackets ? ']' : rest.data[0])
                     : memchr(" \t\r,;\"'<>()", rest.data[end], 11) != NULL))
        end++;
    return text_of(rest.data + from, end - from);
}

static bool has_blank(struct text value)
{
    return memchr(value.data, ' ', value.length) || memchr(value.data, '\t', value.length);
}

static bool is_secret_value(struct text value, bool password, bool quoted)
{
    if (value.length == 0 || credential_is_placeholder(value))
        return false;
    if (password && quoted)
        return value.length >= PASSWORD_LEAST && !has_blank(value);
    return credential_looks_random(value, password ? BARE_LEAST : SECRET_LEAST);
}

bool credential_assignment(struct credential *out, struct text line, bool is_code)
{
    for (size_t at = 1, looked = 0; at < line.length && looked < NAMES_MAX; at++) {
        bool quoted;
        if (line.data[at] != '=' && line.data[at] != ':')
            continue;
        const struct text name = name_before(line, at);
        const int kind = name.length ? kind_of_name(name) : -1;
        if (kind < 0)
            continue;
        looked++;
        const struct text value = value_after(line, at + 1, &quoted);
        if ((is_code && !quoted) || !is_secret_value(value, names[kind].password, quoted))
            continue;
        out->kind = names[kind].password ? CREDENTIAL_PASSWORD : CREDENTIAL_TOKEN;
        snprintf(out->shown, sizeof out->shown, "%.*s = …",
                 (int)text_utf8_floor(name, CREDENTIAL_SHOWN_SIZE - 8), name.data);
        return true;
    }
    return false;
}

// ---- addresses

bool credential_address(struct credential *out, struct text line)
{
    enum { AUTHORITY_MAX = 512 };
    struct text rest = line;
    for (const char *at; (at = memmem(rest.data, rest.length, "://", 3));) {
        rest = text_of(at + 3, (size_t)(line.data + line.length - at - 3));
        size_t end = 0;
        while (end < rest.length && end < AUTHORITY_MAX && !memchr("/?# \t\"'`<>\\", rest.data[end], 11))
            end++;
        const char *login_end = memrchr(rest.data, '@', end);
        const char *colon = login_end ? memchr(rest.data, ':', (size_t)(login_end - rest.data)) : NULL;
        if (!colon || login_end == colon + 1 ||
            credential_is_placeholder(text_of(colon + 1, (size_t)(login_end - colon - 1))))
            continue;
        out->kind = CREDENTIAL_PASSWORD;
        snprintf(out->shown, sizeof out->shown, "%s", "://…:…@");
        return true;
    }
    return false;
}
