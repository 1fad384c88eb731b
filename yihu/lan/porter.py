"""The process at the plain door: serves the page for phones, and looks after the certificate.

It is forked before the desk is served and ends with it, however that ends. It is no server for a
crowd: a few small answers, each connection for seconds, so many at once and no more.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

from yihu.lan.authority import Kept
from yihu.lan.welcome import Welcome
from yihu.rulebook.refusals import Refused

#: Seconds a connection may take, and connections at once.
PATIENCE = 10
AT_ONCE = 32
#: Seconds between two looks at the addresses and the end of the certificate.
EVERY = 600.0


def begin(
    host: str, port: int, welcome: Callable[[Kept], Welcome], kept: Kept, renew: Callable[[], Kept]
) -> BaseProcess:
    """Open the door in a process of its own, and return it.

    renew  looks at the certificate and makes what is due; where it did, this process is told by
           SIGHUP to serve the new one
    """
    parent = os.getpid()

    def work() -> None:
        # Ctrl-C and the end of a terminal are the parent's to hear; it then ends this one.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        server = _Door((host, port), welcome(kept))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _look_after(server, welcome, renew, parent)

    process = get_context("fork").Process(target=work, daemon=True, name="yihu-porter")
    process.start()
    return process


def _look_after(
    server: _Door, welcome: Callable[[Kept], Welcome], renew: Callable[[], Kept], parent: int
) -> None:
    """Until the desk has ended."""
    looked = time.monotonic()
    while os.getppid() == parent:
        time.sleep(1)
        if time.monotonic() - looked < EVERY:
            continue
        looked = time.monotonic()
        # A full disk today is no reason to close the door: it is tried again.
        with suppress(Refused, OSError):
            kept = renew()
            if kept.made:
                server.welcome = welcome(kept)
                os.kill(parent, signal.SIGHUP)


class _Door(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], welcome: Welcome) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.welcome = welcome
        self._free = threading.BoundedSemaphore(AT_ONCE)
        super().__init__(address, _Visitor)

    def process_request(self, request: object, client_address: object) -> None:
        """Let one more in once there is room."""
        self._free.acquire()
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Serve one, and make room again."""
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Who hangs up half-way is no error of ours."""


class _Visitor(BaseHTTPRequestHandler):
    timeout = PATIENCE
    server: _Door
    server_version, sys_version = "yihu", ""

    def do_GET(self) -> None:
        """Answer."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer without the body."""
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        reply = self.server.welcome.answer(self.path, dict(self.headers.items()))
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if with_body:
            self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        """Say nothing: who looked for help is nobody's business."""
