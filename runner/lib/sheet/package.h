// The zip file that a workbook is: its parts by name, within limits. In the worker.
//
// 1. Names are data only: nothing is ever written under them. A part is found by its exact name, else without regard to
//    case; backslashes and a leading slash are forgiven, as Excel does.
// 2. Refused: more than 10 000 entries, 2 GB unpacked, a part above 10 MB that unpacks to over 200 times its size,
//    encryption, a part that gives more bytes than it declares.
// 3. Of two entries of one name nobody can say which counts, so neither is opened (SHEET_DUPLICATE), unless the reader
//    knows that it may take the later one, and tells.
#ifndef RENKI_SHEET_PACKAGE_H
#define RENKI_SHEET_PACKAGE_H

#include "lib/base/err.h"

enum { PACKAGE_ENTRIES_MAX = 10000, PACKAGE_RATIO_MAX = 200, PACKAGE_RATIO_BYTES = 10 << 20 };
#define PACKAGE_BYTES_MAX ((uint64_t)2 << 30)

struct package;
struct part;

// Takes the descriptor, also on failure.
bool package_open_file(struct package **out, int descriptor, struct err *err) MUST_CHECK;
bool package_open_text(struct package **out, struct text bytes, struct err *err) MUST_CHECK; // borrowed
void package_free(struct package *package);
DEFINE_SCOPED(package)

// The entries' names, in order of the alphabet; borrowed.
size_t package_count(const struct package *package);
const char *package_name(const struct package *package, size_t index);
bool package_has(const struct package *package, struct text name);
// From then on the later of two entries of that name counts. False when there is but one.
bool package_take_later(struct package *package, struct text name);

// `name` as in a relationship: "xl/workbook.xml", "/xl/workbook.xml". SHEET_PART_MISSING when there is none.
// The package must live longer.
bool part_open(struct part **out, struct package *package, struct text name, struct err *err) MUST_CHECK;
// Fills up to `room` bytes; *got is 0 at the end only.
bool part_read(struct part *part, char *into, size_t room, size_t *got, struct err *err) MUST_CHECK;
void part_free(struct part *part);
DEFINE_SCOPED(part)
const char *part_name(const struct part *part);
uint64_t part_size(const struct part *part); // as declared

#endif
