// The encodings and their labels; the tables come from tables/make.c at build time.
#include "lib/encoding/tables.h"

#include "lib/encoding/encoding_tables.inc"

static const struct encoding utf8 = {"utf-8", ENCODING_UTF8};
static const struct encoding utf8_bom = {"utf-8-bom", ENCODING_UTF8, .mark = true};
static const struct encoding utf16 = {"utf-16", ENCODING_UTF16, .mark = true};
static const struct encoding utf16le = {"utf-16le", ENCODING_UTF16};
static const struct encoding utf16be = {"utf-16be", ENCODING_UTF16, .big_endian = true};

#define CHARSET(identifier, shown, iconv_name)                                                               \
    static const struct encoding identifier = {shown, ENCODING_TABLE, .forth = identifier##_forth,           \
                                               .back = identifier##_back,                                    \
                                               .back_count = COUNT_OF(identifier##_back)};
#define LABEL(identifier, label)
#include "lib/encoding/charsets.def"
#undef CHARSET
#undef LABEL

struct label {
    const char *label;
    const struct encoding *encoding;
};

static const struct label labels[] = {
    {"utf-8", &utf8},
    {"utf8", &utf8},
    {"unicode-1-1-utf-8", &utf8},
    {"unicode11utf8", &utf8},
    {"unicode20utf8", &utf8},
    {"x-unicode20utf8", &utf8},
    {"utf-8-bom", &utf8_bom},
    {"utf-8-sig", &utf8_bom},
    {"utf-16", &utf16},
    {"utf16", &utf16},
    {"unicode", &utf16},
    {"ucs-2", &utf16},
    {"iso-10646-ucs-2", &utf16},
    {"csunicode", &utf16},
    {"unicodefeff", &utf16},
    {"utf-16le", &utf16le},
    {"utf16le", &utf16le},
    {"utf-16be", &utf16be},
    {"utf16be", &utf16be},
    {"unicodefffe", &utf16be},
#define CHARSET(identifier, shown, iconv_name) {shown, &identifier},
#define LABEL(identifier, label) {label, &identifier},
#include "lib/encoding/charsets.def"
#undef CHARSET
#undef LABEL
};

enum { LABEL_MAX = 40 };

// Lower case, "-" for "_", nothing around: the form in which the labels are listed.
static bool plain_label(char out[LABEL_MAX + 1], struct text label)
{
    label = text_trim(label);
    if (label.length > LABEL_MAX)
        return false;
    for (size_t i = 0; i < label.length; i++) {
        const char c = label.data[i];
        out[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    out[label.length] = '\0';
    return true;
}

const struct encoding *encoding_find(struct text label)
{
    char plain[LABEL_MAX + 1];
    if (!plain_label(plain, label))
        return NULL;
    for (size_t i = 0; i < COUNT_OF(labels); i++)
        if (strcmp(labels[i].label, plain) == 0)
            return labels[i].encoding;
    return NULL;
}

const struct encoding *encoding_find_web(struct text label)
{
    const struct encoding *found = encoding_find(label);
    if (found == &iso_8859_1 || found == &us_ascii)
        return &windows_1252;
    return found == &iso_8859_9 ? &windows_1254 : found == &utf16 ? &utf16le : found;
}

bool encoding_require(const struct encoding **out, struct text label, struct err *err)
{
    *out = encoding_find(label);
    if (*out)
        return true;
    const char *names[COUNT_OF(labels)];
    for (size_t i = 0; i < COUNT_OF(labels); i++)
        names[i] = labels[i].label;
    SCOPED_TEXT char *asked = text_copy(label);
    const char *near = text_nearest(asked, names, COUNT_OF(names));
    return fail(err, ERR_ENCODING_UNKNOWN, asked, near ? near : "utf-8, windows-1252, iso-8859-15");
}

const struct encoding *encoding_utf8(void)
{
    return &utf8;
}

const char *encoding_name(const struct encoding *encoding)
{
    return encoding->name;
}

bool encoding_is_utf8(const struct encoding *encoding)
{
    return encoding->kind == ENCODING_UTF8;
}
