// CSV of any kind: whatever the bytes, rows come in order and within the limits, and a strict reader that succeeds gives
// what a lenient one gives. The first byte chooses the dialect.
#include "lib/csv/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS_MAX = 10000 };

static struct csv_options options_of(uint8_t choice)
{
    static const char *const encodings[] = {NULL, "utf-8", "windows-1252", "utf-16le"};
    struct csv_options options = {.dialect = csv_dialect_find(), .encoding = encodings[choice & 3]};
    options.dialect.delimiter = choice & 4 ? ';' : '\0';
    options.dialect.escape = choice & 8 ? '\\' : '\0';
    options.dialect.quote = choice & 16 ? '\0' : '"';
    options.dialect.comment = choice & 32 ? "#" : NULL;
    options.dialect.skip_space = choice & 64;
    options.dialect.blank = choice & 128 ? CSV_BLANK_KEEP : CSV_BLANK_SKIP;
    return options;
}

// A sum over all cells, by which two readings are compared; false when the reading failed.
static bool read_all(struct text bytes, const struct csv_options *options, uint64_t *sum)
{
    struct err err;
    size_t line = 0;
    const struct csv_row *row;
    struct csv_reader *reader = NULL;
    SCOPED_BUF(message, 4096);
    bool good = csv_reader_open_text(&reader, bytes, options, &err);
    *sum = 0;
    for (size_t rows = 0; good && rows < ROWS_MAX; rows++) {
        good = csv_reader_next(reader, &row, &err);
        if (!good || !row)
            break;
        require(row->line > line && row->count > 0 && row->count <= CSV_COLUMNS_MAX);
        line = row->line;
        for (size_t i = 0; i < row->count; i++) {
            require(row->cells[i].length <= CSV_CELL_BYTES_MAX && text_is_utf8(row->cells[i]));
            for (size_t k = 0; k < row->cells[i].length; k++)
                *sum = *sum * 31 + (unsigned char)row->cells[i].data[k];
            *sum = *sum * 37 + 1;
        }
    }
    require(good || err_message(&message, &err, LANGUAGE_SV));
    csv_reader_free(reader);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t strict_sum, lenient_sum;
    if (!size)
        return 0;
    struct csv_options options = options_of(data[0]);
    const struct text bytes = text_of((const char *)data + 1, size - 1);
    const bool strict = read_all(bytes, &options, &strict_sum);
    options.lenient = true;
    const bool lenient = read_all(bytes, &options, &lenient_sum);
    require(!strict || (lenient && strict_sum == lenient_sum));
    return 0;
}
