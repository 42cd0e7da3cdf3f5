// Tags from anybody: read without a word that is longer than its place, and good only with a signature.
// links: host_repo sshsig
#include "host/repo/approvals.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text input = text_of((const char *)data, size);
    struct approval approval;
    struct text message, armor;
    approval_read(&approval, input);
    require(strlen(approval.person) <= APPROVAL_PERSON_MAX && strlen(approval.why) <= APPROVAL_WHY_MAX &&
            strlen(approval.account) <= APPROVAL_PERSON_MAX);
    if (approval.fault == APPROVAL_GOOD)
        require(approval.person[0] && sshsig_split(&message, &armor, input) && approval.time_ms >= 0);
    return 0;
}
