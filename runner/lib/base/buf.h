// A growing run of bytes that is born with its maximum. In every process.
#ifndef RENKI_BASE_BUF_H
#define RENKI_BASE_BUF_H

#include "lib/base/text.h"

struct buf {
    char *data; // always ended by a NUL that is not counted; NULL while empty
    size_t length, capacity, maximum;
};

// `maximum` in bytes; what would pass it is refused, and the buffer keeps what it had.
static inline struct buf buf_new(size_t maximum)
{
    return (struct buf){NULL, 0, 0, maximum};
}
void buf_dispose(struct buf *buf); // may be used again afterwards, empty
void buf_clear(struct buf *buf);   // empty, memory kept
static inline struct text buf_text(const struct buf *buf)
{
    return text_of(buf->data ? buf->data : "", buf->length);
}
// NUL-ended, valid until the next change.
const char *buf_string(struct buf *buf);
// Takes the bytes out (NUL-ended); the caller frees them and the buffer is empty.
char *buf_steal(struct buf *buf);

bool buf_append_growing(struct buf *buf, const void *data,
                        size_t length) MUST_CHECK; // buf_append's rare half
MUST_CHECK static inline bool buf_append(struct buf *buf, const void *data, size_t length)
{
    // Capacity is never above the maximum and its NUL.
    if (__builtin_expect(length >= buf->capacity - buf->length || !length, 0))
        return buf_append_growing(buf, data, length);
    memcpy(buf->data + buf->length, data, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
    return true;
}
bool buf_append_text(struct buf *buf, struct text text) MUST_CHECK;
MUST_CHECK static inline bool buf_append_string(struct buf *buf, const char *s)
{
    return buf_append(buf, s, strlen(s));
}
MUST_CHECK static inline bool buf_append_char(struct buf *buf, char c)
{
    return buf_append(buf, &c, 1);
}
bool buf_printf(struct buf *buf, const char *format, ...) MUST_CHECK PRINTF_LIKE(2, 3);
// Room for `length` more bytes, uninitialised, not yet counted; add to buf->length what was filled. NULL: too much.
char *buf_reserve(struct buf *buf, size_t length) MUST_CHECK;
// Drops `length` bytes at the front.
void buf_consume(struct buf *buf, size_t length);

static inline void scoped_buf_dispose(struct buf *buf)
{
    buf_dispose(buf);
}
// SCOPED_BUF(line, 8192): a buffer that is disposed of at the end of the scope.
#define SCOPED_BUF(name, most) __attribute__((cleanup(scoped_buf_dispose))) struct buf name = buf_new(most)

#endif
