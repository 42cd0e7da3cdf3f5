// Which words of a line are different: the longest common sequence of words, by the ordinary table. What both lines begin
// and end with is cut off first, so that the table stays small; beyond its limit the middle is taken as changed whole.
#include "lib/changes/changes.h"

#include <stdlib.h>

enum { WORDS_MAX = 400, LINE_MAX = 4000 };

struct words {
    struct text items[WORDS_MAX];
    size_t count;
};

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c >= 0x80;
}

// A word, a run of blanks, or one sign.
static size_t word_length(struct text rest)
{
    const unsigned char *bytes = (const unsigned char *)rest.data;
    size_t length = 1;
    if (is_letter(bytes[0]))
        while (length < rest.length && is_letter(bytes[length]))
            length++;
    else if (bytes[0] == ' ' || bytes[0] == '\t')
        while (length < rest.length && (bytes[length] == ' ' || bytes[length] == '\t'))
            length++;
    return length;
}

static bool cut_words(struct words *out, struct text line)
{
    out->count = 0;
    while (line.length) {
        const size_t length = word_length(line);
        if (out->count == WORDS_MAX)
            return false;
        out->items[out->count++] = text_of(line.data, length);
        line = text_of(line.data + length, line.length - length);
    }
    return true;
}

struct comparing {
    struct words before, after;
    size_t front, before_end, after_end; // what lies between is compared
    uint16_t *table;                     // length of the longest common sequence from here on
    word_visitor visit;
    void *owner;
};

static uint16_t *cell(const struct comparing *comparing, size_t i, size_t j)
{
    return &comparing->table[i * (comparing->after.count + 1) + j];
}

static bool same(const struct comparing *comparing, size_t i, size_t j)
{
    return text_equal(comparing->before.items[i], comparing->after.items[j]);
}

static void cut_ends(struct comparing *comparing)
{
    comparing->before_end = comparing->before.count;
    comparing->after_end = comparing->after.count;
    while (comparing->front < comparing->before_end && comparing->front < comparing->after_end &&
           same(comparing, comparing->front, comparing->front))
        comparing->front++;
    while (comparing->before_end > comparing->front && comparing->after_end > comparing->front &&
           same(comparing, comparing->before_end - 1, comparing->after_end - 1)) {
        comparing->before_end--;
        comparing->after_end--;
    }
}

static void fill_table(struct comparing *comparing)
{
    comparing->table =
        xcalloc((comparing->before.count + 1) * (comparing->after.count + 1), sizeof(uint16_t));
    for (size_t i = comparing->before_end; i-- > comparing->front;)
        for (size_t j = comparing->after_end; j-- > comparing->front;) {
            const uint16_t down = *cell(comparing, i + 1, j), right = *cell(comparing, i, j + 1);
            *cell(comparing, i, j) = same(comparing, i, j) ? (uint16_t)(*cell(comparing, i + 1, j + 1) + 1)
                                     : down > right        ? down
                                                           : right;
        }
}

// Words from `begin` to `end` are one run of the line's bytes.
static void tell(const struct comparing *comparing, enum word_kind kind, const struct words *words,
                 size_t begin, size_t end)
{
    if (begin == end)
        return;
    const char *first = words->items[begin].data;
    const struct text last = words->items[end - 1];
    comparing->visit(comparing->owner, kind, text_of(first, (size_t)(last.data + last.length - first)));
}

static void tell_middle(const struct comparing *comparing)
{
    size_t i = comparing->front, j = comparing->front;
    while (i < comparing->before_end || j < comparing->after_end) {
        size_t a = i, b = j;
        while (a < comparing->before_end && b < comparing->after_end && same(comparing, a, b))
            a++, b++;
        tell(comparing, WORD_SAME, &comparing->after, j, b);
        i = a, j = b;
        while ((a < comparing->before_end || b < comparing->after_end) &&
               !(a < comparing->before_end && b < comparing->after_end && same(comparing, a, b)))
            if (b == comparing->after_end ||
                (a < comparing->before_end && *cell(comparing, a + 1, b) >= *cell(comparing, a, b + 1)))
                a++;
            else
                b++;
        tell(comparing, WORD_OLD, &comparing->before, i, a);
        tell(comparing, WORD_NEW, &comparing->after, j, b);
        i = a, j = b;
    }
}

static size_t letters(const struct words *words, size_t begin, size_t end)
{
    size_t count = 0;
    for (size_t i = begin; i < end; i++)
        if (is_letter((unsigned char)words->items[i].data[0]))
            count++;
    return count;
}

// Marks help where at least a quarter of the words stay.
static bool is_alike(const struct comparing *comparing)
{
    const size_t longest = letters(&comparing->before, 0, comparing->before.count) +
                           letters(&comparing->after, 0, comparing->after.count);
    size_t same_words = 2 * letters(&comparing->before, 0, comparing->front) +
                        2 * letters(&comparing->before, comparing->before_end, comparing->before.count);
    for (size_t i = comparing->front, j = comparing->front;
         i < comparing->before_end && j < comparing->after_end;) {
        if (same(comparing, i, j)) {
            same_words += 2 * letters(&comparing->before, i, i + 1);
            i++, j++;
        } else if (*cell(comparing, i + 1, j) >= *cell(comparing, i, j + 1))
            i++;
        else
            j++;
    }
    return same_words * 4 >= longest && same_words > 0;
}

bool words_compare(struct text before, struct text after, word_visitor visit, void *owner)
{
    struct comparing *comparing = xcalloc(1, sizeof *comparing);
    comparing->visit = visit;
    comparing->owner = owner;
    bool good = before.length <= LINE_MAX && after.length <= LINE_MAX &&
                cut_words(&comparing->before, before) && cut_words(&comparing->after, after);
    if (good) {
        cut_ends(comparing);
        fill_table(comparing);
        good = is_alike(comparing);
    }
    if (good) {
        tell(comparing, WORD_SAME, &comparing->after, 0, comparing->front);
        tell_middle(comparing);
        tell(comparing, WORD_SAME, &comparing->after, comparing->after_end, comparing->after.count);
    }
    xfree(comparing->table);
    xfree(comparing);
    return good;
}
