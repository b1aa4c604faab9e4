"""A mail server on loopback that can be down, slow, refuse an address, or cut the line after it has taken a letter."""

from __future__ import annotations

import threading
from email import message_from_bytes
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any


class MailServer:
    """Takes letters until it is told to misbehave; `letters` are those it took: Message-ID and addresses."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, list[str]]] = []
        self.connections = 0
        self.refuses: dict[str, int] = {}  # address: the code it is answered with
        self.cuts, self.slow, self.patience = False, False, threading.Event()
        self.port = 0
        self._server: ThreadingTCPServer | None = None
        self.start()

    def start(self) -> None:
        """Come (back) up, on the same port."""
        server: Any = _Server(("127.0.0.1", self.port), _Talk)
        server.owner, self._server, self.port = self, server, server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()

    def stop(self) -> None:
        """Go down: connections are refused."""
        self.patience.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        self._server = None
        self.patience.clear()


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False  # closing waits for them, so that none outlives its test


class _Talk(StreamRequestHandler):
    timeout = 5

    def handle(self) -> None:
        """One conversation."""
        owner: MailServer = self.server.owner  # type: ignore[attr-defined]
        owner.connections += 1
        if owner.slow:
            owner.patience.wait(5)
            return
        self._say(220)
        addresses: list[str] = []
        while line := self.rfile.readline():
            word = line[:4].upper().strip()
            if word == b"RCPT":
                address = line.decode().partition("<")[2].partition(">")[0]
                code = owner.refuses.get(address, 250)
                addresses += [address] if code == 250 else []
                self._say(code)
            elif word == b"DATA":
                self._say(354)
                owner.letters.append((str(message_from_bytes(self._letter())["Message-ID"]), addresses))
                if owner.cuts:
                    return
                self._say(250)
            elif word == b"QUIT":
                self._say(221)
                return
            else:
                addresses = [] if word in {b"MAIL", b"RSET"} else addresses
                self._say(250)

    def _letter(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        return b"".join(lines)

    def _say(self, code: int) -> None:
        self.wfile.write(b"%d so be it\r\n" % code)
