"""A mail server that says exactly what a test tells it to: for all that no real server would say."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from generator.config_delivery import Security, SmtpSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: What is said to a command: bytes as they are; several with a moment between them; nothing, for ever; or the line is cut (b"").
Line = bytes | list[bytes] | None

POLITE: Mapping[str, Line] = {
    "": b"220 mail.example\r\n",
    "EHLO": b"250-mail.example\r\n250-AUTH PLAIN\r\n250 SIZE 0\r\n",
    "MAIL": b"250 OK\r\n",
    "RCPT": b"250 OK\r\n",
    "DATA": b"354 Go on\r\n",
    ".": b"250 Queued\r\n",
    "RSET": b"250 OK\r\n",
    "QUIT": b"221 Bye\r\n",
}
PAUSE = 0.05


class Script:
    """A server that answers each command with the line that its script has for it, and writes down what it heard."""

    def __init__(self, lines: Mapping[str, Line]) -> None:
        self.lines = {**POLITE, **lines}
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def settings(self, **more: Any) -> SmtpSettings:
        known: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": self.port,
            "security": Security.NONE,
            "per_minute": 60_000,
            "timeout_seconds": 2,
        }
        return SmtpSettings(**(known | more))

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                with connection, connection.makefile("rb") as file, suppress(OSError):
                    self._talk(connection, file)

    def _talk(self, connection: socket.socket, file: Any) -> None:
        if not self._say(connection, ""):
            return
        content = False
        for line in file:
            self.heard.append(line)
            if content and line != b".\r\n":
                continue
            word = "." if content else line[:4].decode("ascii", "replace").strip().upper()
            content = word == "DATA" and str(self.lines["DATA"])[2:5] == "354"
            if not self._say(connection, word):
                return

    def _say(self, connection: socket.socket, word: str) -> bool:
        answer = self.lines.get(word, b"500 What?\r\n")
        for part in answer if isinstance(answer, list) else [answer]:
            if part == b"":
                return False
            if part is not None:
                connection.sendall(part)
                time.sleep(PAUSE if isinstance(answer, list) else 0)
        return True


@contextmanager
def scripted(lines: Mapping[str, Line] | None = None) -> Iterator[Script]:
    """Such a server, while the block lasts."""
    script = Script(lines or {})
    try:
        yield script
    finally:
        script.stop()
