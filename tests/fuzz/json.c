// JSON from anybody: what is read can be written, and reads back as what it was.
#include "lib/json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct json *value)
{
    struct text text;
    int64_t integer;
    double number;
    (void)json_int64(value, &integer);
    (void)json_double(value, &number);
    require(!json_text(value, &text) || (text_is_utf8(text) && text.data[text.length] == '\0'));
    size_t count = 0;
    for (const struct json *member = json_first(value); member; member = json_next(member), count++) {
        if (json_kind(value) == JSON_OBJECT)
            require(text_is_utf8(json_key(member)));
        walk(member);
    }
    require(count == json_count(value));
}

static void write(struct buf *out, const struct json_document *document)
{
    struct json_writer writer = json_writer_new(out);
    json_write_value(&writer, json_root(document));
    require(json_writer_done(&writer));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    SCOPED(json_document)
    document = NULL;
    SCOPED(json_document)
    again = NULL;
    SCOPED_BUF(first, JSON_BYTES_MAX);
    SCOPED_BUF(second, JSON_BYTES_MAX);
    if (!json_parse(&document, text_of((const char *)data, size), &err)) {
        require(err_message(&first, &err, LANGUAGE_FI));
        return 0;
    }
    walk(json_root(document));
    write(&first, document);
    require(json_parse(&again, buf_text(&first), &err));
    write(&second, again);
    require(text_equal(buf_text(&first), buf_text(&second)));
    return 0;
}
