// The parts of a workbook that is filled (update_internal.h), as UTF-8 in memory. Runs in the worker.
#include "lib/encoding/encoding.h"
#include "lib/sheet/update_internal.h"

enum { PART_CHUNK_BYTES = 64 << 10 };

static struct update_part *find(const struct update *update, const char *name)
{
    for (size_t i = 0; i < update->part_count; i++)
        if (strcmp(update->parts[i]->name, name) == 0)
            return update->parts[i];
    return NULL;
}

static bool read_all(struct buf *out, struct package *package, const char *name, struct err *err)
{
    size_t got = 0;
    SCOPED(part)
    part = NULL;
    if (!part_open(&part, package, text_from(name), err))
        return false;
    do {
        char *room = buf_reserve(out, PART_CHUNK_BYTES);
        if (!room)
            return fail(err, ERR_SHEET_BOMB, name, N(part_size(part)), N(MARKUP_BYTES_MAX));
        if (!part_read(part, room, PART_CHUNK_BYTES, &got, err))
            return false;
        out->length += got;
    } while (got);
    out->data[out->length] = '\0';
    return true;
}

// A part in UTF-16 becomes one in UTF-8, which every reader of workbooks must know too.
static bool bring_to_utf8(struct buf *xml, const char *name, struct err *err)
{
    static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>";
    const struct text all = buf_text(xml);
    const bool marked = text_starts(all, "\xFF\xFE") || text_starts(all, "\xFE\xFF");
    const char *wide = marked                                   ? "utf-16"
                       : all.length >= 2 && all.data[0] == '\0' ? "utf-16be"
                       : all.length >= 2 && all.data[1] == '\0' ? "utf-16le"
                                                                : NULL;
    SCOPED_BUF(plain, MARKUP_BYTES_MAX);
    if (!wide)
        return text_is_utf8(all) || fail(err, ERR_SHEET_XML, name, "0", "bytes that are no letters");
    if (!buf_append_string(&plain, declaration) ||
        !encoding_to_utf8(&plain, encoding_find(text_from(wide)), all, ENCODING_STRICT, err))
        return fail(err, ERR_SHEET_XML, name, "0", "bytes that are no letters");
    const size_t start = sizeof declaration - 1;
    const struct text rest = text_of(plain.data + start, plain.length - start);
    const char *end = text_starts(rest, "<?xml") ? memmem(rest.data, rest.length, "?>", 2) : NULL;
    buf_clear(xml);
    require(buf_append(xml, plain.data, start)); // shorter than what was there
    const size_t skip = end ? (size_t)(end + 2 - rest.data) : 0;
    return buf_append(xml, rest.data + skip, rest.length - skip) ||
           fail(err, ERR_SHEET_BOMB, name, N(plain.length), N(MARKUP_BYTES_MAX));
}

bool update_part_read(struct update *update, const char *name, struct update_part **out, struct err *err)
{
    *out = find(update, name);
    if (*out)
        return true;
    if (update->part_count == UPDATE_PARTS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "parts", N(UPDATE_PARTS_MAX));
    SCOPED_BUF(xml, MARKUP_BYTES_MAX);
    if (!read_all(&xml, update->workbook->package, name, err) || !bring_to_utf8(&xml, name, err))
        return false;
    update->parts = xreallocarray(update->parts, update->part_count + 1, sizeof(struct update_part *));
    struct update_part *part = xcalloc(1, sizeof *part);
    part->name = xstrdup(name);
    part->xml = xml;
    xml = buf_new(0);
    *out = update->parts[update->part_count++] = part;
    return true;
}

bool update_part_change(struct update *update, struct update_part *part, struct patches *patches,
                        struct err *err)
{
    SCOPED_BUF(changed, MARKUP_BYTES_MAX);
    if (!patches->count)
        return true;
    if (!patches_apply(patches, &changed, buf_text(&part->xml), err))
        return false;
    buf_dispose(&part->xml);
    part->xml = changed;
    changed = buf_new(0);
    part->changed = update->changed = true;
    return true;
}

static void free_part(struct update_part *part)
{
    xfree(part->name);
    buf_dispose(&part->xml);
    xfree(part);
}

void update_part_drop(struct update *update, struct update_part *part)
{
    if (part->changed || part->removed)
        return;
    for (size_t i = 0; i < update->part_count; i++)
        if (update->parts[i] == part) {
            update->parts[i] = update->parts[--update->part_count];
            free_part(part);
            return;
        }
}

bool update_part_remove(struct update *update, const char *name, struct err *err)
{
    struct update_part *part;
    if (!package_has(update->workbook->package, text_from(name)))
        return true;
    if (!update_part_read(update, name, &part, err))
        return false;
    part->removed = true;
    return true;
}

void update_parts_free(struct update *update)
{
    for (size_t i = 0; i < update->part_count; i++)
        free_part(update->parts[i]);
    xfree(update->parts);
}
