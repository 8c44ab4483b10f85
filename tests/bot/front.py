"""What stands before the local Slack so that its answers carry a date, right or wrong."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any
from urllib.parse import urlsplit


@contextmanager
def dated(url: str, *, off_s: float) -> Iterator[str]:
    """Pass requests on to ``url`` (…/api/), and answer with a Date that is ``off_s`` seconds off."""
    behind = urlsplit(url).netloc

    class Front(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            line = http.client.HTTPConnection(behind, timeout=10)
            line.request("POST", self.path, body, dict(self.headers))
            answer = line.getresponse()
            content = answer.read()
            line.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return formatdate((time() if timestamp is None else timestamp) + off_s, usegmt=True)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
