// See xpath.h.
#include "lib/xml/xpath.h"

#include "lib/xml/internal.h"

#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

struct xpath_answer {
    xmlXPathObject *object;
};

struct asking {
    xmlXPathContext *context;
    int code;
    char reason[XML_REASON_MAX];
};

static void on_fault(void *data, xmlErrorPtr fault)
{
    struct asking *asking = data;
    if (asking->code)
        return;
    asking->code = fault->code;
    xml_reason(asking->reason, fault->message);
}

// Which of the registered prefixes comes nearest is said too, when one does.
static bool unknown_prefix(const struct xpath_question *question, struct err *err)
{
    SCOPED_BUF(known, 1000);
    for (size_t i = 0; i < question->namespace_count; i++)
        if (!buf_printf(&known, "%s%s", i ? ", " : "", question->namespaces[i].prefix))
            break;
    return fail(err, ERR_XPATH_PREFIX, question->expression, known.length ? buf_string(&known) : "-");
}

static bool refused(const struct asking *asking, const struct xpath_question *question, struct err *err)
{
    if (asking->code == XML_XPATH_UNDEF_PREFIX_ERROR)
        return unknown_prefix(question, err);
    if (asking->context->opCount >= XPATH_STEPS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "XPath", N(XPATH_STEPS_MAX));
    return fail(err, ERR_XPATH_WRONG, question->expression, asking->code ? asking->reason : "?");
}

static bool prepare(struct asking *asking, const struct xml_node *node, const struct xpath_question *question,
                    struct err *err)
{
    asking->context->error = on_fault;
    asking->context->userData = asking;
    asking->context->opLimit = XPATH_STEPS_MAX;
    asking->context->node = raw(node);
    for (size_t i = 0; i < question->namespace_count; i++) {
        const struct xpath_namespace *space = &question->namespaces[i];
        if (xmlXPathRegisterNs(asking->context, to_xml(space->prefix), to_xml(space->space)) != 0)
            return fail(err, ERR_XML_NAME, space->prefix);
    }
    return true;
}

// Nodes that stand for a namespace declaration are no nodes of ours (and libxml2's struct for them is another one).
static void drop_namespace_nodes(xmlNodeSet *set)
{
    for (int i = set->nodeNr - 1; i >= 0; i--)
        if (set->nodeTab[i]->type == XML_NAMESPACE_DECL)
            xmlXPathNodeSetRemove(set, i);
}

static bool evaluate(struct xpath_answer **out, struct asking *asking, const struct xpath_question *question,
                     struct err *err)
{
    xmlXPathCompExpr *compiled = xmlXPathCtxtCompile(asking->context, to_xml(question->expression));
    xmlXPathObject *object = compiled ? xmlXPathCompiledEval(compiled, asking->context) : NULL;
    xmlXPathFreeCompExpr(compiled);
    if (!object || asking->code) {
        xmlXPathFreeObject(object);
        return refused(asking, question, err);
    }
    if (object->type == XPATH_NODESET && object->nodesetval) {
        drop_namespace_nodes(object->nodesetval);
        xmlXPathNodeSetSort(object->nodesetval);
    }
    *out = xcalloc(1, sizeof **out);
    (*out)->object = object;
    return true;
}

bool xpath_ask(struct xpath_answer **out, const struct xml_document *document, const struct xml_node *context,
               const struct xpath_question *question, struct err *err)
{
    if (strlen(question->expression) > XPATH_BYTES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "XPath", N(XPATH_BYTES_MAX));
    if (question->namespace_count > XPATH_NAMESPACES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "XPath", N(XPATH_NAMESPACES_MAX));
    struct asking asking = {.context = xmlXPathNewContext(document->tree)};
    const struct xml_node *start = context ? context : cooked((const xmlNode *)document->tree);
    const bool done = prepare(&asking, start, question, err) && evaluate(out, &asking, question, err);
    xmlXPathFreeContext(asking.context);
    return done;
}

void xpath_answer_free(struct xpath_answer *answer)
{
    if (!answer)
        return;
    xmlXPathFreeObject(answer->object);
    xfree(answer);
}

enum xpath_kind xpath_kind(const struct xpath_answer *answer)
{
    static const enum xpath_kind kinds[] = {
        [XPATH_STRING] = XPATH_IS_TEXT, [XPATH_NUMBER] = XPATH_IS_NUMBER, [XPATH_BOOLEAN] = XPATH_IS_BOOLEAN};
    const unsigned type = answer->object->type;
    return type < COUNT_OF(kinds) ? kinds[type] : XPATH_IS_NODES;
}

const char *xpath_kind_name(enum xpath_kind kind)
{
    static const char *const names[] = {"nodes", "a text", "a number", "true or false"};
    return names[kind];
}

size_t xpath_count(const struct xpath_answer *answer)
{
    const bool nodes = answer->object->type == XPATH_NODESET && answer->object->nodesetval;
    return nodes ? (size_t)answer->object->nodesetval->nodeNr : 0;
}

const struct xml_node *xpath_node(const struct xpath_answer *answer, size_t index)
{
    return index < xpath_count(answer) ? cooked(answer->object->nodesetval->nodeTab[index]) : NULL;
}

const char *xpath_text(const struct xpath_answer *answer)
{
    return answer->object->stringval ? from_xml(answer->object->stringval) : "";
}

double xpath_number(const struct xpath_answer *answer)
{
    return answer->object->floatval;
}

bool xpath_boolean(const struct xpath_answer *answer)
{
    return answer->object->boolval;
}
