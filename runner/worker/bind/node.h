// Nodes of XML and HTML documents in Lua, and the questions that both kinds of documents answer. In the worker.
//
// A document is a userdata that begins with struct document_handle; its first uservalue is the table of namespaces
// given for it, or nil. A node holds its document, so it may outlive the robot's own variable.
#ifndef RENKI_WORKER_NODE_H
#define RENKI_WORKER_NODE_H

#include "lib/xml/xml.h"
#include "worker/bind/bind.h"

struct document_handle {
    struct xml_document *document; // freed by __gc; NULL until it is opened
};

// Registers the class "xml.node"; as often as one likes.
void node_class(lua_State *L);
// Pushes a new, still empty document of class `type`, with one uservalue.
struct document_handle *document_new(lua_State *L, const char *type);
int document_gc(lua_State *L);

void node_push(lua_State *L, int document, const struct xml_node *node); // nil for NULL

// Methods of documents and nodes alike: find, first, value, text.
int node_find(lua_State *L);
int node_first(lua_State *L);
int node_value(lua_State *L);

// Raises when `argument` is no table of texts by prefix; nothing is allowed.
void node_check_namespaces(lua_State *L, int argument);

// Pushes what stands at `index` as it is written in documents and forms (texts, whole numbers, true and false, exact
// decimals, dates and moments); false, and nothing pushed, for all else. Doubles are refused: they are no amounts.
bool node_push_written(lua_State *L, int index);
// Pushes the buffer's bytes as a Lua string and disposes of it.
void node_push_buffer(lua_State *L, struct buf *bytes);
// The phrase in the run's language, for bind_argument.
const char *node_words(lua_State *L, enum phrase phrase);

#endif
