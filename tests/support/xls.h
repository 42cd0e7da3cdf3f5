// Old Excel workbooks for tests: records, a workbook of one page, the container around it.
#ifndef RENKI_TESTS_XLS_H
#define RENKI_TESTS_XLS_H

#include "lib/base/buf.h"

enum { XLS_SECTOR = 512, XLS_FREE = -1, XLS_END = -2, XLS_FAT = -3 };

static inline void put_number(struct buf *out, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        require(buf_append_char(out, (char)(value >> (8 * i))));
}

static inline void put_record(struct buf *out, unsigned type, struct text data)
{
    put_number(out, type, 2);
    put_number(out, data.length, 2);
    require(buf_append_text(out, data));
}

static inline void put_begin(struct buf *out, unsigned version, unsigned kind)
{
    SCOPED_BUF(data, 16);
    put_number(&data, version, 2);
    put_number(&data, kind, 2);
    put_number(&data, 0, 4);
    put_record(out, 0x809, buf_text(&data));
}

// Globals with these records, and one visible page "P" with those.
static inline void put_workbook(struct buf *out, unsigned version, struct text globals, struct text page)
{
    const bool wide = version == 0x600;
    SCOPED_BUF(sheet, 16);
    put_begin(out, version, 5);
    require(buf_append_text(out, globals));
    put_number(&sheet, out->length + (wide ? 13 : 12) + 4, 4);
    put_number(&sheet, 0, 2);
    put_number(&sheet, 1, wide ? 2 : 1);
    put_number(&sheet, 'P', 1);
    put_record(out, 0x85, buf_text(&sheet));
    put_record(out, 0x0A, text_of("", 0));
    put_begin(out, version, 0x10);
    require(buf_append_text(out, page));
    put_record(out, 0x0A, text_of("", 0));
}

static inline void put_zeros(struct buf *out, size_t length)
{
    while (length--)
        require(buf_append_char(out, 0));
}

static inline void put_entry(struct buf *out, const char *name, unsigned kind, int child, int64_t first,
                             size_t size)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i < 32; i++)
        put_number(out, i < length ? (unsigned char)name[i] : 0, 2);
    put_number(out, 2 * (length + 1), 2);
    put_number(out, kind, 1);
    put_number(out, 1, 1);
    put_number(out, UINT64_MAX, 8); // no neighbours
    put_number(out, (uint64_t)(int64_t)child, 4);
    put_zeros(out, 36);
    put_number(out, (uint64_t)first, 4);
    put_number(out, size, 8);
}

// A container with one stream, which must be so long that it lies in sectors of its own (4096 bytes) and so short that
// one sector lists all (60 kB). Sector 0 is the list, 1 the names, the stream begins at 2.
static inline void put_container(struct buf *out, const char *name, struct text stream)
{
    static const char magic[] = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
    const size_t sectors = (stream.length + XLS_SECTOR - 1) / XLS_SECTOR;
    require(stream.length >= 4096 && sectors + 2 <= XLS_SECTOR / 4);
    require(buf_append(out, magic, 8));
    put_zeros(out, 16);
    put_number(out, 0x0003003E, 4);
    put_number(out, 0x0009FFFE, 4);
    put_number(out, 6, 2);
    put_zeros(out, 10);
    put_number(out, 1, 4); // one sector of list
    put_number(out, 1, 4); // where the names begin
    put_number(out, 0, 4);
    put_number(out, 4096, 4);
    put_number(out, (uint64_t)XLS_END, 4);
    put_number(out, 0, 4);
    put_number(out, (uint64_t)XLS_END, 4);
    put_number(out, 0, 4);
    put_number(out, 0, 4); // the list's only sector
    for (int i = 1; i < 109; i++)
        put_number(out, (uint64_t)XLS_FREE, 4);
    for (size_t i = 0; i < XLS_SECTOR / 4; i++)
        put_number(out,
                   i == 0             ? (uint64_t)XLS_FAT
                   : i == 1           ? (uint64_t)XLS_END
                   : i < sectors + 1  ? i + 1
                   : i == sectors + 1 ? (uint64_t)XLS_END
                                      : (uint64_t)XLS_FREE,
                   4);
    put_entry(out, "Root Entry", 5, 1, XLS_END, 0);
    put_entry(out, name, 2, -1, 2, stream.length);
    put_zeros(out, 256);
    require(buf_append_text(out, stream));
    put_zeros(out, sectors * XLS_SECTOR - stream.length);
}

#endif
