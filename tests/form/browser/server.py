"""A host in forty lines: serves a form of the shell's, and hands what is submitted back to it. Prints its port."""
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LEAT, DATABASE, FOLDER = sys.argv[1:4]
FORM = [LEAT, "form", "order", "--in", DATABASE, "--as", "li", "--lang", "zh"]
PAGES = {"/": ("page.html", "text/html; charset=utf-8"), "/page.js": ("page.js", "text/javascript")}


class Host(BaseHTTPRequestHandler):
    def answer(self, body, kind="application/json", status=200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def leat(self, more=(), given=None):
        done = subprocess.run([*FORM, *more], input=given, capture_output=True)
        if not done.stdout:
            sys.stderr.buffer.write(done.stderr)
            return self.answer(done.stderr, "text/plain; charset=utf-8", 500)
        self.answer(done.stdout)

    def do_GET(self):
        path = self.path.split("?")[0]
        if path == "/form":
            return self.leat()
        if path in PAGES:
            name, kind = PAGES[path]
            return self.answer((Path(FOLDER) / name).read_bytes(), kind)
        self.answer(b"", "text/plain", 404)

    def do_POST(self):
        self.leat(["--submit", "-"], self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
print(server.server_port, flush=True)
server.serve_forever()
