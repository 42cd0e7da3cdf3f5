"""A bucket for the scenes: GET, PUT and DELETE of objects, path style, each request judged by AWS Signature Version 4.

    s3_server.py FOLDER ACCESS_KEY SECRET_KEY REGION      prints its port, then serves until it is ended

Objects are files in FOLDER, their keys' slashes written as "%2F". FOLDER/../refuse: while that file is there, every
answer is 503. The signature is computed as the AWS General Reference says (canonical request, string to sign, signing
key); a body whose SHA-256 is not x-amz-content-sha256 is refused.
"""

import hashlib
import hmac
import http.server
import os
import sys
import urllib.parse


def hmac_of(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(secret, scope, time, method, path, query, names, headers):
    """Of a request: scope is [date, region, "s3", "aws4_request"], names those of the headers that are signed."""
    key = ("AWS4" + secret).encode()
    for part in scope:
        key = hmac_of(key, part)
    pairs = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
    canonical = "\n".join((method, urllib.parse.quote(urllib.parse.unquote(path), safe="/-_.~"),
                           urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote),
                           "".join(f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in names),
                           ";".join(names), headers["x-amz-content-sha256"]))
    to_sign = "\n".join(("AWS4-HMAC-SHA256", time, "/".join(scope), hashlib.sha256(canonical.encode()).hexdigest()))
    return hmac_of(key, to_sign).hex()


# The example of "Authenticating Requests: Using the Authorization Header" in the Amazon S3 API Reference: whoever judges
# others must know it himself.
if signature("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ["20130524", "us-east-1", "s3", "aws4_request"],
             "20130524T000000Z", "GET", "/test.txt", "", ["host", "range", "x-amz-content-sha256", "x-amz-date"],
             {"host": "examplebucket.s3.amazonaws.com", "range": "bytes=0-9", "x-amz-date": "20130524T000000Z",
              "x-amz-content-sha256": hashlib.sha256(b"").hexdigest()}
             ) != "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41":
    sys.exit("s3_server.py does not sign as the reference does")

folder, access_key, secret_key, region = sys.argv[1:5]


class Bucket(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def is_signed(self):
        kind, _, rest = self.headers.get("Authorization", "").partition(" ")
        fields = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
        if kind != "AWS4-HMAC-SHA256" or not {"Credential", "SignedHeaders", "Signature"} <= set(fields):
            return False
        key, date, *scope = fields["Credential"].split("/")
        names = fields["SignedHeaders"].split(";")
        time = self.headers.get("x-amz-date", "")
        if key != access_key or scope != [region, "s3", "aws4_request"] or time[:8] != date:
            return False
        if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(names):
            return False
        path, _, query = self.path.partition("?")
        wanted = signature(secret_key, [date, *scope], time, self.command, path, query, names, self.headers)
        return hmac.compare_digest(wanted, fields["Signature"])

    def judged(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if os.path.exists(os.path.join(folder, "..", "refuse")):
            self.answer(503)
        elif not self.is_signed():
            self.answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        elif self.headers["x-amz-content-sha256"] != hashlib.sha256(self.body).hexdigest():
            self.answer(400, b"<Error><Code>XAmzContentSHA256Mismatch</Code></Error>")
        else:
            return os.path.join(folder, urllib.parse.quote(self.path.lstrip("/"), safe="~"))
        return None

    def do_PUT(self):
        if place := self.judged():
            with open(place + ".new", "wb") as out:
                out.write(self.body)
            os.rename(place + ".new", place)
            self.answer(200)

    def do_GET(self):
        if place := self.judged():
            if not os.path.exists(place):
                self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
                return
            with open(place, "rb") as body:
                self.answer(200, body.read())

    def do_DELETE(self):
        if place := self.judged():
            if os.path.exists(place):
                os.unlink(place)
            self.answer(204)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
print(server.server_port, flush=True)
server.serve_forever()
