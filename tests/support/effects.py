"""A system that counts what is done to it: POST /NAME adds one to NAME; GET /NAME tells how many.

effects.py FOLDER: writes its port to FOLDER/port. While FOLDER/hang is there a POST is counted and never answered;
while FOLDER/status is there it is answered with that status. FOLDER/keys gets the Idempotency-Key of each POST; with
FOLDER/honour a key that came before does nothing.
"""
import http.server, os, sys, threading, time

folder = sys.argv[1]
counts, keys, lock = {}, set(), threading.Lock()


def has(name):
    return os.path.exists(os.path.join(folder, name))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, str(counts.get(self.path, 0)).encode())

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        key = self.headers.get("Idempotency-Key") or ""
        with lock:
            if not (has("honour") and key in keys):
                counts[self.path] = counts.get(self.path, 0) + 1
            keys.add(key)
            with open(os.path.join(folder, "keys"), "a") as out:
                out.write(key + "\n")
        while has("hang"):
            time.sleep(0.02)
        status = open(os.path.join(folder, "status")).read().strip() if has("status") else "201"
        self.answer(int(status), b"{}")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(os.path.join(folder, "port.new"), "w") as out:
    out.write(str(server.server_address[1]))
os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
server.serve_forever()
