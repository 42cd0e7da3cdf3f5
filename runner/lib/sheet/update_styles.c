// Styles for dates in a workbook that is filled (update_internal.h). Runs in the worker.
//
// A date in a cell that shows numbers would be read as 46023. So the cell's own style is copied to the end of the list
// with one of the formats for dates that every program has and shows in the manner of the reader's country: 14 and 22
// (ECMA-376 part 1, 18.8.30).
#include "lib/sheet/update_internal.h"

enum { FORMAT_DAY = 14, FORMAT_MOMENT = 22, ADDED_MAX = 1 << 16 };

struct added_style {
    int64_t from;
    bool with_time;
};

// Where the list of cell formats is, and one of them.
struct place {
    struct markup_tag list, wanted;
    size_t list_end, wanted_end, count; // list_end: of its content
    bool there, found;
};

static bool find_format(const struct update_part *part, int64_t wanted, struct place *out, struct err *err)
{
    struct markup markup = markup_new(buf_text(&part->xml), part->name);
    struct text content;
    bool good = true;
    *out = (struct place){0};
    while (!out->list_end && markup_next_in(&markup, &good, err)) {
        if (markup_is(&markup, "cellXfs") && !markup.tag.empty) {
            out->list = markup.tag;
            out->there = true;
        } else if (markup_stops(&markup, "cellXfs")) {
            out->list_end = markup.tag.start;
        } else if (out->there && markup_is(&markup, "xf")) {
            const struct markup_tag tag = markup.tag;
            good = markup_content(&markup, &content, err);
            if ((int64_t)out->count == wanted) {
                out->wanted = tag;
                out->wanted_end = markup.tag.end;
                out->found = true;
            }
            out->count++;
        }
    }
    return good && ((out->there && out->list_end) ||
                    fail(err, ERR_SHEET_XML, part->name, "0", "a workbook without cell formats"));
}

static bool read_styles(struct update *update, struct update_part **out, struct err *err)
{
    if (!update->workbook->styles_part ||
        !package_has(update->workbook->package, text_from(update->workbook->styles_part)))
        return fail(err, ERR_SHEET_PART_MISSING, "styles.xml");
    return update_part_read(update, update->workbook->styles_part, out, err);
}

static enum format_kind kind_of(const struct update *update, int64_t style)
{
    return style >= 0 ? styles_kind(&update->workbook->styles, (uint64_t)style) : FORMAT_NUMBER;
}

bool update_style_for_date(struct update *update, int64_t style, bool with_time, int64_t *out,
                           struct err *err)
{
    struct update_part *part;
    struct place place;
    *out = style;
    if (kind_of(update, style) == FORMAT_DATE)
        return true;
    for (size_t i = 0; i < update->styles_added; i++) {
        *out = (int64_t)(update->style_count + i);
        if (*out == style || (update->added[i].from == style && update->added[i].with_time == with_time))
            return true;
    }
    if (!read_styles(update, &part, err))
        return false;
    if (!update->style_count) {
        if (!find_format(part, 0, &place, err))
            return false;
        update->style_count = place.count;
    }
    if (update->styles_added == ADDED_MAX)
        return fail(err, ERR_LIMIT_PASSED, "cell formats", N(ADDED_MAX));
    update->added = xreallocarray(update->added, update->styles_added + 1, sizeof *update->added);
    update->added[update->styles_added] = (struct added_style){style < 0 ? 0 : style, with_time};
    *out = (int64_t)(update->style_count + update->styles_added++);
    return true;
}

// The copy, at the end of the list.
static bool append_copy(struct patches *patches, struct update_part *part, const struct added_style *added,
                        struct err *err)
{
    struct place place;
    SCOPED_PATCHES(changes);
    SCOPED_BUF(copy, MARKUP_BYTES_MAX);
    if (!find_format(part, added->from, &place, err))
        return false;
    if (!place.found)
        return buf_printf(&copy, "<%.*sxf numFmtId=\"%d\" applyNumberFormat=\"1\"/>",
                          (int)place.list.prefix.length, place.list.prefix.data,
                          added->with_time ? FORMAT_MOMENT : FORMAT_DAY) &&
               patches_put(patches, place.list_end, place.list_end, buf_text(&copy), err);
    // The changes are made in the whole part; what became of the format is cut out.
    const struct text xml = buf_text(&part->xml);
    const struct text before = text_of(xml.data, place.wanted_end);
    if (!patches_attribute(&changes, &place.wanted, "numFmtId",
                           N(added->with_time ? FORMAT_MOMENT : FORMAT_DAY), err) ||
        !patches_attribute(&changes, &place.wanted, "applyNumberFormat", "1", err) ||
        !patches_apply(&changes, &copy, before, err))
        return false;
    const struct text changed = text_of(copy.data + place.wanted.start, copy.length - place.wanted.start);
    return patches_put(patches, place.list_end, place.list_end, changed, err);
}

bool update_styles_save(struct update *update, struct err *err)
{
    struct update_part *part;
    struct place place;
    SCOPED_PATCHES(patches);
    if (!update->styles_added)
        return true;
    if (!read_styles(update, &part, err) || !find_format(part, 0, &place, err))
        return false;
    for (size_t i = 0; i < update->styles_added; i++)
        if (!append_copy(&patches, part, &update->added[i], err))
            return false;
    const char *count = N(update->style_count + update->styles_added);
    return patches_attribute(&patches, &place.list, "count", count, err) &&
           update_part_change(update, part, &patches, err);
}

void update_styles_free(struct update *update)
{
    xfree(update->added);
}
