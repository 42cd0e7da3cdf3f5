// See archive.h. The only file that writes by libzip.
#include "lib/archive/archive.h"

#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

struct archive {
    zip_t *zip;
    char *path, *temporary;
    char **texts; // lent to libzip until the end
    size_t text_count;
};

static bool failed(const struct archive *archive, const char *why, struct err *err)
{
    return fail(err, ERR_FILE_UNWRITABLE, archive->path, why);
}

bool archive_new(struct archive **out, const char *path, struct err *err)
{
    int code = 0;
    SCOPED(archive)
    archive = xcalloc(1, sizeof *archive);
    archive->path = xstrdup(path);
    archive->temporary = xasprintf("%s.part", path);
    archive->zip = zip_open(archive->temporary, ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (!archive->zip) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        (void)failed(archive, zip_error_strerror(&error), err);
        zip_error_fini(&error);
        return false;
    }
    *out = STEAL(archive);
    return true;
}

void archive_free(struct archive *archive)
{
    if (!archive)
        return;
    if (archive->zip)
        zip_discard(archive->zip);
    for (size_t i = 0; i < archive->text_count; i++)
        xfree(archive->texts[i]);
    xfree(archive->texts);
    xfree(archive->path);
    xfree(archive->temporary);
    xfree(archive);
}

// Takes the source.
static bool add(struct archive *archive, const char *name, zip_source_t *source, int64_t time_s,
                struct err *err)
{
    const zip_int64_t at = source ? zip_file_add(archive->zip, name, source, ZIP_FL_ENC_UTF_8) : -1;
    if (at < 0) {
        if (source)
            zip_source_free(source);
        return failed(archive, zip_strerror(archive->zip), err);
    }
    const bool dressed = zip_file_set_mtime(archive->zip, (zip_uint64_t)at, time_s, 0) == 0 &&
                         zip_file_set_external_attributes(archive->zip, (zip_uint64_t)at, 0, ZIP_OPSYS_UNIX,
                                                          (zip_uint32_t)(S_IFREG | 0600) << 16) == 0;
    return dressed || failed(archive, zip_strerror(archive->zip), err);
}

bool archive_add_text(struct archive *archive, const char *name, struct text text, int64_t time_s,
                      struct err *err)
{
    char *copy = text_copy(text);
    archive->texts = xreallocarray(archive->texts, archive->text_count + 1, sizeof *archive->texts);
    archive->texts[archive->text_count++] = copy;
    return add(archive, name, zip_source_buffer(archive->zip, copy, text.length, 0), time_s, err);
}

bool archive_add_file(struct archive *archive, const char *name, int descriptor, int64_t time_s,
                      struct err *err)
{
    FILE *file = fdopen(descriptor, "rb");
    if (!file) {
        close(descriptor);
        return failed(archive, strerror(errno), err);
    }
    rewind(file);
    return add(archive, name, zip_source_filep(archive->zip, file, 0, -1), time_s, err);
}

bool archive_finish(struct archive *archive, struct err *err)
{
    if (zip_close(archive->zip) != 0)
        return failed(archive, zip_strerror(archive->zip), err);
    archive->zip = NULL;
    if (chmod(archive->temporary, 0600) != 0)
        return failed(archive, strerror(errno), err);
    return file_publish(AT_FDCWD, archive->temporary, archive->path, err);
}
