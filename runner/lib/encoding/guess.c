// What unnamed bytes most likely are.
//
// Marks and UTF-16's zero bytes are certain enough; text that is valid UTF-8 with a letter outside ASCII is UTF-8 (the
// chance that a single-byte text looks so is one in thousands). For the rest each candidate reads the text and earns
// points for what Nordic and Baltic office text holds: its letters next to letters, the euro next to digits; it loses
// them for bytes without meaning and for signs that such text never holds.
#include "lib/encoding/tables.h"

static bool is_ascii_letter(uint32_t c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_letter(uint32_t c)
{
    return is_ascii_letter(c) || (c >= 0xC0 && c <= 0x17F && c != 0xD7 && c != 0xF7);
}

// Letters by how usual they are here, as ranges of points.
static int points_of_letter(uint32_t c)
{
    static const uint16_t everyday[] = {0xE4, 0xF6, 0xE5, 0xC4, 0xD6, 0xC5}; // ä ö å
    static const uint16_t usual[] = {
        0xF5,  0xFC,  0xE9,  0x161, 0x17E, 0xD5,  0xDC,  0xC9,   // õ ü é š ž
        0x160, 0x17D, 0xF8,  0xE6,  0xD8,  0xC6,  0x101, 0x10D,  // ø æ ā č
        0x113, 0x12B, 0x16B, 0x119, 0x117, 0x123, 0x137, 0x13C,  // ē ī ū ę ė ģ ķ ļ
        0x146, 0x105, 0x12F, 0x173, 0x16A, 0x112, 0x100, 0x10C}; // ņ ą į ų
    static const uint16_t foreign[] = {0xF0, 0xD0, 0xFE, 0xDE, 0xFF, 0x178, 0x131, 0x14A}; // ð þ ÿ ı
    for (size_t i = 0; i < COUNT_OF(everyday); i++)
        if (everyday[i] == c)
            return 12;
    for (size_t i = 0; i < COUNT_OF(usual); i++)
        if (usual[i] == c)
            return 8;
    for (size_t i = 0; i < COUNT_OF(foreign); i++)
        if (foreign[i] == c)
            return 1;
    return 5;
}

struct neighbours {
    uint32_t before, after;
};

static bool is_digit_or_blank(uint32_t c)
{
    return (c >= '0' && c <= '9') || c == ' ' || c == 0xA0;
}

static int points_of(uint32_t c, struct neighbours near)
{
    static const uint16_t signs[] = {0xA7,   0xB0,   0xB2,   0xB3,   0xBD,   0xA3,   0xD7, // § ° ² ³ ½ £ ×
                                     0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x201E, 0x2022, 0x2026};
    if (c == ENCODING_NOTHING)
        return -40;
    if (c >= 0x80 && c < 0xA0)
        return -20;
    if (is_letter(c)) {
        const bool upper_inside = c < 0xDF && c >= 0xC0 && near.before >= 'a' && near.before <= 'z';
        const bool beside_letters = is_letter(near.before) || is_letter(near.after);
        return upper_inside ? -8 : beside_letters ? points_of_letter(c) : 0;
    }
    if (c == 0x20AC) // €
        return is_digit_or_blank(near.before) || is_digit_or_blank(near.after) ? 12 : 2;
    if (c == 0xA0 || c == 0xAD)
        return is_digit_or_blank(near.before) || is_digit_or_blank(near.after) ? 4 : 1;
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (signs[i] == c)
            return is_letter(near.before) && is_letter(near.after) && c != 0x2019 ? -4 : 2;
    return -6; // a box, a rare sign, a letter of another script
}

static long score(const struct encoding *encoding, struct text text)
{
    long total = 0;
    for (size_t i = 0; i < text.length; i++) {
        const unsigned char byte = (unsigned char)text.data[i];
        if (byte < 0x80)
            continue;
        const struct neighbours near = {
            .before = i ? encoding->forth[(unsigned char)text.data[i - 1]] : ' ',
            .after = i + 1 < text.length ? encoding->forth[(unsigned char)text.data[i + 1]] : ' ',
        };
        total += points_of(encoding->forth[byte], near);
    }
    return total;
}

static const struct encoding *guess_single_byte(struct text text)
{
    // In order of how often they are met: a later one must be better, not as good.
    static const char *const candidates[] = {"windows-1252", "iso-8859-15", "cp850", "macintosh",
                                             "windows-1257"};
    const struct encoding *best = NULL;
    long most = 0;
    for (size_t i = 0; i < COUNT_OF(candidates); i++) {
        const struct encoding *encoding = encoding_find(text_from(candidates[i]));
        const long points = score(encoding, text);
        if (!best || points > most) {
            best = encoding;
            most = points;
        }
    }
    return best;
}

// Zero bytes stand at every second place of UTF-16 that is mostly Latin; no other text has them.
static const struct encoding *guess_utf16(struct text text)
{
    size_t zeros[2] = {0, 0};
    for (size_t i = 0; i < text.length; i++)
        zeros[i % 2] += text.data[i] == '\0';
    const size_t half = text.length / 2;
    if (half == 0 || zeros[0] + zeros[1] < half / 2)
        return NULL;
    if (zeros[1] > 4 * zeros[0])
        return encoding_find(TEXT_OF("utf-16le"));
    return zeros[0] > 4 * zeros[1] ? encoding_find(TEXT_OF("utf-16be")) : NULL;
}

static bool utf8_but_for_the_end(struct text text)
{
    for (size_t cut = 0; cut < 4 && cut <= text.length; cut++)
        if (text_is_utf8(text_of(text.data, text.length - cut)))
            return cut == 0 || (unsigned char)text.data[text.length - cut] >= 0xC2;
    return false;
}

const struct encoding *encoding_guess(struct text start)
{
    if (start.length > ENCODING_GUESS_BYTES)
        start.length = ENCODING_GUESS_BYTES;
    if (text_starts(start, "\xEF\xBB\xBF"))
        return encoding_utf8();
    if (text_starts(start, "\xFF\xFE"))
        return encoding_find(TEXT_OF("utf-16le"));
    if (text_starts(start, "\xFE\xFF"))
        return encoding_find(TEXT_OF("utf-16be"));
    const struct encoding *utf16 = guess_utf16(start);
    if (utf16)
        return utf16;
    return utf8_but_for_the_end(start) ? encoding_utf8() : guess_single_byte(start);
}
