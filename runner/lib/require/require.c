// See require.h. Lua 5.4's tokens (manual §3.1), as far as they tell where texts and comments begin and end.
#include "lib/require/require.h"

enum kind { END, NAME, STRING, OTHER, BROKEN };

struct token {
    enum kind kind;
    struct text text; // of a string: what stands inside, escapes as written
};

struct scanner {
    const char *at, *end;
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_at(const struct scanner *scanner, size_t ahead, char c)
{
    return (size_t)(scanner->end - scanner->at) > ahead && scanner->at[ahead] == c;
}

// "[==[": the number of signs, -1 when it opens no long bracket.
static ptrdiff_t long_level(const struct scanner *scanner)
{
    size_t ahead = 1;
    if (!is_at(scanner, 0, '['))
        return -1;
    while (is_at(scanner, ahead, '='))
        ahead++;
    return is_at(scanner, ahead, '[') ? (ptrdiff_t)ahead - 1 : -1;
}

static bool closes(const struct scanner *scanner, size_t level)
{
    if (!is_at(scanner, 0, ']') || !is_at(scanner, level + 1, ']'))
        return false;
    for (size_t i = 1; i <= level; i++)
        if (scanner->at[i] != '=')
            return false;
    return true;
}

static void skip_line_end(struct scanner *scanner)
{
    const char first = scanner->at < scanner->end ? *scanner->at : ' ';
    if (first != '\n' && first != '\r')
        return;
    scanner->at++;
    if (scanner->at < scanner->end && (*scanner->at == '\n' || *scanner->at == '\r') && *scanner->at != first)
        scanner->at++;
}

// False when it is never closed.
static bool take_long(struct scanner *scanner, size_t level, struct text *inside)
{
    scanner->at += level + 2;
    skip_line_end(scanner);
    const char *begin = scanner->at;
    for (; scanner->at < scanner->end; scanner->at++)
        if (closes(scanner, level)) {
            *inside = text_of(begin, (size_t)(scanner->at - begin));
            scanner->at += level + 2;
            return true;
        }
    return false;
}

static bool take_quoted(struct scanner *scanner, struct text *inside)
{
    const char quote = *scanner->at++, *begin = scanner->at;
    for (; scanner->at < scanner->end; scanner->at++) {
        if (*scanner->at == quote) {
            *inside = text_of(begin, (size_t)(scanner->at++ - begin));
            return true;
        }
        if (*scanner->at == '\n' || *scanner->at == '\r')
            return false;
        if (*scanner->at == '\\' && scanner->at + 1 < scanner->end)
            scanner->at++;
    }
    return false;
}

// Blanks and comments. False: a comment that never ends.
static bool skip(struct scanner *scanner)
{
    struct text ignored;
    while (scanner->at < scanner->end) {
        if (strchr(" \t\n\r\v\f", *scanner->at) && *scanner->at) {
            scanner->at++;
            continue;
        }
        if (!is_at(scanner, 0, '-') || !is_at(scanner, 1, '-'))
            return true;
        scanner->at += 2;
        const ptrdiff_t level = long_level(scanner);
        if (level >= 0 && !take_long(scanner, (size_t)level, &ignored))
            return false;
        while (level < 0 && scanner->at < scanner->end && *scanner->at != '\n' && *scanner->at != '\r')
            scanner->at++;
    }
    return true;
}

static struct token token_of(enum kind kind, const char *begin, const struct scanner *scanner)
{
    return (struct token){kind, text_of(begin, (size_t)(scanner->at - begin))};
}

// A number may hold letters, digits and dots; its sign after an exponent is a token of its own here.
static struct token take_run(struct scanner *scanner, bool number)
{
    const char *begin = scanner->at;
    while (scanner->at < scanner->end &&
           (is_letter(*scanner->at) || is_digit(*scanner->at) || (number && *scanner->at == '.')))
        scanner->at++;
    return token_of(number ? OTHER : NAME, begin, scanner);
}

static struct token take_signs(struct scanner *scanner)
{
    const char *begin = scanner->at++;
    while ((*begin == '.' || *begin == '=' || *begin == ':') && is_at(scanner, 0, *begin))
        scanner->at++; // ".." and "..." are no "."
    return token_of(OTHER, begin, scanner);
}

static struct token next_token(struct scanner *scanner)
{
    struct token token = {.kind = STRING};
    if (!skip(scanner))
        return (struct token){.kind = BROKEN};
    if (scanner->at == scanner->end)
        return (struct token){.kind = END};
    const char c = *scanner->at;
    const ptrdiff_t level = long_level(scanner);
    if (is_letter(c))
        return take_run(scanner, false);
    if (is_digit(c) || (c == '.' && scanner->at + 1 < scanner->end && is_digit(scanner->at[1])))
        return take_run(scanner, true);
    if (level >= 0 ? take_long(scanner, (size_t)level, &token.text)
                   : (c == '"' || c == '\'') && take_quoted(scanner, &token.text))
        return token;
    return level >= 0 || c == '"' || c == '\'' ? (struct token){.kind = BROKEN} : take_signs(scanner);
}

static bool is_sign(const struct token *token, const char *sign)
{
    return token->kind == OTHER && text_is(token->text, sign);
}

// `x.require`, `x:require`: a field of that name, unless x is the table of globals.
static bool is_field(const struct token *before, const struct token *owner)
{
    return is_sign(before, ":") ||
           (is_sign(before, ".") &&
            !(owner->kind == NAME && (text_is(owner->text, "_G") || text_is(owner->text, "_ENV"))));
}

static bool take_module(const struct token *token, require_visitor visit, void *owner)
{
    if (token->kind != STRING || token->text.length > REQUIRE_NAME_MAX || text_find(token->text, '\\') >= 0)
        return false;
    visit(owner, token->text);
    return true;
}

// What follows `require`. False: anything but a module by its name.
static bool take_call(struct scanner *scanner, require_visitor visit, void *owner)
{
    struct scanner ahead = *scanner;
    struct token token = next_token(&ahead);
    if (is_sign(&token, "=")) // a key or a variable of this name
        return true;
    const bool parenthesis = is_sign(&token, "(");
    if (parenthesis)
        token = next_token(&ahead);
    if (!take_module(&token, visit, owner))
        return false;
    *scanner = ahead;
    if (!parenthesis)
        return true;
    token = next_token(scanner);
    return is_sign(&token, ")");
}

bool require_scan(struct text source, require_visitor visit, void *owner)
{
    struct scanner scanner = {source.data, source.data + source.length};
    struct token earlier = {.kind = END}, before = {.kind = END};
    bool known = true;
    if (text_starts(source, "#")) // a first line for the shell
        while (scanner.at < scanner.end && *scanner.at != '\n')
            scanner.at++;
    for (;;) {
        const struct token token = next_token(&scanner);
        if (token.kind == END || token.kind == BROKEN)
            return known && token.kind == END;
        if (token.kind == NAME && text_is(token.text, "require") && !is_field(&before, &earlier))
            known = take_call(&scanner, visit, owner) && known;
        else if (token.kind == STRING && text_is(token.text, "require")) // _G["require"]
            known = false;
        earlier = before;
        before = token;
    }
}
