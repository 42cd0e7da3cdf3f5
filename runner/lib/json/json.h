// JSON by RFC 8259: one reader and one writer for robots, frames and the API. In every process.
//
// 1. Numbers are kept as written until asked for: nothing is rounded silently.
// 2. Text is UTF-8; escapes are decoded, lone surrogates refused, NUL allowed inside text.
// 3. Of keys that come twice the last one counts (`json_get`), and all can be walked.
// 4. A document is one block of memory in which values point to each other; it is freed as a whole.
#ifndef RENKI_JSON_H
#define RENKI_JSON_H

#include "lib/base/err.h"

enum json_kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_TEXT, JSON_ARRAY, JSON_OBJECT };

enum { JSON_DEPTH_MAX = 64, JSON_BYTES_MAX = 64 << 20 };

struct json;          // a value inside a document, borrowed from it
struct json_document; // owns all of it

// Reads a whole text: one value with white space around it. Errors tell line and column (in characters, from 1).
// At most JSON_BYTES_MAX bytes and JSON_DEPTH_MAX levels of arrays and objects; a byte order mark is passed over.
// The document keeps its own copy of what it needs; `text` may go away.
bool json_parse(struct json_document **out, struct text text, struct err *err) MUST_CHECK;
void json_document_free(struct json_document *document);
DEFINE_SCOPED(json_document)
const struct json *json_root(const struct json_document *document);

// All of these accept NULL (as "not there"), so that lookups can be chained.
enum json_kind json_kind(const struct json *value);                      // JSON_NULL for NULL
const char *json_kind_name(enum json_kind kind);                         // "text", "number" …, for messages
const struct json *json_get(const struct json *object, const char *key); // NULL: not an object or no such key
size_t json_count(const struct json *array_or_object);                   // 0 for all else
const struct json *json_at(const struct json *array_or_object,
                           size_t index);                         // the value; NULL beyond the end
struct text json_key_at(const struct json *object, size_t index); // decoded key
// Walks members in linear time: value = json_first(array); value; value = json_next(value).
const struct json *json_first(const struct json *array_or_object);
const struct json *json_next(const struct json *value);
struct text json_key(const struct json *member); // of a member of an object; empty text otherwise

// False where the value is of another kind or does not fit; *out untouched then.
bool json_text(const struct json *value, struct text *out);        // decoded, NUL-ended too
bool json_number_text(const struct json *value, struct text *out); // exactly as written
bool json_int64(const struct json *value, int64_t *out);           // 12, 12.0 and 1.2e1 are whole numbers
bool json_double(const struct json *value, double *out);           // false when it overflows
bool json_boolean(const struct json *value, bool *out);
// `otherwise` when absent, of another kind, or a text with a NUL inside, which a string would cut.
const char *json_string_or(const struct json *value, const char *otherwise); // NUL-ended
int64_t json_int64_or(const struct json *value, int64_t otherwise);

// The writer appends to `out` and puts commas and colons itself. It remembers the first failure (the buffer's
// maximum, a number that is none, text that is not UTF-8, too deep); json_writer_done tells.
struct json_writer {
    struct buf *out;
    unsigned depth;
    bool failed, comma, after_key;
    int indent;       // 0: compact; else blanks a level, for people
    uint64_t objects; // bit n: level n is an object; the writer's own
};
static inline struct json_writer json_writer_new(struct buf *out)
{
    return (struct json_writer){.out = out};
}
// One text in quotes, for what is written without a writer. False when it is not UTF-8 or the buffer is full.
bool json_append_quoted(struct buf *out, struct text text) MUST_CHECK;
void json_begin_object(struct json_writer *writer);
void json_end_object(struct json_writer *writer);
void json_begin_array(struct json_writer *writer);
void json_end_array(struct json_writer *writer);
void json_write_key(struct json_writer *writer, const char *key);
void json_write_key_text(struct json_writer *writer, struct text key);
void json_write_null(struct json_writer *writer);
void json_write_boolean(struct json_writer *writer, bool value);
void json_write_integer(struct json_writer *writer, int64_t value);
void json_write_double(struct json_writer *writer,
                       double value); // shortest that reads back; not finite fails
void json_write_number_text(struct json_writer *writer, struct text number); // must be a JSON number
void json_write_text(struct json_writer *writer, struct text text);
void json_write_string(struct json_writer *writer, const char *string); // NULL writes null
// Text from outside that may not be UTF-8: malformed bytes become U+FFFD.
void json_write_lossy(struct json_writer *writer, struct text text);
void json_write_value(struct json_writer *writer,
                      const struct json *value);                    // copies a parsed value as it was
bool json_writer_done(const struct json_writer *writer) MUST_CHECK; // complete and nothing failed

#endif
