// The rows of a page in any order: what was read lately is kept, so that many questions cost one reading. In the worker.
//
// 1. The first rows of a page and the latest ones stay, WINDOW_CELLS_MAX cells each; a page that fits is read once.
// 2. A row between those two, or above the latest, is read from the page's beginning again.
// 3. A page that fits may have its rows in any order, and one row in several pieces.
#ifndef RENKI_SHEET_WINDOW_H
#define RENKI_SHEET_WINDOW_H

#include "lib/sheet/cell.h"

enum { WINDOW_CELLS_MAX = 1 << 14, WINDOW_BYTES_MAX = 2 << 20, WINDOW_ROWS_MAX = 1 << 14 };

struct book;
struct window;

// The book must live longer.
struct window *window_new(struct book *book, size_t page, enum rows_with with);
void window_free(struct window *window);
DEFINE_SCOPED(window)
size_t window_page(const struct window *window);
enum rows_with window_with(const struct window *window);

// *row is NULL where the page has no row of that number; it is valid until the next call. *over tells that it has none
// below either.
bool window_row(struct window *window, uint32_t number, const struct sheet_row **row, bool *over,
                struct err *err) MUST_CHECK;

#endif
