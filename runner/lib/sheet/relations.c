// See relations.h. Runs in the worker.
#include "lib/sheet/relations.h"
#include "lib/sheet/scan.h"

char *relation_resolve(const char *part, struct text target)
{
    struct buf path = buf_new(RELATION_BYTES_MAX * 2);
    struct text rest = target, segment;
    const char *slash = strrchr(part, '/');
    bool room = true;
    if (slash && !(target.length && (target.data[0] == '/' || target.data[0] == '\\')))
        room = buf_append(&path, part, (size_t)(slash - part));
    char *flat = text_copy(rest);
    for (char *c = flat; *c; c++)
        if (*c == '\\')
            *c = '/';
    rest = text_from(flat);
    while (room && text_cut(&rest, '/', &segment)) {
        if (!segment.length || text_is(segment, "."))
            continue;
        if (text_is(segment, "..")) {
            const char *last = path.length ? memrchr(path.data, '/', path.length) : NULL;
            path.length = last ? (size_t)(last - path.data) : 0;
            continue;
        }
        room = (!path.length || buf_append_char(&path, '/')) && buf_append_text(&path, segment);
    }
    xfree(flat);
    return buf_steal(&path);
}

static char *decoded(struct text raw, struct err *err)
{
    SCOPED_BUF(out, RELATION_BYTES_MAX);
    return scan_decode(&out, raw, err) ? buf_steal(&out) : NULL;
}

static int hex_digit(char c)
{
    const char lower = (char)(c | 0x20);
    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// A target is a URI (ECMA-376 part 2, 9.3.2.2), so "my%20sheet.xml" may mean a part of the name "my sheet.xml". Takes it.
static char *as_in_package(const struct package *package, char *target)
{
    if (!strchr(target, '%') || package_has(package, text_from(target)))
        return target;
    char *to = target;
    for (const char *from = target; *from; from++) {
        const int high = *from == '%' ? hex_digit(from[1]) : -1, low = high >= 0 ? hex_digit(from[2]) : -1;
        const bool escaped = low >= 0 && high + low > 0;
        *to++ = escaped ? (char)(high * 16 + low) : *from;
        from += escaped ? 2 : 0;
    }
    *to = '\0';
    return target;
}

static struct text last_word(struct text type)
{
    const char *slash = type.length ? memrchr(type.data, '/', type.length) : NULL;
    return slash ? text_of(slash + 1, type.length - (size_t)(slash + 1 - type.data)) : type;
}

static bool add(struct relations *relations, const struct scan *scan, const struct package *package,
                const char *part, struct err *err)
{
    if (relations->count == RELATIONS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "relationships", N(RELATIONS_MAX));
    SCOPED_TEXT char *target = decoded(scan_attribute(scan, "Target"), err);
    if (!target)
        return false;
    if ((relations->count & (relations->count - 1)) == 0)
        relations->items = xreallocarray(relations->items, relations->count ? relations->count * 2 : 1,
                                         sizeof *relations->items);
    relations->items[relations->count++] = (struct relation){
        .id = text_copy(scan_attribute(scan, "Id")),
        .type = text_copy(last_word(scan_attribute(scan, "Type"))),
        .target = as_in_package(package, relation_resolve(part, text_from(target))),
        .external = text_is(scan_attribute(scan, "TargetMode"), "External"),
    };
    return true;
}

static char *list_name(const char *part)
{
    const char *slash = strrchr(part, '/');
    const char *file = slash ? slash + 1 : part;
    return xasprintf("%.*s_rels/%s.rels", (int)(file - part), part, file);
}

bool relations_read(struct relations *out, struct package *package, const char *part, struct err *err)
{
    SCOPED_TEXT char *name = list_name(part);
    SCOPED(scan)
    scan = NULL;
    *out = (struct relations){0};
    if (!package_has(package, text_from(name)))
        return true;
    bool good = scan_open(&scan, package, text_from(name), err);
    while (good && scan_next_in(scan, &good, err))
        if (scan_is(scan, "Relationship"))
            good = add(out, scan, package, part, err);
    if (!good)
        relations_dispose(out);
    return good;
}

void relations_dispose(struct relations *relations)
{
    for (size_t i = 0; i < relations->count; i++) {
        xfree(relations->items[i].id);
        xfree(relations->items[i].type);
        xfree(relations->items[i].target);
    }
    xfree(relations->items);
    *relations = (struct relations){0};
}

const struct relation *relations_by_id(const struct relations *relations, struct text id)
{
    for (size_t i = 0; i < relations->count; i++)
        if (text_is(id, relations->items[i].id))
            return &relations->items[i];
    return NULL;
}

const struct relation *relations_by_type(const struct relations *relations, const char *type)
{
    for (size_t i = 0; i < relations->count; i++)
        if (!relations->items[i].external && strcmp(relations->items[i].type, type) == 0)
            return &relations->items[i];
    return NULL;
}
