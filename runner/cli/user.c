// See cli.h. Nothing of renki stays root: before a command does anything, it becomes the user that renki.lua names.
//
// The settings are Lua and come from a folder that others may write to, so they are read as everywhere: by a reader, in
// its sandbox, started here from a child that has become nobody first.
#include "cli/cli.h"

#include "lib/base/file.h"
#include "lib/manifest/manifest.h"
#include "lib/process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, SETTINGS_MAX = 262144, USER_MAX = 64, READER_WAIT_MS = 20000 };

static bool drop_to(uid_t user, gid_t group)
{
    return setresgid(group, group, group) == 0 && setresuid(user, user, user) == 0;
}

bool become_nobody(struct err *err)
{
    return geteuid() != 0 || (setgroups(0, NULL) == 0 && drop_to(NOBODY, NOBODY))
               ? true
               : fail(err, ERR_SYSTEM, "setresuid", strerror(errno));
}

// In the child that is nobody: hands the source to a reader and writes the user's name to the pipe.
static bool read_user(struct buf *name, struct text source)
{
    struct err err;
    struct process reader;
    struct message_READ_DONE done;
    struct frame frame;
    struct problems problems = {0};
    SCOPED(json_document)
    document = NULL;
    SCOPED(settings)
    settings = NULL;
    if (!process_start(&reader, "reader", &err))
        return false;
    struct wire wire = wire_new(reader.socket, ROLE_HOST, ROLE_READER, false);
    const struct message_READ read = {.name = TEXT_OF("renki.lua"), .source = source};
    const bool good = wire_send(&wire, MESSAGE_READ, &read, &err) &&
                      wire_expect(&wire, MESSAGE_READ_DONE, &done, &document, &frame, READER_WAIT_MS, &err) &&
                      settings_read(&settings, done.data, ENVIRONMENT_ANY, &problems) && settings->user &&
                      buf_append_string(name, settings->user);
    problems_dispose(&problems);
    wire_dispose(&wire);
    return good;
}

static void child(int pipe_end, struct text source)
{
    SCOPED_BUF(name, USER_MAX);
    struct err err;
    const bool good = become_nobody(&err) && read_user(&name, source);
    if (good && write(pipe_end, name.data, name.length) == (ssize_t)name.length)
        _exit(0);
    _exit(1);
}

static bool user_of_settings(char name[USER_MAX + 1], const struct cli *cli, struct err *err)
{
    SCOPED_BUF(source, SETTINGS_MAX);
    const char *named = cli->options[OPTION_WORKSPACE];
    SCOPED_TEXT char *path = xasprintf("%s/renki.lua", named ? named : ".");
    if (!file_read(&source, AT_FDCWD, path, err))
        return fail(err, ERR_ROOT_NO_USER);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fail(err, ERR_SYSTEM, "pipe2", strerror(errno));
    const pid_t pid = fork();
    if (pid == 0)
        child(ends[1], buf_text(&source));
    close(ends[1]);
    const ssize_t length = pid > 0 ? read(ends[0], name, USER_MAX) : -1;
    close(ends[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    if (length <= 0)
        return fail(err, ERR_ROOT_NO_USER);
    name[length] = '\0';
    return true;
}

bool become_user(const struct cli *cli, struct err *err)
{
    char name[USER_MAX + 1];
    if (cli->options[OPTION_USER])
        snprintf(name, sizeof name, "%s", cli->options[OPTION_USER]);
    else if (!user_of_settings(name, cli, err))
        return false;
    const struct passwd *user = getpwnam(name);
    if (!user || user->pw_uid == 0)
        return fail(err, ERR_ROOT_BAD_USER, name);
    if (initgroups(name, user->pw_gid) != 0 || !drop_to(user->pw_uid, user->pw_gid))
        return fail(err, ERR_SYSTEM, "setresuid", strerror(errno));
    setenv("HOME", user->pw_dir, 1);
    return true;
}
