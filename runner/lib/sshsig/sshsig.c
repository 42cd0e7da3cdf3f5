// See sshsig.h. All numbers are four bytes, the highest first; a string is its length and its bytes.
#include "lib/sshsig/sshsig.h"

#include "lib/base/base64.h"

#include <sodium.h>

#define BEGIN_LINE "-----BEGIN SSH SIGNATURE-----"
#define END_LINE "-----END SSH SIGNATURE-----"
#define MAGIC "SSHSIG"
#define KEY_KIND "ssh-ed25519"
#define HASH_KIND "sha512" // what is made; sha256 is read too

enum { VERSION = 1, LINE_DIGITS = 70, BLOB_MAX = 3072, KEY_BLOB_MAX = 64 };

// ---- writing

static bool put_number(struct buf *out, size_t number)
{
    const unsigned char bytes[4] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16),
                                    (unsigned char)(number >> 8), (unsigned char)number};
    return buf_append(out, bytes, sizeof bytes);
}

static bool put_string(struct buf *out, struct text string)
{
    return put_number(out, string.length) && buf_append_text(out, string);
}

static bool put_key(struct buf *out, const struct sshsig_key *key)
{
    return put_string(out, TEXT_OF(KEY_KIND)) &&
           put_string(out, text_of((const char *)key->bytes, sizeof key->bytes));
}

// What is signed in place of the message.
static bool put_signed(struct buf *out, const char *namespace, struct text hash_kind, struct text message)
{
    unsigned char hash[crypto_hash_sha512_BYTES];
    const bool is_short = text_is(hash_kind, "sha256");
    if (is_short)
        crypto_hash_sha256(hash, (const unsigned char *)message.data, message.length);
    else
        crypto_hash_sha512(hash, (const unsigned char *)message.data, message.length);
    return buf_append_string(out, MAGIC) && put_string(out, text_from(namespace)) &&
           put_string(out, TEXT_OF("")) && put_string(out, hash_kind) &&
           put_string(out, text_of((const char *)hash,
                                   is_short ? crypto_hash_sha256_BYTES : crypto_hash_sha512_BYTES));
}

static bool put_armor(struct buf *out, struct text blob)
{
    SCOPED_BUF(digits, SSHSIG_ARMOR_MAX);
    if (!base64_append(&digits, blob, BASE64_PLAIN) || !buf_append_string(out, BEGIN_LINE "\n"))
        return false;
    for (size_t at = 0; at < digits.length; at += LINE_DIGITS) {
        const size_t left = digits.length - at;
        if (!buf_append(out, digits.data + at, left < LINE_DIGITS ? left : LINE_DIGITS) ||
            !buf_append_char(out, '\n'))
            return false;
    }
    return buf_append_string(out, END_LINE "\n");
}

static bool put_blob(struct buf *out, const struct sshsig_key *key, const char *namespace,
                     const unsigned char signature[crypto_sign_BYTES])
{
    SCOPED_BUF(public, KEY_BLOB_MAX);
    SCOPED_BUF(made, BLOB_MAX);
    return put_key(&public, key) && put_string(&made, TEXT_OF(KEY_KIND)) &&
           put_string(&made, text_of((const char *)signature, crypto_sign_BYTES)) &&
           buf_append_string(out, MAGIC) && put_number(out, VERSION) && put_string(out, buf_text(&public)) &&
           put_string(out, text_from(namespace)) && put_string(out, TEXT_OF("")) &&
           put_string(out, TEXT_OF(HASH_KIND)) && put_string(out, buf_text(&made));
}

bool sshsig_make(struct buf *armor, const unsigned char seed[SSHSIG_SEED_BYTES], const char *namespace,
                 struct text message)
{
    SCOPED_BUF(to_sign, BLOB_MAX);
    SCOPED_BUF(blob, BLOB_MAX);
    struct sshsig_key key;
    unsigned char secret[crypto_sign_SECRETKEYBYTES], signature[crypto_sign_BYTES];
    if (!put_signed(&to_sign, namespace, TEXT_OF(HASH_KIND), message))
        return false;
    crypto_sign_seed_keypair(key.bytes, secret, seed);
    crypto_sign_detached(signature, NULL, (const unsigned char *)to_sign.data, to_sign.length, secret);
    sodium_memzero(secret, sizeof secret);
    return put_blob(&blob, &key, namespace, signature) && put_armor(armor, buf_text(&blob));
}

// ---- reading

static bool take_number(struct text *rest, size_t *out)
{
    const unsigned char *at = (const unsigned char *)rest->data;
    if (rest->length < 4)
        return false;
    *out = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
    *rest = text_of(rest->data + 4, rest->length - 4);
    return true;
}

static bool take_string(struct text *rest, struct text *out)
{
    size_t length;
    if (!take_number(rest, &length) || length > rest->length)
        return false;
    *out = text_of(rest->data, length);
    *rest = text_of(rest->data + length, rest->length - length);
    return true;
}

// The kind, and bytes of exactly this length, and nothing after.
static bool take_part(struct text blob, void *out, size_t length)
{
    struct text kind, bytes;
    if (!take_string(&blob, &kind) || !text_is(kind, KEY_KIND) || !take_string(&blob, &bytes) ||
        bytes.length != length || blob.length)
        return false;
    memcpy(out, bytes.data, length);
    return true;
}

static bool decode(struct buf *out, struct text digits, const char *passed_over)
{
    size_t length;
    const char *end;
    char *at = buf_reserve(out, out->maximum);
    if (!at || sodium_base642bin((unsigned char *)at, out->maximum, digits.data, digits.length, passed_over,
                                 &length, &end, sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    out->length += length;
    return end == digits.data + digits.length;
}

bool sshsig_key_read(struct sshsig_key *out, struct text line)
{
    SCOPED_BUF(blob, KEY_BLOB_MAX);
    struct text rest = text_trim(line), kind, digits;
    return text_cut(&rest, ' ', &kind) && text_is(kind, KEY_KIND) && text_cut(&rest, ' ', &digits) &&
           decode(&blob, digits, NULL) && take_part(buf_text(&blob), out->bytes, sizeof out->bytes);
}

bool sshsig_key_equal(const struct sshsig_key *a, const struct sshsig_key *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

void sshsig_key_write(char out[SSHSIG_LINE_SIZE], const struct sshsig_key *key)
{
    SCOPED_BUF(blob, KEY_BLOB_MAX);
    SCOPED_BUF(line, SSHSIG_LINE_SIZE - 1);
    require(put_key(&blob, key) && buf_append_string(&line, KEY_KIND " ") &&
            base64_append(&line, buf_text(&blob), BASE64_PLAIN));
    memcpy(out, buf_string(&line), line.length + 1);
}

void sshsig_key_of_seed(struct sshsig_key *out, const unsigned char seed[SSHSIG_SEED_BYTES])
{
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(out->bytes, secret, seed);
    sodium_memzero(secret, sizeof secret);
}

static bool read_blob(struct text blob, struct sshsig_key *key, struct text *namespace,
                      struct text *hash_kind, unsigned char signature[crypto_sign_BYTES])
{
    struct text public, reserved, made;
    size_t version;
    if (!text_starts(blob, MAGIC))
        return false;
    struct text rest = text_of(blob.data + strlen(MAGIC), blob.length - strlen(MAGIC));
    return take_number(&rest, &version) && version == VERSION && take_string(&rest, &public) &&
           take_string(&rest, namespace) && take_string(&rest, &reserved) && reserved.length == 0 &&
           take_string(&rest, hash_kind) &&
           (text_is(*hash_kind, "sha512") || text_is(*hash_kind, "sha256")) && take_string(&rest, &made) &&
           rest.length == 0 && take_part(public, key->bytes, sizeof key->bytes) &&
           take_part(made, signature, crypto_sign_BYTES);
}

static bool open_armor(struct buf *blob, struct text armor)
{
    const struct text text = text_trim(armor);
    const size_t around = strlen(BEGIN_LINE "\n") + strlen("\n" END_LINE);
    if (armor.length > SSHSIG_ARMOR_MAX || text.length < around || !text_starts(text, BEGIN_LINE) ||
        !text_ends(text, END_LINE))
        return false;
    return decode(blob, text_of(text.data + strlen(BEGIN_LINE), text.length - strlen(BEGIN_LINE END_LINE)),
                  "\r\n");
}

bool sshsig_verify(struct sshsig_key *key, struct text armor, const char *namespace, struct text message)
{
    SCOPED_BUF(blob, BLOB_MAX);
    SCOPED_BUF(to_check, BLOB_MAX);
    struct text purpose, hash_kind;
    unsigned char signature[crypto_sign_BYTES];
    return open_armor(&blob, armor) && read_blob(buf_text(&blob), key, &purpose, &hash_kind, signature) &&
           text_is(purpose, namespace) && put_signed(&to_check, namespace, hash_kind, message) &&
           crypto_sign_verify_detached(signature, (const unsigned char *)to_check.data, to_check.length,
                                       key->bytes) == 0;
}

bool sshsig_split(struct text *message, struct text *armor, struct text object)
{
    struct text rest = object, line;
    ptrdiff_t found = -1;
    while (rest.length) {
        const ptrdiff_t at = rest.data - object.data;
        if (!text_cut(&rest, '\n', &line))
            break;
        if (text_starts(line, BEGIN_LINE))
            found = at;
    }
    if (found < 0)
        return false;
    *message = text_of(object.data, (size_t)found);
    *armor = text_of(object.data + found, object.length - (size_t)found);
    return true;
}
