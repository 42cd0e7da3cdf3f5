"""A bank on loopback that counts what was paid, item by item: the outside world of the crash tests.

POST /pay/ITEM pays; with an Idempotency-Key seen before it answers as it did then and pays nothing. GET /paid/ITEM tells.
Now and then it pays and hangs up without an answer, as banks do.
"""
import collections
import http.server
import json
import random
import threading
import time


class Bank:
    def __init__(self, seed, honours_keys):
        self.random = random.Random(seed)
        self.honours_keys = honours_keys
        self.paid = collections.Counter()
        self.keys = {}
        self.lock = threading.Lock()
        bank = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, value):
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                item = self.path.removeprefix("/paid/")
                with bank.lock:
                    count = bank.paid[item]
                self.answer(200, {"item": item, "paid": count})

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                item = self.path.removeprefix("/pay/")
                silent = bank.pay(item, self.headers.get("Idempotency-Key"))
                try:
                    if silent:
                        self.close_connection = True
                    else:
                        self.answer(200, {"item": item})
                except OSError:
                    pass  # whoever asked is gone: that is what is tested

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # connections of killed processes break

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def pay(self, item, key):
        with self.lock:
            wait_before, wait_after = self.random.uniform(0, 0.008), self.random.uniform(0, 0.008)
            silent = self.random.random() < 0.02
        time.sleep(wait_before)
        with self.lock:
            if not (self.honours_keys and key and key in self.keys):
                self.paid[item] += 1
                if key:
                    self.keys[key] = item
        time.sleep(wait_after)
        return silent

    def count(self, item):
        with self.lock:
            return self.paid[item]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
