"""Asks the host of the workspace we stand in, as a page does: ask.py NAME < body as JSON. Prints the reply; exit code 3
when the host refuses."""

import json
import os
import socket
import struct
import sys

HEAD = struct.Struct("<III")
NAMES = open(os.path.join(os.path.dirname(__file__), "../../runner/lib/wire/messages.def")).read()
TYPES = [line.split("(")[1].split(",")[0] for line in NAMES.splitlines() if line.startswith("MESSAGE(")]
REQUEST, REPLY = TYPES.index("REQUEST") + 1, TYPES.index("REPLY") + 1


def ask(name, body):
    host = socket.socket(socket.AF_UNIX)
    host.settimeout(120)
    host.connect(".renki/host.sock")
    head = json.dumps({"id": 1, "name": name}).encode()
    host.sendall(HEAD.pack(REQUEST, len(head), len(body)) + head + body)
    stream = host.makefile("rb")
    while True:
        kind, head_length, body_length = HEAD.unpack(stream.read(HEAD.size))
        head, body = json.loads(stream.read(head_length)), stream.read(body_length)
        if kind == REPLY:
            return head["done"], body.decode()


if __name__ == "__main__":
    done, reply = ask(sys.argv[1], sys.stdin.buffer.read())
    print(reply)
    sys.exit(0 if done else 3)
