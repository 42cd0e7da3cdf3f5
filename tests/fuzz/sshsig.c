// Signatures from anybody: none is good of a message that it was not made for, and keys that are read are written again.
// links: sshsig
#include "lib/sshsig/sshsig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text input = text_of((const char *)data, size);
    struct text message, armor;
    struct sshsig_key key, again;
    char line[SSHSIG_LINE_SIZE];
    (void)!sshsig_verify(&key, input, "git", TEXT_OF("a message that nobody signed"));
    if (sshsig_split(&message, &armor, input)) {
        require(message.length + armor.length == size);
        (void)!sshsig_verify(&key, armor, "git", message);
    }
    if (sshsig_key_read(&key, input)) {
        sshsig_key_write(line, &key);
        require(sshsig_key_read(&again, text_from(line)) && sshsig_key_equal(&key, &again));
    }
    return 0;
}
