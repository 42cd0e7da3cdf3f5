// See mask.h.
#include "gateway/mask.h"

#include "lib/base/base64.h"

#include <stdio.h>

enum { NEEDLES_MAX = 12, NEEDLE_MAX = 3 * SECRET_MOST + 800 };

struct needle {
    char *bytes;
    size_t length;
};

struct mask {
    struct needle needles[NEEDLES_MAX];
    size_t count;
};

// Takes what is in `spelling`; spellings that are equal are kept once, very short ones never.
static void add(struct mask *mask, struct buf *spelling)
{
    bool known = spelling->length < SECRET_LEAST || mask->count == NEEDLES_MAX;
    for (size_t i = 0; i < mask->count; i++)
        known =
            known || text_equal(buf_text(spelling), text_of(mask->needles[i].bytes, mask->needles[i].length));
    if (!known) {
        const size_t length = spelling->length;
        mask->needles[mask->count++] = (struct needle){buf_steal(spelling), length};
    }
    if (spelling->data)
        memory_wipe(spelling->data, spelling->length);
    buf_clear(spelling);
}

static void add_base64(struct mask *mask, struct text plain, enum base64_form form)
{
    SCOPED_BUF(spelling, NEEDLE_MAX);
    if (!base64_append(&spelling, plain, form))
        return;
    // Padding depends on what follows, so does the last digit before it.
    spelling.length = plain.length / 3 * 4 + plain.length % 3;
    add(mask, &spelling);
}

static void add_percent(struct mask *mask, struct text plain, const char *format, bool plus)
{
    SCOPED_BUF(spelling, NEEDLE_MAX);
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    bool fits = true;
    for (size_t i = 0; i < plain.length && fits; i++) {
        const char c = plain.data[i];
        if (c == ' ' && plus)
            fits = buf_append_char(&spelling, '+');
        else if (memchr(unreserved, c, sizeof unreserved - 1))
            fits = buf_append_char(&spelling, c);
        else {
            char digits[8];
            snprintf(digits, sizeof digits, *format == 'X' ? "%%%02X" : "%%%02x", (unsigned)(unsigned char)c);
            fits = buf_append_string(&spelling, digits);
        }
    }
    add(mask, &spelling);
}

static void add_json(struct mask *mask, struct text plain)
{
    SCOPED_BUF(quoted, NEEDLE_MAX);
    SCOPED_BUF(spelling, NEEDLE_MAX);
    struct json_writer writer = json_writer_new(&quoted);
    json_write_lossy(&writer, plain);
    if (json_writer_done(&writer) && buf_append(&spelling, quoted.data + 1, quoted.length - 2))
        add(mask, &spelling);
    if (quoted.data)
        memory_wipe(quoted.data, quoted.length);
}

static void add_html(struct mask *mask, struct text plain)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    SCOPED_BUF(spelling, NEEDLE_MAX);
    for (size_t i = 0; i < plain.length; i++) {
        const char *entity = NULL;
        for (size_t e = 0; e < COUNT_OF(entities); e++)
            if (entities[e].c == plain.data[i])
                entity = entities[e].entity;
        if (!(entity ? buf_append_string(&spelling, entity) : buf_append_char(&spelling, plain.data[i])))
            return;
    }
    add(mask, &spelling);
}

struct mask *mask_new(const struct secret *secret)
{
    struct mask *mask = xcalloc(1, sizeof *mask);
    if (secret->kind == SECRET_CLIENT_CERTIFICATE)
        return mask; // never travels
    SCOPED_BUF(plain, NEEDLE_MAX);
    // Basic first: it may hold the value's own base64.
    if (secret->username && buf_printf(&plain, "%s:%s", secret->username, secret->value.data)) {
        add_base64(mask, buf_text(&plain), BASE64_PLAIN);
        memory_wipe(plain.data, plain.length);
        buf_clear(&plain);
    }
    require(buf_append_text(&plain, secret->value));
    add(mask, &plain);
    add_base64(mask, secret->value, BASE64_PLAIN);
    add_base64(mask, secret->value, BASE64_URL);
    add_percent(mask, secret->value, "X", false);
    add_percent(mask, secret->value, "x", false);
    add_percent(mask, secret->value, "X", true);
    add_json(mask, secret->value);
    add_html(mask, secret->value);
    return mask;
}

void mask_free(struct mask *mask)
{
    if (!mask)
        return;
    for (size_t i = 0; i < mask->count; i++) {
        memory_wipe(mask->needles[i].bytes, mask->needles[i].length);
        xfree(mask->needles[i].bytes);
    }
    xfree(mask);
}

bool mask_text(const struct mask *mask, char *data, size_t length)
{
    bool found = false;
    for (size_t i = 0; i < mask->count; i++) {
        const struct needle *needle = &mask->needles[i];
        char *at = data;
        while ((at = memmem(at, length - (size_t)(at - data), needle->bytes, needle->length))) {
            memset(at, '*', needle->length);
            at += needle->length;
            found = true;
        }
    }
    return found;
}

// The longest end of the data that is a beginning of some spelling.
static size_t beginning_at_end(const struct mask *mask, const char *data, size_t length)
{
    size_t longest = 0;
    for (size_t i = 0; i < mask->count; i++) {
        const struct needle *needle = &mask->needles[i];
        size_t most = needle->length - 1 < length ? needle->length - 1 : length;
        for (; most > longest; most--)
            if (data[length - most] == needle->bytes[0] &&
                memcmp(data + length - most, needle->bytes, most) == 0)
                longest = most;
    }
    return longest;
}

size_t mask_stream(const struct mask *mask, struct buf *waiting, struct text part, bool last, bool *found)
{
    require(buf_append_text(waiting, part));
    if (waiting->length == 0)
        return 0;
    if (mask_text(mask, waiting->data, waiting->length))
        *found = true;
    return last ? waiting->length : waiting->length - beginning_at_end(mask, waiting->data, waiting->length);
}
