"""Types at a terminal: terminal.py WORDS KEYS [-- WORDS KEYS]… COMMAND… runs the command in a terminal of its own and,
when it has said WORDS, types KEYS ("^C" for Ctrl-C, "^M" for Enter); then, when it has said the next WORDS after that,
the next KEYS. Shows what it said; ends with the command's exit code.
"""
import os
import pty
import sys

steps, command = [], sys.argv[1:]
while not steps or command[0] == "--":
    command = command[1:] if command[0] == "--" else command
    steps.append((command[0].encode(), command[1].replace("^C", "\x03").replace("^M", "\n").encode()))
    command = command[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
said, looked = b"", 0
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:  # nobody has it open any more
        break
    if not part:
        break
    said += part
    while steps and steps[0][0] in said[looked:]:
        looked = said.index(steps[0][0], looked) + len(steps[0][0])
        os.write(terminal, steps.pop(0)[1])
sys.stdout.write(said.decode("utf-8", "replace"))
sys.stdout.flush()
status = os.waitpid(pid, 0)[1]
sys.exit(os.waitstatus_to_exitcode(status) & 255)
