"""Types at a terminal: terminal.py WORDS KEYS COMMAND… runs the command in a terminal of its own and, when it has said
WORDS, types KEYS ("^C" for Ctrl-C). Shows what it said; ends with the command's exit code.
"""
import os
import pty
import sys

words, keys, command = sys.argv[1].encode(), sys.argv[2].replace("^C", "\x03").encode(), sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
said, typed = b"", False
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:  # nobody has it open any more
        break
    if not part:
        break
    said += part
    if words in said and not typed:
        typed = True
        os.write(terminal, keys)
sys.stdout.write(said.decode("utf-8", "replace"))
sys.stdout.flush()
status = os.waitpid(pid, 0)[1]
sys.exit(os.waitstatus_to_exitcode(status) & 255)
