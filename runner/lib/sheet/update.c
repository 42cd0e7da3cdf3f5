// See update.h. Runs in the worker. Here: opening, finding places, saving.
#include "lib/sheet/update.h"
#include "lib/sheet/detect.h"
#include "lib/sheet/relations.h"
#include "lib/sheet/repack.h"
#include "lib/sheet/update_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <unistd.h>

enum { NAMES_TOLD_BYTES = 300 };

/* ---- open --------------------------------------------------------------------------------------------------------------- */

static bool find_main(struct update *update, struct err *err)
{
    struct relations relations;
    if (!relations_read(&relations, update->workbook->package, "", err))
        return false;
    const struct relation *main = relations_by_type(&relations, "officeDocument");
    update->main_part = xstrdup(main ? main->target : "xl/workbook.xml");
    const bool is_signed = relations_by_type(&relations, "origin") != NULL;
    relations_dispose(&relations);
    return !is_signed || fail(err, ERR_SHEET_SIGNED);
}

// Which kind of file the package says it is, macros in it or not.
static bool find_suffix(struct update *update, struct err *err)
{
    struct update_part *types;
    struct text type;
    bool good = update_part_read(update, "[Content_Types].xml", &types, err);
    if (!good)
        return false;
    update->suffix = ".xlsx";
    struct markup markup = markup_new(buf_text(&types->xml), types->name);
    while (markup_next_in(&markup, &good, err))
        if (markup.kind == SCAN_START && markup_attribute(&markup.tag, "ContentType", &type) && type.length &&
            memmem(type.data, type.length, "macroEnabled.", strlen("macroEnabled.")))
            update->suffix = ".xlsm";
    return good;
}

// The package keeps the descriptor open as long as the workbook is.
static bool open_workbook(struct update *update, int descriptor, struct err *err)
{
    enum detected detected;
    struct package *package;
    const struct tables *tables;
    if (!detect_file(&detected, descriptor, err) ||
        (detected != DETECTED_PACKAGE && !fail(err, ERR_SHEET_NO_TEMPLATE))) {
        close(descriptor);
        return false;
    }
    if (!package_open_file(&package, descriptor, err))
        return false;
    if (!detect_package(&detected, package, err) ||
        (detected != DETECTED_XLSX && !fail(err, ERR_SHEET_NO_TEMPLATE))) {
        package_free(package);
        return false;
    }
    if (!workbook_open_package(&update->workbook, package, err))
        return false;
    const char *repeated = workbook_repeated(update->workbook);
    if (repeated) // read it can be, but which of the two to change nobody can say
        return fail(err, ERR_SHEET_DUPLICATE, repeated);
    return workbook_tables(update->workbook, &tables, err) && find_main(update, err) &&
           find_suffix(update, err);
}

bool update_open(struct update **out, int descriptor, struct err *err)
{
    SCOPED(update)
    update = xcalloc(1, sizeof *update);
    update->descriptor = descriptor;
    if (!open_workbook(update, descriptor, err))
        return false;
    const size_t count = workbook_page_count(update->workbook);
    update->pages = xcalloc(count + 1, sizeof *update->pages);
    for (size_t i = 0; i < count; i++)
        update->pages[i].texts = buf_new(UPDATE_TEXTS_BYTES_MAX);
    *out = STEAL(update);
    return true;
}

void update_free(struct update *update)
{
    if (!update)
        return;
    for (size_t i = 0; update->pages && i < workbook_page_count(update->workbook); i++)
        update_page_dispose(&update->pages[i]);
    xfree(update->pages);
    update_parts_free(update);
    update_styles_free(update);
    workbook_free(update->workbook);
    xfree(update->main_part);
    xfree(update);
}

bool update_check_name(const struct update *update, const char *path, struct err *err)
{
    return text_ends(text_from(path), update->suffix) ||
           fail(err, ERR_SHEET_TEMPLATE_SUFFIX, path, update->suffix);
}

/* ---- places --------------------------------------------------------------------------------------------------------------- */

size_t update_page_count(const struct update *update)
{
    return workbook_page_count(update->workbook);
}

const char *update_page_name(const struct update *update, size_t page)
{
    return update_page_of(update, page)->name;
}

bool update_find_page(const struct update *update, struct text name, size_t *page)
{
    for (size_t i = 0; i < update_page_count(update) * 2; i++) { // once exactly, once without regard to case
        *page = i % update_page_count(update);
        const struct text there = text_from(update_page_name(update, *page));
        if (i < update_page_count(update) ? text_equal(there, name)
                                          : text_equal_ascii_case(there, text_trim(name)))
            return true;
    }
    return false;
}

size_t update_first_page(const struct update *update)
{
    for (size_t i = 0; i < update_page_count(update); i++)
        if (update_page_of(update, i)->has_cells && update_page_of(update, i)->visibility == PAGE_VISIBLE)
            return i;
    return 0;
}

// The names there are, as many as fit, for a message.
static void append_name(struct buf *names, const char *name)
{
    const size_t before = names->length;
    if (!((!before || buf_append_string(names, ", ")) && buf_append_string(names, name)))
        names->length = before;
}

static bool fail_place(const struct update *update, struct text where, struct err *err)
{
    SCOPED_TEXT char *copy = text_copy(where);
    SCOPED_BUF(names, NAMES_TOLD_BYTES);
    for (size_t i = 0; i < update->workbook->names.count; i++)
        if (update->workbook->names.items[i].is_range && !update->workbook->names.items[i].hidden)
            append_name(&names, update->workbook->names.items[i].name);
    return fail(err, ERR_SHEET_NO_NAME, copy, names.length ? buf_string(&names) : "–");
}

bool update_area(struct update *update, struct text where, size_t page, struct update_area *out,
                 struct err *err)
{
    char *named = NULL;
    struct update_area area = {.page = page};
    const struct defined_name *name = names_find(&update->workbook->names, where, page);
    if (name && name->is_range) {
        *out = (struct update_area){name->page, name->range};
        return true;
    }
    if (!range_formula_parse(&named, &area.range, where))
        return fail_place(update, where, err);
    const bool found = !named || update_find_page(update, text_from(named), &area.page);
    xfree(named);
    *out = area;
    return found || fail_place(update, where, err);
}

bool update_table(struct update *update, struct text name, const struct sheet_table **out, struct err *err)
{
    const struct tables *tables;
    SCOPED_TEXT char *copy = text_copy(name);
    SCOPED_BUF(names, NAMES_TOLD_BYTES);
    if (!workbook_tables(update->workbook, &tables, err))
        return false;
    *out = tables_find(tables, text_trim(name), SIZE_MAX);
    for (size_t i = 0; i < tables->count; i++)
        append_name(&names, tables->items[i].name);
    return *out || fail(err, ERR_SHEET_NO_TABLE, copy, names.length ? buf_string(&names) : "–");
}

/* ---- the calculation cache -------------------------------------------------------------------------------------------------- */

static bool flush_all(struct update *update, struct err *err)
{
    const size_t count = update_page_count(update);
    bool *stale = xcalloc(count + 1, sizeof *stale);
    bool good = update_find_stale(update, stale, err);
    for (size_t i = 0; good && i < count; i++) {
        good = !stale[i] || update_page_flush(update, i, true, err);
        update->pages[i].touched = stale[i];
    }
    xfree(stale);
    return good;
}

static bool remove_relation(struct update *update, const char *id, struct err *err)
{
    const char *file = strrchr(update->main_part, '/');
    file = file ? file + 1 : update->main_part;
    SCOPED_TEXT char *list =
        xasprintf("%.*s_rels/%s.rels", (int)(file - update->main_part), update->main_part, file);
    SCOPED_PATCHES(patches);
    struct update_part *part;
    struct text told, content;
    bool good = true;
    if (!update_part_read(update, list, &part, err))
        return false;
    struct markup markup = markup_new(buf_text(&part->xml), list);
    while (markup_next_in(&markup, &good, err))
        if (markup_is(&markup, "Relationship") && markup_attribute(&markup.tag, "Id", &told) &&
            text_is(told, id)) {
            const size_t start = markup.tag.start;
            good = markup_content(&markup, &content, err) &&
                   patches_put(&patches, start, markup.tag.end, text_of("", 0), err);
        }
    return good && update_part_change(update, part, &patches, err);
}

// Which part has which kind of content. A template (.xltx) becomes a workbook.
static bool change_types(struct update *update, const char *removed, struct err *err)
{
    SCOPED_PATCHES(patches);
    struct update_part *part;
    struct text name, type, content;
    bool good = true;
    if (!update_part_read(update, "[Content_Types].xml", &part, err))
        return false;
    struct markup markup = markup_new(buf_text(&part->xml), part->name);
    while (markup_next_in(&markup, &good, err)) {
        if (!markup_is(&markup, "Override") || !markup_attribute(&markup.tag, "PartName", &name))
            continue;
        const struct markup_tag tag = markup.tag;
        const char *at;
        if (removed && name.length && text_is(text_of(name.data + 1, name.length - 1), removed))
            good = markup_content(&markup, &content, err) &&
                   patches_put(&patches, tag.start, markup.tag.end, text_of("", 0), err);
        else if (markup_attribute(&tag, "ContentType", &type) && type.length &&
                 (at = memmem(type.data, type.length, "template.m", strlen("template.m")))) {
            // "…spreadsheetml.template.main+xml", "…excel.template.macroEnabled.main+xml"
            const size_t start = (size_t)(at - tag.xml.data);
            good = patches_put(&patches, start, start + strlen("template"), TEXT_OF("sheet"), err);
        }
    }
    return good && update_part_change(update, part, &patches, err);
}

// The order in which formulas were computed last; every program makes it anew.
static bool drop_order(struct update *update, struct err *err)
{
    struct relations relations;
    if (!relations_read(&relations, update->workbook->package, update->main_part, err))
        return false;
    const struct relation *chain = relations_by_type(&relations, "calcChain");
    const bool good = change_types(update, chain ? chain->target : NULL, err) &&
                      (!chain || (update_part_remove(update, chain->target, err) &&
                                  remove_relation(update, chain->id, err)));
    relations_dispose(&relations);
    return good;
}

// <calcPr fullCalcOnLoad="1"/>; where there is none, behind what must stand before it (ECMA-376 part 1, 18.2.27).
static bool ask_for_computing(struct update *update, struct err *err)
{
    static const char *const before[] = {"sheets", "functionGroups", "externalReferences", "definedNames"};
    SCOPED_PATCHES(patches);
    struct update_part *part;
    bool good = true, done = false;
    size_t behind = 0;
    struct text prefix = {"", 0};
    if (!update_part_read(update, update->main_part, &part, err))
        return false;
    struct markup markup = markup_new(buf_text(&part->xml), part->name);
    while (markup_next_in(&markup, &good, err)) {
        if (markup.tag.depth != 2 || markup.kind == SCAN_TEXT)
            continue;
        if (markup_is(&markup, "calcPr") && !done) {
            good = patches_attribute(&patches, &markup.tag, "fullCalcOnLoad", "1", err);
            done = true;
        }
        for (size_t i = 0; i < COUNT_OF(before); i++)
            if (markup_stops(&markup, before[i])) {
                behind = markup.tag.end;
                prefix = markup.tag.prefix;
            }
    }
    if (!good)
        return false;
    if (!done && behind) {
        SCOPED_TEXT char *added =
            xasprintf("<%.*scalcPr fullCalcOnLoad=\"1\"/>", (int)prefix.length, prefix.data);
        if (!patches_put(&patches, behind, behind, text_from(added), err))
            return false;
    }
    return update_part_change(update, part, &patches, err);
}

/* ---- pivot tables --------------------------------------------------------------------------------------------------------------- */

static bool reads_touched(const struct update *update, const struct markup_tag *source, struct err *err)
{
    struct text told;
    SCOPED_BUF(name, SHEET_CELL_CHARACTERS_MAX);
    const struct defined_name *defined;
    const struct sheet_table *table;
    size_t page;
    const bool by_page = markup_attribute(source, "sheet", &told);
    if ((!by_page && !markup_attribute(source, "name", &told)) || !scan_decode(&name, told, err))
        return false;
    if (by_page)
        return update_find_page(update, buf_text(&name), &page) && update->pages[page].touched;
    table = tables_find(&update->workbook->tables, buf_text(&name), SIZE_MAX);
    defined = names_find(&update->workbook->names, buf_text(&name), NAME_OF_WORKBOOK);
    return (table && update->pages[table->page].touched) ||
           (defined && defined->is_range && update->pages[defined->page].touched);
}

// Pivot tables over changed pages are made anew when the workbook is opened.
static bool refresh_cache(struct update *update, const char *name, struct err *err)
{
    SCOPED_PATCHES(patches);
    struct update_part *part;
    struct markup_tag root = {.name = {"", 0}};
    bool good = true, touched = false;
    if (!update_part_read(update, name, &part, err))
        return false;
    struct markup markup = markup_new(buf_text(&part->xml), part->name);
    while (markup_next_in(&markup, &good, err)) {
        if (markup.kind == SCAN_START && markup.tag.depth == 1)
            root = markup.tag;
        if (markup_is(&markup, "worksheetSource"))
            touched = reads_touched(update, &markup.tag, err);
    }
    if (!good)
        return false;
    good = !touched || (patches_attribute(&patches, &root, "refreshOnLoad", "1", err) &&
                        update_part_change(update, part, &patches, err));
    update_part_drop(update, part);
    return good;
}

static bool refresh_pivots(struct update *update, struct err *err)
{
    struct relations relations;
    bool good = true;
    if (!relations_read(&relations, update->workbook->package, update->main_part, err))
        return false;
    for (size_t i = 0; good && i < relations.count; i++)
        if (!relations.items[i].external && strcmp(relations.items[i].type, "pivotCacheDefinition") == 0)
            good = refresh_cache(update, relations.items[i].target, err);
    relations_dispose(&relations);
    return good;
}

/* ---- save -------------------------------------------------------------------------------------------------------------------------- */

static bool prepare(struct update *update, struct err *err)
{
    if (!update->changed)
        return change_types(update, NULL, err);
    return flush_all(update, err) && refresh_pivots(update, err) && update_styles_save(update, err) &&
           drop_order(update, err) && ask_for_computing(update, err);
}

static bool write_changes(const struct update *update, int target, struct err *err)
{
    struct repack_change *changes = xcalloc(update->part_count + 1, sizeof *changes);
    size_t count = 0;
    for (size_t i = 0; i < update->part_count; i++) {
        const struct update_part *part = update->parts[i];
        if (part->changed || part->removed)
            changes[count++] = (struct repack_change){part->name, part->removed, buf_text(&part->xml)};
    }
    const bool good = repack(update->descriptor, target, changes, count, err);
    xfree(changes);
    return good;
}

bool update_write(struct update *update, int target, struct err *err)
{
    return prepare(update, err) && write_changes(update, target, err);
}

static bool sync_folder_of(const char *path)
{
    SCOPED_TEXT char *copy = xstrdup(path);
    const int folder = openat(AT_FDCWD, dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool good = folder >= 0 && fsync(folder) == 0;
    if (folder >= 0)
        close(folder);
    return good;
}

bool update_save(struct update *update, const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    const int folder = slash ? (int)(slash + 1 - path) : 0;
    SCOPED_TEXT char *beside = xasprintf("%.*s.%s.part", folder, path, path + folder);
    if (!update_check_name(update, path, err) || !prepare(update, err))
        return false;
    const int target = openat(AT_FDCWD, beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (target < 0)
        return fail(err, ERR_SHEET_WRITE, path, strerror(errno));
    bool good = write_changes(update, target, err);
    if (good &&
        (fsync(target) != 0 || renameat(AT_FDCWD, beside, AT_FDCWD, path) != 0 || !sync_folder_of(path)))
        good = fail(err, ERR_SHEET_WRITE, path, strerror(errno));
    close(target);
    if (!good)
        (void)unlinkat(AT_FDCWD, beside, 0);
    return good;
}
