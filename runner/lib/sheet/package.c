// See package.h. Runs in the worker. With repack.c and spool_source.c the only file that knows libzip.
#include "lib/sheet/package.h"
#include "lib/sheet/inflate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zip.h>

struct entry {
    char *name; // slashes put right
    uint64_t index;
    bool repeated; // others have this name; they stand side by side, in the order of the file
};

struct package {
    zip_t *zip;
    struct entry *entries; // by name
    size_t count;
};

enum { PACKED_BYTES = 64 << 10 };

struct part {
    zip_file_t *file; // its packed bytes where there is an inflater of ours, else its content
    struct inflater *inflater;
    char *packed;
    char *name;
    uint64_t size, taken;
    uint32_t sum; // as declared
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    const int order = strcmp(x->name, y->name);
    return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

static char *normal_name(struct text name)
{
    while (name.length && (name.data[0] == '/' || name.data[0] == '\\'))
        name = text_of(name.data + 1, name.length - 1);
    char *copy = text_copy(name);
    for (char *c = copy; *c; c++)
        if (*c == '\\')
            *c = '/';
    return copy;
}

static bool list_entries(struct package *package, struct err *err)
{
    const zip_int64_t count = zip_get_num_entries(package->zip, 0);
    uint64_t total = 0;
    if (count > PACKAGE_ENTRIES_MAX)
        return fail(err, ERR_SHEET_BOMB, "entries", N(count), N(PACKAGE_ENTRIES_MAX));
    package->entries = xcalloc((size_t)count + 1, sizeof *package->entries);
    for (zip_int64_t i = 0; i < count; i++) {
        zip_stat_t stat;
        if (zip_stat_index(package->zip, (zip_uint64_t)i, 0, &stat) != 0 || !stat.name)
            return fail(err, ERR_SHEET_BROKEN_ZIP, zip_strerror(package->zip));
        if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) && stat.encryption_method != ZIP_EM_NONE)
            return fail(err, ERR_SHEET_ENCRYPTED);
        total += stat.size;
        if (stat.size > PACKAGE_BYTES_MAX || total > PACKAGE_BYTES_MAX)
            return fail(err, ERR_SHEET_BOMB, "bytes", N(total), N(PACKAGE_BYTES_MAX));
        package->entries[package->count++] =
            (struct entry){normal_name(text_from(stat.name)), (uint64_t)i, false};
    }
    qsort(package->entries, package->count, sizeof *package->entries, compare_entries);
    for (size_t i = 1; i < package->count; i++)
        if (strcmp(package->entries[i - 1].name, package->entries[i].name) == 0)
            package->entries[i - 1].repeated = package->entries[i].repeated = true;
    return true;
}

// Takes the source.
static bool open_source(struct package **out, zip_source_t *source, struct err *err)
{
    zip_error_t error;
    zip_error_init(&error);
    SCOPED(package)
    package = xcalloc(1, sizeof *package);
    package->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (!package->zip) {
        fail(err, ERR_SHEET_BROKEN_ZIP, zip_error_strerror(&error));
        zip_source_free(source);
        zip_error_fini(&error);
        return false;
    }
    if (!list_entries(package, err))
        return false;
    *out = STEAL(package);
    return true;
}

bool package_open_file(struct package **out, int descriptor, struct err *err)
{
    FILE *file = fdopen(descriptor, "rb");
    if (!file) {
        fail(err, ERR_SYSTEM, "fdopen", strerror(errno));
        close(descriptor);
        return false;
    }
    zip_source_t *source = zip_source_filep_create(file, 0, -1, NULL); // closes the file with itself
    if (!source) {
        fclose(file);
        return fail(err, ERR_SHEET_BROKEN_ZIP, "no memory");
    }
    return open_source(out, source, err);
}

bool package_open_text(struct package **out, struct text bytes, struct err *err)
{
    zip_source_t *source = zip_source_buffer_create(bytes.data, bytes.length, 0, NULL);
    if (!source)
        return fail(err, ERR_SHEET_BROKEN_ZIP, "no memory");
    return open_source(out, source, err);
}

void package_free(struct package *package)
{
    if (!package)
        return;
    for (size_t i = 0; i < package->count; i++)
        xfree(package->entries[i].name);
    xfree(package->entries);
    if (package->zip)
        zip_discard(package->zip);
    xfree(package);
}

// The last of that name.
static struct entry *find(const struct package *package, const char *name)
{
    size_t low = 0, high = package->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(package->entries[middle].name, name) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low && strcmp(package->entries[low - 1].name, name) == 0)
        return &package->entries[low - 1];
    for (size_t i = 0; i < package->count; i++)
        if (strcasecmp(package->entries[i].name, name) == 0)
            return &package->entries[i];
    return NULL;
}

size_t package_count(const struct package *package)
{
    return package->count;
}

const char *package_name(const struct package *package, size_t index)
{
    return package->entries[index].name;
}

bool package_has(const struct package *package, struct text name)
{
    SCOPED_TEXT char *normal = normal_name(name);
    return find(package, normal) != NULL;
}

bool package_take_later(struct package *package, struct text name)
{
    SCOPED_TEXT char *normal = normal_name(name);
    struct entry *entry = find(package, normal);
    const bool repeated = entry && entry->repeated;
    if (repeated)
        entry->repeated = false;
    return repeated;
}

static bool check_size(const zip_stat_t *stat, struct err *err)
{
    if (stat->size > PACKAGE_RATIO_BYTES && stat->size / PACKAGE_RATIO_MAX > stat->comp_size)
        return fail(err, ERR_SHEET_BOMB, stat->name, N(stat->size), N(stat->comp_size * PACKAGE_RATIO_MAX));
    return true;
}

// What is deflated, as nearly every part is, is unpacked by our own inflater; all else, also what is damaged in its
// headers, by libzip.
static zip_file_t *open_entry(struct part *part, struct package *package, const zip_stat_t *stat)
{
    const unsigned needed = ZIP_STAT_COMP_METHOD | ZIP_STAT_CRC | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
    if (stat->comp_method != ZIP_CM_DEFLATE || (stat->valid & needed) != needed)
        return zip_fopen_index(package->zip, stat->index, 0);
    part->inflater = inflater_new();
    part->packed = xmalloc(PACKED_BYTES);
    part->sum = stat->crc;
    return zip_fopen_index(package->zip, stat->index, ZIP_FL_COMPRESSED);
}

bool part_open(struct part **out, struct package *package, struct text name, struct err *err)
{
    SCOPED(part)
    part = xcalloc(1, sizeof *part);
    zip_stat_t stat;
    part->name = normal_name(name);
    const struct entry *entry = find(package, part->name);
    if (!entry)
        return fail(err, ERR_SHEET_PART_MISSING, part->name);
    if (entry->repeated)
        return fail(err, ERR_SHEET_DUPLICATE, part->name);
    if (zip_stat_index(package->zip, entry->index, 0, &stat) != 0)
        return fail(err, ERR_SHEET_BROKEN_ZIP, zip_strerror(package->zip));
    if (!check_size(&stat, err))
        return false;
    part->size = stat.size;
    part->file = open_entry(part, package, &stat);
    if (!part->file)
        return fail(err, ERR_SHEET_BROKEN_ZIP, zip_strerror(package->zip));
    *out = STEAL(part);
    return true;
}

static bool fail_part(const struct part *part, const char *why, struct err *err)
{
    fail(err, ERR_SHEET_BROKEN_ZIP, why);
    return err_note(err, "%s", part->name);
}

static bool read_entry(struct part *part, char *into, size_t room, size_t *got, struct err *err)
{
    const zip_int64_t count = zip_fread(part->file, into, room);
    *got = count < 0 ? 0 : (size_t)count;
    return count >= 0 || fail_part(part, zip_file_strerror(part->file), err);
}

// At the end of the stream. What follows it among the packed bytes is ignored, as libzip does.
static bool check_whole(const struct part *part, struct err *err)
{
    if (part->taken != part->size)
        return fail_part(part, "a part is shorter than it says", err);
    return inflater_sum(part->inflater) == part->sum || fail_part(part, "CRC error", err);
}

static bool inflate(struct part *part, char *into, size_t room, size_t *got, struct err *err)
{
    size_t packed;
    for (;;)
        switch (inflater_next(part->inflater, into, room, got)) {
        case INFLATED_SOME:
            return true;
        case INFLATED_ALL:
            return check_whole(part, err);
        case INFLATED_BROKEN:
            return fail_part(part, "packed data that is damaged", err);
        case INFLATED_HUNGRY:
            if (!read_entry(part, part->packed, PACKED_BYTES, &packed, err))
                return false;
            if (!packed)
                return fail_part(part, "packed data that ends too early", err);
            inflater_feed(part->inflater, text_of(part->packed, packed));
            break;
        }
}

bool part_read(struct part *part, char *into, size_t room, size_t *got, struct err *err)
{
    if (!(part->inflater ? inflate(part, into, room, got, err) : read_entry(part, into, room, got, err)))
        return false;
    part->taken += *got;
    return part->taken <= part->size || fail(err, ERR_SHEET_BROKEN_ZIP, "a part is longer than it says");
}

void part_free(struct part *part)
{
    if (!part)
        return;
    if (part->file)
        zip_fclose(part->file);
    inflater_free(part->inflater);
    xfree(part->packed);
    xfree(part->name);
    xfree(part);
}

const char *part_name(const struct part *part)
{
    return part->name;
}

uint64_t part_size(const struct part *part)
{
    return part->size;
}
