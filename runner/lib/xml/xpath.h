// XPath 1.0 (W3C, 16 November 1999) asked of a document. In the worker.
//
// A name without prefix means "in no namespace" in XPath, whatever the document's default is: give a prefix for each
// namespace. Numbers in XPath are doubles: take money as text.
#ifndef RENKI_XML_XPATH_H
#define RENKI_XML_XPATH_H

#include "lib/xml/xml.h"

// An expression of at most so many bytes, and the steps that one evaluation may take.
enum { XPATH_BYTES_MAX = 8192, XPATH_STEPS_MAX = 200000000, XPATH_NAMESPACES_MAX = 64 };

struct xpath_namespace {
    const char *prefix, *space;
};

struct xpath_question {
    const char *expression;
    const struct xpath_namespace *namespaces;
    size_t namespace_count; // at most XPATH_NAMESPACES_MAX
};

enum xpath_kind { XPATH_IS_NODES, XPATH_IS_TEXT, XPATH_IS_NUMBER, XPATH_IS_BOOLEAN };

struct xpath_answer; // lives apart from the document, but its nodes do not

// Asks with `context` as the current node. Errors: ERR_XPATH_WRONG (expression, reason), ERR_XPATH_PREFIX,
// ERR_LIMIT_PASSED.
bool xpath_ask(struct xpath_answer **out, const struct xml_document *document, const struct xml_node *context,
               const struct xpath_question *question, struct err *err) MUST_CHECK;
void xpath_answer_free(struct xpath_answer *answer);
DEFINE_SCOPED(xpath_answer)

enum xpath_kind xpath_kind(const struct xpath_answer *answer);
const char *xpath_kind_name(enum xpath_kind kind); // "nodes", "a text" …, for messages
// Nodes in the order of the document.
size_t xpath_count(const struct xpath_answer *answer); // 0 for all that is no nodes
const struct xml_node *xpath_node(const struct xpath_answer *answer, size_t index);
// Borrowed from the answer; empty where it is of another kind.
const char *xpath_text(const struct xpath_answer *answer);
double xpath_number(const struct xpath_answer *answer);
bool xpath_boolean(const struct xpath_answer *answer);

#endif
