// Errors as messages carry them: by name, arguments as JSON (wire.h). In every process.
#include "lib/wire/wire.h"

static void write_arguments(struct json_writer *writer, const struct err *err)
{
    json_begin_array(writer);
    for (size_t i = 0; i < err->count; i++)
        json_write_lossy(writer, text_from(err->arguments[i]));
    json_end_array(writer);
}

void err_write(struct json_writer *writer, const struct err *err)
{
    json_begin_object(writer);
    json_write_key(writer, "code");
    json_write_string(writer, err_name(err->code));
    json_write_key(writer, "arguments");
    write_arguments(writer, err);
    json_write_key(writer, "where");
    json_write_lossy(writer, text_from(err->where));
    json_end_object(writer);
}

bool err_to_record(struct buf *arguments, const struct err *err)
{
    struct json_writer writer = json_writer_new(arguments);
    write_arguments(&writer, err);
    return json_writer_done(&writer);
}

bool err_from_record(struct err *out, struct text code, struct text arguments)
{
    SCOPED(json_document)
    document = NULL;
    SCOPED_TEXT char *name = text_copy(code);
    enum err_code known;
    struct err ignored;
    if (!err_from_name(&known, name) || !json_parse(&document, arguments, &ignored))
        return false;
    const char *texts[CATALOGUE_ARGUMENTS_MAX + 1] = {NULL};
    const struct json *root = json_root(document);
    for (size_t i = 0; i < json_count(root) && i < CATALOGUE_ARGUMENTS_MAX; i++)
        texts[i] = json_string_or(json_at(root, i), "?");
    (void)err_fail(out, known, texts);
    return true;
}

bool wire_encode_failed(struct buf *frame, const struct err *err)
{
    SCOPED_BUF(arguments, 8192);
    struct err ignored;
    if (!err_to_record(&arguments, err))
        return false;
    const struct message_READ_FAILED message = {.code = text_from(err_name(err->code)),
                                                .arguments = buf_text(&arguments),
                                                .where = text_from(err->where)};
    return wire_encode(frame, MESSAGE_READ_FAILED, &message, &ignored);
}
