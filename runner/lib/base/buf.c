// See buf.h.
#include "lib/base/buf.h"

#include <stdarg.h>
#include <stdio.h>

void buf_dispose(struct buf *buf)
{
    xfree(buf->data);
    *buf = buf_new(buf->maximum);
}

void buf_clear(struct buf *buf)
{
    buf->length = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

const char *buf_string(struct buf *buf)
{
    if (!buf->data)
        return "";
    buf->data[buf->length] = '\0';
    return buf->data;
}

char *buf_steal(struct buf *buf)
{
    char *data = buf->data ? buf->data : xstrdup("");
    data[buf->length] = '\0';
    *buf = buf_new(buf->maximum);
    return data;
}

char *buf_reserve(struct buf *buf, size_t length)
{
    if (length > buf->maximum || buf->length > buf->maximum - length)
        return NULL;
    const size_t needed = buf->length + length + 1;
    if (needed > buf->capacity) {
        size_t capacity = buf->capacity ? buf->capacity : 64;
        while (capacity < needed)
            capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
        if (capacity > buf->maximum + 1)
            capacity = buf->maximum + 1;
        buf->data = xrealloc(buf->data, capacity);
        buf->capacity = capacity;
    }
    return buf->data + buf->length;
}

bool buf_append_growing(struct buf *buf, const void *data, size_t length)
{
    char *room = buf_reserve(buf, length);
    if (!room)
        return false;
    if (length)
        memcpy(room, data, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
    return true;
}

bool buf_append_text(struct buf *buf, struct text text)
{
    return buf_append(buf, text.data, text.length);
}

bool buf_printf(struct buf *buf, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *room = length < 0 ? NULL : buf_reserve(buf, (size_t)length);
    if (room) {
        vsnprintf(room, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    va_end(again);
    return room != NULL;
}

void buf_consume(struct buf *buf, size_t length)
{
    require(length <= buf->length);
    if (length == 0)
        return; // perhaps of nothing
    memmove(buf->data, buf->data + length, buf->length - length);
    buf->length -= length;
}
