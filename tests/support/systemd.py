"""Stands in for systemd: starts a command with a notification socket, a watchdog and a journal of its own.

systemd.py FOLDER COMMAND…: what the command tells goes to FOLDER/notified, one state a line; what its processes log to
FOLDER/journal, one entry a line as JSON. SIGTERM and SIGHUP are passed on. Ends with the command's exit code.
"""
import json
import os
import select
import signal
import socket
import subprocess
import sys

folder, command = sys.argv[1], sys.argv[2:]
notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notified.bind(folder + "/notify.sock")
journal, end = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
watchdog = os.environ.get("WATCHDOG_USEC", "600000")
process = subprocess.Popen(command, stderr=end, env={**os.environ, "NOTIFY_SOCKET": folder + "/notify.sock",
                                                     "WATCHDOG_USEC": watchdog})
end.close()
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, lambda got, frame: process.send_signal(got))
told, logged = open(folder + "/notified", "w"), open(folder + "/journal", "w")


def take():
    ready = select.select([notified, journal], [], [], 0.05)[0]
    if notified in ready:
        told.write(notified.recv(65536).decode() + "\n")
        told.flush()
    if journal in ready:
        entry = journal.recv(65536).decode("utf-8", "replace")
        if entry:
            logged.write(json.dumps(dict(line.split("=", 1) for line in entry.splitlines() if "=" in line)) + "\n")
            logged.flush()
    return ready


while process.poll() is None:
    take()
while take():
    if not select.select([notified], [], [], 0)[0]:
        break
sys.exit(process.returncode)
