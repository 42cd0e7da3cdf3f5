// Landlock by system call: Debian's headers know the first rights only, and its C library has no wrappers.
//
// An unknown bit fails the call, and a failed call that nobody checks leaves everything open: so the rights are cut to
// what the kernel's ABI knows, and every failure is told.
#include "lib/sandbox/profile.h"
#include "lib/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Kernel documentation, userspace-api/landlock; the ABI that brought each right.
enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_DIR = 1 << 3,
    REMOVE_DIR = 1 << 4,
    REMOVE_FILE = 1 << 5,
    MAKE_CHAR = 1 << 6,
    MAKE_DIR = 1 << 7,
    MAKE_REG = 1 << 8,
    MAKE_SOCK = 1 << 9,
    MAKE_FIFO = 1 << 10,
    MAKE_BLOCK = 1 << 11,
    MAKE_SYM = 1 << 12,
    REFER = 1 << 13,     // 2
    TRUNCATE = 1 << 14,  // 3
    IOCTL_DEV = 1 << 15, // 5
    FILE_RIGHTS =
        EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV, // what a rule for one file may hold
};

static const uint64_t access_rights[] = {
    [SANDBOX_READ] = READ_FILE | READ_DIR,
    [SANDBOX_WRITE] =
        READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE | MAKE_REG | MAKE_DIR | REMOVE_FILE | REMOVE_DIR,
    [SANDBOX_FOLDER] =
        READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE | MAKE_REG | MAKE_DIR | REMOVE_FILE | REMOVE_DIR | REFER,
    [SANDBOX_STATE] = READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE | MAKE_REG | MAKE_DIR | REMOVE_FILE |
                      REMOVE_DIR | REFER | MAKE_SOCK,
};

// struct landlock_ruleset_attr of ABI 6; older kernels take the first fields.
struct ruleset {
    uint64_t files, net, scoped;
};

struct path_beneath {
    uint64_t rights;
    int32_t parent;
} __attribute__((packed));

// Packed by nature.
struct net_port {
    uint64_t rights, port;
};

enum { RULE_PATH_BENEATH = 1, RULE_NET_PORT = 2, CREATE_RULESET_VERSION = 1, CONNECT_TCP = 2 };

int sandbox_landlock_abi(void)
{
    const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    return abi < 0 ? 0 : (int)abi;
}

static uint64_t rights_of_abi(int abi)
{
    uint64_t rights = (MAKE_SYM << 1) - 1;
    if (abi >= 2)
        rights |= REFER;
    if (abi >= 3)
        rights |= TRUNCATE;
    if (abi >= 5)
        rights |= IOCTL_DEV;
    return rights;
}

static bool refused(struct err *err, const char *step)
{
    SCOPED_TEXT char *reason = xasprintf("%s: %s", step, strerror(errno));
    return fail(err, ERR_SANDBOX_LAYER, "Landlock", reason);
}

static int create(enum sandbox_profile profile, int abi)
{
    const struct sandbox_reach reach = sandbox_reach_of(profile);
    const struct ruleset ruleset = {
        .files = rights_of_abi(abi),
        .net = reach.tcp_refused,
        .scoped = reach.scoped,
    };
    const size_t size = abi >= 6   ? sizeof ruleset
                        : abi >= 4 ? offsetof(struct ruleset, scoped)
                                   : offsetof(struct ruleset, net);
    return (int)syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
}

static bool add_port(int ruleset, uint16_t port, int abi, struct err *err)
{
    const struct net_port rule = {CONNECT_TCP, port};
    return abi < SANDBOX_ABI_OF_PORTS || syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0) == 0
               ? true
               : refused(err, "port");
}

static bool add_place(int ruleset, const struct sandbox_place *place, int abi, struct err *err)
{
    if (!place->path)
        return add_port(ruleset, place->port, abi, err);
    const int folder = open(place->path, O_PATH | O_CLOEXEC);
    if (folder < 0 && place->optional && (errno == ENOENT || errno == EACCES || errno == ENOTDIR))
        return true;
    struct stat status;
    struct path_beneath rule = {.rights = access_rights[place->access] & rights_of_abi(abi),
                                .parent = folder};
    bool done = folder >= 0 && fstat(folder, &status) == 0;
    if (done && !S_ISDIR(status.st_mode))
        rule.rights &= FILE_RIGHTS;
    done = done && syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) == 0;
    if (!done)
        refused(err, place->path);
    if (folder >= 0)
        close(folder);
    return done;
}

bool sandbox_landlock(enum sandbox_profile profile, const struct sandbox_place *places, size_t count,
                      struct err *err)
{
    const int abi = sandbox_landlock_abi();
    const int ruleset = create(profile, abi);
    if (ruleset < 0)
        return refused(err, "landlock_create_ruleset");
    bool done = true;
    for (size_t i = 0; done && i < count; i++)
        done = add_place(ruleset, &places[i], abi, err);
    if (done && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
        done = refused(err, "landlock_restrict_self");
    close(ruleset);
    return done;
}
