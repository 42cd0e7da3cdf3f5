// Patterns of text inputs; see schema.h. All places of the pattern that the text so far may have reached are kept in one
// set of bits, so that no text takes longer than pattern × text.
#include "lib/manifest/schema.h"

enum { ITEMS_MAX = 62 };

struct item {
    const char *start, *end; // of the sign, class or set
    char times;              // 0, '*', '+' or '?'
};

static bool in_class(uint32_t c, char class)
{
    const bool digit = c >= '0' && c <= '9';
    const bool small = (c >= 'a' && c <= 'z') || (c >= 0xDF && c <= 0xFF && c != 0xF7);
    const bool capital = (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7);
    switch (class) {
    case 'd':
        return digit;
    case 'l':
        return small;
    case 'u':
        return capital;
    case 'a':
        return small || capital;
    case 'w':
        return small || capital || digit;
    case 's':
        return c == ' ' || c == '\t' || c == 0xA0;
    default:
        return c == (uint32_t)(unsigned char)class;
    }
}

static size_t sign_length(const char *s)
{
    uint32_t code_point;
    const size_t size = text_utf8_decode(text_from(s), &code_point);
    return size ? size : 1;
}

static uint32_t sign_at(const char *s)
{
    uint32_t code_point = 0;
    return text_utf8_decode(text_from(s), &code_point) ? code_point : 0;
}

// The end of the item that begins here; NULL when it is malformed.
static const char *item_end(const char *s)
{
    if (*s == '%')
        return s[1] ? s + 2 : NULL;
    if (*s != '[')
        return s + sign_length(s);
    for (s += s[1] == '^' ? 2 : 1; *s && *s != ']';) {
        if (*s == '%' && !s[1])
            return NULL;
        s += *s == '%' ? 2 : sign_length(s);
    }
    return *s == ']' ? s + 1 : NULL;
}

static bool in_set(uint32_t c, const char *s, const char *end)
{
    const bool negated = s[1] == '^';
    bool found = false;
    for (s += negated ? 2 : 1; s < end - 1;) {
        if (*s == '%') {
            found = found || in_class(c, s[1]);
            s += 2;
            continue;
        }
        const uint32_t low = sign_at(s);
        s += sign_length(s);
        uint32_t high = low;
        if (*s == '-' && s + 1 < end - 1) {
            high = sign_at(s + 1);
            s += 1 + sign_length(s + 1);
        }
        found = found || (c >= low && c <= high);
    }
    return found != negated;
}

static bool item_takes(const struct item *item, uint32_t c)
{
    switch (*item->start) {
    case '.':
        return true;
    case '%':
        return in_class(c, item->start[1]);
    case '[':
        return in_set(c, item->start, item->end);
    default:
        return c == sign_at(item->start);
    }
}

// How many items; -1 when the pattern is malformed or too long.
static int split(const char *pattern, struct item items[ITEMS_MAX])
{
    int count = 0;
    while (*pattern) {
        const char *end = item_end(pattern);
        if (!end || count == ITEMS_MAX)
            return -1;
        items[count] = (struct item){.start = pattern, .end = end};
        if (*end == '*' || *end == '+' || *end == '?')
            items[count].times = *end++;
        count++;
        pattern = end;
    }
    return count;
}

bool pattern_ok(const char *pattern)
{
    struct item items[ITEMS_MAX];
    return split(pattern, items) >= 0;
}

// Items that may be left out are passed over.
static uint64_t reach(const struct item *items, int count, uint64_t places)
{
    for (int i = 0; i < count; i++)
        if (places >> i & 1 && (items[i].times == '*' || items[i].times == '?'))
            places |= 1ULL << (i + 1);
    return places;
}

bool pattern_matches(const char *pattern, struct text text)
{
    struct item items[ITEMS_MAX];
    const int count = split(pattern, items);
    if (count < 0)
        return false;
    uint64_t places = reach(items, count, 1);
    while (text.length && places) {
        uint32_t c;
        const size_t size = text_utf8_decode(text, &c);
        if (size == 0)
            return false;
        uint64_t next = 0;
        for (int i = 0; i < count; i++)
            if (places >> i & 1 && item_takes(&items[i], c))
                next |= 1ULL << (i + 1) | (items[i].times == '*' || items[i].times == '+' ? 1ULL << i : 0);
        places = reach(items, count, next);
        text = text_of(text.data + size, text.length - size);
    }
    return places >> count & 1;
}
