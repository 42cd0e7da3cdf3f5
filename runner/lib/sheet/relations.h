// The relationships of a part: which other parts it speaks of. In the worker. ECMA-376 part 2, 9.3.
#ifndef RENKI_SHEET_RELATIONS_H
#define RENKI_SHEET_RELATIONS_H

#include "lib/sheet/package.h"

enum { RELATIONS_MAX = 65536, RELATION_BYTES_MAX = 4096 };

struct relation {
    char *id, *type,
        *target; // type: its last word ("worksheet"); target: from the package's root, without a slash
    bool external;
};

struct relations {
    struct relation *items;
    size_t count;
};

// Those of `part` ("xl/workbook.xml"), or of the package itself (""). None where there is no such list.
bool relations_read(struct relations *out, struct package *package, const char *part,
                    struct err *err) MUST_CHECK;
void relations_dispose(struct relations *relations);
const struct relation *relations_by_id(const struct relations *relations, struct text id); // NULL: none
const struct relation *relations_by_type(const struct relations *relations, const char *type);

// The path that `target` means as seen from `part`: "../a.xml" from "xl/b/c.xml" is "xl/a.xml". The caller frees it.
char *relation_resolve(const char *part, struct text target);

#endif
