// The forms of well-known services' tokens, and the first lines of private keys.
//
// A form is a beginning that is theirs alone, then so many characters of an alphabet. The services publish these forms
// for this use.
#include "lib/credential/words.h"

#include <stdio.h>

enum alphabet { CAPITALS, LETTERS, URL_SAFE, BASE64, HEX, DOTTED };

static const struct form {
    const char *begin;
    enum alphabet alphabet;
    size_t least, most; // after the beginning
} forms[] = {
    {"AKIA", CAPITALS, 16, 16}, // Amazon
    {"ASIA", CAPITALS, 16, 16},
    {"ghp_", LETTERS, 36, 255}, // GitHub
    {"gho_", LETTERS, 36, 255},
    {"ghu_", LETTERS, 36, 255},
    {"ghs_", LETTERS, 36, 255},
    {"ghr_", LETTERS, 36, 255},
    {"github_pat_", URL_SAFE, 50, 255},
    {"glpat-", URL_SAFE, 20, 255}, // GitLab
    {"gldt-", URL_SAFE, 20, 255},
    {"glrt-", URL_SAFE, 20, 255},
    {"glptt-", URL_SAFE, 20, 255},
    {"xoxb-", URL_SAFE, 20, 255}, // Slack
    {"xoxp-", URL_SAFE, 20, 255},
    {"xoxa-", URL_SAFE, 20, 255},
    {"xoxr-", URL_SAFE, 20, 255},
    {"xoxs-", URL_SAFE, 20, 255},
    {"xapp-", URL_SAFE, 20, 255},
    {"AIza", URL_SAFE, 35, 35}, // Google
    {"GOCSPX-", URL_SAFE, 28, 28},
    {"ya29.", URL_SAFE, 30, 2000},
    {"npm_", LETTERS, 36, 36},
    {"pypi-AgEIcHlwaS", URL_SAFE, 50, 2000},
    {"sk_live_", LETTERS, 16, 255}, // Stripe
    {"rk_live_", LETTERS, 16, 255},
    {"whsec_", BASE64, 32, 255},
    {"SG.", DOTTED, 60, 80},     // SendGrid
    {"hvs.", URL_SAFE, 24, 255}, // Vault
    {"dop_v1_", HEX, 64, 64},    // DigitalOcean
    {"hf_", LETTERS, 34, 40},
    {"dckr_pat_", URL_SAFE, 20, 255},
    {"AGE-SECRET-KEY-1", CAPITALS, 40, 80},
    {"AccountKey=", BASE64, 80, 100}, // Azure
    {"SharedAccessKey=", BASE64, 40, 100},
};

static bool is_of(enum alphabet alphabet, char c)
{
    switch (alphabet) {
    case CAPITALS:
        return is_digit(c) || (c >= 'A' && c <= 'Z');
    case LETTERS:
        return is_digit(c) || is_letter(c);
    case URL_SAFE:
        return is_word(c) || c == '-';
    case BASE64:
        return is_digit(c) || is_letter(c) || c == '+' || c == '/' || c == '=';
    case HEX:
        return is_digit(c) || (c >= 'a' && c <= 'f');
    case DOTTED:
        return is_word(c) || c == '-' || c == '.';
    }
    return false;
}

static size_t run_of(enum alphabet alphabet, struct text rest, size_t most)
{
    size_t length = 0;
    while (length < rest.length && length <= most && is_of(alphabet, rest.data[length]))
        length++;
    return length;
}

// All the same, or a word that says so: in a manual.
static bool is_example(struct text value)
{
    return credential_is_placeholder(value) || text_ends(value, "EXAMPLE");
}

static bool has_form(const struct form *form, struct text rest)
{
    const size_t begin = strlen(form->begin);
    if (!text_starts(rest, form->begin))
        return false;
    rest = text_of(rest.data + begin, rest.length - begin);
    const size_t length = run_of(form->alphabet, rest, form->most);
    return length >= form->least && length <= form->most && !is_example(text_of(rest.data, length));
}

// Three parts of URL-safe Base64, of which the first two are JSON objects.
static bool is_jwt(struct text rest)
{
    enum { PART_MIN = 10, PART_MAX = 8192 };
    for (int part = 0; part < 3; part++) {
        if (part < 2 && !text_starts(rest, "eyJ"))
            return false;
        const size_t length = run_of(URL_SAFE, rest, PART_MAX);
        if (length < PART_MIN || (part < 2 && (length == rest.length || rest.data[length] != '.')))
            return false;
        rest = text_of(rest.data + length, rest.length - length);
        if (part < 2)
            rest = text_of(rest.data + 1, rest.length - 1);
    }
    return true;
}

// Azure's client secrets: three characters, a digit, "Q~", 31 to 34 characters.
static bool is_client_secret(struct text line, size_t at)
{
    enum { BEFORE = 4, LEAST = 31 };
    if (at < BEFORE || !is_digit(line.data[at - 1]))
        return false;
    size_t length = 0;
    for (size_t i = at + 2; i < line.length && length < LEAST; i++, length++)
        if (!is_word(line.data[i]) && !memchr("-.~", line.data[i], 3))
            return false;
    return length == LEAST;
}

// Authorization: Bearer …, Basic …
static bool is_header(struct text rest)
{
    for (size_t i = 0; i < 2; i++) {
        const char *word = i ? "Basic " : "Bearer ";
        if (!text_starts(rest, word))
            continue;
        rest = text_of(rest.data + strlen(word), rest.length - strlen(word));
        const size_t length = run_of(DOTTED, rest, 4000) > run_of(BASE64, rest, 4000)
                                  ? run_of(DOTTED, rest, 4000)
                                  : run_of(BASE64, rest, 4000);
        return credential_looks_random(text_of(rest.data, length), i ? 12 : 20) &&
               !is_example(text_of(rest.data, length));
    }
    return false;
}

static bool found(struct credential *out, enum credential_kind kind, struct text rest, size_t shown)
{
    out->kind = kind;
    snprintf(out->shown, sizeof out->shown, "%.*s…", (int)(shown < rest.length ? shown : rest.length),
             rest.data);
    return true;
}

static bool token_at(struct credential *out, struct text line, size_t at)
{
    const struct text rest = text_of(line.data + at, line.length - at);
    if (text_starts(rest, "Q~"))
        return is_client_secret(line, at) && found(out, CREDENTIAL_TOKEN, rest, 2);
    if (at > 0 && is_of(URL_SAFE, line.data[at - 1]))
        return false;
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (rest.data[0] == forms[i].begin[0] && has_form(&forms[i], rest))
            return found(out, CREDENTIAL_TOKEN, rest, strlen(forms[i].begin));
    if (rest.data[0] == 'e' && is_jwt(rest))
        return found(out, CREDENTIAL_TOKEN, rest, 3);
    return rest.data[0] == 'B' && is_header(rest) && found(out, CREDENTIAL_TOKEN, rest, 6);
}

static bool is_key(struct text line)
{
    static const char *const marks[] = {"PRIVATE KEY-----", "PRIVATE KEY BLOCK-----", "PuTTY-User-Key-File-",
                                        "b3BlbnNzaC1rZXktdjE"};
    const char *begin = memmem(line.data, line.length, "-----BEGIN ", 11);
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if ((begin || i > 1) && memmem(line.data, line.length, marks[i], strlen(marks[i])))
            return true;
    return false;
}

bool credential_token(struct credential *out, struct text line)
{
    if (is_key(line))
        return found(out, CREDENTIAL_KEY, TEXT_OF("PRIVATE KEY"), 11);
    for (size_t at = 0; at < line.length; at++)
        if (token_at(out, line, at))
            return true;
    return false;
}
