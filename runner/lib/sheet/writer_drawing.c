// See writer_drawing.h: images and notes. Runs in the worker.
#include "lib/sheet/writer_drawing.h"
#include "lib/sheet/writer_internal.h"

static bool is_picture(struct text content)
{
    static const struct text png = {"\x89PNG\r\n\x1A\n", 8}, jpeg = {"\xFF\xD8\xFF", 3};
    return (content.length > png.length && memcmp(content.data, png.data, png.length) == 0) ||
           (content.length > jpeg.length && memcmp(content.data, jpeg.data, jpeg.length) == 0);
}

// The library finds out the size when it takes the image; what is asked for is told after that.
static bool scale(lxw_worksheet *sheet, const struct sheet_image *image, struct err *err)
{
    lxw_object_properties *taken = STAILQ_FIRST(sheet->image_props);
    while (STAILQ_NEXT(taken, list_pointers))
        taken = STAILQ_NEXT(taken, list_pointers);
    if (taken->width < 1 || taken->height < 1 || taken->width > IMAGE_PIXELS_MAX ||
        taken->height > IMAGE_PIXELS_MAX)
        return fail(err, ERR_SHEET_IMAGE, image->name, "its size");
    // An image of another density is shown in its size on paper.
    const double own_width = taken->width * 96 / taken->x_dpi, own_height = taken->height * 96 / taken->y_dpi;
    if (image->width)
        taken->x_scale = image->width / own_width;
    if (image->height)
        taken->y_scale = image->height / own_height;
    if (!image->height && image->width)
        taken->y_scale = taken->x_scale;
    if (!image->width && image->height)
        taken->x_scale = taken->y_scale;
    return true;
}

bool sheet_writer_image(struct sheet_writer *writer, size_t page, const struct sheet_image *image,
                        struct err *err)
{
    struct written_page *on = &writer->pages[page];
    if (on->images++ == WRITER_IMAGES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "images", N(WRITER_IMAGES_MAX));
    if (image->content.length > IMAGE_BYTES_MAX || !is_picture(image->content))
        return fail(err, ERR_SHEET_IMAGE, image->name, "PNG, JPEG");
    SCOPED_TEXT char *description = image->description ? xstrdup(image->description) : NULL;
    if (description && !writer_check_words(text_from(description), CHART_WORDS_MAX, "description", err))
        return false;
    lxw_image_options options = {.description = description, .decorative = !description};
    const lxw_error failed = worksheet_insert_image_buffer_opt(
        on->sheet, image->place.row - 1, (lxw_col_t)(image->place.column - 1),
        (const unsigned char *)image->content.data, image->content.length, &options);
    if (failed)
        return fail(err, ERR_SHEET_IMAGE, image->name, lxw_strerror(failed));
    return scale(on->sheet, image, err);
}

bool sheet_writer_note(struct sheet_writer *writer, size_t page, struct reference place, struct text words,
                       const char *author, struct err *err)
{
    enum { LINE_LETTERS = 28, LINE_PIXELS = 18, WIDTH_PIXELS = 200, HEIGHT_LEAST = 74, HEIGHT_MOST = 600 };
    struct written_page *on = &writer->pages[page];
    if (on->notes++ == WRITER_NOTES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "notes", N(WRITER_NOTES_MAX));
    if (!writer_check_words(words, NOTE_LETTERS_MAX, "note", err) ||
        (author && !writer_check_words(text_from(author), NOTE_AUTHOR_MAX, "author", err)))
        return false;
    SCOPED_TEXT char *copy = text_copy(words);
    SCOPED_TEXT char *by = xstrdup(author ? author : "renki");
    size_t lines = 1 + words.length / LINE_LETTERS;
    for (size_t i = 0; i < words.length; i++)
        lines += words.data[i] == '\n';
    const size_t height = lines * LINE_PIXELS;
    lxw_comment_options options = {.author = by,
                                   .width = WIDTH_PIXELS,
                                   .height = (uint16_t)(height < HEIGHT_LEAST  ? HEIGHT_LEAST
                                                        : height > HEIGHT_MOST ? HEIGHT_MOST
                                                                               : height)};
    return writer_done(
        worksheet_write_comment_opt(on->sheet, place.row - 1, (lxw_col_t)(place.column - 1), copy, &options),
        place, err);
}
