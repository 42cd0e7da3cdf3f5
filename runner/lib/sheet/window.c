// See window.h. Runs in the worker.
#include "lib/sheet/window.h"
#include "lib/sheet/book.h"

#include <stdlib.h>

// A row with its cells and their texts behind it, in one piece of memory.
struct kept {
    struct sheet_row row;
    size_t bytes;
    struct cell cells[];
};

struct part {
    size_t cells, bytes, rows;
};

struct window {
    struct book *book;
    size_t page;
    enum rows_with with;
    struct book_rows *rows;     // NULL: not begun, or at the end
    bool ended, dropped, mixed; // mixed: rows were not in order
    uint32_t last;              // the highest number until now
    struct kept **items;        // the page's first rows, then its latest
    size_t count, capacity;
    struct part first, latest;
};

struct window *window_new(struct book *book, size_t page, enum rows_with with)
{
    struct window *window = xcalloc(1, sizeof *window);
    *window = (struct window){.book = book, .page = page, .with = with};
    return window;
}

static void forget(struct window *window)
{
    for (size_t i = 0; i < window->count; i++)
        xfree(window->items[i]);
    book_rows_free(STEAL(window->rows));
    window->count = 0;
    window->first = window->latest = (struct part){0};
    window->ended = window->dropped = window->mixed = false;
    window->last = 0;
}

void window_free(struct window *window)
{
    if (!window)
        return;
    forget(window);
    xfree(window->items);
    xfree(window);
}

size_t window_page(const struct window *window)
{
    return window->page;
}

enum rows_with window_with(const struct window *window)
{
    return window->with;
}

/* ---- keeping --------------------------------------------------------------------------------------------------------- */

static bool has_room(const struct part *part, const struct kept *kept)
{
    return part->rows < WINDOW_ROWS_MAX && part->cells + kept->row.count <= WINDOW_CELLS_MAX &&
           part->bytes + kept->bytes <= WINDOW_BYTES_MAX;
}

static void count_in(struct part *part, const struct kept *kept)
{
    part->rows++;
    part->cells += kept->row.count;
    part->bytes += kept->bytes;
}

static struct text copy_text(char **room, struct text text)
{
    char *copy = *room;
    if (text.length)
        memcpy(copy, text.data, text.length);
    *room += text.length;
    return text_of(copy, text.length);
}

// The cells of both; where both have one, the later piece counts.
static size_t merge(struct cell *out, const struct sheet_row *a, const struct sheet_row *b)
{
    size_t count = 0, i = 0, k = 0;
    while (i < a->count || k < b->count) {
        const bool from_a = k == b->count || (i < a->count && a->cells[i].column < b->cells[k].column);
        if (!from_a && i < a->count && a->cells[i].column == b->cells[k].column)
            i++;
        out[count++] = from_a ? a->cells[i++] : b->cells[k++];
    }
    return count;
}

static struct kept *keep(const struct sheet_row *row, const struct sheet_row *more)
{
    size_t bytes = 0;
    struct cell *cells = xcalloc(row->count + more->count + 1, sizeof *cells);
    const size_t count = merge(cells, row, more);
    for (size_t i = 0; i < count; i++)
        bytes += cells[i].text.length + cells[i].formula.length;
    struct kept *kept = xmalloc(sizeof *kept + count * sizeof *cells + bytes);
    char *room = (char *)&kept->cells[count];
    for (size_t i = 0; i < count; i++) {
        kept->cells[i] = cells[i];
        kept->cells[i].text = copy_text(&room, cells[i].text);
        kept->cells[i].formula = copy_text(&room, cells[i].formula);
    }
    kept->bytes = bytes;
    kept->row = *more;
    kept->row.cells = kept->cells;
    kept->row.count = count;
    kept->row.hidden = row->hidden || more->hidden;
    xfree(cells);
    return kept;
}

// The first of the latest rows go, half of them at once.
static void drop_some(struct window *window)
{
    const size_t start = window->first.rows, gone = (window->count - start + 1) / 2;
    for (size_t i = start; i < start + gone; i++) {
        window->latest.cells -= window->items[i]->row.count;
        window->latest.bytes -= window->items[i]->bytes;
        xfree(window->items[i]);
    }
    window->latest.rows -= gone;
    memmove(window->items + start, window->items + start + gone,
            (window->count - start - gone) * sizeof(struct kept *));
    window->count -= gone;
    window->dropped = true;
}

// Where the row of that number stands, or `count`.
static size_t find(const struct window *window, uint32_t number)
{
    size_t low = 0, high = window->count;
    if (window->mixed) {
        while (low < high && window->items[low]->row.number != number)
            low++;
        return low;
    }
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (window->items[middle]->row.number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < window->count && window->items[low]->row.number == number ? low : window->count;
}

static void add(struct window *window, const struct sheet_row *row)
{
    static const struct sheet_row nothing = {0};
    const size_t before = row->number > window->last ? window->count : find(window, row->number);
    if (before < window->count) { // a row that comes in pieces
        struct kept *whole = keep(&window->items[before]->row, row);
        struct part *part = before < window->first.rows ? &window->first : &window->latest;
        part->cells += whole->row.count - window->items[before]->row.count;
        part->bytes += whole->bytes - window->items[before]->bytes;
        xfree(window->items[before]);
        window->items[before] = whole;
        return;
    }
    struct kept *kept = keep(&nothing, row);
    window->mixed = window->mixed || row->number < window->last;
    const bool first = !window->latest.rows && !window->dropped && has_room(&window->first, kept);
    while (!first && window->latest.rows && !has_room(&window->latest, kept))
        drop_some(window);
    if (window->count == window->capacity) {
        window->capacity = window->capacity ? window->capacity * 2 : 64;
        window->items = xreallocarray(window->items, window->capacity, sizeof(struct kept *));
    }
    window->items[window->count++] = kept;
    count_in(first ? &window->first : &window->latest, kept);
    window->last = row->number > window->last ? row->number : window->last;
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

// On to that row; while all fits, to the page's end.
static bool read_to(struct window *window, uint32_t number, struct err *err)
{
    if (!window->rows && !window->ended &&
        !book_rows_open(&window->rows, window->book, window->page, window->with, err))
        return false;
    while (!window->ended && (!window->latest.rows || window->last < number)) {
        const struct sheet_row *row;
        if (!book_rows_next(window->rows, &row, err)) {
            forget(window);
            return false;
        }
        if (row) {
            add(window, row);
        } else {
            window->ended = true;
            book_rows_free(STEAL(window->rows));
        }
    }
    return true;
}

bool window_row(struct window *window, uint32_t number, const struct sheet_row **row, bool *over,
                struct err *err)
{
    size_t at = find(window, number);
    *row = NULL;
    *over = false;
    if (at == window->count) {
        // Between the first rows and the latest: it may have been dropped.
        const size_t border = window->first.rows;
        if (window->dropped && number < window->items[border]->row.number &&
            (!border || number > window->items[border - 1]->row.number))
            forget(window);
        if (!read_to(window, number, err))
            return false;
        at = find(window, number);
    }
    if (at < window->count)
        *row = &window->items[at]->row;
    *over = !*row && window->ended && number > window->last;
    return true;
}
