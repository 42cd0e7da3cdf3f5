// Bytes of any charset: nothing crashes, pieces give what the whole gives, what was read is UTF-8 and writes back.
// The first byte says the charset, the second the size of the pieces.
#include "lib/encoding/encoding.h"
#include "lib/encoding/letters.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const labels[] = {"utf-8",        "utf-16",      "utf-16le",     "utf-16be",
                                     "windows-1252", "iso-8859-15", "cp850",        "macintosh",
                                     "cp278",        "iso646-fi",   "windows-1257", "us-ascii"};

static void pieces_equal_the_whole(const struct encoding *encoding, struct text in, size_t piece,
                                   struct text whole)
{
    SCOPED_BUF(out, 4 << 20);
    struct decoder decoder = decoder_new(encoding, ENCODING_LOSSY);
    struct err err;
    for (size_t at = 0; at < in.length; at += piece) {
        const size_t left = in.length - at;
        require(decoder_feed(&decoder, &out, text_of(in.data + at, left < piece ? left : piece), &err));
    }
    require(decoder_finish(&decoder, &out, &err));
    require(text_equal(buf_text(&out), whole));
}

static void strict_text_writes_back(const struct encoding *encoding, struct text in)
{
    SCOPED_BUF(text, 4 << 20);
    SCOPED_BUF(bytes, 4 << 20);
    SCOPED_BUF(again, 4 << 20);
    struct err err;
    if (!encoding_to_utf8(&text, encoding, in, ENCODING_STRICT, &err))
        return;
    require(text_is_utf8(buf_text(&text)));
    require(encoding_from_utf8(&bytes, encoding, buf_text(&text), ENCODING_STRICT, &err));
    // The mark that begins the bytes is not part of the text, unless there were two.
    require(encoding_to_utf8(&again, encoding, buf_text(&bytes), ENCODING_LOSSY, &err));
    require(text_equal(buf_text(&text), buf_text(&again)) || text_starts(buf_text(&text), "\xEF\xBB\xBF"));
}

static void letters_keep_their_laws(struct text text)
{
    SCOPED_BUF(upper, 8 << 20);
    SCOPED_BUF(squeezed, 4 << 20);
    require(letters_upper(&upper, text) && letters_squeeze(&squeezed, text));
    const size_t count = letters_count(text);
    require(letters_count(buf_text(&upper)) == count && letters_count(buf_text(&squeezed)) <= count);
    require(letters_part(text, 1, -1).length == text.length);
    require(letters_trim_left(letters_trim_right(text)).length <= text.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 100000)
        return 0;
    const struct encoding *encoding = encoding_find(text_from(labels[data[0] % COUNT_OF(labels)]));
    const struct text in = text_of((const char *)data + 2, size - 2);
    SCOPED_BUF(out, 4 << 20);
    struct err err;
    require(encoding_guess(in) != NULL);
    require(encoding_to_utf8(&out, encoding, in, ENCODING_LOSSY, &err) && text_is_utf8(buf_text(&out)));
    pieces_equal_the_whole(encoding, in, data[1] % 16 + 1U, buf_text(&out));
    strict_text_writes_back(encoding, in);
    letters_keep_their_laws(in);
    return 0;
}
