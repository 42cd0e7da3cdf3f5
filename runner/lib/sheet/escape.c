// See escape.h. Runs in the worker.
//
// Nearly all text is plain ASCII: it is looked at and copied 16 bytes at a time. GCC's vectors become SSE2 or NEON.
#include "lib/sheet/escape.h"

#include <stdio.h>

enum { BLOCK = 16, ESCAPE_LENGTH = 7 /* _xHHHH_ */ };
typedef int8_t block __attribute__((vector_size(BLOCK)));

struct escaping {
    char *out;
    size_t units, line, widest;
};

size_t escape_room(struct text text, size_t units_max)
{
    // A copied block may be longer than what it stands for.
    return (text.length < units_max ? text.length : units_max) * ESCAPE_GROWTH_MAX + BLOCK;
}

// Whether a block has only bytes that stand for themselves: as signed bytes, those beyond ASCII are below the blank too.
static bool is_plain(const char *data)
{
    block bytes;
    uint64_t halves[2];
    memcpy(&bytes, data, BLOCK);
    const block odd = (bytes < ' ') | (bytes == '&') | (bytes == '<') | (bytes == '>') | (bytes == '_');
    memcpy(halves, &odd, BLOCK);
    return !(halves[0] | halves[1]);
}

static bool is_escape(struct text text)
{
    if (text.length < ESCAPE_LENGTH || text.data[1] != 'x' || text.data[6] != '_')
        return false;
    for (size_t i = 2; i < 6; i++) {
        const char c = text.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}

static void put(struct escaping *state, const char *data, size_t length)
{
    memcpy(state->out, data, length);
    state->out += length;
}

static void put_code(struct escaping *state, unsigned code)
{
    char escape[ESCAPE_LENGTH + 1];
    snprintf(escape, sizeof escape, "_x%04X_", code & 0xFFFF);
    put(state, escape, ESCAPE_LENGTH);
}

static void end_line(struct escaping *state)
{
    state->widest = state->line > state->widest ? state->line : state->widest;
    state->line = 0;
}

static void put_ascii(struct escaping *state, struct text rest)
{
    const char c = *rest.data;
    state->units++;
    state->line++;
    if (c == '&')
        put(state, "&amp;", 5);
    else if (c == '<')
        put(state, "&lt;", 4);
    else if (c == '>')
        put(state, "&gt;", 4);
    else if (c == '_' && is_escape(rest))
        put_code(state, '_');
    else if (c < ' ' && c != '\n' && c != '\t')
        put_code(state, (unsigned char)c);
    else
        *state->out++ = c;
    if (c == '\n') {
        state->line--;
        end_line(state);
    }
}

// The bytes that the first character of `rest` takes; 0: malformed.
static size_t put_character(struct escaping *state, struct text rest)
{
    uint32_t code;
    if ((signed char)*rest.data > 0) {
        put_ascii(state, rest);
        return 1;
    }
    const size_t bytes = text_utf8_decode(rest, &code);
    if (!bytes || !code)
        return 0;
    if (code == 0xFFFE || code == 0xFFFF) // no characters of XML
        put_code(state, code);
    else
        put(state, rest.data, bytes);
    state->units += bytes == 4 ? 2 : 1;
    state->line++;
    return bytes;
}

enum escape_end escape_text(char *out, struct text text, size_t units_max, struct escaped *escaped)
{
    struct escaping state = {.out = out};
    size_t at = 0;
    while (at < text.length) {
        size_t end = at + BLOCK;
        if (end <= text.length && state.units + BLOCK <= units_max && is_plain(text.data + at)) {
            put(&state, text.data + at, BLOCK);
            state.units += BLOCK;
            state.line += BLOCK;
            at = end;
            continue;
        }
        for (end = end < text.length ? end : text.length; at < end;) {
            const size_t bytes = put_character(&state, text_of(text.data + at, text.length - at));
            if (!bytes)
                return ESCAPE_MALFORMED;
            if (state.units > units_max)
                return ESCAPE_TOO_LONG;
            at += bytes;
        }
    }
    end_line(&state);
    *escaped = (struct escaped){(size_t)(state.out - out), state.units, state.widest};
    return ESCAPE_GOOD;
}

char *escape_underscores(struct text text)
{
    if (!memmem(text.data, text.length, "_x", 2))
        return text_copy(text);
    char *copy = xmalloc(text.length * 2 + 1); // an escape is as long as what it makes longer
    struct escaping state = {.out = copy};
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] == '_' && is_escape(text_of(text.data + i, text.length - i)))
            put_code(&state, '_');
        else
            *state.out++ = text.data[i];
    *state.out = '\0';
    return copy;
}
