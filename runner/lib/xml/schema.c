// See schema.h. libxml2 asks for included files through one loader of the process: while a schema is read, the files
// given with it are granted to that loader, and nothing ever is besides.
#include "lib/xml/schema.h"

#include "lib/xml/internal.h"

#include <libxml/parserInternals.h>
#include <libxml/xmlschemas.h>

struct schema {
    xmlSchema *schema;
    struct xml_document *document; // libxml2's schema points into it
};

struct granted {
    const struct schema_file *files;
    struct xml_document **documents; // the same files, already read and found harmless
    size_t count;
};
// libxml2's loader has no argument of ours; a schema is read by one call, during which this is set.
static const struct granted *granted;

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static const struct xml_document *find_granted(const char *url)
{
    for (size_t i = 0; granted && url && i < granted->count; i++)
        if (strcmp(last_part(granted->files[i].name), last_part(url)) == 0)
            return granted->documents[i];
    return NULL;
}

xmlParserInput *xml_load(const char *url, const char *id, xmlParserCtxt *context)
{
    (void)id;
    const struct xml_document *document = find_granted(url);
    if (!document)
        return NULL;
    xmlChar *bytes = NULL;
    int length = 0;
    // Written out anew as UTF-8: what was read once without entities is what is read again.
    xmlDocDumpMemoryEnc(document->tree, &bytes, &length, "UTF-8");
    xmlParserInputBuffer *buffer =
        xmlParserInputBufferCreateMem((const char *)bytes, length, XML_CHAR_ENCODING_NONE);
    xmlFree(bytes);
    xmlParserInput *input = xmlNewIOInputStream(context, buffer, XML_CHAR_ENCODING_UTF8);
    if (input)
        input->filename = from_xml(xmlStrdup(to_xml(url)));
    return input;
}

struct reading {
    bool failed;
    int line;
    char reason[XML_REASON_MAX];
};

static void on_schema_fault(void *data, xmlErrorPtr fault)
{
    struct reading *reading = data;
    if (reading->failed || fault->level < XML_ERR_ERROR)
        return;
    reading->failed = true;
    reading->line = fault->line;
    xml_reason(reading->reason, fault->message);
}

static bool compile(struct schema *schema, struct err *err)
{
    struct reading reading = {.line = 0};
    xmlSchemaParserCtxt *parser = xmlSchemaNewDocParserCtxt(schema->document->tree);
    xmlSchemaSetParserStructuredErrors(parser, on_schema_fault, &reading);
    schema->schema = xmlSchemaParse(parser);
    xmlSchemaFreeParserCtxt(parser);
    if (schema->schema && !reading.failed)
        return true;
    return fail(err, ERR_XSD_WRONG, N(reading.line), reading.failed ? reading.reason : "?");
}

static bool read_files(struct granted *grant, struct err *err)
{
    for (size_t i = 0; i < grant->count; i++)
        if (!xml_parse(&grant->documents[i], grant->files[i].content, NULL, err))
            return err_note(err, "%s", grant->files[i].name);
    return true;
}

bool schema_parse(struct schema **out, struct text content, const struct schema_file *files, size_t count,
                  struct err *err)
{
    if (count > SCHEMA_FILES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "XSD", N(SCHEMA_FILES_MAX));
    struct xml_document *documents[SCHEMA_FILES_MAX] = {NULL};
    struct granted grant = {files, documents, count};
    SCOPED(schema)
    schema = xcalloc(1, sizeof *schema);
    bool done = xml_parse(&schema->document, content, NULL, err) && read_files(&grant, err);
    if (done) {
        granted = &grant;
        done = compile(schema, err);
        granted = NULL;
    }
    for (size_t i = 0; i < count; i++)
        xml_document_free(documents[i]);
    if (done)
        *out = STEAL(schema);
    return done;
}

void schema_free(struct schema *schema)
{
    if (!schema)
        return;
    xmlSchemaFree(schema->schema);
    xml_document_free(schema->document);
    xfree(schema);
}

// '{urn:iso:…}Amt' becomes 'Amt'. Braces of patterns such as [0-9]{1,4} have no colon and stay.
static char *without_namespaces(const char *message)
{
    const struct text text = text_trim(text_from(message));
    char *out = xmalloc(text.length + 1);
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        const char *end = text.data[i] == '{' ? memchr(text.data + i, '}', text.length - i) : NULL;
        if (end && memchr(text.data + i, ':', (size_t)(end - text.data) - i))
            i = (size_t)(end - text.data);
        else
            out[length++] = text.data[i];
    }
    out[length] = '\0';
    return out;
}

static void on_fault(void *data, xmlErrorPtr fault)
{
    struct schema_verdict *verdict = data;
    if (fault->level < XML_ERR_ERROR || verdict->total++ >= SCHEMA_FAULTS_MAX)
        return;
    verdict->faults = xreallocarray(verdict->faults, verdict->count + 1, sizeof *verdict->faults);
    verdict->faults[verdict->count++] = (struct schema_fault){
        .line = fault->node ? xmlGetLineNo(fault->node) : fault->line,
        .reason = without_namespaces(fault->message ? fault->message : "?"),
        .node = fault->node,
    };
}

bool schema_validate(struct schema_verdict **out, const struct schema *schema,
                     const struct xml_document *document, struct err *err)
{
    SCOPED(schema_verdict)
    verdict = xcalloc(1, sizeof *verdict);
    xmlSchemaValidCtxt *validator = xmlSchemaNewValidCtxt(schema->schema);
    xmlSchemaSetValidStructuredErrors(validator, on_fault, verdict);
    const int result = xmlSchemaValidateDoc(validator, document->tree);
    xmlSchemaFreeValidCtxt(validator);
    if (result < 0 || (result > 0) != (verdict->total > 0))
        return fail(err, ERR_XSD_WRONG, N(0), "libxml2");
    *out = STEAL(verdict);
    return true;
}

void schema_verdict_free(struct schema_verdict *verdict)
{
    if (!verdict)
        return;
    for (size_t i = 0; i < verdict->count; i++)
        xfree(verdict->faults[i].reason);
    xfree(verdict->faults);
    xfree(verdict);
}
