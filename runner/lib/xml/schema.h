// XML Schema 1.0 (W3C, 28 October 2004): whether a document keeps to a schema, and if not, where and why.
// In the worker.
#ifndef RENKI_XML_SCHEMA_H
#define RENKI_XML_SCHEMA_H

#include "lib/xml/xml.h"

enum { SCHEMA_FILES_MAX = 64, SCHEMA_FAULTS_MAX = 200 };

// A file that the schema includes or imports, by the name it is asked for (the last part of its path counts).
struct schema_file {
    const char *name;
    struct text content;
};

struct schema;

// `files` are all that may be loaded, and are needed during this call only. Each, as the schema itself, may have no
// DOCTYPE. Errors: those of xml_parse with the file's name noted, ERR_XSD_WRONG (line, reason).
bool schema_parse(struct schema **out, struct text content, const struct schema_file *files, size_t count,
                  struct err *err) MUST_CHECK;
void schema_free(struct schema *schema);
DEFINE_SCOPED(schema)

struct schema_fault {
    long line;             // 1 is the first; 0 when unknown
    char *reason;          // libxml2's words, in English, without the braces of namespaces
    struct xml_node *node; // borrowed from the document, NULL when unknown
};
struct schema_verdict {
    struct schema_fault *faults; // in the order of the document, at most SCHEMA_FAULTS_MAX
    size_t count, total;         // total counts those beyond the maximum too; 0: valid
};

// False only when validation itself could not be done; a document that breaks the schema is a verdict.
bool schema_validate(struct schema_verdict **out, const struct schema *schema,
                     const struct xml_document *document, struct err *err) MUST_CHECK;
void schema_verdict_free(struct schema_verdict *verdict);
DEFINE_SCOPED(schema_verdict)

#endif
