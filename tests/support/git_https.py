#!/usr/bin/python3
"""A git server over https: git's own http-backend behind a small server, with a login.

git_https.py ROOT CERTIFICATE KEY PORT_FILE [--basic USER:PASSWORD | --bearer TOKEN] [--redirect URL]

What was asked, and with which login, is said on standard output, one request a line. PORT_FILE gets the port once it
listens. With --redirect every request is sent elsewhere.
"""
import argparse
import base64
import http.server
import os
import ssl
import subprocess
import sys

arguments = argparse.ArgumentParser()
arguments.add_argument("root")
arguments.add_argument("certificate")
arguments.add_argument("key")
arguments.add_argument("port_file")
arguments.add_argument("--basic")
arguments.add_argument("--bearer")
arguments.add_argument("--redirect")
options = arguments.parse_args()

wanted = None
if options.basic:
    wanted = "Basic " + base64.b64encode(options.basic.encode()).decode()
if options.bearer:
    wanted = "Bearer " + options.bearer


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = []
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            part = self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return b"".join(parts)
            parts.append(part)

    def serve(self):
        login = self.headers.get("Authorization")
        print(self.command, self.path, login or "-", flush=True)
        body = self.body()
        if options.redirect:
            self.answer(302, [("Location", options.redirect + self.path)], b"")
            return
        if wanted and login != wanted:
            self.answer(401, [("WWW-Authenticate", 'Basic realm="git"')], b"")
            return
        path, _, query = self.path.partition("?")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": options.root,
            "GIT_PROJECT_ROOT": options.root,
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.receivepack",
            "GIT_CONFIG_VALUE_0": "true",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_USER": "somebody" if wanted else "",
        }
        answer = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True,
                                check=False).stdout
        head, _, rest = answer.partition(b"\r\n\r\n")
        status, headers = 200, []
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name == "Status":
                status = int(value.split()[0])
            else:
                headers.append((name, value))
        self.answer(status, headers, rest)

    do_GET = do_POST = serve


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(options.certificate, options.key)
server.socket = context.wrap_socket(server.socket, server_side=True)
with open(options.port_file + ".new", "w", encoding="ascii") as file:
    file.write(str(server.server_address[1]))
os.rename(options.port_file + ".new", options.port_file)
try:
    server.serve_forever()
except KeyboardInterrupt:
    sys.exit(0)
