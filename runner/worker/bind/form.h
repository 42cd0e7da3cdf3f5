// Forms of a page in Lua; a part of the module html. In the worker.
#ifndef RENKI_WORKER_FORM_H
#define RENKI_WORKER_FORM_H

#include "lib/xml/xml.h"
#include "worker/bind/bind.h"

void form_class(lua_State *L);
// Pushes a list of the forms of the page, which stands at 1; or the one that argument 2 names: its name or id, its
// number from 1, nothing for the first. Both raise when there is none.
int form_push_all(lua_State *L, const struct xml_document *page, const char *address);
int form_push_one(lua_State *L, const struct xml_document *page, const char *address);

#endif
