"""A connection to a mail server: lines out, replies in, each within its time, and never a word more than is believed.

The standard library's client hides whether a message was cut before or after its final dot, tries a wrong password once for
each way to log in, and reads a reply that never ends for ever: this one exists for those three.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST_LINE = 4_096
_MOST_LINES = 100
_BLOCK = 65_536
_LEAVING = "421"
_LONGEST_WORDS = 240
_REPLY = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?= |$)")


class WireError(Exception):
    """The connection is of no more use: cut, silent for too long, or talking nonsense. The text says which.

    `leaving`: the server took its leave, in words that nobody had asked for.
    """

    leaving = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered: its code, its lines, and both as one line that can be shown to anybody."""

    code: int
    lines: tuple[str, ...]
    words: str

    @property
    def positive(self) -> bool:
        """Done."""
        return 200 <= self.code < 300  # noqa: PLR2004 - the first digit of RFC 5321, section 4.2.1

    @property
    def temporary(self) -> bool:
        """Not now."""
        return 400 <= self.code < 500  # noqa: PLR2004 - as above

    @property
    def permanent(self) -> bool:
        """Never."""
        return 500 <= self.code < 600  # noqa: PLR2004 - as above

    @property
    def refusal(self) -> bool:
        """Not now, or never."""
        return self.temporary or self.permanent

    @property
    def enhanced(self) -> str:
        """The finer code (RFC 3463) without its first digit, which the code says already: `1.1` of `550 5.1.1`; or nothing."""
        found = _ENHANCED.match(self.lines[0])
        return found[0][2:] if found else ""


class Wire:
    """One connection. Each write and each whole reply has `timeout` seconds; whatever goes wrong is a WireError."""

    def __init__(self, connected: socket.socket, timeout: float, secrets: Sequence[str] = ()) -> None:
        """Over a socket that is connected. `secrets` are struck out of everything that the server says."""
        self._socket = connected
        self._timeout = timeout
        self._secrets = secrets
        self._heard = bytearray()
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a small write waits for no receipt

    @property
    def own_name(self) -> str:
        """What this machine calls itself to the server: its own address, since most have no name that others know."""
        address = str(self._socket.getsockname()[0]).partition("%")[0]
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    def command(self, line: str) -> Reply:
        """One line, and the reply to it. A server that speaks before it is asked is not believed."""
        self.refuse_early_words()
        self.write(f"{line}\r\n".encode())
        return self.reply()

    def write(self, data: bytes) -> None:
        """Bytes as they are."""
        try:
            for start in range(0, len(data), _BLOCK):
                self._socket.settimeout(self._timeout)
                self._socket.sendall(data[start : start + _BLOCK])
        except OSError as lost:
            raise WireError(_reason(lost)) from None

    def reply(self, patience: float = 1) -> Reply:
        """The next reply, which may take `patience` times as long as usual."""
        end = time.monotonic() + self._timeout * patience
        codes: set[bytes] = set()
        texts: list[str] = []
        while len(texts) < _MOST_LINES:
            line = self._line(end)
            found = _REPLY.fullmatch(line)
            if found is None:
                raise WireError(f"the server answered nonsense ({self._shown(line.decode('utf-8', 'replace'))})")
            codes.add(found[1])
            texts.append((found[3] or b"").decode("utf-8", "replace").strip())
            if len(codes) > 1:
                raise WireError("the server answered with two codes at once")
            if found[2] != b"-":
                code = int(found[1])
                return Reply(code, tuple(texts), self._shown(f"{code} {_joined(texts)}".strip()))
        raise WireError("the answer of the server does not end")

    def refuse_early_words(self) -> None:
        """Raises when the server said anything that nobody asked for: from then on its replies answer no one knows what."""
        try:
            self._socket.settimeout(0)
            received = self._socket.recv(_BLOCK)
        except (BlockingIOError, ssl.SSLWantReadError):
            received = b""
        except OSError as lost:
            raise WireError(_reason(lost)) from None
        else:
            if not received:
                raise WireError("the server closed the connection")
        self._heard += received
        if self._heard:
            line = bytes(self._heard).partition(b"\n")[0].decode("utf-8", "replace").strip()
            early = WireError(f"the server spoke before it was asked ({self._shown(line)})")
            early.leaving = line.startswith(_LEAVING)
            raise early

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """TLS from here on, with a certificate for this host. Raises ssl.SSLError and other OSErrors as they are."""
        self._socket.settimeout(self._timeout)
        self._socket = context.wrap_socket(self._socket, server_hostname=host)

    def hurry(self, seconds: float) -> None:
        """From here on nothing is worth a longer wait than this."""
        self._timeout = min(self._timeout, seconds)

    @property
    def closed(self) -> bool:
        """Whether we closed it."""
        return self._socket.fileno() < 0

    def close(self) -> None:
        """Without a word."""
        self._socket.close()

    def _line(self, end: float) -> bytes:
        while True:
            line, newline, rest = self._heard.partition(b"\n")
            if len(line) > _LONGEST_LINE:
                raise WireError("the answer of the server is too long")
            if newline:
                self._heard = rest
                return bytes(line).removesuffix(b"\r")
            left = end - time.monotonic()
            if left <= 0:
                raise WireError(_reason(TimeoutError()))
            try:
                self._socket.settimeout(left)
                received = self._socket.recv(_BLOCK)
            except OSError as lost:
                raise WireError(_reason(lost)) from None
            if not received:
                raise WireError("the server closed the connection")
            self._heard += received

    def _shown(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return one_line(text)


def one_line(text: str) -> str:
    """A text that cannot move a cursor, break a line or fill a page."""
    plain = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return plain if len(plain) <= _LONGEST_WORDS else f"{plain[: _LONGEST_WORDS - 1]}…"


def _joined(lines: Sequence[str]) -> str:
    """The lines of a reply as one; the finer code, which each may repeat, once."""
    found = _ENHANCED.match(lines[0])
    again = f"{found[0]} " if found else ""
    return " ".join([lines[0], *(line.removeprefix(again) for line in lines[1:])])


def _reason(lost: OSError) -> str:
    if isinstance(lost, TimeoutError):
        return "the server did not answer in time"
    return f"the connection was lost ({one_line(lost.strerror or type(lost).__name__)})"
