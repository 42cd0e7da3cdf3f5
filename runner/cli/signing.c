// See cli.h. A person's own signature: made by ssh-keygen as that person, so that no key is read here.
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

// In the child: signs what it reads from `in`; the signature goes to `out`.
static void run_keygen(int in, int out, const char *key, const char *namespace)
{
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
        (nowhere >= 0 && dup2(nowhere, STDERR_FILENO) < 0))
        _exit(EXIT_FAILURE);
    execlp("ssh-keygen", "ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", key, (char *)NULL);
    _exit(EXIT_FAILURE);
}

static void read_all(struct buf *out, int fd)
{
    char piece[4096];
    ssize_t got;
    while ((got = read(fd, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR))
        if (got > 0 && !buf_append(out, piece, (size_t)got))
            return;
}

// A text is shorter than a pipe holds.
bool sign_text(struct buf *out, const char *text, const char *key, const char *namespace, struct err *err)
{
    int in[2], back[2], status = -1;
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(back, O_CLOEXEC) != 0)
        return fail(err, ERR_SYSTEM, "pipe2", strerror(errno));
    const bool put = write(in[1], text, strlen(text)) == (ssize_t)strlen(text);
    close(in[1]);
    const pid_t pid = put ? fork() : -1;
    if (pid == 0)
        run_keygen(in[0], back[1], key, namespace);
    close(in[0]);
    close(back[1]);
    const bool kept = buf_append_string(out, text);
    read_all(out, back[0]);
    close(back[0]);
    return kept && pid > 0 && waitpid(pid, &status, 0) == pid && status == 0
               ? true
               : fail(err, ERR_SIGNING_FAILED, key);
}
