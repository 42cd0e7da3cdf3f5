"""A desk that alerts come to: desk.py SCENE SMTP_PORT. Signed requests are written to SCENE/posted, or to SCENE/refused while
the file SCENE/closed is there; mails to SCENE/mails. Its own port is in SCENE/port.
"""
import hashlib, hmac, json, os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from aiosmtpd.controller import Controller

scene = sys.argv[1]

class Desk(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        stamp = self.headers["X-Renki-Timestamp"]
        key = b"the key of the desk"
        wanted = "v1=" + hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        good = hmac.compare_digest(wanted, self.headers["X-Renki-Signature"])
        closed = os.path.exists(scene + "/closed")
        with open(scene + "/refused" if closed else scene + "/posted", "a") as out:
            out.write(("signed " if good else "unsigned ") + body.decode() + "\n")
        self.send_response(503 if closed else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass

class Mails:
    async def handle_DATA(self, server, session, envelope):
        import email, email.policy
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with open(scene + "/mails", "a") as out:
            out.write("%s|%s|%s\n" % (",".join(envelope.rcpt_tos), mail["Subject"],
                                      next(mail.iter_parts()).get_content().replace("\n", "|")))
        return "250 taken"

server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
mail = Controller(Mails(), hostname="127.0.0.1", port=int(sys.argv[2]))
mail.start()
with open(scene + "/port.new", "w") as out:
    out.write(str(server.server_port))
os.rename(scene + "/port.new", scene + "/port")
server.serve_forever()
