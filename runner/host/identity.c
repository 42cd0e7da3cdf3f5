// See identity.h.
#include "host/identity.h"

#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { STATUS_MAX = 4096, MACHINE_MAX = 128 };

// The start time of a process (field 22 of /proc/PID/stat, after the name, which may hold anything); "-" for one that
// has ended and only waits to be buried, empty when it can't be read.
static struct text start_time(struct buf *room, int64_t pid)
{
    struct err ignored;
    SCOPED_TEXT char *path = xasprintf("/proc/%lld/stat", (long long)pid);
    if (!file_read(room, AT_FDCWD, path, &ignored))
        return TEXT_OF("");
    const char *name_end = strrchr(buf_string(room), ')');
    struct text rest = text_from(name_end ? name_end + 1 : ""), part = TEXT_OF("");
    rest = text_trim(rest);
    for (int field = 3; field <= 22; field++)
        if (!text_cut(&rest, ' ', &part) || (field == 3 && (text_is(part, "Z") || text_is(part, "X"))))
            return TEXT_OF("-");
    return part;
}

// Looked up once, before the host is sealed.
static const char *machine(void)
{
    static char known[MACHINE_MAX];
    char namespace[64] = "";
    struct err ignored;
    if (known[0])
        return known;
    SCOPED_BUF(boot, STATUS_MAX);
    if (!file_read(&boot, AT_FDCWD, "/proc/sys/kernel/random/boot_id", &ignored))
        return "";
    if (readlink("/proc/self/ns/pid", namespace, sizeof namespace - 1) < 0)
    namespace[0] = '\0';
    const struct text id = text_trim(buf_text(&boot)), digits = text_from(namespace);
    const size_t head = digits.length > 5 ? 5 : 0; // "pid:[4026531836]"
    snprintf(known, sizeof known, "%.*s.%.*s", (int)id.length, id.data,
             (int)(head ? digits.length - head - 1 : 0), digits.data + head);
    return known;
}

char *identity_of_this(void)
{
    SCOPED_BUF(status, STATUS_MAX);
    const struct text start = start_time(&status, getpid());
    return xasprintf("%s/%lld/%.*s", machine(), (long long)getpid(), (int)start.length, start.data);
}

enum life identity_life(const char *identity)
{
    struct text rest = text_from(identity), boot, pid_text;
    int64_t pid;
    if (!text_cut(&rest, '/', &boot) || !text_cut(&rest, '/', &pid_text) || !text_to_int64(pid_text, &pid) ||
        pid <= 0 || pid > INT32_MAX)
        return LIFE_GONE;
    if (!text_is(boot, machine()))
        return LIFE_ELSEWHERE;
    if (kill((pid_t)pid, 0) != 0 && errno == ESRCH)
        return LIFE_GONE;
    SCOPED_BUF(status, STATUS_MAX);
    const struct text start = start_time(&status, pid);
    return start.length == 0 || text_equal(start, rest) ? LIFE_HERE : LIFE_GONE;
}
