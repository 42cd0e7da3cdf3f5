// Writes the tables of the single-byte charsets from iconv's knowledge, and the simple case mappings of all letters from
// the C library's. Runs at build time only.
//
// For each charset of charsets.def: what each of the 256 bytes means (0xFFFF: nothing), and the way back, sorted by
// code point. Fails when iconv lacks a charset, so that a build never knows fewer than the list says.
#include <errno.h>
#include <iconv.h>
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

enum { NOTHING = 0xFFFF, EURO = 0x20AC };

struct back {
    uint16_t code_point;
    uint8_t byte;
};

static void stop(const char *what, const char *which)
{
    fprintf(stderr, "%s %s: %s\n", what, which, strerror(errno));
    exit(1);
}

static uint16_t meaning(iconv_t conversion, unsigned byte)
{
    char in[1] = {(char)byte};
    unsigned char out[8] = {0};
    char *from = in, *to = (char *)out;
    size_t in_left = 1, out_left = sizeof(out);
    iconv(conversion, NULL, NULL, NULL, NULL);
    // A charset with combining marks (windows-1255, -1258) holds a letter back until it is asked to hand it out.
    if (iconv(conversion, &from, &in_left, &to, &out_left) == (size_t)-1 ||
        iconv(conversion, NULL, NULL, &to, &out_left) == (size_t)-1 || sizeof(out) - out_left != 2)
        return NOTHING;
    return (uint16_t)(out[0] | out[1] << 8);
}

static int by_code_point(const void *a, const void *b)
{
    const struct back *left = a, *right = b;
    return (left->code_point > right->code_point) - (left->code_point < right->code_point);
}

static void write_charset(FILE *out, const char *identifier, const char *iconv_name)
{
    const iconv_t conversion = iconv_open("UTF-16LE", iconv_name);
    if (conversion == (iconv_t)-1) // NOLINT: the value that iconv_open is defined to give
        stop("iconv does not know", iconv_name);
    struct back back[256];
    size_t count = 0;
    fprintf(out, "static const uint16_t %s_forth[256] = {", identifier);
    for (unsigned byte = 0; byte < 256; byte++) {
        uint16_t code_point = meaning(conversion, byte);
        // Byte DB was changed from the currency sign to the euro in 1998; iconv keeps the old table.
        if (strcmp(identifier, "macintosh") == 0 && byte == 0xDB)
            code_point = EURO;
        if (code_point != NOTHING)
            back[count++] = (struct back){code_point, (uint8_t)byte};
        fprintf(out, "%s0x%04X,", byte % 16 ? " " : "\n    ", code_point);
    }
    iconv_close(conversion);
    qsort(back, count, sizeof(back[0]), by_code_point);
    fprintf(out, "\n};\nstatic const struct encoding_back %s_back[] = {", identifier);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s{0x%04X, 0x%02X},", i % 8 ? " " : "\n    ", back[i].code_point, back[i].byte);
    fprintf(out, "\n};\n");
}

static void write_case(FILE *out, const char *name, wint_t (*mapping)(wint_t))
{
    fprintf(out, "static const struct letter_pair %s_pairs[] = {", name);
    size_t written = 0;
    for (wint_t letter = 0x80; letter <= 0x1FFFF; letter++)
        if (mapping(letter) != letter)
            fprintf(out, "%s{0x%04X, 0x%04X},", written++ % 6 ? " " : "\n    ", (unsigned)letter,
                    (unsigned)mapping(letter));
    fprintf(out, "\n};\n");
}

static FILE *start(const char *name)
{
    FILE *out = fopen(name, "w");
    if (!out)
        stop("can't write", name);
    return out;
}

static void finish(FILE *out, const char *name)
{
    if (fclose(out) != 0)
        stop("can't write", name);
}

// make CHARSETS LETTERS: the two files to write.
int main(int count, char **arguments)
{
    if (count != 3 || !setlocale(LC_CTYPE, "C.UTF-8"))
        stop("two file names and the locale", "C.UTF-8");
    FILE *out = start(arguments[1]);
#define CHARSET(identifier, name, iconv_name) write_charset(out, #identifier, iconv_name);
#define LABEL(identifier, label)
#include "lib/encoding/charsets.def"
    finish(out, arguments[1]);
    out = start(arguments[2]);
    write_case(out, "upper", towupper);
    write_case(out, "lower", towlower);
    finish(out, arguments[2]);
    return 0;
}
