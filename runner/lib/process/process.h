// Starting another role of this binary. In every process that has children.
//
// A child is started by exec of this very binary (never by fork alone), in a session of its own (Ctrl-C at a terminal
// reaches the command alone), with an empty environment and these descriptors, all else closed:
//   0, 1  /dev/null      2  the log (standard error)      3  its socket to the parent (PROCESS_SOCKET)
// What it is told comes as the first message on that socket. It dies with its parent.
#ifndef RENKI_PROCESS_H
#define RENKI_PROCESS_H

#include "lib/base/log.h"
#include "lib/wire/wire.h"

#include <sys/types.h>

enum { PROCESS_SOCKET = 3 };

struct process {
    pid_t pid;
    int pidfd;  // readable when the child has ended; the caller's
    int socket; // the parent's end; the caller's
};

// A process that confines itself can't start others any more: its Landlock domain would forbid them their mounts, its
// filter their calls. So it opens the launcher first: a small process of its own that starts roles by name, as children
// of the one that opened it. From then on process_start goes through it, and waits a moment for its answer.
bool process_open_launcher(struct err *err) MUST_CHECK;
int launcher_main(void); // the launcher itself, called by main.c

// What the children of this process get as standard error instead of its own; borrowed for ever, -1: its own.
void process_log_to(int fd);
// Starts `renki ROLE`. The child begins in the folder of the parent.
bool process_start(struct process *out, const char *role, struct err *err) MUST_CHECK;
// Waits for the end and says how it came: exit code 0 to 255, or -signal.
int process_wait(const struct process *process);

// The first thing each role does: closes what it may not have inherited, takes its parent-death signal, umask 077, no
// core. False when its parent is already gone.
bool process_begin(const char *role, enum log_level level);

#endif
