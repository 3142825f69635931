"""Git over HTTP from a folder, as a forge serves it, with its bad days."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.git_toys import ENVIRONMENT

TOKEN = "ghs_secret0123456789"
AUTHORIZATION = "basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


@dataclass
class GitServer:
    """Serves the repositories below a folder to who shows the token.

    `requests` lists `METHOD /path?query`, `sent` counts bytes of answers; `status` is answered to
    all when set, `location` goes with it; `filters` is whether contents can be left out of a
    fetch; `lose` drops the connection after a push was done; `gate` holds requests back.
    """

    root: Path
    url: str = ""
    requests: list[str] = field(default_factory=list)
    sent: int = 0
    status: int = 0
    location: str = ""
    lose: bool = False
    filters: bool = True
    gate: threading.Event = field(default_factory=threading.Event)
    waiting: threading.Event = field(default_factory=threading.Event)

    def count(self, words: str) -> int:
        """Count requests that contain some words."""
        return sum(words in request for request in self.requests)


@contextmanager
def serving(root: Path) -> Iterator[GitServer]:
    """Serve on a free port of the loopback."""
    state = GitServer(root)
    state.gate.set()
    server = _Server(state)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield state
    finally:
        state.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    """Knows what its requests share."""

    def __init__(self, state: GitServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = state


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    @property
    def state(self) -> GitServer:
        assert isinstance(self.server, _Server)
        return self.server.state

    def do_GET(self) -> None:
        self.answer(b"")

    def do_POST(self) -> None:
        self.answer(self.body())

    def body(self) -> bytes:
        if self.headers["Transfer-Encoding"] != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"] or 0))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def answer(self, body: bytes) -> None:
        self.state.requests.append(f"{self.command} {self.path}")
        self.state.waiting.set()
        self.state.gate.wait()
        if self.state.status:
            self.say(self.state.status)
        elif self.headers["Authorization"] != AUTHORIZATION:
            self.say(401)
        else:
            self.serve(body)

    def say(self, status: int) -> None:
        self.send_response(status)
        if self.state.location:
            self.send_header("Location", self.state.location + self.path)
        self.send_header("WWW-Authenticate", 'Basic realm="toys"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def serve(self, body: bytes) -> None:
        out = _backend(self.state, self, body)
        if self.state.lose and self.command == "POST" and "receive-pack" in self.path:
            self.close_connection = True
            return
        head, _, data = out.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(headers.pop("Status", "200").split(" ")[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.state.sent += len(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Stay silent."""


def _backend(state: GitServer, request: BaseHTTPRequestHandler, body: bytes) -> bytes:
    path, _, query = request.path.partition("?")
    env = {
        **ENVIRONMENT,
        "GIT_PROJECT_ROOT": str(state.root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": request.headers["Git-Protocol"] or "",
        "HTTP_CONTENT_ENCODING": request.headers["Content-Encoding"] or "",
        "CONTENT_TYPE": request.headers["Content-Type"] or "",
        "CONTENT_LENGTH": str(len(body)),
        "REQUEST_METHOD": request.command,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REMOTE_USER": "app",
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "uploadpack.allowFilter",
        "GIT_CONFIG_VALUE_0": str(state.filters).lower(),
        "GIT_CONFIG_KEY_1": "uploadpack.allowAnySHA1InWant",
        "GIT_CONFIG_VALUE_1": "true",
    }
    done = subprocess.run(
        ["git", "http-backend"], input=body, env=env, capture_output=True, check=True
    )
    return done.stdout
