// How a value lies in its document: 16 bytes a node, in the order of the text, so that reading only ever appends.
//
// A container is followed by its members; in an object each value is preceded by a text node, its key. `skip` leads from
// a value to its next sibling *value*; 0 is the last one. 28 bits hold every step: a document of JSON_BYTES_MAX has at
// most half as many nodes.
#ifndef RENKI_JSON_NODE_H
#define RENKI_JSON_NODE_H

#include "lib/json/json.h"

struct json {
    const char *text; // of a text (decoded, NUL-ended) or a number (as written); NULL otherwise
    uint32_t length;  // of the text in bytes, or how many members a container has
    uint32_t kind : 3, is_member : 1, skip : 28; // is_member: the node before is this value's key
};
_Static_assert(sizeof(struct json) == 16, "a node is two words");
_Static_assert(JSON_BYTES_MAX < 1 << 28, "skip holds every step");

struct json_document {
    struct json *nodes; // the first one is the root
    char text[];        // a copy of the text, decoded in place
};

#endif
