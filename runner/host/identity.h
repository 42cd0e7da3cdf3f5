// Which process a host is, and whether another one still lives. In the host.
//
// "BOOT.NAMESPACE/PROCESS/START": the machine since it was started (and the container), the process there, and when it
// began, so that no later process with the same number is taken for it.
#ifndef RENKI_HOST_IDENTITY_H
#define RENKI_HOST_IDENTITY_H

#include "lib/base/text.h"

char *identity_of_this(void);

enum life {
    LIFE_HERE,     // on this machine, as far as can be told
    LIFE_GONE,     // of this machine, and no more
    LIFE_ELSEWHERE // of another machine, or of this one before it was started anew
};
// Once the host is sealed it sees less: then a new process with an old one's number counts as LIFE_HERE.
enum life identity_life(const char *identity);

#endif
