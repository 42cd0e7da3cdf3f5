// See chain.h. Lengths stand before texts, so that no two rows have the same bytes.
#include "lib/chain/chain.h"

#include <sodium.h>
#include <stdio.h>

static void hash_text(crypto_generichash_state *state, struct text text)
{
    char length[INTEGER_TEXT_SIZE + 1];
    const int size = snprintf(length, sizeof length, "%zu:", text.length);
    crypto_generichash_update(state, (const unsigned char *)length, (unsigned long long)size);
    crypto_generichash_update(state, (const unsigned char *)text.data, text.length);
}

void chain_content(unsigned char out[CHAIN_HASH_SIZE], struct text content)
{
    crypto_generichash(out, CHAIN_HASH_SIZE, (const unsigned char *)content.data, content.length, NULL, 0);
}

void chain_next(unsigned char out[CHAIN_HASH_SIZE], const unsigned char previous[CHAIN_HASH_SIZE],
                const struct chain_row *row)
{
    crypto_generichash_state state;
    char numbers[3 * INTEGER_TEXT_SIZE];
    snprintf(numbers, sizeof numbers, "%lld,%lld,%lld", (long long)row->number, (long long)row->time_ms,
             (long long)row->run);
    crypto_generichash_init(&state, NULL, 0, CHAIN_HASH_SIZE);
    crypto_generichash_update(&state, previous, CHAIN_HASH_SIZE);
    hash_text(&state, text_from(numbers));
    hash_text(&state, row->actor);
    hash_text(&state, row->event);
    crypto_generichash_update(&state, row->content_hash, CHAIN_HASH_SIZE);
    crypto_generichash_final(&state, out, CHAIN_HASH_SIZE);
}

void chain_hash_text(char out[CHAIN_TEXT_SIZE], const unsigned char hash[CHAIN_HASH_SIZE])
{
    sodium_bin2hex(out, CHAIN_TEXT_SIZE, hash, CHAIN_HASH_SIZE);
}

bool chain_hash_read(unsigned char out[CHAIN_HASH_SIZE], struct text text)
{
    size_t length = 0;
    return text.length == CHAIN_TEXT_SIZE - 1 &&
           sodium_hex2bin(out, CHAIN_HASH_SIZE, text.data, text.length, NULL, &length, NULL) == 0 &&
           length == CHAIN_HASH_SIZE;
}
