// Which modules a Lua file requires by a name that stands there. Pure: reads tokens, runs nothing. In the host.
#ifndef RENKI_REQUIRE_H
#define RENKI_REQUIRE_H

#include "lib/base/text.h"

enum { REQUIRE_NAME_MAX = 200 };

// `name` is borrowed from the source: "lib.names", "sheet".
typedef void (*require_visitor)(void *owner, struct text name);
// False: it can't be known from the text, so all modules are to be taken; what was visited before is right all the same.
// Takes time in proportion to the source.
bool require_scan(struct text source, require_visitor visit, void *owner) MUST_CHECK;

#endif
