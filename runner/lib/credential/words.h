// What the files of credential/ share.
#ifndef RENKI_CREDENTIAL_WORDS_H
#define RENKI_CREDENTIAL_WORDS_H

#include "lib/credential/credential.h"

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool is_word(char c)
{
    return is_digit(c) || is_letter(c) || c == '_';
}

// tokens.c: a token of a well-known service, a private key's first line; fills kind and shown.
bool credential_token(struct credential *out, struct text line);
// assignment.c
bool credential_assignment(struct credential *out, struct text line, bool is_code);
bool credential_address(struct credential *out, struct text line); // https://user:password@host

// Stands for a secret instead of being one: "${PASSWORD}", "<password>", "xxxx", "example".
bool credential_is_placeholder(struct text value);
// Letters and digits that look random: at least `length` of them, few repeated.
bool credential_looks_random(struct text value, size_t length);

#endif
