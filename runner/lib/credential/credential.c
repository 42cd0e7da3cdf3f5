// See credential.h. Line by line; identity codes.
#include "lib/credential/credential.h"

#include "lib/credential/words.h"
#include "lib/finance/identity.h"

#include <stdio.h>

static const char *const kinds[CREDENTIAL_KIND_COUNT] = {
    [CREDENTIAL_KEY] = "key",
    [CREDENTIAL_TOKEN] = "token",
    [CREDENTIAL_PASSWORD] = "password",
    [CREDENTIAL_IDENTITY] = "identity",
};

const char *credential_kind_name(enum credential_kind kind)
{
    return kinds[kind];
}

bool credential_is_placeholder(struct text value)
{
    static const char *const words[] = {
        "password", "passwd", "secret",   "token",       "salasana", "lösenord", "example",  "esimerk",
        "exempel",  "dummy",  "changeme", "placeholder", "your",     "redacted", "not-real", "nothing"};
    bool same = true;
    for (size_t i = 1; i < value.length; i++)
        same = same && value.data[i] == value.data[0];
    if (same || memchr("$<{%[*", value.data[0], 6) || memmem(value.data, value.length, "…", strlen("…")) ||
        memmem(value.data, value.length, "...", 3) || memmem(value.data, value.length, "{{", 2) ||
        memmem(value.data, value.length, "xxxx", 4))
        return true;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        for (size_t at = 0; at + strlen(words[i]) <= value.length; at++)
            if (text_equal_ascii_case(text_of(value.data + at, strlen(words[i])), text_from(words[i])))
                return true;
    return false;
}

// Of random text of this length, few characters are the same.
bool credential_looks_random(struct text value, size_t length)
{
    bool seen[256] = {false};
    size_t different = 0, digits = 0, letters = 0;
    for (size_t i = 0; i < value.length; i++) {
        const unsigned char c = (unsigned char)value.data[i];
        if (c <= ' ' || c >= 0x7F)
            return false;
        different += !seen[c];
        seen[c] = true;
        digits += is_digit((char)c);
        letters += is_letter((char)c);
    }
    return value.length >= length && digits >= 2 && letters >= 2 &&
           different >= (value.length < 24 ? value.length / 2 : 10);
}

// ---- identity codes

enum { CODE_LENGTH = 11, SIGN_AT = 6 };

static bool is_code_at(struct text line, size_t at)
{
    struct identity identity;
    struct err none;
    const char *c = line.data + at;
    if ((at > 0 && is_word(c[-1])) || (at + CODE_LENGTH < line.length && is_word(c[CODE_LENGTH])))
        return false;
    for (size_t i = 0; i < SIGN_AT; i++)
        if (!is_digit(c[i]))
            return false;
    return memchr(" .,;", c[SIGN_AT], 4) == NULL && is_digit(c[SIGN_AT + 1]) &&
           identity_parse(&identity, text_of(c, CODE_LENGTH), &none) && !identity.temporary;
}

static bool find_identity(struct credential *out, struct text line)
{
    for (size_t at = 0; at + CODE_LENGTH <= line.length; at++)
        if (is_digit(line.data[at]) && is_code_at(line, at)) {
            out->kind = CREDENTIAL_IDENTITY;
            snprintf(out->shown, sizeof out->shown, "%.2s…", line.data + at);
            return true;
        }
    return false;
}

// ---- lines

static bool says_no_secret(struct text line)
{
    static const char mark[] = "renki: no secret";
    return memmem(line.data, line.length, mark, sizeof mark - 1) != NULL;
}

void credential_scan(struct text content, bool is_code, credential_visitor visit, void *owner)
{
    struct text line;
    for (int64_t number = 1; text_cut(&content, '\n', &line); number++) {
        struct credential found = {.line = number};
        if (line.length > CREDENTIAL_LINE_MAX)
            line.length = CREDENTIAL_LINE_MAX;
        if (line.length == 0 ||
            (!credential_token(&found, line) && !credential_address(&found, line) &&
             !credential_assignment(&found, line, is_code) && !find_identity(&found, line)))
            continue;
        found.allowed = says_no_secret(line);
        if (!visit(owner, &found))
            return;
    }
}
